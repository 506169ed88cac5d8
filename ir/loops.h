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
/* How much one pass of the node makes or reads of a tensor, its own or another's. */
struct shape shape_in_pass(const struct node *node, const struct node *tensor);
/* Of values that nodes `first` to `last` write and read: false where those of one pass are enough,
 * since all of these nodes are in one loop. Else they are kept for all images, from the beginning
 * of the first one's loop to the end of the last one's: *first and *last become these. */
bool keeps_all_images(const struct graph *graph, int *first, int *last);

#endif
