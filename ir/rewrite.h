/* Rewriting a graph: a pass walks the nodes in order, keeps, replaces or adds, and gets a new list.
 *
 *     struct rewrite rewrite;
 *     rewrite_open(&rewrite, graph);
 *     for (each node of the old list) {
 *         rewrite_inputs(&rewrite, node);        inputs now are nodes of the new list
 *         rewrite_keep or rewrite_replace(...);
 *     }
 *     rewrite_close(&rewrite);                   outputs follow; nodes are numbered anew
 *
 * Passes keep every OP_INPUT: the graph's inputs stay as they are. */
#ifndef CNNC_IR_REWRITE_H
#define CNNC_IR_REWRITE_H

#include "ir/graph.h"

struct rewrite {
    struct graph *graph;
    struct node **old;
    size_t old_count;
    struct node **replacement; /* by the old node's id */
};

void rewrite_open(struct rewrite *rewrite, struct graph *graph);
void rewrite_inputs(const struct rewrite *rewrite, struct node *node);
void rewrite_keep(struct rewrite *rewrite, struct node *node);
/* Users of the old node use the new one, which is in the new list already. */
void rewrite_replace(struct rewrite *rewrite, const struct node *node, struct node *by);
/* A new node in the new list, of the same place, path, words and shape as `like`. */
struct node *rewrite_add(struct rewrite *rewrite, enum op op, const struct node *like,
                         struct node *input);
void rewrite_close(struct rewrite *rewrite);

/* Every tensor a node reads: its inputs and those of its fused layers, without itself. */
typedef void read_visitor(struct node **read, void *context);
void visit_reads(struct node *node, read_visitor *visit, void *context);

/* How often each node is read, by id; being an output counts too. */
int *count_uses(const struct graph *graph, struct arena *arena);
/* By id: the last node that reads each; itself where none does. */
int *find_last_reads(const struct graph *graph, struct arena *arena);
/* Drops the nodes that no output depends on, but not the inputs. */
void remove_dead_nodes(struct graph *graph);

#endif
