/* Parameters for a network: from a file, or made up. */
#ifndef CNNC_IR_WEIGHTS_WEIGHTS_H
#define CNNC_IR_WEIGHTS_WEIGHTS_H

#include "ir/graph.h"
#include "lexer/diagnostics.h"

/* Gives every parameter of the graph its values, in PyTorch's order. `option` is a path, or
 * "random:SEED", or NULL for the file of the network's weights statement. Mistakes go to the
 * diagnostics; false after any. */
bool bind_weights(struct graph *graph, struct diagnostics *diagnostics, const char *option);

#endif
