/* Parameters made up, so that a network runs before it is trained. */
#ifndef CNNC_IR_WEIGHTS_MADE_UP_H
#define CNNC_IR_WEIGHTS_MADE_UP_H

#include "ir/graph.h"

/* Fills every parameter of the graph. The values depend on the seed and the tensor's name alone. */
void make_random_weights(struct graph *graph, uint64_t seed);

#endif
