/* A graph in, the list of what its weights file should hold out: names, shapes, orders. */
#include "ir/weights/wanted.h"

#include <string.h>

bool stored_as_hwio(const struct graph *graph, const struct tensor *tensor) {
    return graph->weights_order == LAYOUT_HWC && tensor->rank >= 2;
}

/* A depthwise kernel is [R, S, C, multiplier]. */
void stored_dimensions(const struct graph *graph, const struct node *node,
                       const struct tensor *tensor, int64_t wanted[4]) {
    const int64_t *d = tensor->dimensions;
    if (!stored_as_hwio(graph, tensor)) {
        memcpy(wanted, d, sizeof tensor->dimensions);
        return;
    }
    for (int i = 2; i < tensor->rank; i++)
        wanted[i - 2] = d[i];
    wanted[tensor->rank - 2] = d[1];
    wanted[tensor->rank - 1] = d[0];
    if (node->op == OP_DEPTHWISE) {
        wanted[2] = node->inputs[0]->shape.c;
        wanted[3] = d[0] / wanted[2];
    }
}

/* [A][B][C] to [C][B][A] */
static float *turn(struct arena *arena, const float *from, int64_t a, int64_t b, int64_t c) {
    float *data = ARENA_ARRAY(arena, float, a * b * c), *to = data;
    for (int64_t k = 0; k < c; k++)
        for (int64_t j = 0; j < b; j++)
            for (int64_t i = 0; i < a; i++)
                *to++ = from[(i * b + j) * c + k];
    return data;
}

/* How many kernel positions a tensor of two or more axes has. */
static int64_t taps_of(const struct tensor *tensor) {
    return tensor_count(tensor) / (tensor->dimensions[0] * tensor->dimensions[1]);
}

float *hwio_to_oihw(struct arena *arena, const struct tensor *tensor, const float *from) {
    return turn(arena, from, taps_of(tensor), tensor->dimensions[1], tensor->dimensions[0]);
}

float *oihw_to_hwio(struct arena *arena, const struct tensor *tensor, const float *from) {
    return turn(arena, from, tensor->dimensions[0], tensor->dimensions[1], taps_of(tensor));
}

bool wanted_fits(const struct wanted_tensor *wanted, const struct stored_tensor *stored) {
    bool equal = stored->rank == wanted->tensor->rank;
    for (int i = 0; equal && i < stored->rank; i++)
        equal = stored->dimensions[i] == wanted->dimensions[i];
    return equal;
}

static struct wanted_tensor wanted_of(const struct graph *graph, const struct node *node, int i) {
    struct tensor *tensor = node->parameters[i];
    const char *prefix = graph->weights_prefix ? graph->weights_prefix : "";
    struct wanted_tensor wanted = {.tensor = tensor,
                                   .node = node,
                                   .parameter = i,
                                   .key = arena_printf(graph->arena, "%s%s", prefix, tensor->name)};
    stored_dimensions(graph, node, tensor, wanted.dimensions);
    return wanted;
}

/* The graph lists its tensors as its nodes have them, shared ones where they come first. */
struct wanted_tensor *wanted_tensors(const struct graph *graph) {
    size_t count = 0;
    struct wanted_tensor *list =
        ARENA_ARRAY(graph->arena, struct wanted_tensor, graph->tensor_count + 1);
    for (size_t i = 0; i < graph->node_count; i++) {
        const struct node *node = graph->nodes[i];
        for (int p = 0; p < node->parameter_count && count < graph->tensor_count; p++)
            if (node->parameters[p] == graph->tensors[count])
                list[count++] = wanted_of(graph, node, p);
    }
    return list;
}
