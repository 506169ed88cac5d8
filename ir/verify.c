/* Checks a planned graph before code is made of it. */
#include "ir/verify.h"

#include <inttypes.h>

#include "ir/rewrite.h"

struct check {
    const struct graph *graph;
    const struct node *node;
    const char *broken;
};

static void say(struct check *check, const char *what) {
    if (!check->broken)
        check->broken = arena_printf(
            check->graph->arena, "node %d (%s): %s", check->node->id,
            operators[check->node->op].name ? operators[check->node->op].name : "internal", what);
}

static void check_read(struct node **read, void *context) {
    struct check *check = context;
    int id = (*read)->id;
    if (id < 0 || id >= check->node->id || check->graph->nodes[id] != *read)
        say(check, "reads a node that does not come before it");
}

/* The floats from the first to behind the last of a tensor, counted from its first. */
static int64_t location_span(const struct node *node) {
    const struct location *at = &node->location;
    const struct shape *s = &node->shape;
    return (s->n - 1) * at->image + (s->h - 1) * at->row + (s->w - 1) * at->pixel +
           (s->c - 1) * at->channel + 1;
}

static void check_location(struct check *check) {
    const struct node *node = check->node;
    const struct location *at = &node->location;
    int64_t end = at->offset + location_span(node), room = INT64_MAX;
    switch (at->memory) {
    case MEMORY_NONE:
        say(check, "has no place");
        return;
    case MEMORY_WORKSPACE:
        room = check->graph->workspace_floats;
        break;
    case MEMORY_INPUT:
        room = shape_count(check->graph->inputs[at->index].node->shape);
        break;
    case MEMORY_OUTPUT:
        room = shape_count(check->graph->outputs[at->index].node->shape);
        break;
    }
    if (at->offset < 0 || end > room)
        say(check, "lies outside its buffer");
}

/* The windows of a convolution stay inside its input, which has its border. */
static void check_windows(struct check *check) {
    const struct node *node = check->node;
    const struct attributes *a = &node->attributes;
    if (node->op != OP_CONV && node->op != OP_DEPTHWISE)
        return;
    const int64_t out[] = {node->shape.h, node->shape.w};
    const int64_t in[] = {node->inputs[0]->shape.h, node->inputs[0]->shape.w};
    for (int axis = 0; axis < 2; axis++) {
        int64_t first = node->border[axis] - a->padding[axis];
        int64_t last =
            first + (out[axis] - 1) * a->stride[axis] + (a->kernel[axis] - 1) * a->dilation[axis];
        if (first < 0 || last >= in[axis])
            say(check, "reads beyond the border of its input");
    }
}

const char *verify_graph(const struct graph *graph) {
    struct check check = {graph, NULL, NULL};
    for (size_t i = 0; i < graph->node_count; i++) {
        struct node *node = graph->nodes[i];
        check.node = node;
        if (node->id != (int)i)
            say(&check, "is numbered wrongly");
        if (node->shape.n < 1 || node->shape.h < 1 || node->shape.w < 1 || node->shape.c < 1)
            say(&check, "is empty");
        visit_reads(node, check_read, &check);
        check_location(&check);
        check_windows(&check);
    }
    return check.broken;
}
