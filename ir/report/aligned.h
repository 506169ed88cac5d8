/* Cells in aligned columns, for people. */
#ifndef CNNC_IR_REPORT_ALIGNED_H
#define CNNC_IR_REPORT_ALIGNED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "lexer/arena.h"

/* cells[line * columns + column], printable text; `is_text` says of each column whether it is
 * left-aligned. */
void print_aligned(FILE *stream, struct arena *arena, const char *const *cells, size_t lines,
                   size_t columns, const bool *is_text);

#endif
