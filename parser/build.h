/* What grammar actions call: lists, and one constructor for each kind of node. A constructor takes
 * the node's span first and its parts in the order of the text. */
#ifndef CNNC_PARSER_BUILD_H
#define CNNC_PARSER_BUILD_H

#include "parser/state.h"

/* A list that grows at its end, and the function that grows it. */
#define DECLARE_LIST(type)                                                                         \
    struct type##_list {                                                                           \
        struct type *first, *last;                                                                 \
    };                                                                                             \
    static inline struct type##_list append_##type(struct type##_list list, struct type *node) {   \
        if (list.last) {                                                                           \
            list.last->next = node;                                                                \
        } else {                                                                                   \
            list.first = node;                                                                     \
        }                                                                                          \
        list.last = node;                                                                          \
        return list;                                                                               \
    }

/* A row of a filter, as it is read. */
struct filter_number {
    double value;
    struct filter_number *next;
};

DECLARE_LIST(filter_number)

struct filter_row {
    struct filter_number *numbers;
    struct span span;
    struct filter_row *next;
};

DECLARE_LIST(filter_row)

struct filter_plane {
    struct filter_row *rows;
    struct span span;
    struct filter_plane *next;
};

DECLARE_LIST(filter_plane)
DECLARE_LIST(string_piece)
DECLARE_LIST(argument)
DECLARE_LIST(statement)
DECLARE_LIST(parameter_declaration)

/* expressions.c */
struct name new_name(struct token token);
struct expression *new_integer(struct parser *, struct token);
struct expression *new_float(struct parser *, struct token);
struct expression *new_size(struct parser *, struct token);
struct expression *new_boolean(struct parser *, struct span, bool value);
struct string_piece *new_text_piece(struct parser *, struct token);
struct string_piece *new_expression_piece(struct parser *, struct expression *);
struct expression *new_string(struct parser *, struct span, struct string_piece *);
/* A string without interpolation, else an error that begins with `what`. */
struct expression *plain_string(struct parser *, struct expression *string, const char *what);
/* A string of one text. */
struct expression *new_label(struct parser *, struct name);
struct expression *new_name_use(struct parser *, struct name);
struct argument *new_argument(struct parser *, struct name, struct expression *value);
struct expression *new_list(struct parser *, struct span, struct argument *);
struct expression *new_call(struct parser *, struct span, struct name, struct argument *,
                            bool has_parentheses);
struct expression *add_label(struct span, struct expression *label, struct expression *call);
/* The call as the stage that `input` is fed to. */
struct expression *new_stage(struct expression *input, struct expression *call);
struct expression *new_unary(struct parser *, struct span, enum operator_kind,
                             struct span operator_span, struct expression *operand);
struct expression *new_binary(struct parser *, struct span, struct expression *left,
                              enum operator_kind, struct span operator_span,
                              struct expression *right);
struct expression *new_range(struct parser *, struct span, struct expression *low,
                             struct span operator_span, struct expression *high);
struct expression *new_choice(struct parser *, struct span, struct expression *condition,
                              struct expression *then, struct expression *otherwise);

/* statements.c */
struct statement *new_input(struct parser *, struct span, struct token name,
                            struct expression *size, struct argument *);
struct statement *new_output(struct parser *, struct span, struct token name, struct expression *,
                             struct argument *attributes);
struct statement *new_binding(struct parser *, struct span, struct token name, struct expression *);
struct statement *new_for(struct parser *, struct span, struct token name, struct expression *range,
                          struct statement *body);
struct statement *new_if(struct parser *, struct span, struct expression *condition,
                         struct statement *body, struct statement *otherwise);
struct statement *new_return(struct parser *, struct span, struct argument *);
struct statement *new_weights(struct parser *, struct span, struct expression *file,
                              struct argument *);
struct statement *new_labels(struct parser *, struct span, struct expression *);
struct statement *new_assert(struct parser *, struct span, struct expression *condition,
                             struct expression *message);
struct parameter_declaration *new_parameter(struct parser *, struct token name,
                                            struct expression *value);

/* items.c */
struct item *new_import(struct parser *, struct span, struct expression *file);
struct item *new_constant_item(struct parser *, struct span, struct token name,
                               struct expression *);
struct item *new_filter(struct parser *, struct span, struct token name, struct filter_literal *);
struct item *new_block(struct parser *, struct span, struct token name,
                       struct parameter_declaration *, struct statement *body);
struct item *new_network(struct parser *, struct span, struct token name,
                         struct parameter_declaration *, struct statement *body);
void add_item(struct parser *, struct item *);

/* filters.c */
struct filter_number *new_filter_number(struct parser *, double value);
struct filter_row *new_filter_row(struct parser *, struct span, struct filter_number *);
struct filter_plane *new_filter_plane(struct parser *, struct span, struct filter_row *);
/* The quotient of a filter's scale, or 1 with an error. */
double filter_scale(struct parser *, struct span, double numerator, double denominator);
/* Checks that no row or plane is ragged, and multiplies by the scale. */
struct filter_literal *new_filter_literal(struct parser *, struct span, double scale,
                                          struct filter_plane *);

#endif
