/* Diagnostics for programs: --diagnostics=json. */
#ifndef CNNC_DRIVER_DIAGNOSTICS_JSON_H
#define CNNC_DRIVER_DIAGNOSTICS_JSON_H

#include "lexer/diagnostics.h"

/* One document: all diagnostics in order, and `failure`, which ended the compilation, or NULL. */
void print_diagnostics_json(FILE *stream, const struct diagnostics *diagnostics,
                            const char *failure);

#endif
