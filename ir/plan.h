/* The memory plan: one workspace for everything between the inputs and the outputs. */
#ifndef CNNC_IR_PLAN_H
#define CNNC_IR_PLAN_H

#include "ir/graph.h"

/* Sets every node's location, graph->workspace_floats and graph->least_floats; anew where kernels
 * got other scratch memory. Strides are as before then. */
void plan_memory(struct graph *graph);

#endif
