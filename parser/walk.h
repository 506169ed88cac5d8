/* Every statement and every expression of a part of the tree, once each. */
#ifndef CNNC_PARSER_WALK_H
#define CNNC_PARSER_WALK_H

#include "parser/tree.h"

typedef void (*visit_statement)(void *state, const struct statement *statement);
typedef void (*visit_expression)(void *state, const struct expression *expression);

/* The statements of a list and those within, each before what it holds, in source order. */
void walk_statements(const struct statement *statements, visit_statement visit, void *state);
/* An expression and those within. */
void walk_expression(const struct expression *expression, visit_expression visit, void *state);
/* All expressions of one statement, without those of the statements within. */
void walk_expressions_of(const struct statement *statement, visit_expression visit, void *state);

#endif
