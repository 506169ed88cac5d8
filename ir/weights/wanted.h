/* What a network wants from its weights file. */
#ifndef CNNC_IR_WEIGHTS_WANTED_H
#define CNNC_IR_WEIGHTS_WANTED_H

#include "ir/graph.h"
#include "ir/weights/stored.h"

struct wanted_tensor {
    const char *key; /* its name in the file: with the prefix */
    struct tensor *tensor;
    const struct node *node; /* the layer that wants it */
    int parameter;           /* index in the node's list */
    int64_t dimensions[4];   /* in the order of the file */
    int spare_axis;          /* one of size 1 that the file may leave out; -1: none */
};

/* One for each of the graph's tensors, and in their order; an array of the graph's arena. */
struct wanted_tensor *wanted_tensors(const struct graph *graph);

/* Whether a tensor of the file has the shape that is wanted; for a parameter layer, but for axes of
 * size 1; a kernel of height 1 also as that of a sequence, without its height. */
bool wanted_fits(const struct wanted_tensor *wanted, const struct stored_tensor *stored);

/* Whether a tensor lies in the file as Keras has it: [R, S, C/G, K] for [K, C/G, R, S], [C, K] for
 * [K, C], [H, W, C] for what a parameter layer holds, [C, H, W]. */
bool stored_as_hwio(const struct graph *graph, const struct tensor *tensor);
/* The shape that the weights file should have for a tensor of the node, in the file's order. */
void stored_dimensions(const struct graph *graph, const struct node *node,
                       const struct tensor *tensor, int64_t wanted[4]);
/* A tensor's values from the file's order to ours, and back; they may be the same memory. */
const float *from_stored_order(const struct graph *graph, const struct wanted_tensor *wanted,
                               const float *from);
const float *to_stored_order(const struct graph *graph, const struct wanted_tensor *wanted);

#endif
