/* Layers given by calls, in place of a file's text, through the rules of elaboration. */
#include "ir/builder.h"

#include <assert.h>
#include <string.h>

#include "ir/elaborator.h"

struct builder {
    struct elaborator elaborator;
    struct frame frame;
    struct elaborate_options options;
    struct layer layer; /* under construction */
    struct span span;
    bool failed; /* an attribute of it was wrong */
};

struct builder *builder_begin(struct arena *arena, struct names *names, struct sources *sources,
                              struct diagnostics *diagnostics, const char *network,
                              struct span span) {
    struct builder *b = ARENA_NEW(arena, struct builder);
    b->elaborator = (struct elaborator){.arena = arena,
                                        .names = names,
                                        .sources = sources,
                                        .diagnostics = diagnostics,
                                        .options = &b->options};
    b->frame = (struct frame){.path = "", .is_network = true};
    struct graph *graph = b->elaborator.graph = ARENA_NEW(arena, struct graph);
    graph->arena = arena;
    graph->name = network;
    graph->span = span;
    graph->weights_order = LAYOUT_CHW;
    return b;
}

struct graph *builder_end(struct builder *b) {
    complete_graph(&b->elaborator);
    return b->elaborator.diagnostics->error_count ? NULL : b->elaborator.graph;
}

struct node *builder_input(struct builder *b, const char *name, struct span span,
                           struct shape shape, enum layout layout) {
    struct elaborator *e = &b->elaborator;
    name = intern(e->names, name, strlen(name));
    if (!take_port_name(e, &b->frame, (struct name){name, span}))
        return NULL;
    begin_layer(e, &b->frame, &b->layer, OP_INPUT, span, name, NULL, 0);
    b->layer.node->shape = shape;
    b->layer.node->attributes.order = layout;
    b->layer.node->labelled = true;
    struct node *node = finish_layer(e, &b->frame, &b->layer);
    struct input input = {.name = name, .span = span, .node = node, .layout = layout};
    if (node)
        ARENA_PUSH(e->arena, e->graph->inputs, e->graph->input_count, e->graph->input_capacity,
                   input);
    return node;
}

void builder_output(struct builder *b, const char *name, struct span span, struct node *node,
                    enum layout layout) {
    struct elaborator *e = &b->elaborator;
    name = intern(e->names, name, strlen(name));
    if (!take_port_name(e, &b->frame, (struct name){name, span}))
        return;
    struct output output = {.name = name, .span = span, .node = node, .layout = layout};
    ARENA_PUSH(e->arena, e->graph->outputs, e->graph->output_count, e->graph->output_capacity,
               output);
}

void builder_layer(struct builder *b, enum op op, struct span span, const char *label,
                   struct node *const *inputs, int input_count) {
    struct elaborator *e = &b->elaborator;
    b->failed = false;
    b->span = span;
    const char *path = path_in_frame(e, &b->frame, label, operators[op].name);
    begin_layer(e, &b->frame, &b->layer, op, span, path, inputs, input_count);
    b->layer.node->labelled = label != NULL;
}

static int index_of(const struct builder *b, const char *attribute) {
    int index = attribute_named(b->layer.table, attribute);
    assert(index >= 0);
    return index;
}

static void give(struct builder *b, const char *attribute, struct value value) {
    struct layer *layer = &b->layer;
    layer->failure = NULL;
    if (attribute_set(layer, index_of(b, attribute), value, b->span))
        return;
    explain_failure(&b->elaborator, layer, false);
    b->failed = true;
}

/* A list of integers, as sizes and sides are given. */
static struct value list_value(struct builder *b, const int64_t *integers, size_t count) {
    struct value list = {.kind = VALUE_LIST, .item_count = count};
    list.items = ARENA_ARRAY(b->elaborator.arena, struct value, count);
    for (size_t i = 0; i < count; i++)
        list.items[i] = value_integer(integers[i]);
    return list;
}

void give_integer(struct builder *b, const char *attribute, int64_t integer) {
    give(b, attribute, value_integer(integer));
}

void give_pair(struct builder *b, const char *attribute, int64_t height, int64_t width) {
    give(b, attribute, list_value(b, (int64_t[]){height, width}, 2));
}

void give_sides(struct builder *b, const char *attribute, const int64_t sides[4]) {
    give(b, attribute, list_value(b, sides, 4));
}

void give_number(struct builder *b, const char *attribute, double number) {
    give(b, attribute, value_number(number));
}

void give_numbers(struct builder *b, const char *attribute, const double *numbers, size_t count) {
    struct value list = {.kind = VALUE_LIST, .item_count = count};
    list.items = ARENA_ARRAY(b->elaborator.arena, struct value, count);
    for (size_t i = 0; i < count; i++)
        list.items[i] = value_number(numbers[i]);
    give(b, attribute, list);
}

void give_boolean(struct builder *b, const char *attribute, bool boolean) {
    give(b, attribute, value_boolean(boolean));
}

void give_word(struct builder *b, const char *attribute, const char *word) {
    struct layer *layer = &b->layer;
    attribute_set_word(layer, index_of(b, attribute), word, b->span);
}

void give_axes(struct builder *b, const char *attribute, const int *axes, int count) {
    static const char *const words[] = {"batch", "height", "width", "channels"};
    for (int i = 0; i < count; i++)
        give_word(b, attribute, words[axes[i]]);
}

void give_size(struct builder *b, const char *attribute, struct shape size) {
    give(b, attribute, list_value(b, (int64_t[]){size.n, size.h, size.w, size.c}, 4));
}

void give_range(struct builder *b, const char *attribute, int64_t first, int64_t last) {
    struct value range = list_value(b, (int64_t[]){first, last}, 2);
    range.kind = VALUE_RANGE;
    give(b, attribute, range);
}

struct node *builder_finish(struct builder *b) {
    if (b->failed)
        return NULL;
    struct node *node = b->layer.node;
    bool labelled = node->labelled;
    node = make_layer(&b->elaborator, &b->frame, &b->layer);
    if (node)
        node->labelled = labelled;
    return node;
}

struct node *builder_with_number(struct builder *b, enum op op, struct span span, struct node *x,
                                 double number, bool number_first) {
    struct value items[2] = {value_tensor(x), value_number(number)};
    if (number_first) {
        items[0] = items[1];
        items[1] = value_tensor(x);
    }
    struct value_list operands = {items, 2, 2};
    struct value result = fold_operands(&b->elaborator, &b->frame, span, op, NULL, &operands);
    return result.kind == VALUE_TENSOR ? result.tensor : NULL;
}
