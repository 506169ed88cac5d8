/* Layers of each value by itself, and of each channel. */
#include <math.h>

#include "export/onnx/exporter.h"
#include "ir/attributes.h"

FORM_FUNCTION(plain) {
    apply(x, form->type, in[0], result_dims(x, node));
}

/* alpha: a slope, or the limit below 0 */
FORM_FUNCTION(slope) {
    Onnx__NodeProto *function = begin_node(x, form->type, in[0], NULL);
    set_float(x, function, "alpha", node->attributes.a);
    end_node(x, function, result_dims(x, node));
}

FORM_FUNCTION(hard_sigmoid) {
    (void)form;
    Onnx__NodeProto *function = begin_node(x, "HardSigmoid", in[0], NULL);
    set_float(x, function, "alpha", node->attributes.a);
    set_float(x, function, "beta", node->attributes.b);
    end_node(x, function, result_dims(x, node));
}

FORM_FUNCTION(selu) {
    (void)form;
    Onnx__NodeProto *function = begin_node(x, "Selu", in[0], NULL);
    set_float(x, function, "alpha", node->attributes.a);
    set_float(x, function, "gamma", node->attributes.b);
    end_node(x, function, result_dims(x, node));
}

FORM_FUNCTION(shrink) {
    (void)form;
    Onnx__NodeProto *function = begin_node(x, "Shrink", in[0], NULL);
    set_float(x, function, "lambd", node->attributes.a);
    set_float(x, function, "bias", node->attributes.b);
    end_node(x, function, result_dims(x, node));
}

/* x * sigmoid(x) */
FORM_FUNCTION(silu) {
    (void)form;
    struct dims dims = result_dims(x, node);
    apply_two(x, "Mul", in[0], apply(x, "Sigmoid", in[0], dims), dims);
}

/* x * tanh(softplus(x)) */
FORM_FUNCTION(mish) {
    (void)form;
    struct dims dims = result_dims(x, node);
    apply_two(x, "Mul", in[0], apply(x, "Tanh", apply(x, "Softplus", in[0], dims), dims), dims);
}

/* sqrt(2 / pi) * (x + 0.044715 * x^3), as x * (1 + 0.044715 * x^2) */
static const char *tanh_argument(struct exporter *x, const char *in, struct dims dims) {
    const char *square = apply_two(x, "Mul", in, in, dims);
    const char *part = apply_two(x, "Mul", square, scalar(x, 0.044715), dims);
    const char *factor = apply_two(x, "Add", part, scalar(x, 1), dims);
    return apply_two(x, "Mul", apply_two(x, "Mul", in, factor, dims), scalar(x, sqrt(2 / acos(-1))),
                     dims);
}

/* x / 2 * (1 + erf(x / sqrt(2))), or with the tanh that is near it */
FORM_FUNCTION(gelu) {
    (void)form;
    struct dims dims = result_dims(x, node);
    const char *curve =
        node->attributes.approximate
            ? apply(x, "Tanh", tanh_argument(x, in[0], dims), dims)
            : apply(x, "Erf", apply_two(x, "Mul", in[0], scalar(x, sqrt(0.5)), dims), dims);
    const char *sum = apply_two(x, "Add", curve, scalar(x, 1), dims);
    apply_two(x, "Mul", apply_two(x, "Mul", in[0], scalar(x, 0.5), dims), sum, dims);
}

/* An infinite limit is none. */
static void clip_to(struct exporter *x, const struct node *node, const char *in, double low,
                    double high) {
    const char *lowest = isinf(low) ? "" : scalar(x, low);
    const char *highest = isinf(high) ? NULL : scalar(x, high);
    end_node(x, begin_node(x, "Clip", in, lowest, highest, NULL), result_dims(x, node));
}

FORM_FUNCTION(clip) {
    (void)form;
    clip_to(x, node, in[0], node->attributes.a, node->attributes.b);
}

FORM_FUNCTION(relu6) {
    (void)form;
    clip_to(x, node, in[0], 0, 6);
}

static void write_choice(struct exporter *x, const struct node *node, const char *in) {
    struct dims dims = result_dims(x, node);
    Onnx__NodeProto *greater = begin_node(x, "Greater", in, scalar(x, node->attributes.a), NULL);
    const char *above = end_typed(x, greater, ONNX__DATA_TYPE__BOOL, dims);
    end_node(x, begin_node(x, "Where", above, in, scalar(x, node->attributes.b), NULL), dims);
}

/* x where it is above the threshold, else a value */
FORM_FUNCTION(threshold) {
    (void)form;
    if (node->attributes.b != 0) {
        write_choice(x, node, in[0]);
        return;
    }
    Onnx__NodeProto *function = begin_node(x, "ThresholdedRelu", in[0], NULL);
    set_float(x, function, "alpha", node->attributes.a);
    end_node(x, function, result_dims(x, node));
}

FORM_FUNCTION(binary) {
    struct operands of = operands_of(x, node, in);
    apply_two(x, form->type, of.first, of.second, result_dims(x, node));
}

FORM_FUNCTION(dropout) {
    (void)form;
    apply_two(x, "Dropout", in[0], scalar(x, node->attributes.a), result_dims(x, node));
}

/* As it lies beside channels: [C], or [C, 1, 1] where height and width are behind them. */
static struct dims channel_dims(const struct exporter *x, int64_t channels) {
    return x->vector ? (struct dims){1, {channels}} : (struct dims){3, {channels, 1, 1}};
}

FORM_FUNCTION(prelu) {
    (void)form;
    struct dims slopes = channel_dims(x, node->attributes.per_channel ? node->shape.c : 1);
    apply_two(x, "PRelu", in[0], parameter(x, node, 0, &slopes), result_dims(x, node));
}

FORM_FUNCTION(batchnorm) {
    (void)form;
    const char *p[4];
    for (int i = 0; i < 4; i++)
        p[i] = parameter(x, node, i, NULL);
    Onnx__NodeProto *norm =
        begin_node(x, "BatchNormalization", in[0], p[0], p[1], p[2], p[3], NULL);
    set_float(x, norm, "epsilon", node->attributes.epsilon);
    end_node(x, norm, result_dims(x, node));
}

/* A number, or one for each channel. */
static const char *numbers_of(struct exporter *x, const char *name, struct numbers numbers) {
    if (numbers.count == 1)
        return scalar(x, numbers.values[0]);
    float *values = ARENA_ARRAY(x->arena, float, numbers.count);
    for (int64_t i = 0; i < numbers.count; i++)
        values[i] = (float)numbers.values[i];
    return array(x, name, values, channel_dims(x, numbers.count));
}

/* (x - mean) / std, of what is given and changes something. */
FORM_FUNCTION(normalize) {
    (void)form;
    const struct numbers *numbers = node->attributes.numbers;
    struct numbers mean = numbers[NUMBERS_MEAN], std = numbers[NUMBERS_STD];
    struct dims dims = result_dims(x, node);
    const char *value = in[0];
    if (mean.count && !(mean.count == 1 && mean.values[0] == 0))
        value = apply_two(x, "Sub", value, numbers_of(x, "mean", mean), dims);
    if (std.count && !(std.count == 1 && std.values[0] == 1))
        value = apply_two(x, "Div", value, numbers_of(x, "std", std), dims);
    if (value == in[0])
        apply(x, "Identity", value, dims);
}

/* A convolution with known weights; one channel passes. */
FORM_FUNCTION(grayscale) {
    (void)form;
    static const float weights[] = {0.299f, 0.587f, 0.114f};
    struct dims dims = result_dims(x, node);
    if (node->inputs[0]->shape.c == 1)
        apply(x, "Identity", in[0], dims);
    else
        apply_two(x, "Conv", in[0], array(x, "weight", weights, (struct dims){4, {1, 3, 1, 1}}),
                  dims);
}
