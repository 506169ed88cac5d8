/* Turns the tree, or the tokens, into lines to look at. */
#include <inttypes.h>
#include <string.h>

#include "lexer/lexer.h"
#include "parser/parser.h"

/* Where to, how deep, and memory for the while of one dump. */
struct dump {
    FILE *stream;
    struct arena arena;
    int depth;
};

static void dump_expression(struct dump *dump, const struct expression *expression);

static void indent(const struct dump *dump) {
    fprintf(dump->stream, "%*s", 2 * dump->depth, "");
}

/* One line of its own. */
static void line(const struct dump *dump, const char *text) {
    indent(dump);
    fprintf(dump->stream, "%s\n", text);
}

static const char *quote(struct dump *dump, const char *text) {
    return arena_printf(&dump->arena, "\"%s\"", printable(&dump->arena, text, strlen(text)));
}

static const char *operator_text(enum operator_kind operator) {
    static const char *const texts[] = {
        [OPERATOR_ADD] = "+",         [OPERATOR_SUBTRACT] = "-",       [OPERATOR_MULTIPLY] = "*",
        [OPERATOR_DIVIDE] = "/",      [OPERATOR_REMAINDER] = "%",      [OPERATOR_POWER] = "^",
        [OPERATOR_NEGATE] = "-",      [OPERATOR_NOT] = "not",          [OPERATOR_AND] = "and",
        [OPERATOR_OR] = "or",         [OPERATOR_LESS] = "<",           [OPERATOR_GREATER] = ">",
        [OPERATOR_LESS_EQUAL] = "<=", [OPERATOR_GREATER_EQUAL] = ">=", [OPERATOR_EQUAL] = "==",
        [OPERATOR_NOT_EQUAL] = "!=",
    };
    return texts[operator];
}

/* A title, then one expression a level deeper; nothing where there is none. */
static void dump_part(struct dump *dump, const char *title, const struct expression *expression) {
    if (expression) {
        line(dump, title);
        dump->depth++;
        dump_expression(dump, expression);
        dump->depth--;
    }
}

static void dump_arguments(struct dump *dump, const struct argument *argument) {
    for (; argument; argument = argument->next) {
        if (argument->name.text) {
            dump_part(dump, arena_printf(&dump->arena, "%s =", argument->name.text),
                      argument->value);
        } else {
            dump_expression(dump, argument->value);
        }
    }
}

static void dump_string(struct dump *dump, const struct expression *string) {
    line(dump, "string");
    dump->depth++;
    for (const struct string_piece *piece = string->pieces; piece; piece = piece->next) {
        if (piece->expression) {
            dump_part(dump, "value", piece->expression);
        } else {
            line(dump, quote(dump, piece->text));
        }
    }
    dump->depth--;
}

static void dump_size(struct dump *dump, const struct expression *size) {
    indent(dump);
    fputs("size ", dump->stream);
    for (int i = 0; i < size->dimension_count; i++) {
        fprintf(dump->stream, "%s%" PRId64, i ? "x" : "", size->dimensions[i]);
    }
    fputc('\n', dump->stream);
}

static void dump_call(struct dump *dump, const struct expression *call) {
    const char *kind = call->is_stage ? "stage" : "call";
    line(dump, arena_printf(&dump->arena, "%s %s", kind, call->name.text));
    dump->depth++;
    dump_part(dump, "label", call->label);
    dump_arguments(dump, call->arguments);
    dump->depth--;
}

/* A chain is walked from its end to its start, and printed from its start. */
static void dump_chain(struct dump *dump, const struct expression *last) {
    size_t count = 0;
    for (const struct expression *e = last; e; e = e->input) {
        count++;
    }
    const struct expression **stages = ARENA_ARRAY(&dump->arena, const struct expression *, count);
    size_t at = count;
    for (const struct expression *e = last; e; e = e->input) {
        stages[--at] = e;
    }
    line(dump, "chain");
    dump->depth++;
    dump_expression(dump, stages[0]);
    for (at = 1; at < count; at++) {
        dump_call(dump, stages[at]);
    }
    dump->depth--;
}

static void dump_expression(struct dump *dump, const struct expression *e) {
    struct arena *arena = &dump->arena;
    switch (e->kind) {
    case EXPRESSION_INTEGER:
        line(dump, arena_printf(arena, "integer %" PRId64, e->integer));
        return;
    case EXPRESSION_FLOAT:
        line(dump, arena_printf(arena, "float %.17g", e->number));
        return;
    case EXPRESSION_STRING:
        dump_string(dump, e);
        return;
    case EXPRESSION_BOOLEAN:
        line(dump, e->integer ? "true" : "false");
        return;
    case EXPRESSION_SIZE:
        dump_size(dump, e);
        return;
    case EXPRESSION_NAME:
        line(dump, arena_printf(arena, "name %s", e->name.text));
        return;
    case EXPRESSION_CALL:
        if (e->input) {
            dump_chain(dump, e);
        } else {
            dump_call(dump, e);
        }
        return;
    case EXPRESSION_LIST:
        line(dump, "list");
        break;
    case EXPRESSION_UNARY:
    case EXPRESSION_BINARY:
        line(dump, arena_printf(arena, "operator %s", operator_text(e->operator)));
        break;
    case EXPRESSION_RANGE:
        line(dump, "range");
        break;
    case EXPRESSION_CHOICE:
        dump_part(dump, "if", e->condition);
        dump_part(dump, "then", e->left);
        dump_part(dump, "else", e->right);
        return;
    }
    dump->depth++;
    dump_arguments(dump, e->arguments);
    if (e->left) {
        dump_expression(dump, e->left);
    }
    if (e->right) {
        dump_expression(dump, e->right);
    }
    dump->depth--;
}

static const char *statement_title(struct dump *dump, const struct statement *statement) {
    static const char *const words[] = {
        [STATEMENT_INPUT] = "input",     [STATEMENT_OUTPUT] = "output",
        [STATEMENT_BINDING] = "binding", [STATEMENT_FOR] = "for",
        [STATEMENT_IF] = "if",           [STATEMENT_RETURN] = "return",
        [STATEMENT_WEIGHTS] = "weights", [STATEMENT_LABELS] = "labels",
        [STATEMENT_ASSERT] = "assert",
    };
    const char *word = words[statement->kind];
    const char *name = statement->name.text;
    return name ? arena_printf(&dump->arena, "%s %s", word, name) : word;
}

static void dump_statements(struct dump *dump, const struct statement *statement) {
    for (; statement; statement = statement->next) {
        line(dump, statement_title(dump, statement));
        dump->depth++;
        if (statement->value) {
            dump_expression(dump, statement->value);
        }
        dump_arguments(dump, statement->arguments);
        dump_part(dump, "message", statement->message);
        if (statement->body) {
            line(dump, "body");
            dump->depth++;
            dump_statements(dump, statement->body);
            dump->depth--;
        }
        if (statement->otherwise) {
            line(dump, "else");
            dump->depth++;
            dump_statements(dump, statement->otherwise);
            dump->depth--;
        }
        dump->depth--;
    }
}

static void dump_filter(struct dump *dump, const struct filter_literal *filter) {
    const double *next = filter->values;
    for (int64_t plane = 0; plane < filter->planes; plane++) {
        line(dump, "plane");
        for (int64_t row = 0; row < filter->rows; row++) {
            indent(dump);
            for (int64_t column = 0; column < filter->columns; column++) {
                fprintf(dump->stream, " %.17g", *next++);
            }
            fputc('\n', dump->stream);
        }
    }
}

static void dump_parameters(struct dump *dump, const struct parameter_declaration *parameter) {
    for (; parameter; parameter = parameter->next) {
        line(dump, arena_printf(&dump->arena, "parameter %s", parameter->name.text));
        dump->depth++;
        if (parameter->value) {
            dump_expression(dump, parameter->value);
        }
        dump->depth--;
    }
}

static void dump_item(struct dump *dump, const struct item *item) {
    static const char *const words[] = {
        [ITEM_IMPORT] = "import", [ITEM_CONSTANT] = "constant", [ITEM_FILTER] = "filter",
        [ITEM_BLOCK] = "block",   [ITEM_NETWORK] = "network",
    };
    const char *name = item->name.text;
    line(dump,
         name ? arena_printf(&dump->arena, "%s %s", words[item->kind], name) : words[item->kind]);
    dump->depth++;
    if (item->value) {
        dump_expression(dump, item->value);
    }
    if (item->filter) {
        dump_filter(dump, item->filter);
    }
    dump_parameters(dump, item->parameters);
    dump_statements(dump, item->body);
    dump->depth--;
}

void dump_tree(FILE *stream, const struct file *file) {
    struct dump dump = {.stream = stream};
    for (const struct item *item = file->items; item; item = item->next) {
        dump_item(&dump, item);
    }
    arena_free(&dump.arena);
}

static const char *token_value(struct arena *arena, const struct token *token) {
    switch (token->kind) {
    case TOKEN_NAME:
        return token->text;
    case TOKEN_TEXT:
        return arena_printf(arena, "\"%s\"", printable(arena, token->text, strlen(token->text)));
    case TOKEN_INTEGER:
        return arena_printf(arena, "%" PRId64, token->integer);
    case TOKEN_FLOAT:
        return arena_printf(arena, "%.17g", token->number);
    case TOKEN_SIZE: {
        const char *text = "";
        for (int i = 0; i < token->size->count; i++) {
            text =
                arena_printf(arena, "%s%s%" PRId64, text, i ? "x" : "", token->size->dimensions[i]);
        }
        return text;
    }
    default:
        return "";
    }
}

void dump_tokens(FILE *stream, struct arena *arena, struct names *names,
                 struct diagnostics *diagnostics, const struct sources *sources, uint32_t source) {
    struct lexer *lexer = lexer_open(arena, names, diagnostics, sources, source);
    struct token token;
    do {
        token = lexer_next(lexer);
        struct place place = source_place(sources, token.span);
        const char *value = token_value(arena, &token);
        fprintf(stream, "%" PRIu32 ":%" PRIu32 " %s%s%s\n", place.line, place.column,
                token_name(token.kind), *value ? " " : "", value);
    } while (token.kind != TOKEN_END);
}
