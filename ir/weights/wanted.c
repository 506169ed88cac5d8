/* A graph in, the list of what its weights file should hold out: names, shapes, orders. */
#include "ir/weights/wanted.h"

#include <string.h>

bool stored_as_hwio(const struct graph *graph, const struct tensor *tensor) {
    return graph->weights_order == LAYOUT_HWC && tensor->rank >= 2;
}

/* Tensors that are no kernels: `count` pictures, with the channels in front or behind. */
struct pictures {
    int64_t count, pixels, channels;
};

static bool are_pictures(const struct node *node, const struct tensor *tensor,
                         struct pictures *pictures) {
    const struct shape *s = &node->shape;
    if (node->op == OP_PARAMETER)
        *pictures = (struct pictures){s->n, s->h * s->w, s->c};
    else if (node->op == OP_LAYERNORM) {
        int64_t channels = node->attributes.axes[AXIS_CHANNELS] ? s->c : 1;
        *pictures = (struct pictures){1, tensor_count(tensor) / channels, channels};
    } else
        return false;
    return true;
}

/* A depthwise kernel is [R, S, C, multiplier], what a parameter layer holds [N, H, W, C]. */
void stored_dimensions(const struct graph *graph, const struct node *node,
                       const struct tensor *tensor, int64_t wanted[4]) {
    const int64_t *d = tensor->dimensions;
    if (!stored_as_hwio(graph, tensor)) {
        memcpy(wanted, d, sizeof tensor->dimensions);
        return;
    }
    if (node->op == OP_PARAMETER) {
        const struct shape *s = &node->shape;
        const int64_t sizes[] = {s->n, s->h, s->w, s->c};
        memcpy(wanted, sizes + 4 - tensor->rank, (size_t)tensor->rank * sizeof *sizes);
        return;
    }
    if (node->op == OP_LAYERNORM) {
        int first = node->attributes.axes[AXIS_CHANNELS];
        for (int i = 0; i < tensor->rank; i++)
            wanted[i] = d[(i + first) % tensor->rank];
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

/* [A][B][C] to [C][B][A], behind whose last value it returns. */
static float *turn(float *to, const float *from, int64_t a, int64_t b, int64_t c) {
    for (int64_t k = 0; k < c; k++)
        for (int64_t j = 0; j < b; j++)
            for (int64_t i = 0; i < a; i++)
                *to++ = from[(i * b + j) * c + k];
    return to;
}

/* Each of n pictures [A][C] to [C][A]. */
static void turn_pictures(float *to, const float *from, int64_t n, int64_t a, int64_t c) {
    for (int64_t i = 0; i < n; i++)
        to = turn(to, from + i * a * c, a, 1, c);
}

/* How many kernel positions a tensor of two or more axes has. */
static int64_t taps_of(const struct tensor *tensor) {
    return tensor_count(tensor) / (tensor->dimensions[0] * tensor->dimensions[1]);
}

const float *from_stored_order(const struct graph *graph, const struct wanted_tensor *wanted,
                               const float *from) {
    const struct tensor *tensor = wanted->tensor;
    struct pictures p;
    if (!stored_as_hwio(graph, tensor))
        return from;
    float *values = ARENA_ARRAY(graph->arena, float, tensor_count(tensor));
    if (are_pictures(wanted->node, tensor, &p))
        turn_pictures(values, from, p.count, p.pixels, p.channels);
    else
        turn(values, from, taps_of(tensor), tensor->dimensions[1], tensor->dimensions[0]);
    return values;
}

const float *to_stored_order(const struct graph *graph, const struct wanted_tensor *wanted) {
    const struct tensor *tensor = wanted->tensor;
    struct pictures p;
    if (!stored_as_hwio(graph, tensor))
        return tensor->data;
    float *values = ARENA_ARRAY(graph->arena, float, tensor_count(tensor));
    if (are_pictures(wanted->node, tensor, &p))
        turn_pictures(values, tensor->data, p.count, p.channels, p.pixels);
    else
        turn(values, tensor->data, tensor->dimensions[0], tensor->dimensions[1], taps_of(tensor));
    return values;
}

/* The next axis from `axis` on; one of a single place is passed over where ones do not count. */
static int next_axis(const int64_t *dimensions, int rank, int axis, bool ones_count) {
    while (!ones_count && axis < rank && dimensions[axis] == 1)
        axis++;
    return axis;
}

/* The height of a kernel of height 1. */
static int spare_axis_of(const struct graph *graph, const struct node *node,
                         const struct tensor *tensor) {
    bool kernel = node->op == OP_CONV || node->op == OP_DEPTHWISE || node->op == OP_DECONV;
    if (!kernel || tensor->rank != 4 || tensor->dimensions[2] != 1)
        return -1;
    return stored_as_hwio(graph, tensor) ? 0 : 2;
}

static bool fits_without(const struct wanted_tensor *wanted, const struct stored_tensor *stored) {
    if (wanted->spare_axis < 0 || stored->rank != wanted->tensor->rank - 1)
        return false;
    for (int i = 0; i < stored->rank; i++)
        if (stored->dimensions[i] != wanted->dimensions[i + (i >= wanted->spare_axis)])
            return false;
    return true;
}

bool wanted_fits(const struct wanted_tensor *wanted, const struct stored_tensor *stored) {
    bool ones_count = wanted->node->op != OP_PARAMETER;
    if (fits_without(wanted, stored))
        return true;
    int rank = wanted->tensor->rank, a = 0, b = 0;
    for (;; a++, b++) {
        a = next_axis(wanted->dimensions, rank, a, ones_count);
        b = next_axis(stored->dimensions, stored->rank, b, ones_count);
        if (a == rank || b == stored->rank)
            return a == rank && b == stored->rank;
        if (wanted->dimensions[a] != stored->dimensions[b])
            return false;
    }
}

static struct wanted_tensor wanted_of(const struct graph *graph, const struct node *node, int i) {
    struct tensor *tensor = node->parameters[i];
    const char *prefix = graph->weights_prefix ? graph->weights_prefix : "";
    struct wanted_tensor wanted = {.tensor = tensor,
                                   .node = node,
                                   .parameter = i,
                                   .spare_axis = spare_axis_of(graph, node, tensor),
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
