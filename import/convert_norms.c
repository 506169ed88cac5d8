/* Normalisation and softmax. */
#include <float.h>
#include <string.h>

#include "import/operators.h"

/* Vectors, one number a channel. */
static bool wants_vectors(struct step *step, int64_t channels) {
    for (int i = 1; i < step->input_count; i++)
        if (step->inputs[i]->rank != 1 || step->inputs[i]->dims[0] != channels)
            return refuse(step, E1004_ONNX_FORM, "`%s` is %s for an input of %s",
                          step->inputs[i]->name, operand_text(step->importer, step->inputs[i]),
                          operand_text(step->importer, step->inputs[0]));
    return true;
}

/* (x - mean) / sqrt(variance + epsilon) * scale + bias, of tensors. */
static bool batchnorm_of_tensors(struct step *step, struct node *x, double epsilon) {
    struct builder *b = step->importer->builder;
    static const int on_channels[] = {AXIS_CHANNELS};
    struct node *vectors[5];
    for (int i = 1; i < 5; i++) {
        vectors[i] = node_on_axes(step, step->inputs[i], on_channels);
        if (!vectors[i])
            return false;
    }
    struct node *deviation = builder_with_number(b, OP_ADD, step->span, vectors[4], epsilon, false);
    if (deviation)
        deviation = layer_of(step, OP_SQRT, &deviation, 1);
    struct node *result = layer_of(step, OP_SUB, (struct node *[]){x, vectors[3]}, 2);
    if (result && deviation)
        result = layer_of(step, OP_DIV, (struct node *[]){result, deviation}, 2);
    if (result)
        result = layer_of(step, OP_MUL, (struct node *[]){result, vectors[1]}, 2);
    if (result)
        result = layer_of(step, OP_ADD, (struct node *[]){result, vectors[2]}, 2);
    int axes[RANK_MAX];
    const struct operand *input = step->inputs[0];
    usual_axes(input->rank, input->dims, axes);
    return result_node(step, 0, result, input->type, input->rank, input->dims, axes);
}

bool convert_batchnorm(struct step *step) {
    struct importer *im = step->importer;
    struct builder *b = im->builder;
    struct operand *x = step->inputs[0];
    double epsilon = attribute_float(step, "epsilon", (double)1e-5f);
    attribute_float(step, "momentum", 0.9);
    if (attribute_int(step, "training_mode", 0))
        return refuse(step, E1003_ONNX_OPERATOR, "it is in training mode");
    if (step->opset < 9 && !attribute_int(step, "spatial", 1))
        return refuse(step, E1003_ONNX_OPERATOR, "`spatial` = 0 is not supported");
    if (!wants_floats(step))
        return false;
    if (x->rank < 2 || x->rank > 4)
        return refuse(step, E1003_ONNX_OPERATOR, "it is supported on 2 to 4 dimensions, not on %s",
                      operand_text(im, x));
    if (!wants_vectors(step, x->dims[1]) || !operand_node(step, x))
        return false;
    int axes[RANK_MAX];
    usual_axes(x->rank, x->dims, axes);
    struct node *node = node_on_axes(step, x, axes);
    if (!node)
        return false;
    for (int i = 1; i < 5; i++)
        if (!is_constant(step->inputs[i]))
            return batchnorm_of_tensors(step, node, epsilon);
    builder_layer(b, OP_BATCHNORM, step->span, label_of(step, step->inputs[1]), &node, 1);
    give_number(b, "epsilon", epsilon);
    node = builder_finish(b);
    for (int i = 0; node && i < 4; i++)
        node->parameters[i]->data = (float *)(uintptr_t)constant_floats(im, step->inputs[i + 1]);
    return result_node(step, 0, node, x->type, x->rank, x->dims, axes);
}

/* Along one dimension; up to operand set 12 over all from `axis` on, as one. */
bool convert_softmax(struct step *step) {
    struct operand *x = step->inputs[0];
    struct builder *b = step->importer->builder;
    bool flattens = step->opset < 13;
    int dim =
        normal_axis(step, attribute_int(step, "axis", flattens ? 1 : -1), x->rank ? x->rank : 1);
    int axes[RANK_MAX], axis, together = 0;
    if (dim < 0 || !wants_floats(step) || !operand_node(step, x))
        return false;
    if (x->rank == 0)
        return refuse(step, E1004_ONNX_FORM, "its input is a single number");
    struct operand flat = *x;
    for (int i = dim; flattens && i < x->rank; i++)
        together += x->dims[i] != 1;
    if (together > 1) {
        int64_t dims[2] = {1, 1};
        for (int i = 0; i < x->rank; i++)
            dims[i >= dim] *= x->dims[i];
        if (!result_reshaped(step, x, 2, dims))
            return false;
        flat = *step->outputs[0];
        dim = 1;
    } else
        for (int i = dim; flattens && i < x->rank; i++)
            if (x->dims[i] != 1)
                dim = i;
    struct node *node = node_along(step, &flat, dim, false, axes, &axis);
    if (!node)
        return false;
    builder_layer(b, step->row->op, step->span, NULL, &node, 1);
    give_axes(b, "axis", &axis, 1);
    if (!result_node(step, 0, builder_finish(b), x->type, flat.rank, flat.dims, axes))
        return false;
    if (together <= 1)
        return true;
    flat = *step->outputs[0];
    return result_reshaped(step, &flat, x->rank, x->dims);
}
