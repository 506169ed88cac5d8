/* Padding becomes memory: a convolution with padding reads a tensor that has a border, made by a
 * PAD node, which the plan lets its producer write into directly. Kernels then test nothing. */
#ifndef CNNC_IR_PADDING_H
#define CNNC_IR_PADDING_H

#include "ir/graph.h"
#include "lexer/diagnostics.h"

/* False after an input with its border is too large, which is reported. */
bool expose_padding(struct graph *graph, struct diagnostics *diagnostics);

#endif
