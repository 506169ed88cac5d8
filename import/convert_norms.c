/* Normalisation of parts of one image. */
#include <float.h>
#include <string.h>

#include "import/operators.h"

/* The weight and the bias of a normalisation, where both are known and have these dimensions:
 * parameters of the layer. */
static bool is_affine(const struct operand *scale, const struct operand *bias, int rank,
                      const int64_t *dims) {
    const struct operand *both[2] = {scale, bias};
    for (int i = 0; i < 2; i++) {
        if (!both[i])
            continue;
        if (!is_constant(both[i]) || both[i]->rank != rank)
            return false;
        for (int k = 0; k < rank; k++)
            if (both[i]->dims[k] != dims[k])
                return false;
    }
    return scale != NULL;
}

/* Finishes the layer under construction; its parameters lie as `axes` say. */
static struct node *finish_affine(struct step *step, const struct operand *scale,
                                  const struct operand *bias, const int *axes) {
    struct builder *b = step->importer->builder;
    give_boolean(b, "affine", scale != NULL);
    if (scale)
        give_boolean(b, "bias", bias != NULL);
    struct node *node = builder_finish(b);
    if (node && scale)
        node->parameters[0]->data = values_on_axes(step, scale, axes);
    if (node && bias)
        node->parameters[1]->data = values_on_axes(step, bias, axes);
    return node;
}

/* What the normalisation leaves to multiply and add, of operands. */
static bool scale_and_shift(struct step *step, struct operand *scale, struct operand *bias) {
    struct operand normalised = *step->outputs[0];
    if (scale && !result_binary(step, 0, OP_MUL, &normalised, scale))
        return false;
    normalised = *step->outputs[0];
    return !bias || result_binary(step, 0, OP_ADD, &normalised, bias);
}

/* A vector of one number a channel, as an operand that fits a picture of `rank` dimensions. */
static struct operand by_channel(const struct operand *vector, int rank) {
    struct operand picture = *vector;
    picture.rank = rank - 1;
    for (int i = 1; i < rank - 1; i++) {
        picture.dims[i] = 1;
        picture.axes[i] = NO_AXIS;
    }
    return picture;
}

/* Each channel, or group of channels, of each image by itself. */
static bool normalise_channels(struct step *step, double epsilon, int64_t groups) {
    struct builder *b = step->importer->builder;
    struct operand *x = step->inputs[0], *scale = step->inputs[1], *bias = step->inputs[2];
    int on_channels[RANK_MAX] = {AXIS_CHANNELS}, axes[RANK_MAX];
    if (!wants_floats(step))
        return false;
    struct node *node = node_as_pictures(step, x, axes);
    if (!node || !wants_vectors(step, x->dims[1]))
        return false;
    bool affine = is_affine(scale, bias, 1, &x->dims[1]);
    const char *label = affine ? label_of(step, scale) : NULL;
    builder_layer(b, groups ? OP_GROUPNORM : OP_INSTANCENORM, step->span, label, &node, 1);
    give_number(b, "epsilon", epsilon);
    if (groups)
        give_integer(b, "groups", groups);
    node = finish_affine(step, affine ? scale : NULL, affine ? bias : NULL, on_channels);
    if (!result_node(step, 0, node, x->type, x->rank, x->dims, axes))
        return false;
    struct operand vectors[2] = {by_channel(scale, x->rank), by_channel(bias, x->rank)};
    return affine || scale_and_shift(step, &vectors[0], &vectors[1]);
}

bool convert_instancenorm(struct step *step) {
    return normalise_channels(step, attribute_float(step, "epsilon", 1e-5), 0);
}

/* Weight and bias are by channel since operator set 21; before, by group. */
bool convert_groupnorm(struct step *step) {
    double epsilon = attribute_float(step, "epsilon", 1e-5);
    int64_t groups = attribute_int(step, "num_groups", 0);
    const struct operand *x = step->inputs[0];
    attribute_int(step, "stash_type", 1);
    if (x->rank < 2 || groups < 1 || x->dims[1] % groups)
        return refuse(step, E1004_ONNX_FORM, "`num_groups` does not divide the channels");
    int64_t each = x->dims[1] / groups;
    for (int i = 1; i < 3 && step->opset < 21; i++) {
        const struct operand *by_group = step->inputs[i];
        if (!is_constant(by_group) || operand_count(by_group) != groups)
            return refuse(step, E1004_ONNX_FORM, "`%s` is not one known number a group",
                          by_group->name);
        struct operand *vector = step_constant(step, ONNX__DATA_TYPE__FLOAT, 1, &x->dims[1]);
        if (!vector)
            return false;
        vector->name = by_group->name;
        for (int64_t c = 0; c < x->dims[1]; c++)
            set_real_at(vector, c, constant_real(by_group, c / each));
        step->inputs[i] = vector;
    }
    return normalise_channels(step, epsilon, groups);
}

/* The mean and 1 / sqrt(variance + epsilon), which the node may give beside its result; `flat` is
 * its input as the layer has it. */
static bool result_moments(struct step *step, struct node *x, const int *over, int count,
                           const struct operand *flat, int dim, double epsilon) {
    struct builder *b = step->importer->builder;
    struct operand kept = *step->inputs[0];
    bool wanted = false;
    for (int i = 1; i < step->output_count; i++)
        wanted = wanted || step->outputs[i];
    if (!wanted)
        return true;
    struct moments m = moments_of(step, x, over, count);
    struct node *deviation = deviation_of(step, m.variance, epsilon);
    if (!deviation)
        return false;
    struct node *inverse = builder_with_number(b, OP_DIV, step->span, deviation, 1, true);
    for (int i = dim; i < kept.rank; i++)
        kept.dims[i] = 1;
    struct operand outer = {.type = kept.type, .rank = flat->rank, .node = m.mean};
    for (int i = 0; i < flat->rank; i++) {
        bool normalised = flat->rank == kept.rank ? i >= dim : i > 0;
        outer.dims[i] = normalised ? 1 : flat->dims[i];
        outer.axes[i] = flat->axes[i];
    }
    if (!reshaped_to(step, 1, &outer, kept.rank, kept.dims))
        return false;
    outer.node = inverse;
    return inverse && reshaped_to(step, 2, &outer, kept.rank, kept.dims);
}

/* Over the dimensions from `axis` on; as one vector where they take the batch too. */
bool convert_layernorm(struct step *step) {
    struct builder *b = step->importer->builder;
    struct operand *x = step->inputs[0], *scale = step->inputs[1];
    struct operand *bias = input_at(step, 2), flat;
    int dim = normal_axis(step, attribute_int(step, "axis", -1), x->rank), over[4], count = 0;
    double epsilon = attribute_float(step, "epsilon", 1e-5);
    attribute_int(step, "stash_type", 1);
    if (dim < 0 || !wants_floats(step) || !operand_node(step, x))
        return false;
    bool with_batch = false, marked[RANK_MAX] = {false};
    for (int i = dim; i < x->rank; i++)
        marked[i] = true;
    flat = *x;
    flat.node = node_over(step, x, marked, flat.axes, over, &count);
    for (int i = 0; i < count; i++)
        with_batch = with_batch || over[i] == AXIS_BATCH;
    int first = dim;
    if (!flat.node)
        return false;
    if (with_batch || !count) {
        if (!result_matrix(step, x, dim))
            return false;
        flat = *step->outputs[0];
        first = 1;
        flat.axes[1] = AXIS_CHANNELS;
        over[0] = AXIS_CHANNELS;
        count = 1;
    }
    struct node *node = node_on_axes(step, &flat, flat.axes);
    if (!node || !result_moments(step, node, over, count, &flat, dim, epsilon))
        return false;
    bool affine = !with_batch && is_affine(scale, bias, x->rank - dim, x->dims + dim);
    builder_layer(b, OP_LAYERNORM, step->span, affine ? label_of(step, scale) : NULL, &node, 1);
    give_axes(b, "axes", over, count);
    give_number(b, "epsilon", epsilon);
    node = finish_affine(step, affine ? scale : NULL, affine ? bias : NULL, flat.axes + first);
    if (!result_node(step, 0, node, x->type, flat.rank, flat.dims, flat.axes))
        return false;
    flat = *step->outputs[0];
    return result_reshaped(step, &flat, x->rank, x->dims) &&
           (affine || scale_and_shift(step, scale, bias));
}

bool convert_lrn(struct step *step) {
    struct builder *b = step->importer->builder;
    struct operand *x = step->inputs[0];
    double alpha = attribute_float(step, "alpha", 1e-4);
    double beta = attribute_float(step, "beta", 0.75), bias = attribute_float(step, "bias", 1);
    int64_t size = attribute_int(step, "size", 0);
    int axes[RANK_MAX];
    if (!wants_floats(step))
        return false;
    if (x->rank < 2)
        return refuse(step, E1003_ONNX_OPERATOR,
                      "it is supported on 2 dimensions and more, not on %s",
                      operand_text(step->importer, x));
    struct node *node = node_with_channels(step, x, 1, axes);
    if (!node)
        return false;
    builder_layer(b, OP_LRN, step->span, NULL, &node, 1);
    give_integer(b, "size", size);
    give_number(b, "alpha", alpha);
    give_number(b, "beta", beta);
    give_number(b, "bias", bias);
    return result_node(step, 0, builder_finish(b), x->type, x->rank, x->dims, axes);
}

bool convert_lp_normalization(struct step *step) {
    struct builder *b = step->importer->builder;
    struct operand *x = step->inputs[0];
    int dim = normal_axis(step, attribute_int(step, "axis", -1), x->rank), axes[RANK_MAX], axis;
    int64_t p = attribute_int(step, "p", 2);
    if (dim < 0 || !wants_floats(step))
        return false;
    struct node *node = node_along(step, x, dim, false, axes, &axis);
    if (!node)
        return false;
    builder_layer(b, OP_L2NORM, step->span, NULL, &node, 1);
    give_axes(b, "axes", &axis, 1);
    give_integer(b, "p", p);
    give_number(b, "epsilon", (double)FLT_MIN);
    return result_node(step, 0, builder_finish(b), x->type, x->rank, x->dims, axes);
}

/* d / (sqrt(mean of d * d) + 1e-9), d what differs from the mean: the function that defines it. */
bool convert_mean_variance(struct step *step) {
    static const int64_t usual[] = {0, 2, 3};
    struct operand *x = step->inputs[0];
    size_t count;
    const int64_t *axes = attribute_ints(step, "axes", &count);
    int over[4], used, own[RANK_MAX];
    bool marked[RANK_MAX] = {false};
    if (!count) {
        axes = usual;
        count = 3;
    }
    if (!wants_floats(step) || !operand_node(step, x))
        return false;
    for (size_t i = 0; i < count; i++) {
        int dim = normal_axis(step, axes[i], x->rank);
        if (dim < 0)
            return false;
        marked[dim] = true;
    }
    struct node *node = node_over(step, x, marked, own, over, &used);
    if (!node)
        return false;
    if (!used)
        return refuse(step, E1004_ONNX_FORM, "it normalises nothing");
    struct moments m = moments_of(step, node, over, used);
    struct node *deviation = deviation_of(step, m.variance, 0);
    deviation = number_layer(step, OP_ADD, deviation, (double)1e-9f);
    node = pair_layer(step, OP_DIV, m.difference, deviation);
    return result_node(step, 0, node, x->type, x->rank, x->dims, own);
}
