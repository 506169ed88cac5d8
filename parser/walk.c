/* Walks over the tree. What can be as long as a file is walked, not recursed into: statements,
 * "else if", the stages of a chain. */
#include "parser/walk.h"

void walk_statements(const struct statement *s, visit_statement visit, void *state) {
    for (; s; s = s->next) {
        visit(state, s);
        walk_statements(s->body, visit, state);
        for (const struct statement *other = s->otherwise; other; other = other->otherwise) {
            if (other->kind != STATEMENT_IF || other->next) {
                walk_statements(other, visit, state);
                break;
            }
            visit(state, other);
            walk_statements(other->body, visit, state);
        }
    }
}

void walk_expression(const struct expression *x, visit_expression visit, void *state) {
    for (; x; x = x->input) {
        visit(state, x);
        for (const struct string_piece *piece = x->pieces; piece; piece = piece->next) {
            walk_expression(piece->expression, visit, state);
        }
        for (const struct argument *a = x->arguments; a; a = a->next) {
            walk_expression(a->value, visit, state);
        }
        walk_expression(x->left, visit, state);
        walk_expression(x->right, visit, state);
        walk_expression(x->condition, visit, state);
        walk_expression(x->label, visit, state);
    }
}

void walk_expressions_of(const struct statement *s, visit_expression visit, void *state) {
    walk_expression(s->value, visit, state);
    walk_expression(s->message, visit, state);
    for (const struct argument *a = s->arguments; a; a = a->next) {
        walk_expression(a->value, visit, state);
    }
}
