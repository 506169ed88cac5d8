/* The syntax tree: what a file says, before any of it means something. Every list is linked in
 * source order; every node knows its span. */
#ifndef CNNC_PARSER_TREE_H
#define CNNC_PARSER_TREE_H

#include <stdbool.h>
#include <stdint.h>

#include "lexer/source.h"

enum expression_kind {
    EXPRESSION_INTEGER, /* integer */
    EXPRESSION_FLOAT,   /* number */
    EXPRESSION_STRING,  /* pieces */
    EXPRESSION_BOOLEAN, /* integer 0 or 1 */
    EXPRESSION_SIZE,    /* dimensions: 3x5, 28x28x1, 16x28x28x1 */
    EXPRESSION_NAME,    /* name */
    EXPRESSION_LIST,    /* arguments (unnamed) */
    EXPRESSION_CALL,    /* name, arguments; has_parentheses; as a stage: input and perhaps label */
    EXPRESSION_UNARY,   /* operator, left */
    EXPRESSION_BINARY,  /* operator, left, right */
    EXPRESSION_RANGE,   /* left .. right */
    EXPRESSION_CHOICE,  /* if condition then left else right */
};

enum operator_kind {
    OPERATOR_ADD,
    OPERATOR_SUBTRACT,
    OPERATOR_MULTIPLY,
    OPERATOR_DIVIDE,
    OPERATOR_REMAINDER,
    OPERATOR_POWER,
    OPERATOR_NEGATE,
    OPERATOR_NOT,
    OPERATOR_AND,
    OPERATOR_OR,
    OPERATOR_LESS,
    OPERATOR_GREATER,
    OPERATOR_LESS_EQUAL,
    OPERATOR_GREATER_EQUAL,
    OPERATOR_EQUAL,
    OPERATOR_NOT_EQUAL,
};

struct name {
    const char *text; /* interned: equal names have equal pointers within one compilation */
    struct span span;
};

/* A string is pieces of text and of interpolated expressions in turn. */
struct string_piece {
    const char *text; /* when expression is NULL; escapes resolved */
    struct expression *expression;
    struct string_piece *next;
};

struct argument {
    struct name name; /* text NULL: positional */
    struct expression *value;
    struct argument *next;
};

struct expression {
    enum expression_kind kind;
    struct span span; /* of a stage: its label to its end, without its input */
    int depth;        /* levels of expressions within, at most LIMIT_EXPRESSION_DEPTH; the stages of
                         a chain of "->" are one level however many: walk them by `input` */
    enum operator_kind operator;
    struct span operator_span;
    int64_t integer;
    double number;
    int64_t dimensions[4];
    int dimension_count;
    struct name name; /* NAME and CALL */
    struct string_piece *pieces;
    struct argument *arguments;
    bool has_parentheses;
    struct expression *left, *right, *condition;
    struct expression *input; /* CALL reached by "input -> call": NULL otherwise */
    struct expression *label; /* a STRING expression, also for a label written as a name; or NULL */
    bool is_stage;
};

enum statement_kind {
    STATEMENT_INPUT,   /* name, value (the size), arguments (all named) */
    STATEMENT_OUTPUT,  /* name, value, arguments (all named) */
    STATEMENT_BINDING, /* name, value */
    STATEMENT_FOR,     /* name, value (an EXPRESSION_RANGE), body */
    STATEMENT_IF,      /* value, body, otherwise */
    STATEMENT_RETURN,  /* arguments (unnamed) */
    STATEMENT_WEIGHTS, /* value (a STRING), arguments (all named) */
    STATEMENT_LABELS,  /* value */
    STATEMENT_ASSERT,  /* value, message (a STRING expression or NULL) */
};

struct statement {
    enum statement_kind kind;
    struct span span;
    struct name name;
    struct expression *value;
    struct expression *message;
    struct argument *arguments;
    struct statement *body, *otherwise;
    struct statement *next;
};

struct parameter_declaration {
    struct name name;
    struct expression *value; /* the default, or NULL */
    struct parameter_declaration *next;
};

/* planes x rows x columns numbers; every plane has equally many rows, every row columns (the parser
 * reports ragged ones). scale is folded into the values in double. */
struct filter_literal {
    double *values;
    int64_t planes, rows, columns;
    struct span span;
};

enum item_kind { ITEM_IMPORT, ITEM_CONSTANT, ITEM_FILTER, ITEM_BLOCK, ITEM_NETWORK };

struct item {
    enum item_kind kind;
    struct span span;
    struct name name;         /* all but IMPORT */
    struct expression *value; /* CONSTANT; IMPORT: a STRING */
    struct filter_literal *filter;
    struct parameter_declaration *parameters;
    struct statement *body;
    struct item *next;
};

struct file {
    uint32_t source;
    struct item *items;
};

#endif
