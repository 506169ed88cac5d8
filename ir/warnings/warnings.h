/* Warnings about a finished graph. */
#ifndef CNNC_IR_WARNINGS_H
#define CNNC_IR_WARNINGS_H

#include "ir/graph.h"
#include "lexer/diagnostics.h"

/* Fields beyond their input, pixels nobody sees, branches that do not fit, layers that add no
 * context, inputs that no output depends on: each where it is in the file, with what to do. */
void warn_about_graph(const struct graph *graph, struct diagnostics *diagnostics);

#endif
