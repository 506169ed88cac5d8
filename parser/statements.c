/* Turns what the grammar recognised into statement nodes. */
#include "parser/build.h"

static struct statement *new_statement(struct parser *parser, enum statement_kind kind,
                                       struct span span) {
    struct statement *statement = ARENA_NEW(parser->arena, struct statement);
    statement->kind = kind;
    statement->span = span;
    return statement;
}

struct statement *new_input(struct parser *parser, struct span span, struct token name,
                            struct expression *size, struct argument *attributes) {
    struct statement *statement = new_statement(parser, STATEMENT_INPUT, span);
    statement->name = new_name(name);
    statement->value = size;
    statement->arguments = attributes;
    return statement;
}

struct statement *new_output(struct parser *parser, struct span span, struct token name,
                             struct expression *value, struct argument *attributes) {
    struct statement *statement = new_statement(parser, STATEMENT_OUTPUT, span);
    statement->name = new_name(name);
    statement->value = value;
    statement->arguments = attributes;
    return statement;
}

struct statement *new_binding(struct parser *parser, struct span span, struct token name,
                              struct expression *value) {
    struct statement *statement = new_statement(parser, STATEMENT_BINDING, span);
    statement->name = new_name(name);
    statement->value = value;
    return statement;
}

struct statement *new_for(struct parser *parser, struct span span, struct token name,
                          struct expression *range, struct statement *body) {
    struct statement *statement = new_statement(parser, STATEMENT_FOR, span);
    statement->name = new_name(name);
    statement->value = range;
    statement->body = body;
    return statement;
}

struct statement *new_if(struct parser *parser, struct span span, struct expression *condition,
                         struct statement *body, struct statement *otherwise) {
    struct statement *statement = new_statement(parser, STATEMENT_IF, span);
    statement->value = condition;
    statement->body = body;
    statement->otherwise = otherwise;
    return statement;
}

struct statement *new_return(struct parser *parser, struct span span, struct argument *values) {
    struct statement *statement = new_statement(parser, STATEMENT_RETURN, span);
    statement->arguments = values;
    return statement;
}

struct statement *new_weights(struct parser *parser, struct span span, struct expression *file,
                              struct argument *attributes) {
    struct statement *statement = new_statement(parser, STATEMENT_WEIGHTS, span);
    statement->value = file;
    statement->arguments = attributes;
    return statement;
}

struct statement *new_labels(struct parser *parser, struct span span, struct expression *value) {
    struct statement *statement = new_statement(parser, STATEMENT_LABELS, span);
    statement->value = value;
    return statement;
}

struct statement *new_assert(struct parser *parser, struct span span, struct expression *condition,
                             struct expression *message) {
    struct statement *statement = new_statement(parser, STATEMENT_ASSERT, span);
    statement->value = condition;
    statement->message = message;
    return statement;
}

struct parameter_declaration *new_parameter(struct parser *parser, struct token name,
                                            struct expression *value) {
    struct parameter_declaration *parameter =
        ARENA_NEW(parser->arena, struct parameter_declaration);
    parameter->name = new_name(name);
    parameter->value = value;
    return parameter;
}
