/* What every pass must leave true of a planned graph; broken means a bug of the compiler. */
#ifndef CNNC_IR_VERIFY_H
#define CNNC_IR_VERIFY_H

#include "ir/graph.h"

/* NULL, or a sentence about the first thing that is broken. */
const char *verify_graph(const struct graph *graph);

#endif
