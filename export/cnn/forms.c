/* Nodes into forms: numbers that are equal where calls read alike, but for the label and for what
 * they are applied to. */
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
    if (a->has_scalar)
        list_add(arena, &list, literal(arena, a->scalar));
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

static int *forms_of(struct writer *writer) {
    const struct graph *graph = writer->graph;
    int *forms = ARENA_ARRAY(writer->arena, int, graph->node_count + 1), count = 0;
    struct table table = {0};
    for (size_t i = 0; i < graph->node_count; i++) {
        const struct node *node = graph->nodes[i];
        if (!can_repeat(writer, node))
            continue;
        const char *text = form_text(writer, node);
        text = intern(&writer->names, text, strlen(text));
        int *form = table_find(&table, text);
        if (!form) {
            form = ARENA_NEW(writer->arena, int);
            *form = ++count;
            table_set(&table, writer->arena, text, form);
        }
        forms[i] = *form;
    }
    return forms;
}

struct outline outline_of(struct writer *writer) {
    const struct graph *graph = writer->graph;
    size_t count = graph->node_count + 1;
    const char **paths = ARENA_ARRAY(writer->arena, const char *, count);
    for (size_t i = 0; i < graph->node_count; i++)
        paths[i] = needs_path(graph->nodes[i]) ? graph->nodes[i]->path : NULL;
    return (struct outline){.arena = writer->arena,
                            .graph = graph,
                            .forms = forms_of(writer),
                            .paths = paths,
                            .taken = ARENA_ARRAY(writer->arena, bool, count)};
}
