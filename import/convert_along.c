/* Operators along one dimension: softmax. */
#include <string.h>

#include "import/operators.h"

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
