/* Diagnostics for programs: --diagnostics=json. */
#ifndef CNNC_DRIVER_DIAGNOSTICS_JSON_H
#define CNNC_DRIVER_DIAGNOSTICS_JSON_H

#include "lexer/diagnostics.h"

/* One document: all diagnostics in order; a warning without a place, and `failure`, which ended the
 * compilation, or NULL each. */
void print_diagnostics_json(FILE *stream, const struct diagnostics *diagnostics,
                            const char *warning, const char *failure);

#endif
