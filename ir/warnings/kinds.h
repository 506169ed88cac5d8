/* The kinds of warnings that have files of their own, and what they share. */
#ifndef CNNC_IR_WARNINGS_KINDS_H
#define CNNC_IR_WARNINGS_KINDS_H

#include "ir/graph.h"
#include "ir/operators.h"
#include "ir/rules.h"
#include "lexer/diagnostics.h"

/* unread.c: rows at the end that no window of a layer reads, and those between that no layer does.
 */
void warn_unread(const struct graph *graph, struct diagnostics *diagnostics);
void warn_skipped(const struct graph *graph, struct diagnostics *diagnostics);
/* joins.c: branches that look at different places of an input. */
void warn_joins(const struct graph *graph, struct diagnostics *diagnostics);

static inline int64_t size_along(const struct node *node, int axis) {
    return axis ? node->shape.w : node->shape.h;
}

static inline const char *unit_text(int axis) {
    return axis ? "column" : "row";
}

static inline bool is_window(const struct node *node) {
    return operator_rules[node->op].reading == reading_window && !node->attributes.global;
}

#endif
