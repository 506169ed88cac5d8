/* Turns what the grammar recognised into expression nodes. */
#include "parser/build.h"

static int max(int a, int b) {
    return a > b ? a : b;
}

static int depth_of(const struct expression *expression) {
    return expression ? expression->depth : 0;
}

static int depth_of_arguments(const struct argument *arguments) {
    int depth = 0;
    for (; arguments; arguments = arguments->next) {
        depth = max(depth, arguments->value->depth);
    }
    return depth;
}

/* A node above children of the given depth. */
static struct expression *new_node(struct parser *parser, enum expression_kind kind,
                                   struct span span, int depth_below) {
    struct expression *node = ARENA_NEW(parser->arena, struct expression);
    node->kind = kind;
    node->span = span;
    node->depth = depth_below + 1;
    if (node->depth > LIMIT_EXPRESSION_DEPTH) {
        const char *message = arena_printf(
            parser->arena, "the expression has more than %d operators within one another",
            LIMIT_EXPRESSION_DEPTH);
        stop_parsing(parser, span, message);
    }
    return node;
}

struct name new_name(struct token token) {
    return (struct name){.text = token.text, .span = token.span};
}

struct expression *new_integer(struct parser *parser, struct token token) {
    struct expression *node = new_node(parser, EXPRESSION_INTEGER, token.span, 0);
    node->integer = token.integer;
    return node;
}

struct expression *new_float(struct parser *parser, struct token token) {
    struct expression *node = new_node(parser, EXPRESSION_FLOAT, token.span, 0);
    node->number = token.number;
    return node;
}

struct expression *new_size(struct parser *parser, struct token token) {
    struct expression *node = new_node(parser, EXPRESSION_SIZE, token.span, 0);
    node->dimension_count = token.size->count;
    for (int i = 0; i < token.size->count; i++) {
        node->dimensions[i] = token.size->dimensions[i];
    }
    return node;
}

struct expression *new_boolean(struct parser *parser, struct span span, bool value) {
    struct expression *node = new_node(parser, EXPRESSION_BOOLEAN, span, 0);
    node->integer = value;
    return node;
}

struct string_piece *new_text_piece(struct parser *parser, struct token token) {
    struct string_piece *piece = ARENA_NEW(parser->arena, struct string_piece);
    piece->text = token.text;
    return piece;
}

struct string_piece *new_expression_piece(struct parser *parser, struct expression *expression) {
    struct string_piece *piece = ARENA_NEW(parser->arena, struct string_piece);
    piece->expression = expression;
    return piece;
}

struct expression *new_string(struct parser *parser, struct span span,
                              struct string_piece *pieces) {
    int depth = 0;
    for (const struct string_piece *piece = pieces; piece; piece = piece->next) {
        depth = max(depth, depth_of(piece->expression));
    }
    struct expression *node = new_node(parser, EXPRESSION_STRING, span, depth);
    node->pieces = pieces;
    if (!pieces) {
        node->pieces = new_text_piece(parser, (struct token){.text = ""});
    }
    return node;
}

struct expression *plain_string(struct parser *parser, struct expression *string,
                                const char *what) {
    for (const struct string_piece *piece = string->pieces; piece; piece = piece->next) {
        if (piece->expression) {
            report_error(parser->diagnostics, piece->expression->span, E0202_NO_EXPRESSION_HERE,
                         "%s cannot have an expression in it", what);
            return new_string(parser, string->span, NULL);
        }
    }
    return string;
}

struct expression *new_label(struct parser *parser, struct name name) {
    struct token token = {.text = name.text, .span = name.span};
    return new_string(parser, name.span, new_text_piece(parser, token));
}

struct expression *new_name_use(struct parser *parser, struct name name) {
    struct expression *node = new_node(parser, EXPRESSION_NAME, name.span, 0);
    node->name = name;
    return node;
}

struct argument *new_argument(struct parser *parser, struct name name, struct expression *value) {
    struct argument *argument = ARENA_NEW(parser->arena, struct argument);
    argument->name = name;
    argument->value = value;
    return argument;
}

struct expression *new_list(struct parser *parser, struct span span, struct argument *elements) {
    struct expression *node = new_node(parser, EXPRESSION_LIST, span, depth_of_arguments(elements));
    node->arguments = elements;
    return node;
}

struct expression *new_call(struct parser *parser, struct span span, struct name name,
                            struct argument *arguments, bool has_parentheses) {
    struct expression *node =
        new_node(parser, EXPRESSION_CALL, span, depth_of_arguments(arguments));
    node->name = name;
    node->arguments = arguments;
    node->has_parentheses = has_parentheses;
    return node;
}

struct expression *add_label(struct span span, struct expression *label, struct expression *call) {
    call->label = label;
    call->span = span;
    call->depth = max(call->depth, label->depth + 1);
    return call;
}

struct expression *new_stage(struct expression *input, struct expression *stage) {
    stage->is_stage = true;
    stage->input = input;
    stage->depth = max(stage->depth, input->depth);
    return stage;
}

struct expression *new_unary(struct parser *parser, struct span span, enum operator_kind operator,
                             struct span operator_span, struct expression *operand) {
    struct expression *node = new_node(parser, EXPRESSION_UNARY, span, operand->depth);
    node->operator = operator;
    node->operator_span = operator_span;
    node->left = operand;
    return node;
}

struct expression *new_binary(struct parser *parser, struct span span, struct expression *left,
                              enum operator_kind operator, struct span operator_span,
                              struct expression *right) {
    struct expression *node =
        new_node(parser, EXPRESSION_BINARY, span, max(left->depth, right->depth));
    node->operator = operator;
    node->operator_span = operator_span;
    node->left = left;
    node->right = right;
    return node;
}

struct expression *new_range(struct parser *parser, struct span span, struct expression *low,
                             struct span operator_span, struct expression *high) {
    struct expression *node =
        new_node(parser, EXPRESSION_RANGE, span, max(low->depth, high->depth));
    node->operator_span = operator_span;
    node->left = low;
    node->right = high;
    return node;
}

struct expression *new_choice(struct parser *parser, struct span span, struct expression *condition,
                              struct expression *then, struct expression *otherwise) {
    int depth = max(condition->depth, max(then->depth, otherwise->depth));
    struct expression *node = new_node(parser, EXPRESSION_CHOICE, span, depth);
    node->condition = condition;
    node->left = then;
    node->right = otherwise;
    return node;
}
