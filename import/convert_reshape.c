/* Operators that reshape and transpose: most cost nothing, since dimensions may lie on any axes. */
#include <inttypes.h>
#include <string.h>

#include "import/operators.h"
#include "ir/weights/stored.h"
#include "lexer/checked.h"

bool convert_same(struct step *step) {
    return result_is(step, 0, step->inputs[0]);
}

/* The mask that Dropout may give: at inference it keeps everything. */
static bool result_all_kept(struct step *step) {
    const struct operand *x = step->inputs[0];
    int type = step->opset < 10 ? x->type : (int)ONNX__DATA_TYPE__BOOL;
    if (step->output_count < 2 || !step->outputs[1])
        return true;
    struct operand *mask = step_constant(step, type, x->rank, x->dims);
    if (!mask)
        return false;
    for (int64_t i = 0; i < operand_count(mask); i++)
        set_integer_at(mask, i, 1);
    return result_is(step, 1, mask);
}

bool convert_dropout(struct step *step) {
    attribute_float(step, "ratio", 0.5);
    attribute_int(step, "seed", 0);
    attribute_int(step, "is_test", 1);
    const struct operand *ratio = step->input_count > 1 ? step->inputs[1] : NULL;
    const struct operand *training = step->input_count > 2 ? step->inputs[2] : NULL;
    bool drops = !is_constant(ratio) || operand_count(ratio) != 1 || constant_real(ratio, 0) != 0;
    if (training && drops &&
        (!is_constant(training) || operand_count(training) != 1 || constant_integer(training, 0)))
        return refuse(step, E1004_ONNX_FORM, "it is in training mode");
    return convert_same(step) && result_all_kept(step);
}

/* The dimensions that are not 1 are the same, in the same order: they keep their axes. */
static bool keeps_dims(const struct operand *from, int rank, const int64_t *dims, int *axes) {
    int at = 0;
    for (int i = 0; i < rank; i++) {
        axes[i] = NO_AXIS;
        if (dims[i] == 1)
            continue;
        while (at < from->rank && from->dims[at] == 1)
            at++;
        if (at == from->rank || from->dims[at] != dims[i])
            return false;
        axes[i] = from->axes[at++];
    }
    while (at < from->rank && from->dims[at] == 1)
        at++;
    return at == from->rank;
}

static bool same_constant(struct step *step, int output, const struct operand *from, int rank,
                          const int64_t *dims) {
    struct operand result = *from;
    result.rank = rank;
    result.node = NULL;
    memcpy(result.dims, dims, (size_t)rank * sizeof *dims);
    return result_is(step, output, &result);
}

struct node *reshape_layer(struct step *step, struct node *node, struct shape shape,
                           enum layout order) {
    struct builder *b = step->importer->builder;
    if (order == LAYOUT_HWC && shape_equal(shape, node->shape))
        return node;
    bool flat = order == LAYOUT_CHW && shape.h == 1 && shape.w == 1 && shape.n == node->shape.n;
    builder_layer(b, flat ? OP_FLATTEN : OP_RESHAPE, step->span, NULL, &node, 1);
    if (!flat) {
        give_size(b, "size", shape);
        give_word(b, "order", order == LAYOUT_CHW ? "chw" : "hwc");
    }
    return builder_finish(b);
}

bool result_reshaped(struct step *step, struct operand *from, int rank, const int64_t *dims) {
    return reshaped_to(step, 0, from, rank, dims);
}

bool reshaped_to(struct step *step, int output, struct operand *from, int rank,
                 const int64_t *dims) {
    int axes[RANK_MAX], before[RANK_MAX];
    if (is_constant(from))
        return same_constant(step, output, from, rank, dims);
    if (!operand_node(step, from))
        return false;
    if (keeps_dims(from, rank, dims, axes))
        return result_node(step, output, from->node, from->type, rank, dims, axes);
    bool last = in_layout(from, LAYOUT_HWC) && !in_layout(from, LAYOUT_CHW);
    (last ? row_major_axes : usual_axes)(rank, dims, axes);
    struct node *node = from->node;
    if (!last && !in_layout(from, LAYOUT_CHW)) {
        usual_axes(from->rank, from->dims, before);
        node = node_on_axes(step, from, before);
    }
    if (!node)
        return false;
    node =
        reshape_layer(step, node, shape_on_axes(rank, dims, axes), last ? LAYOUT_HWC : LAYOUT_CHW);
    return result_node(step, output, node, from->type, rank, dims, axes);
}

/* The dimensions that Reshape is asked for: 0 copies one, -1 is what is left. */
static bool reshape_dims(struct step *step, const struct operand *from, int *rank, int64_t *dims) {
    const int64_t *shape;
    size_t count;
    bool zeros = attribute_int(step, "allowzero", 0) != 0;
    if (!integers_of_input(step, 1, "its shape", &shape, &count))
        return false;
    if (count > RANK_MAX)
        return refuse(step, E1004_ONNX_FORM, "it makes %zu dimensions; %d are supported", count,
                      RANK_MAX);
    int64_t known = 1, total = operand_count(from);
    int inferred = -1;
    *rank = (int)count;
    for (int i = 0; i < *rank; i++) {
        dims[i] = shape[i] == 0 && !zeros && i < from->rank ? from->dims[i] : shape[i];
        if (shape[i] == -1 && inferred < 0) {
            inferred = i;
            dims[i] = 1;
        }
        known = are_sound_dims(i + 1, dims) ? known * dims[i] : -1;
        if (known < 0)
            return refuse(step, E1004_ONNX_FORM, "its shape is %s",
                          dimensions_text(step->importer->arena, shape, (int)count));
    }
    if (inferred >= 0 && known > 0)
        dims[inferred] = total / known;
    if (inferred >= 0 ? known == 0 || total % known != 0 : known != total)
        return refuse(step, E1004_ONNX_FORM, "%s into %s: the numbers of values differ",
                      operand_text(step->importer, from),
                      dimensions_text(step->importer->arena, shape, (int)count));
    return true;
}

bool convert_reshape(struct step *step) {
    static const int in_order[RANK_MAX] = {0, 1, 2, 3, 4, 5, 6, 7};
    struct operand *x = step->inputs[0];
    int rank = 0;
    int64_t dims[RANK_MAX];
    bool known;
    if (!reshape_dims(step, x, &rank, dims))
        return false;
    if (x->node && x->rank == 4 && rank > 4)
        return result_view(step, x, rank, dims, in_order);
    if (x->whole) {
        bool made = convert_shuffle(step, x, rank, dims, &known);
        if (known)
            return made;
    }
    return result_reshaped(step, x, rank, dims);
}

bool result_without(struct step *step, const struct operand *from, const bool gone[RANK_MAX]) {
    struct operand whole = *from;
    int64_t dims[RANK_MAX];
    int rank = 0;
    for (int i = 0; i < from->rank; i++)
        if (!gone[i])
            dims[rank++] = from->dims[i];
    return result_reshaped(step, &whole, rank, dims);
}

bool result_without_dim(struct step *step, const struct operand *from, int dim) {
    bool gone[RANK_MAX] = {false};
    gone[dim] = true;
    return result_without(step, from, gone);
}

bool result_matrix(struct step *step, struct operand *x, int dim) {
    int64_t dims[2] = {1, 1};
    for (int i = 0; i < x->rank; i++)
        dims[i >= dim] *= x->dims[i];
    return result_reshaped(step, x, 2, dims);
}

bool convert_flatten(struct step *step) {
    struct operand *x = step->inputs[0];
    int64_t given = attribute_int(step, "axis", 1);
    int axis = given == x->rank ? x->rank : normal_axis(step, given, x->rank);
    return axis >= 0 && result_matrix(step, x, axis);
}

bool convert_squeeze(struct step *step) {
    struct operand *x = step->inputs[0];
    const int64_t *list;
    size_t count;
    bool gone[RANK_MAX] = {false};
    if (!integers_of(step, "axes", 1, &list, &count))
        return false;
    for (int i = 0; i < x->rank; i++)
        gone[i] = !count && x->dims[i] == 1;
    for (size_t i = 0; i < count; i++) {
        int axis = normal_axis(step, list[i], x->rank);
        if (axis < 0)
            return false;
        if (x->dims[axis] != 1)
            return refuse(step, E1004_ONNX_FORM, "dimension %d of %s is not 1", axis,
                          operand_text(step->importer, x));
        gone[axis] = true;
    }
    return result_without(step, x, gone);
}

bool convert_unsqueeze(struct step *step) {
    struct operand *x = step->inputs[0];
    const int64_t *list;
    size_t count;
    bool added[RANK_MAX] = {false};
    int64_t dims[RANK_MAX];
    if (!integers_of(step, "axes", 1, &list, &count))
        return false;
    if (count > RANK_MAX || x->rank + (int)count > RANK_MAX)
        return refuse(step, E1004_ONNX_FORM, "it makes %zu dimensions; %d are supported",
                      (size_t)x->rank + count, RANK_MAX);
    int rank = x->rank + (int)count;
    for (size_t i = 0; i < count; i++) {
        int axis = normal_axis(step, list[i], rank);
        if (axis < 0)
            return false;
        if (added[axis])
            return refuse(step, E1004_ONNX_FORM, "axis %d is given twice", axis);
        added[axis] = true;
    }
    for (int i = 0, from = 0; i < rank; i++)
        dims[i] = added[i] ? 1 : x->dims[from++];
    return result_reshaped(step, x, rank, dims);
}

bool read_permutation(struct step *step, int rank, int order[RANK_MAX]) {
    size_t count;
    const int64_t *perm = attribute_ints(step, "perm", &count);
    bool taken[RANK_MAX] = {false};
    if (count && count != (size_t)rank)
        return refuse(step, E1004_ONNX_FORM, "`perm` has %zu numbers for %d dimensions", count,
                      rank);
    for (int i = 0; i < rank; i++) {
        int64_t from = count ? perm[i] : rank - 1 - i;
        if (from < 0 || from >= rank || taken[from])
            return refuse(step, E1004_ONNX_FORM, "`perm` is no order of %d dimensions", rank);
        order[i] = (int)from;
        taken[from] = true;
    }
    return true;
}

/* Dimensions that share an axis lie on it in the value's order, which may be another one now. */
static struct node *with_shared_in_order(struct step *step, const struct operand *x,
                                         const int *order, const int64_t *dims, int *axes) {
    int places[RANK_MAX], before[RANK_MAX], now[RANK_MAX];
    bool none[RANK_MAX] = {false};
    int count = order_with(x->rank, x->dims, x->axes, none, before);
    for (int i = 0; i < x->rank; i++)
        places[order[i]] = i;
    for (int i = 0; i < count; i++)
        now[i] = places[before[i]];
    if (!group_on_axes(now, count, NULL, axes))
        usual_axes(x->rank, dims, axes);
    return rearranged_from(step, x->node, x->rank, dims, now, count, axes);
}

bool result_transposed(struct step *step, const struct operand *x, const int *order) {
    int axes[RANK_MAX], type = x->type, rank = x->rank;
    int64_t dims[RANK_MAX];
    struct node *node = x->node;
    for (int i = 0; i < rank; i++) {
        dims[i] = x->dims[order[i]];
        axes[i] = x->axes[order[i]];
    }
    if (shares_axes(rank, dims, axes))
        node = with_shared_in_order(step, x, order, dims, axes);
    return result_node(step, 0, node, type, rank, dims, axes);
}

bool convert_transpose(struct step *step) {
    struct operand *x = step->inputs[0];
    int order[RANK_MAX];
    if (!read_permutation(step, x->rank, order))
        return false;
    if (x->whole)
        return transpose_view(step, x, order);
    return operand_node(step, x) && result_transposed(step, x, order);
}
