/* Parameters as training begins with them, and as a file. */
#ifndef CNNC_IR_WEIGHTS_INITIAL_H
#define CNNC_IR_WEIGHTS_INITIAL_H

#include "ir/graph.h"

/* Fills every parameter as PyTorch's layers do: weights and biases of convolutions and dense layers
 * evenly within 1 / sqrt(fan_in), batch norms 1, 0, 0, 1, slopes of prelu 0.25, parameter layers
 * evenly within 0.02. Seed and names
 * decide the values, on every machine alike. */
void initialise_weights(struct graph *graph, uint64_t seed);
/* The graph's parameters as a safetensors file that the graph reads: names with the prefix, sorted;
 * shapes and values in the order of the weights statement. False where the header is larger than
 * the format's limit; *length is then its length. */
bool safetensors_write(const struct graph *graph, const char **bytes, size_t *length);

#endif
