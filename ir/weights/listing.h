/* What a network wants and what a weights file has, side by side. */
#ifndef CNNC_IR_WEIGHTS_LISTING_H
#define CNNC_IR_WEIGHTS_LISTING_H

#include "ir/graph.h"
#include "lexer/diagnostics.h"

/* Prints a line for each tensor that the network wants, one for each that only the file has, and a
 * total. `option` is the file, or NULL for that of the weights statement; where there is none
 * either, what is wanted stands alone. False where the file does not fit; or where it cannot be
 * read, which the diagnostics tell. */
bool list_weights(FILE *stream, struct graph *graph, struct diagnostics *diagnostics,
                  const char *option);

#endif
