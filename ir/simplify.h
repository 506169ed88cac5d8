/* Fewer kinds of layers: what can be said by another layer is, and constant factors move into
 * weights. Needs bound weights. Afterwards the graph holds only operators that codegen lowers. */
#ifndef CNNC_IR_SIMPLIFY_H
#define CNNC_IR_SIMPLIFY_H

#include "ir/graph.h"

void simplify(struct graph *graph);

#endif
