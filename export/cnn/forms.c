/* Nodes into forms: numbers that are equal where calls read alike, but for the label, for what they
 * are applied to, and for the values that parameters of a block can stand for. */
#include <string.h>

#include "export/cnn/writer.h"

enum { PATH_MOST = 256 }; /* bytes: every run is compared by its paths */

static bool has_keys(const struct node *node) {
    for (int i = 0; i < node->parameter_count; i++)
        if (node->parameters[i] && node->parameters[i]->name)
            return true;
    return false;
}

bool needs_path(const struct node *node) {
    return node->labelled || has_keys(node);
}

/* Numbers in the place of tensors. */
static const char *numbers_form(struct arena *arena, const struct node *node) {
    const struct attributes *a = &node->attributes;
    struct list list = {0};
    if (node->op == OP_WHERE) {
        list_add(arena, &list, a->is_number[0] ? literal(arena, a->a) : "x");
        list_add(arena, &list, a->is_number[1] ? literal(arena, a->b) : "x");
    }
    if (a->has_scalar)
        list_add(arena, &list, a->scalar_first ? "first" : "last");
    return list.text ? list.text : "";
}

static const char *form_text(struct writer *writer, const struct node *node) {
    struct arena *arena = writer->arena;
    bool sized = operator_rules[node->op].arity == ARITY_ZERO;
    struct list arguments = {0};
    add_arguments(writer, node, &arguments);
    return arena_printf(arena, "%s %d %d %s (%s) (%s)", word_of_node(node), node->input_count,
                        node->labelled, sized ? shape_text(arena, node->shape) : "",
                        numbers_form(arena, node), arguments.text ? arguments.text : "");
}

static bool can_repeat(const struct writer *writer, const struct node *node) {
    return node->op != OP_INPUT && !belongs_to_input(writer, node) && !has_filters(node) &&
           node->input_count <= RUN_INPUTS_MOST && strlen(node->path) <= PATH_MOST;
}

/* Texts and their numbers, from 1. */
struct numbering {
    struct table table;
    const char **texts; /* by the number */
    size_t count, capacity;
};

/* The writer's arena while texts are made that only their numbers outlive. */
static struct arena *use_arena(struct writer *writer, struct arena *arena) {
    struct arena *before = writer->arena;
    writer->arena = arena;
    return before;
}

static int number_of(struct writer *writer, struct numbering *numbering, const char *text) {
    text = intern(&writer->names, text, strlen(text));
    int *number = table_find(&numbering->table, text);
    if (!number) {
        number = ARENA_NEW(writer->arena, int);
        *number = (int)numbering->count;
        table_set(&numbering->table, writer->arena, text, number);
        ARENA_PUSH(writer->arena, numbering->texts, numbering->count, numbering->capacity, text);
    }
    return *number;
}

static int *forms_of(struct writer *writer) {
    const struct graph *graph = writer->graph;
    int *forms = ARENA_ARRAY(writer->arena, int, graph->node_count + 1);
    struct numbering numbering = {0};
    number_of(writer, &numbering, "");
    writer->scope.hides_values = true;
    for (size_t i = 0; i < graph->node_count; i++) {
        if (!can_repeat(writer, graph->nodes[i]))
            continue;
        struct arena scratch = {0}, *lasting = use_arena(writer, &scratch);
        const char *text = form_text(writer, graph->nodes[i]);
        use_arena(writer, lasting);
        forms[i] = number_of(writer, &numbering, text);
        arena_free(&scratch);
    }
    writer->scope.hides_values = false;
    return forms;
}

static void add_values(struct writer *writer, struct outline *outline) {
    const struct graph *graph = writer->graph;
    int *values = ARENA_ARRAY(writer->arena, int, (graph->node_count + 1) * SLOTS);
    struct numbering numbering = {0};
    number_of(writer, &numbering, "");
    for (size_t i = 0; i < graph->node_count; i++)
        for (int slot = 0; slot < SLOTS && outline->forms[i]; slot++) {
            const char *text = open_value(writer, graph->nodes[i], slot);
            values[i * SLOTS + (size_t)slot] = text ? number_of(writer, &numbering, text) : 0;
        }
    outline->values = values;
    outline->texts = numbering.texts;
}

struct outline outline_of(struct writer *writer) {
    const struct graph *graph = writer->graph;
    size_t count = graph->node_count + 1;
    const char **paths = ARENA_ARRAY(writer->arena, const char *, count);
    for (size_t i = 0; i < graph->node_count; i++)
        paths[i] = needs_path(graph->nodes[i]) ? graph->nodes[i]->path : NULL;
    struct outline outline = {.arena = writer->arena,
                              .graph = graph,
                              .forms = forms_of(writer),
                              .paths = paths,
                              .taken = ARENA_ARRAY(writer->arena, bool, count)};
    add_values(writer, &outline);
    return outline;
}
