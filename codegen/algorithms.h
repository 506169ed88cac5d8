/* The ways to compute a convolution, and what each is predicted to take. */
#ifndef CNNC_CODEGEN_ALGORITHMS_H
#define CNNC_CODEGEN_ALGORITHMS_H

#include "codegen/target.h"
#include "ir/graph.h"
#include "runtime/descriptors.h"

/* Tiles of `tile` outputs a side for this layer, in the blocks that take the least time; without
 * the places of its tensors. */
struct cnn_winograd winograd_descriptor(const struct target *target, const struct node *node,
                                        int64_t tile);

#endif
