/* Loops: what a node does in one pass, and how long what it makes is kept. */
#ifndef CNNC_IR_LOOPS_H
#define CNNC_IR_LOOPS_H

#include "ir/graph.h"

/* Whether the node does with each image what it would do with it alone, so that it can be done in
 * so many passes. */
bool may_be_in_passes(struct node *node, int64_t passes);
/* Nodes `first` to `last`, which may be in so many passes, become a loop; 1: they are in none. */
void set_loop(struct graph *graph, int first, int last, int64_t passes);

/* The passes of the node's loop; 1 where it is in none. */
int64_t node_passes(const struct node *node);
/* How many images one pass of the node makes. */
int64_t images_in_pass(const struct node *node);
/* How much one pass of the node makes or reads of a tensor, its own or another's. */
struct shape shape_in_pass(const struct node *node, const struct node *tensor);
/* Of values that nodes `first` to `last` write and read. Where these are in more than one loop, all
 * images are kept, from the beginning of the first one's loop to the end of the last one's, which
 * *first and *last become; true. In one loop those of one pass are enough: false. */
bool widen_to_loops(const struct graph *graph, int *first, int *last);

#endif
