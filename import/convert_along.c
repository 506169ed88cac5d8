/* Operators along one dimension: softmax, and where the largest values are. */
#include <string.h>

#include "import/operators.h"

/* Along one dimension; up to operator set 12 over all from `axis` on, as one. */
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
        if (!result_matrix(step, x, dim))
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

/* The indices of an axis, beside which what they are compared with is repeated. */
static struct node *indices_of(struct step *step, int64_t count, int axis) {
    struct operand *indices = step_constant(step, ONNX__DATA_TYPE__FLOAT, 1, &count);
    if (!indices)
        return NULL;
    indices->name = "indices";
    for (int64_t i = 0; i < count; i++)
        set_real_at(indices, i, (double)i);
    return node_on_axes(step, indices, &axis);
}

/* Where the largest or smallest value along the axis is. */
static struct node *place_layer(struct step *step, enum op op, struct node *node, int axis,
                                bool last) {
    struct builder *b = step->importer->builder;
    builder_layer(b, op, step->span, NULL, &node, 1);
    give_axes(b, "axis", &axis, 1);
    give_boolean(b, "last", last);
    return builder_finish(b);
}

bool convert_arg(struct step *step) {
    struct operand *x = step->inputs[0], kept;
    bool last = attribute_int(step, "select_last_index", 0) != 0;
    bool keep = attribute_int(step, "keepdims", 1) != 0;
    int dim = normal_axis(step, attribute_int(step, "axis", 0), x->rank), axes[RANK_MAX], axis;
    if (dim < 0)
        return false;
    struct node *node = node_along(step, x, dim, false, axes, &axis);
    node = node ? place_layer(step, step->row->op, node, axis, last) : NULL;
    kept = *x;
    kept.dims[dim] = 1;
    if (!result_node(step, 0, node, ONNX__DATA_TYPE__INT64, x->rank, kept.dims, axes) || keep)
        return node != NULL;
    return result_without_dim(step, step->outputs[0], dim);
}

/* 1 where the first of the largest values along the axis is, else 0; before operator set 13 over
 * all dimensions from `axis` on, as one. */
bool convert_hardmax(struct step *step) {
    struct operand *x = step->inputs[0], flat = *x;
    bool flattens = step->opset < 13;
    int dim = normal_axis(step, attribute_int(step, "axis", flattens ? 1 : -1), x->rank);
    int axes[RANK_MAX], axis;
    if (dim < 0 || !wants_floats(step))
        return false;
    if (flattens) {
        if (!result_matrix(step, x, dim))
            return false;
        flat = *step->outputs[0];
        dim = 1;
    }
    struct node *node = node_along(step, &flat, dim, false, axes, &axis);
    node = node ? place_layer(step, OP_ARGMAX, node, axis, false) : NULL;
    struct node *indices = node ? indices_of(step, flat.dims[dim], axis) : NULL;
    node = pair_layer(step, OP_EQUAL, node, indices);
    if (!result_node(step, 0, node, x->type, flat.rank, flat.dims, axes))
        return false;
    flat = *step->outputs[0];
    return !flattens || result_reshaped(step, &flat, x->rank, x->dims);
}

bool convert_topk(struct step *step) {
    struct operand *x = step->inputs[0];
    struct builder *b = step->importer->builder;
    int dim = normal_axis(step, attribute_int(step, "axis", -1), x->rank), axes[RANK_MAX], axis;
    bool largest = attribute_int(step, "largest", 1) != 0;
    int64_t dims[RANK_MAX];
    const int64_t *k;
    size_t count;
    attribute_int(step, "sorted", 1);
    if (dim < 0 || !integers_of_input(step, 1, "its number of values", &k, &count))
        return false;
    if (count != 1)
        return refuse(step, E1004_ONNX_FORM, "%zu numbers of values", count);
    struct node *node = node_along(step, x, dim, false, axes, &axis);
    if (!node)
        return false;
    memcpy(dims, x->dims, sizeof dims);
    dims[dim] = k[0];
    for (int output = 0; output < step->output_count; output++) {
        if (!step->outputs[output])
            continue;
        builder_layer(b, OP_TOPK, step->span, NULL, &node, 1);
        give_integer(b, "k", k[0]);
        give_axes(b, "axis", &axis, 1);
        give_word(b, "result", output ? "indices" : "values");
        give_boolean(b, "largest", largest);
        if (!result_node(step, output, builder_finish(b),
                         output ? (int)ONNX__DATA_TYPE__INT64 : x->type, x->rank, dims, axes))
            return false;
    }
    return true;
}
