/* Folding y = x * scale + shift, by channel, into the weights of the convolution that makes x. */
#ifndef CNNC_IR_FOLD_H
#define CNNC_IR_FOLD_H

#include "ir/graph.h"

/* A constant made by a pass: zeroed data. */
struct tensor *folded_tensor(struct arena *arena, int rank, const int64_t *dimensions);
void fold_affine_layers(struct graph *graph);

#endif
