/* Which convolutions get transformed weights, which are larger than theirs as they are, where not
 * all of them may. */
#ifndef CNNC_CODEGEN_BUDGET_H
#define CNNC_CODEGEN_BUDGET_H

#include "ir/graph.h"

/* A way to compute a node that takes fewer cycles than sums as defined. */
struct candidate {
    struct node *node;
    int64_t tile, cycles, gain;
    int64_t bytes; /* that its weights take more */
    int64_t scratch_floats;
};

/* Sets the nodes' algorithms, so that what is gained is much and their weights take at most
 * `budget` bytes more than as they are. Weights that nodes share count for each of them. */
void choose_within(struct candidate *candidates, size_t count, int64_t budget,
                   const struct graph *graph, struct arena *arena);

#endif
