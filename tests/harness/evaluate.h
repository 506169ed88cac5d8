/* A graph, straight from elaboration, evaluated layer by layer with the naive twins in double. */
#ifndef CNNC_TESTS_EVALUATE_H
#define CNNC_TESTS_EVALUATE_H

#include "ir/graph.h"

/* One tensor: dense [N, H, W, C]. `error` bounds how far float32 arithmetic, in any order of its
 * sums, may be from `y`. */
struct value {
    int64_t shape[4];
    int64_t count;
    double *y, *error;
};

struct value new_value(struct arena *arena, struct shape shape);
/* Fills values[node->id] from the values of the node's inputs; parameters must be bound. NULL, or
 * the operator that is not known here. */
const char *evaluate_node(struct arena *arena, const struct node *node, struct value *values);

#endif
