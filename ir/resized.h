/* What sizes become where a network's input has another size: from the attributes of layers that
 * exist, by the rules that made them. */
#ifndef CNNC_IR_RESIZED_H
#define CNNC_IR_RESIZED_H

#include "ir/graph.h"

/* The layers that lead to one, and their sizes along an axis. */
struct resized {
    const struct node **nodes; /* in the graph's order, without the last */
    size_t count;
    const struct node *last;
    int64_t *sizes; /* by id; 0 where a layer refuses its inputs */
    int axis;
    bool leaves_rest; /* some window steps over the end of what it reads */
};

/* `last` need not be in the graph; its inputs are. */
struct resized resized_begin(struct arena *arena, const struct graph *graph,
                             const struct node *last, int axis);
/* The size of `last` along the axis where `input` has `size`; 0 where some layer on the way, or
 * `last` itself, refuses that, or nobody can tell. */
int64_t resized_size(struct resized *r, const struct node *input, int64_t size);

#endif
