/* What a workspace needs at least. */
#ifndef CNNC_IR_BOUND_H
#define CNNC_IR_BOUND_H

#include "ir/graph.h"

/* Floats; of a graph whose nodes have their places. */
int64_t least_workspace(const struct graph *graph);

#endif
