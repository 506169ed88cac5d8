/* The ways to compute a convolution, and what each is predicted to take. */
#ifndef CNNC_CODEGEN_ALGORITHMS_H
#define CNNC_CODEGEN_ALGORITHMS_H

#include "codegen/costs.h"
#include "codegen/target.h"
#include "ir/graph.h"
#include "ir/loops.h"
#include "runtime/descriptors.h"

/* Tiles of `tile` outputs a side for this layer, in the blocks that take the least time, or that it
 * is tuned for; without the places of its tensors. */
struct cnn_winograd winograd_descriptor(const struct target *target, const struct node *node,
                                        int64_t tile);
/* Winograd's tiles in a block. */
enum { MOST_TILES = 96 };

/* A 3x3 convolution of stride 1 with channels enough. */
bool may_be_winograd(const struct node *node);
/* Whether tiles of this size take so much less time than sums as defined that they are worth larger
 * weights and errors; the largest, whose errors are several times those of smaller ones, also less
 * than the `least` of all these ways. */
bool is_worth(int64_t tile, double time, double defined, double least);
/* What a convolution takes by the fastest of all ways, or only as it is defined; of other layers,
 * and of convolutions in groups, what reading their weights takes. */
double least_cycles(const struct setting *setting, const struct node *node, bool as_defined);
/* Whether all weights of the network stay in the last cache from one run to the next. */
bool weights_stay(const struct target *target, const struct graph *graph);

/* Whether a layer can be a matrix product of several rows, and that product without the places of
 * its tensors. */
bool is_product(const struct node *node);
struct cnn_product product_descriptor(const struct target *target, const struct node *node);
int64_t product_floats(const struct target *target, const struct node *node); /* of scratch */

#endif
