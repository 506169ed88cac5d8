/* What the harness programs begin with: a network file or an ONNX model, and its weights. */
#ifndef CNNC_TESTS_HARNESS_LOAD_H
#define CNNC_TESTS_HARNESS_LOAD_H

#include "ir/graph.h"

/* `weights`: a file, "random:SEED", or "-" for the network's own; a model's are always its own.
 * After a mistake, which it prints, the program ends with code 1. */
struct graph *load_network(struct arena *arena, const char *path, const char *weights);

#endif
