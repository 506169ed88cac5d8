/* Parameter rules: the tensors a layer wants from the weights file, in PyTorch's names and order;
 * or, for filters, the tensors they make. */

#include "ir/rules.h"

static void make_room(struct layer *layer, int count) {
    layer->node->parameters = ARENA_ARRAY(layer->arena, struct tensor *, count);
    layer->node->parameter_count = count;
}

bool parameters_none(struct layer *layer) {
    (void)layer;
    return true;
}

/* Of one name with the layer: [C, H, W], or [N, C, H, W]. */
bool parameters_parameter(struct layer *layer) {
    struct shape s = layer->node->shape;
    int64_t one[4] = {s.c, s.h, s.w}, several[4] = {s.n, s.c, s.h, s.w};
    make_room(layer, 1);
    layer_parameter(layer, 0, NULL, true, s.n == 1 ? one : several);
    return true;
}

static void want_weight_and_bias(struct layer *layer, const int64_t weight[4]) {
    const struct attributes *a = &layer->node->attributes;
    make_room(layer, 2);
    layer_parameter(layer, 0, "weight", true, weight);
    if (a->bias)
        layer_parameter(layer, 1, "bias", true, (int64_t[4]){a->depth});
}

/* weight [planes of all filters, R, S], repeated `copies` times. */
static bool filters_to_weight(struct layer *layer, int64_t copies, const int64_t dimensions[4]) {
    make_room(layer, 2);
    struct tensor *tensor = layer_constant(layer, dimensions);
    if (!tensor)
        return false;
    layer->node->parameters[0] = tensor;
    float *to = tensor->data;
    for (int64_t copy = 0; copy < copies; copy++)
        for (size_t m = 0; m < layer->filter_count; m++) {
            const struct filter_literal *filter = layer->filters[m];
            int64_t count = filter->planes * filter->rows * filter->columns;
            for (int64_t i = 0; i < count; i++)
                *to++ = (float)filter->values[i];
        }
    return true;
}

/* weight [K, C/G, R, S], bias [K]; from filters of C planes: weight [filters, C, R, S]. */
bool parameters_conv(struct layer *layer) {
    const struct node *node = layer->node;
    const struct attributes *a = &node->attributes;
    int64_t dimensions[4] = {a->depth, node->inputs[0]->shape.c / a->groups, a->kernel[0],
                             a->kernel[1]};
    if (layer->filters)
        return filters_to_weight(layer, 1, dimensions);
    want_weight_and_bias(layer, dimensions);
    return true;
}

/* weight [C*M, 1, R, S], bias [C*M]; from M filters of one plane each channel has the same M. */
bool parameters_depthwise(struct layer *layer) {
    const struct node *node = layer->node;
    const struct attributes *a = &node->attributes;
    int64_t dimensions[4] = {a->depth, 1, a->kernel[0], a->kernel[1]};
    if (layer->filters)
        return filters_to_weight(layer, node->inputs[0]->shape.c, dimensions);
    want_weight_and_bias(layer, dimensions);
    return true;
}

/* weight [C, K/G, R, S], bias [K] */
bool parameters_deconv(struct layer *layer) {
    const struct node *node = layer->node;
    const struct attributes *a = &node->attributes;
    int64_t dimensions[4] = {node->inputs[0]->shape.c, a->depth / a->groups, a->kernel[0],
                             a->kernel[1]};
    want_weight_and_bias(layer, dimensions);
    return true;
}

/* weight [K, C], bias [K] */
bool parameters_dense(struct layer *layer) {
    const struct node *node = layer->node;
    int64_t dimensions[4] = {node->attributes.depth, node->inputs[0]->shape.c};
    want_weight_and_bias(layer, dimensions);
    return true;
}

/* Four vectors [C]. */
bool parameters_batchnorm(struct layer *layer) {
    static const char *const names[] = {"weight", "bias", "running_mean", "running_var"};
    int64_t dimensions[4] = {layer->node->shape.c};
    make_room(layer, 4);
    for (int i = 0; i < 4; i++)
        layer_parameter(layer, i, names[i], i < 2, dimensions);
    return true;
}

/* weight [1], or [C] */
bool parameters_prelu(struct layer *layer) {
    const struct node *node = layer->node;
    int64_t dimensions[4] = {node->attributes.per_channel ? node->shape.c : 1};
    make_room(layer, 1);
    layer_parameter(layer, 0, "weight", true, dimensions);
    return true;
}

/* A layer norm's weight is [C, H, W], without the axes that it does not go over; others' [C]. */
static void norm_dimensions(const struct node *node, int64_t dimensions[4]) {
    const bool *axes = node->attributes.axes;
    const struct shape s = node->shape;
    bool layer = node->op == OP_LAYERNORM;
    int rank = 0;
    if (!layer || axes[AXIS_CHANNELS])
        dimensions[rank++] = s.c;
    if (layer && axes[AXIS_HEIGHT])
        dimensions[rank++] = s.h;
    if (layer && axes[AXIS_WIDTH])
        dimensions[rank++] = s.w;
}

bool parameters_norm(struct layer *layer) {
    struct node *node = layer->node;
    const struct attributes *a = &node->attributes;
    int64_t dimensions[4] = {0};
    if (!a->affine) {
        bool both = layer_given(layer, "bias") && a->bias;
        return !both || layer_error(layer, "bias", E0510_ATTRIBUTES_EXCLUDE,
                                    "without a weight, affine = false, there is no bias");
    }
    norm_dimensions(node, dimensions);
    make_room(layer, 2);
    for (int i = 0; i < 1 + a->bias; i++)
        layer_parameter(layer, i, i ? "bias" : "weight", true, dimensions);
    return true;
}
