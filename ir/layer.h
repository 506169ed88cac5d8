/* A layer under construction: its node, what the file gave for it, and where mistakes are told. */
#ifndef CNNC_IR_LAYER_H
#define CNNC_IR_LAYER_H

#include "ir/attributes.h"
#include "ir/graph.h"
#include "lexer/diagnostics.h"
#include "parser/tree.h"

struct layer {
    struct arena *arena;
    struct diagnostics *diagnostics;
    struct node *node;
    const struct attribute *table;
    bool given[ATTRIBUTES_MAX]; /* by index in the table */
    struct span places[ATTRIBUTES_MAX];
    const struct filter_literal **filters; /* a kernel given as filters */
    size_t filter_count;
    struct value range; /* a range attribute, as given */
    struct value parts; /* how many, or a list of sizes */
    const double *numbers[2];
    int64_t number_count[2];
    bool differs[4];            /* axes along which the inputs of a join do not fit */
    struct diagnostic *failure; /* the last error, when it is a new one: notes go there */
    const char *help;           /* a line of help for it */
};

/* Reports an error at the named attribute, where the file gives it, or else (or for NULL) at the
 * layer. Returns false, so that a rule can end with it. */
bool layer_error(struct layer *layer, const char *attribute, enum message message,
                 const char *format, ...) __attribute__((format(printf, 4, 5)));
bool layer_too_large(struct layer *layer); /* an error: the result is */
bool layer_given(const struct layer *layer, const char *attribute);
struct span layer_place(const struct layer *layer, const char *attribute);

/* Makes the node's parameter `index`, PATH.name, or PATH where name is NULL: dimensions end at the
 * first 0. */
void layer_parameter(struct layer *layer, int index, const char *name, bool learned,
                     const int64_t dimensions[4]);
/* A tensor whose values the compiler knows; NULL, with an error, where it would be too large. */
struct tensor *layer_constant(struct layer *layer, const int64_t dimensions[4]);

#endif
