/* What occurs more than once: a graph in, runs of nodes that are alike out.
 *
 * A run is of nodes that lie one behind the other, reads one tensor from outside, and only its last
 * node is read outside: what a block can be called for. */
#ifndef CNNC_EXPORT_CNN_REPEATS_H
#define CNNC_EXPORT_CNN_REPEATS_H

#include "ir/attributes.h"

enum {
    RUN_LEAST = 2, /* nodes */
    RUN_MOST = 48,
    RUN_INPUTS_MOST = 16, /* of a node of a run: concatenations of more are no part of blocks */
    PARAMETERS_MOST = 4,  /* beside the tensor */
    /* Of a node, what may be another value in another call: its attributes, in the order of their
     * table, and the number that is its other operand. */
    SLOT_NUMBER = ATTRIBUTES_MAX,
    SLOTS,
};

struct run {
    int begin, length;
};

/* What is looked at. By a node's id: */
struct outline {
    struct arena *arena;
    const struct graph *graph;
    int *forms;         /* equal for nodes whose calls read alike but for the values of their slots;
                                 0: of none that can repeat */
    const int *values;  /* SLOTS for each: equal for equal values; 0: part of the form */
    const char **texts; /* by the value */
    const char **paths; /* of those that must have theirs, for a label or keys; others NULL */
    bool *taken;        /* by a repeat */
};

/* Runs of one length that are alike: equal forms, read in equal places, values that differ no more
 * than parameters can say, and paths that differ in what the path of a call gives them. Ascending,
 * none over another. */
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
/* For qsort: by key, then by place. */
int by_key(const void *a, const void *b);
struct candidates find_runs(const struct outline *outline, struct arena *scratch);
bool runs_alike(const struct outline *outline, struct run run, int begin);
/* The bytes of a node's path, as "layer1.0" of "layer1.0.conv1", that all of its paths begin with
 * and that the path of a call can be; 0 where there is none. *first is then a node with a path,
 * NULL where there is none. */
size_t prefix_of_run(const struct outline *outline, struct run run, const char **first);
/* The one node outside that the run reads. */
struct node *entry_of_run(const struct graph *graph, struct run run);

/* parameters.c */
/* A place within a run is a slot of one of its nodes: node * SLOTS + slot. */
struct stand_in {
    int parameter, factor; /* factor times the parameter, counted from 1; 0: the value itself */
};
struct parameters {
    size_t places[PARAMETERS_MOST]; /* where they stand first */
    size_t count;
    struct stand_in *stand_ins; /* by place; NULL: not asked for */
};
/* False where more are needed than a block may have. */
bool find_parameters(const struct outline *outline, const struct repeat *repeat,
                     struct parameters *parameters);
/* The nodes from a on have the values of those from b on. */
bool same_values(const struct outline *outline, int a, int b, int length);
/* The value that more than half of the runs have at the place; -1 where there is none. */
int usual_value(const struct outline *outline, const struct repeat *repeat, size_t place);
/* Leaves out the run that most often has another value than the usual one. */
void drop_odd_run(const struct outline *outline, struct repeat *repeat, struct arena *scratch);
/* Leaves those of the runs that differ in no value from each other, as many as can be. */
void keep_equal_runs(const struct outline *outline, struct repeat *repeat, struct arena *scratch);

/* repeats.c */
/* Those that make the text shorter, the most first; marks their nodes as taken. */
struct repeats find_repeats(struct outline *outline);

#endif
