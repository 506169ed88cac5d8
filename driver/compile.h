/* One file from text to what was asked for. */
#ifndef CNNC_DRIVER_COMPILE_H
#define CNNC_DRIVER_COMPILE_H

#include "driver/options.h"
#include "lexer/diagnostics.h"

/* Prints its diagnostics; the result is the exit code. */
enum exit_code compile(const struct options *options);

#endif
