/* Turns what the grammar recognised into the items of a file. */
#include "parser/build.h"

static struct item *new_item(struct parser *parser, enum item_kind kind, struct span span) {
    struct item *item = ARENA_NEW(parser->arena, struct item);
    item->kind = kind;
    item->span = span;
    return item;
}

struct item *new_import(struct parser *parser, struct span span, struct expression *file) {
    struct item *item = new_item(parser, ITEM_IMPORT, span);
    item->value = plain_string(parser, file, "the name of an imported file");
    return item;
}

struct item *new_constant_item(struct parser *parser, struct span span, struct token name,
                               struct expression *value) {
    struct item *item = new_item(parser, ITEM_CONSTANT, span);
    item->name = new_name(name);
    item->value = value;
    return item;
}

struct item *new_filter(struct parser *parser, struct span span, struct token name,
                        struct filter_literal *filter) {
    struct item *item = new_item(parser, ITEM_FILTER, span);
    item->name = new_name(name);
    item->filter = filter;
    return item;
}

struct item *new_block(struct parser *parser, struct span span, struct token name,
                       struct parameter_declaration *parameters, struct statement *body) {
    struct item *item = new_item(parser, ITEM_BLOCK, span);
    item->name = new_name(name);
    item->parameters = parameters;
    item->body = body;
    return item;
}

struct item *new_network(struct parser *parser, struct span span, struct token name,
                         struct parameter_declaration *parameters, struct statement *body) {
    struct item *item = new_block(parser, span, name, parameters, body);
    item->kind = ITEM_NETWORK;
    return item;
}

void add_item(struct parser *parser, struct item *item) {
    if (parser->last_item) {
        parser->last_item->next = item;
    } else {
        parser->file->items = item;
    }
    parser->last_item = item;
}
