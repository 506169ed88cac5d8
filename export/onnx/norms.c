/* Normalisations by what is computed of the values themselves. */
#include "export/onnx/exporter.h"

static const char *constant_vector(struct exporter *x, const char *name, float value,
                                   struct dims dims) {
    int64_t count = 1;
    for (int i = 0; i < dims.count; i++)
        count *= dims.of[i];
    float *values = ARENA_ARRAY(x->arena, float, count);
    for (int64_t i = 0; i < count; i++)
        values[i] = value;
    return array(x, name, values, dims);
}

static const char *ones(struct exporter *x, struct dims dims) {
    return constant_vector(x, "ones", 1, dims);
}

static const char *zeros(struct exporter *x, struct dims dims) {
    return constant_vector(x, "zeros", 0, dims);
}

FORM_FUNCTION(instancenorm) {
    (void)form;
    struct dims channels = {1, {node->shape.c}};
    const char *weight = parameter(x, node, 0, NULL), *bias = parameter(x, node, 1, NULL);
    Onnx__NodeProto *norm =
        begin_node(x, "InstanceNormalization", in[0], weight ? weight : ones(x, channels),
                   bias ? bias : zeros(x, channels), NULL);
    set_float(x, norm, "epsilon", node->attributes.epsilon);
    end_node(x, norm, result_dims(x, node));
}

/* The operator set has none: each group is normalised as a channel. */
FORM_FUNCTION(groupnorm) {
    (void)form;
    struct shape s = node->shape;
    int64_t groups = node->attributes.groups;
    struct dims dims = result_dims(x, node), each = {1, {groups}}, channels = {3, {s.c, 1, 1}};
    struct dims parts = {4, {s.n, groups, s.c / groups * s.h, s.w}};
    Onnx__NodeProto *norm = begin_node(x, "InstanceNormalization", reshaped(x, in[0], parts),
                                       ones(x, each), zeros(x, each), NULL);
    set_float(x, norm, "epsilon", node->attributes.epsilon);
    const char *value = reshaped(x, end_node(x, norm, parts), dims);
    const char *weight = parameter(x, node, 0, &channels), *bias = parameter(x, node, 1, &channels);
    if (weight)
        value = end_node(x, begin_node(x, "Mul", value, weight, NULL), dims);
    if (bias)
        end_node(x, begin_node(x, "Add", value, bias, NULL), dims);
}

/* The axes that stay, then those that are normalised; returns how many stay. */
static int axes_last(const struct node *node, int64_t order[4]) {
    static const int axes[] = {AXIS_BATCH, AXIS_CHANNELS, AXIS_HEIGHT, AXIS_WIDTH};
    int count = 0, kept = 0;
    for (int normalized = 0; normalized < 2; normalized++) {
        kept = normalized ? count : 0;
        for (int i = 0; i < 4; i++)
            if (node->attributes.axes[axes[i]] == normalized)
                order[count++] = i;
    }
    return kept;
}

static bool in_order(const int64_t *order, int count) {
    for (int i = 0; i < count; i++)
        if (order[i] != i)
            return false;
    return true;
}

/* ONNX normalises the last axes: they are put there and back. Of a vector there is one. */
FORM_FUNCTION(layernorm) {
    (void)form;
    struct dims dims = result_dims(x, node), turned = dims, normalized = {0};
    int64_t order[4] = {0, 1}, back[4];
    int kept = x->vector ? 1 : axes_last(node, order);
    for (int i = 0; i < dims.count; i++) {
        turned.of[i] = dims.of[order[i]];
        back[order[i]] = i;
        if (i >= kept)
            normalized.of[normalized.count++] = turned.of[i];
    }
    bool turn = !in_order(order, dims.count);
    const char *weight = parameter(x, node, 0, NULL), *bias = parameter(x, node, 1, NULL);
    Onnx__NodeProto *norm =
        begin_node(x, "LayerNormalization", turn ? transposed(x, in[0], order, dims) : in[0],
                   weight ? weight : ones(x, normalized), bias, NULL);
    set_int(x, norm, "axis", kept);
    set_float(x, norm, "epsilon", node->attributes.epsilon);
    const char *value = end_node(x, norm, turned);
    if (turn)
        transposed(x, value, back, turned);
}

/* x / max(n, epsilon) */
FORM_FUNCTION(l2norm) {
    (void)form;
    const struct attributes *a = &node->attributes;
    struct dims dims = result_dims(x, node), reduced = dims;
    int64_t axes[4];
    int count = reduced_axes(node, axes);
    for (int i = 0; i < count; i++)
        reduced.of[axes[i]] = 1;
    Onnx__NodeProto *norm = begin_node(x, a->p == 1 ? "ReduceL1" : "ReduceL2", in[0], NULL);
    set_ints(x, norm, "axes", axes, count);
    const char *size = end_node(x, norm, reduced);
    const char *least =
        end_node(x, begin_node(x, "Max", size, scalar(x, a->epsilon), NULL), reduced);
    end_node(x, begin_node(x, "Div", in[0], least, NULL), dims);
}

/* ONNX Runtime takes odd sizes only. The mean of the squares is a pool along the channels, laid as
 * rows. */
static void write_even_lrn(struct exporter *x, const struct node *node, const char *in) {
    const struct attributes *a = &node->attributes;
    struct shape s = node->shape;
    struct dims dims = result_dims(x, node), rows = {4, {s.n, 1, s.c, s.h * s.w}};
    const char *squares = reshaped(x, apply_two(x, "Mul", in, in, dims), rows);
    Onnx__NodeProto *mean = begin_node(x, "AveragePool", squares, NULL);
    set_ints(x, mean, "kernel_shape", (int64_t[]){a->near, 1}, 2);
    set_ints(x, mean, "pads", (int64_t[]){(a->near - 1) / 2, 0, a->near / 2, 0}, 4);
    set_int(x, mean, "count_include_pad", 1);
    const char *value = reshaped(x, end_node(x, mean, rows), dims);
    value = apply_two(x, "Mul", value, scalar(x, a->a), dims);
    value = apply_two(x, "Add", value, scalar(x, a->value), dims);
    apply_two(x, "Div", in, apply_two(x, "Pow", value, scalar(x, a->b), dims), dims);
}

FORM_FUNCTION(lrn) {
    (void)form;
    const struct attributes *a = &node->attributes;
    if (a->near % 2 == 0) {
        write_even_lrn(x, node, in[0]);
        return;
    }
    Onnx__NodeProto *norm = begin_node(x, "LRN", in[0], NULL);
    set_int(x, norm, "size", a->near);
    set_float(x, norm, "alpha", a->a);
    set_float(x, norm, "beta", a->b);
    set_float(x, norm, "bias", a->value);
    end_node(x, norm, result_dims(x, node));
}
