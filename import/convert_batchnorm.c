/* Batch normalisation, also of tensors and in training mode; what other normalisations share. */
#include <string.h>

#include "import/operators.h"

bool wants_vectors(struct step *step, int64_t channels) {
    for (int i = 1; i < step->input_count; i++)
        if (step->inputs[i]->rank != 1 || step->inputs[i]->dims[0] != channels)
            return refuse(step, E1004_ONNX_FORM, "`%s` is %s for an input of %s",
                          step->inputs[i]->name, operand_text(step->importer, step->inputs[i]),
                          operand_text(step->importer, step->inputs[0]));
    return true;
}

struct node *pair_layer(struct step *step, enum op op, struct node *left, struct node *right) {
    return left && right ? layer_of(step, op, (struct node *[]){left, right}, 2) : NULL;
}

struct node *number_layer(struct step *step, enum op op, struct node *x, double number) {
    struct builder *b = step->importer->builder;
    return x ? builder_with_number(b, op, step->span, x, number, false) : NULL;
}

static struct node *mean_over(struct step *step, struct node *x, const int *axes, int count) {
    struct builder *b = step->importer->builder;
    if (!x)
        return NULL;
    builder_layer(b, OP_MEAN, step->span, NULL, &x, 1);
    give_axes(b, "axes", axes, count);
    return builder_finish(b);
}

struct moments moments_of(struct step *step, struct node *x, const int *axes, int count) {
    struct moments m = {.mean = mean_over(step, x, axes, count)};
    m.difference = pair_layer(step, OP_SUB, x, m.mean);
    m.variance = mean_over(step, pair_layer(step, OP_MUL, m.difference, m.difference), axes, count);
    return m;
}

struct node *deviation_of(struct step *step, struct node *variance, double epsilon) {
    if (epsilon != 0)
        variance = number_layer(step, OP_ADD, variance, epsilon);
    return variance ? layer_of(step, OP_SQRT, &variance, 1) : NULL;
}

/* The statistics that training has so far, of which it keeps a part. */
static bool result_running(struct step *step, int output, struct node *before, struct node *now,
                           double momentum) {
    static const int on_channels[] = {AXIS_CHANNELS};
    int64_t channels = before->shape.c;
    struct node *kept = number_layer(step, OP_MUL, before, momentum);
    struct node *added = number_layer(step, OP_MUL, now, 1 - momentum);
    return result_node(step, output, pair_layer(step, OP_ADD, kept, added), step->inputs[0]->type,
                       1, &channels, on_channels);
}

/* (x - mean) / sqrt(variance + epsilon) * scale + bias, of tensors; in training mode mean and
 * variance are those of x. */
static bool batchnorm_of_tensors(struct step *step, struct node *x, const int *axes, double epsilon,
                                 bool training) {
    static const int on_channels[] = {AXIS_CHANNELS};
    static const int others[] = {AXIS_BATCH, AXIS_HEIGHT, AXIS_WIDTH};
    double momentum = attribute_float(step, "momentum", 0.9);
    struct node *vectors[5];
    for (int i = 1; i < 5; i++) {
        vectors[i] = node_on_axes(step, step->inputs[i], on_channels);
        if (!vectors[i])
            return false;
    }
    struct moments m = {vectors[3], NULL, vectors[4]};
    if (training)
        m = moments_of(step, x, others, 3);
    else
        m.difference = pair_layer(step, OP_SUB, x, m.mean);
    if (training && (!m.variance || !result_running(step, 1, vectors[3], m.mean, momentum) ||
                     !result_running(step, 2, vectors[4], m.variance, momentum)))
        return false;
    struct node *result =
        pair_layer(step, OP_DIV, m.difference, deviation_of(step, m.variance, epsilon));
    result = pair_layer(step, OP_MUL, result, vectors[1]);
    result = pair_layer(step, OP_ADD, result, vectors[2]);
    const struct operand *like = step->inputs[0];
    return result_node(step, 0, result, like->type, like->rank, like->dims, axes);
}

bool convert_batchnorm(struct step *step) {
    struct importer *im = step->importer;
    struct builder *b = im->builder;
    struct operand *x = step->inputs[0];
    double epsilon = attribute_float(step, "epsilon", 1e-5);
    if (step->opset < 7 && !attribute_int(step, "is_test", 0))
        return refuse(step, E1003_ONNX_OPERATOR, "it is in training mode");
    bool training = attribute_int(step, "training_mode", 0) != 0;
    attribute_float(step, "momentum", 0.9);
    for (int i = 1; i < step->output_count && !training; i++)
        if (step->outputs[i])
            return refuse(step, E1003_ONNX_OPERATOR,
                          "its output `%s` is supported in training mode only",
                          step->outputs[i]->name);
    if (step->opset < 9 && !attribute_int(step, "spatial", 1))
        return refuse(step, E1003_ONNX_OPERATOR, "`spatial` = 0 is not supported");
    if (!wants_floats(step))
        return false;
    if (x->rank < 2)
        return refuse(step, E1003_ONNX_OPERATOR,
                      "it is supported on 2 dimensions and more, not on %s", operand_text(im, x));
    if (!wants_vectors(step, x->dims[1]))
        return false;
    int axes[RANK_MAX];
    struct node *node = node_with_channels(step, x, 1, axes);
    if (!node)
        return false;
    bool known = !training;
    for (int i = 1; i < 5; i++)
        known = known && is_constant(step->inputs[i]);
    if (!known)
        return batchnorm_of_tensors(step, node, axes, epsilon, training);
    builder_layer(b, OP_BATCHNORM, step->span, label_of(step, step->inputs[1]), &node, 1);
    give_number(b, "epsilon", epsilon);
    node = builder_finish(b);
    for (int i = 0; node && i < 4; i++)
        node->parameters[i]->data = (float *)(uintptr_t)constant_floats(im, step->inputs[i + 1]);
    return result_node(step, 0, node, x->type, x->rank, x->dims, axes);
}
