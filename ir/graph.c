/* Small helpers every part of the compiler uses on graphs and shapes. */
#include "ir/graph.h"

#include <inttypes.h>

#include "ir/table.h"

struct node *graph_add(struct graph *graph, enum op op, int input_count) {
    struct node *node = ARENA_NEW(graph->arena, struct node);
    node->op = op;
    node->id = (int)graph->node_count;
    node->input_count = input_count;
    node->inputs = ARENA_ARRAY(graph->arena, struct node *, input_count > 0 ? input_count : 1);
    ARENA_PUSH(graph->arena, graph->nodes, graph->node_count, graph->node_capacity, node);
    return node;
}

const char **node_names(const struct graph *graph, struct arena *arena) {
    struct table counts = {0};
    const char **names = ARENA_ARRAY(arena, const char *, graph->node_count + 1);
    for (size_t i = 0; i < graph->node_count; i++) {
        const char *path = graph->nodes[i]->path;
        int *count = table_find(&counts, path);
        if (!count) {
            count = ARENA_NEW(arena, int);
            table_set(&counts, arena, path, count);
        }
        names[i] = ++*count == 1 ? path : arena_printf(arena, "%s#%d", path, *count);
    }
    return names;
}

int64_t shape_count(struct shape shape) {
    return shape.n * shape.h * shape.w * shape.c;
}

bool shape_equal(struct shape a, struct shape b) {
    return a.n == b.n && a.h == b.h && a.w == b.w && a.c == b.c;
}

bool is_vector_of(struct shape shape, struct shape picture) {
    return shape.h == 1 && shape.w == 1 && (shape.n == picture.n || shape.n == 1);
}

bool is_given(const struct node *node) {
    return node->op == OP_INPUT || node->op == OP_PARAMETER;
}

int64_t tensor_count(const struct tensor *tensor) {
    int64_t count = 1;
    for (int i = 0; i < tensor->rank; i++)
        count *= tensor->dimensions[i];
    return count;
}

int64_t node_weight_count(const struct node *node) {
    int64_t count = 0;
    for (int i = 0; i < node->parameter_count; i++)
        if (node->parameters[i])
            count += tensor_count(node->parameters[i]);
    return count;
}

const char *shape_text(struct arena *arena, struct shape shape) {
    if (shape.n == 1)
        return arena_printf(arena, "%" PRId64 "x%" PRId64 "x%" PRId64, shape.h, shape.w, shape.c);
    return arena_printf(arena, "%" PRId64 "x%" PRId64 "x%" PRId64 "x%" PRId64, shape.n, shape.h,
                        shape.w, shape.c);
}
