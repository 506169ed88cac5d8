/* What occurs more than once: a graph in, runs of nodes that are alike out.
 *
 * A run is of nodes that lie one behind the other, reads one tensor from outside, and only its last
 * node is read outside: what a block can be called for. */
#ifndef CNNC_EXPORT_CNN_REPEATS_H
#define CNNC_EXPORT_CNN_REPEATS_H

#include "ir/graph.h"

enum {
    RUN_LEAST = 2, /* nodes */
    RUN_MOST = 48,
    RUN_INPUTS_MOST = 16, /* of a node of a run: concatenations of more are no part of blocks */
};

struct run {
    int begin, length;
};

/* What is looked at. By a node's id: */
struct outline {
    struct arena *arena;
    const struct graph *graph;
    const int *forms;   /* equal for nodes whose calls read alike; 0: of none that can repeat */
    const char **paths; /* of those that must have theirs, for a label or keys; others NULL */
    bool *taken;        /* by a repeat */
};

/* Runs of one length that are alike: equal forms, read in equal places, and paths that differ in
 * what the path of a call gives them. Ascending, none over another. */
struct repeat {
    int length;
    int *begins;
    size_t count;
};

struct repeats {
    struct repeat *items;
    size_t count, capacity;
};

/* runs.c */
/* A run under which others like it have the same key, and most others another one. */
struct candidate {
    uint64_t key;
    struct run run;
};
struct candidates {
    struct candidate *items;
    size_t count, capacity;
};
struct candidates find_runs(const struct outline *outline, struct arena *scratch);
bool runs_alike(const struct outline *outline, struct run run, int begin);
/* The bytes of a node's path, as "layer1.0" of "layer1.0.conv1", that all of its paths begin with
 * and that the path of a call can be; 0 where there is none. *first is then a node with a path,
 * NULL where there is none. */
size_t prefix_of_run(const struct outline *outline, struct run run, const char **first);
/* The one node outside that the run reads. */
struct node *entry_of_run(const struct graph *graph, struct run run);

/* repeats.c */
/* Those that make the text shorter, the most first; marks their nodes as taken. */
struct repeats find_repeats(struct outline *outline);

#endif
