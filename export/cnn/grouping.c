/* The names of an imported graph's layers into those of the file that is written of it. Layers that
 * repeat under names of no system, as conv6 to conv8 and conv9 to conv11, become groups whose names
 * a block can give them: conv6.conv1, conv6.conv2, ... */
#include <string.h>

#include "export/cnn/writer.h"

/* What a node was called. */
struct called {
    const char *path;
    bool labelled;
};

struct grouping {
    struct arena *arena, *scratch; /* what lasts; what is looked at meanwhile */
    struct graph *graph;
    struct names names;
    struct table prefixes; /* what paths begin with, up to a dot */
};

/* --- names --- */

static void add_prefixes(struct grouping *g, const char *path) {
    for (const char *dot = path; (dot = strchr(dot, '.')); dot++)
        table_set(&g->prefixes, g->arena, intern(&g->names, path, (size_t)(dot - path)), g);
}

/* The path, or one like it, that no path of a layer goes on from. */
static const char *free_group(struct grouping *g, const char *path) {
    const char *name = intern(&g->names, path, strlen(path));
    for (int number = 2; table_find(&g->prefixes, name); number++) {
        name = arena_printf(g->arena, "%s_%d", path, number);
        name = intern(&g->names, name, strlen(name));
    }
    table_set(&g->prefixes, g->arena, name, g);
    return name;
}

static void rename_node(struct arena *arena, struct node *node, struct called called) {
    for (int i = 0; i < node->parameter_count; i++) {
        struct tensor *tensor = node->parameters[i];
        if (tensor && tensor->name)
            tensor->name =
                arena_printf(arena, "%s%s", called.path, tensor->name + strlen(node->path));
    }
    node->path = called.path;
    node->labelled = called.labelled;
}

/* The running number that the node's word gets within the run. */
static int number_in_run(const struct graph *graph, int begin, int id) {
    int number = 1;
    for (int i = begin; i < id; i++)
        number += strcmp(word_of_node(graph->nodes[i]), word_of_node(graph->nodes[id])) == 0;
    return number;
}

/* Under the path of its first layer that has one; a run without any needs none. */
static void rename_run(struct grouping *g, struct run run) {
    const char *group = NULL;
    for (int i = run.begin; !group && i < run.begin + run.length; i++)
        if (needs_path(g->graph->nodes[i]))
            group = free_group(g, g->graph->nodes[i]->path);
    for (int i = run.begin; group && i < run.begin + run.length; i++) {
        struct node *node = g->graph->nodes[i];
        const char *path = arena_printf(g->arena, "%s.%s%d", group, word_of_node(node),
                                        number_in_run(g->graph, run.begin, i));
        rename_node(g->arena, node, (struct called){path, false});
    }
}

/* --- runs --- */

/* From now on runs are alike whatever their paths are. What is shared keeps its own, and what has a
 * path of several parts: that is a name with a system, by which its weights are known elsewhere. */
static void ignore_paths(struct outline *outline, int *forms) {
    for (size_t i = 0; i < outline->graph->node_count; i++) {
        bool keeps = outline->paths[i] && strchr(outline->paths[i], '.');
        forms[i] = keeps || outline->graph->nodes[i]->attributes.shared ? 0 : forms[i];
        outline->paths[i] = NULL;
    }
}

/* Those that paths set no limit to, beside those that have fitting ones. */
static struct repeats repeats_under_any_path(struct grouping *g) {
    struct writer writer = new_writer(g->scratch, g->graph);
    struct outline outline = outline_of(&writer);
    find_repeats(&outline);
    ignore_paths(&outline, outline.forms);
    return find_repeats(&outline);
}

static struct called *names_now(const struct grouping *g) {
    struct called *names = ARENA_ARRAY(g->scratch, struct called, g->graph->node_count + 1);
    for (size_t i = 0; i < g->graph->node_count; i++)
        names[i] = (struct called){g->graph->nodes[i]->path, g->graph->nodes[i]->labelled};
    return names;
}

/* Names that let blocks stand for what repeats, where the text has fewer lines for it. */
static void make_groups(struct grouping *g) {
    struct graph *graph = g->graph;
    struct repeats repeats = repeats_under_any_path(g);
    if (!repeats.count)
        return;
    struct called *names = names_now(g);
    size_t lines = write_file(g->scratch, graph).line_count;
    for (size_t i = 0; i < graph->node_count; i++)
        add_prefixes(g, names[i].path);
    for (size_t i = 0; i < repeats.count; i++)
        for (size_t k = 0; k < repeats.items[i].count; k++)
            rename_run(g, (struct run){repeats.items[i].begins[k], repeats.items[i].length});
    bool shorter = write_file(g->scratch, graph).line_count < lines;
    for (size_t i = 0; !shorter && i < graph->node_count; i++)
        if (names[i].path != graph->nodes[i]->path)
            rename_node(g->arena, graph->nodes[i], names[i]);
}

/* --- running numbers --- */

static void number_node(struct arena *arena, struct node *node, const char *outside,
                        const char *number) {
    if (!number || needs_path(node))
        return;
    node->path = outside ? arena_printf(arena, "%s.%s", outside, number)
                         : arena_strndup(arena, number, strlen(number));
}

static void number_call(struct arena *arena, const struct writer *writer, struct graph *graph,
                        const struct block_call *call) {
    int first = call->block->repeat->begins[0], begin = call->run.begin;
    const char *path =
        call->path ? call->path : writer->numbered_calls[begin + call->run.length - 1];
    for (int i = 0; i < call->run.length; i++)
        number_node(arena, graph->nodes[begin + i], path, writer->numbered[first + i]);
}

/* Those that the file gives to layers without a label. */
static void number_layers(struct arena *arena, struct arena *scratch, struct graph *graph) {
    struct writer writer = write_file(scratch, graph);
    for (size_t i = 0; i < graph->node_count; i++)
        if (writer.calls[i])
            number_call(arena, &writer, graph, writer.calls[i]);
        else if (!writer.hidden[i])
            number_node(arena, graph->nodes[i], NULL, writer.numbered[i]);
}

void group_layers(struct arena *arena, struct graph *graph) {
    struct arena scratch = {0};
    struct grouping g = {
        .arena = arena, .scratch = &scratch, .graph = graph, .names = {.arena = arena}};
    make_groups(&g);
    arena_free(&scratch);
    number_layers(arena, &scratch, graph);
    arena_free(&scratch);
}
