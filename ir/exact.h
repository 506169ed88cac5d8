/* Which layers must sum as they are defined, so that integers stay integers. */
#ifndef CNNC_IR_EXACT_H
#define CNNC_IR_EXACT_H

#include "ir/graph.h"

/* By node id, of a graph whose layers are fused: whether the layer's values go into a function that
 * jumps, such as round, without another convolution between. There an error of a millionth may
 * become one of a whole step; sums of quantised networks are exact, and stay it. */
bool *find_exact_layers(const struct graph *graph, struct arena *arena);

#endif
