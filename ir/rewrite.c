/* The mechanics of passes: new node lists out of old ones. */
#include "ir/rewrite.h"

void rewrite_open(struct rewrite *rewrite, struct graph *graph) {
    *rewrite = (struct rewrite){
        .graph = graph,
        .old = graph->nodes,
        .old_count = graph->node_count,
        .replacement = ARENA_ARRAY(graph->arena, struct node *, graph->node_count + 1),
    };
    graph->nodes = NULL;
    graph->node_count = graph->node_capacity = 0;
}

static void append(struct graph *graph, struct node *node) {
    ARENA_PUSH(graph->arena, graph->nodes, graph->node_count, graph->node_capacity, node);
}

void rewrite_inputs(const struct rewrite *rewrite, struct node *node) {
    for (int i = 0; i < node->input_count; i++)
        node->inputs[i] = rewrite->replacement[node->inputs[i]->id];
    for (int e = 0; e < node->epilogue_count; e++)
        for (int i = 0; i < node->epilogue[e]->input_count; i++)
            if (node->epilogue[e]->inputs[i] != node)
                node->epilogue[e]->inputs[i] =
                    rewrite->replacement[node->epilogue[e]->inputs[i]->id];
}

void rewrite_keep(struct rewrite *rewrite, struct node *node) {
    rewrite->replacement[node->id] = node;
    append(rewrite->graph, node);
}

void rewrite_replace(struct rewrite *rewrite, const struct node *node, struct node *by) {
    rewrite->replacement[node->id] = by;
}

struct node *rewrite_add(struct rewrite *rewrite, enum op op, const struct node *like,
                         struct node *input) {
    struct node *node = graph_add(rewrite->graph, op, 1);
    node->inputs[0] = input;
    node->path = like->path;
    node->words = like->words;
    node->span = like->span;
    node->call = like->call;
    node->shape = like->shape;
    return node;
}

void rewrite_close(struct rewrite *rewrite) {
    struct graph *graph = rewrite->graph;
    for (size_t i = 0; i < graph->output_count; i++)
        graph->outputs[i].node = rewrite->replacement[graph->outputs[i].node->id];
    for (size_t i = 0; i < graph->node_count; i++)
        graph->nodes[i]->id = (int)i;
}

void visit_reads(struct node *node, read_visitor *visit, void *context) {
    for (int i = 0; i < node->input_count; i++)
        visit(&node->inputs[i], context);
    for (int e = 0; e < node->epilogue_count; e++)
        for (int i = 0; i < node->epilogue[e]->input_count; i++)
            if (node->epilogue[e]->inputs[i] != node)
                visit(&node->epilogue[e]->inputs[i], context);
}

static void count_read(struct node **read, void *context) {
    ((int *)context)[(*read)->id]++;
}

int *count_uses(const struct graph *graph, struct arena *arena) {
    int *uses = ARENA_ARRAY(arena, int, graph->node_count + 1);
    for (size_t i = 0; i < graph->node_count; i++)
        visit_reads(graph->nodes[i], count_read, uses);
    for (size_t i = 0; i < graph->output_count; i++)
        uses[graph->outputs[i].node->id]++;
    return uses;
}

struct reader {
    int *last;
    int id;
};

static void note_read(struct node **read, void *context) {
    const struct reader *reader = context;
    reader->last[(*read)->id] = reader->id;
}

int *find_last_reads(const struct graph *graph, struct arena *arena) {
    struct reader reader = {ARENA_ARRAY(arena, int, graph->node_count + 1), 0};
    for (; reader.id < (int)graph->node_count; reader.id++) {
        reader.last[reader.id] = reader.id;
        visit_reads(graph->nodes[reader.id], note_read, &reader);
    }
    return reader.last;
}

static void mark_read(struct node **read, void *context) {
    ((bool *)context)[(*read)->id] = true;
}

void remove_dead_nodes(struct graph *graph) {
    bool *wanted = ARENA_ARRAY(graph->arena, bool, graph->node_count + 1);
    for (size_t i = 0; i < graph->output_count; i++)
        wanted[graph->outputs[i].node->id] = true;
    for (size_t i = graph->node_count; i-- > 0;)
        if (wanted[i])
            visit_reads(graph->nodes[i], mark_read, wanted);
    struct rewrite rewrite;
    rewrite_open(&rewrite, graph);
    for (size_t i = 0; i < rewrite.old_count; i++) {
        struct node *node = rewrite.old[i];
        if (wanted[i] || node->op == OP_INPUT) {
            rewrite_inputs(&rewrite, node);
            rewrite_keep(&rewrite, node);
        }
    }
    rewrite_close(&rewrite);
}
