/* Elementwise layers join the layer that makes their input: one kernel, one pass over memory. */
#ifndef CNNC_IR_FUSE_H
#define CNNC_IR_FUSE_H

#include "ir/graph.h"

enum { LIMIT_FUSED_LAYERS = 16 }; /* behind one node */

void fuse(struct graph *graph);

#endif
