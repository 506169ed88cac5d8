/* Several runs of a network as one: --batch N. */
#ifndef CNNC_IR_BATCH_H
#define CNNC_IR_BATCH_H

#include "ir/graph.h"
#include "lexer/diagnostics.h"

/* The graph of one run becomes that of `times` runs at once, each by itself: inputs, outputs and
 * what lies between have `times` as many images, run after run. Parameters stay. False, after
 * errors at their layers, where the images of different runs cannot be kept apart, or tensors
 * become too large. Before passes: nothing is fused, no parameter is bound. */
bool batch_graph(struct graph *graph, struct diagnostics *diagnostics, int64_t times);

#endif
