/* Operators that change where values lie, and none of them: most cost nothing, since dimensions may
 * lie on any axes. */
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
    struct operand *mask = new_constant(step->importer, type, x->rank, x->dims);
    if (!mask)
        return refuse(step, E1009_ONNX_TOO_LARGE, "its constant is too large");
    for (int64_t i = 0; i < operand_count(mask); i++)
        set_integer_at(mask, i, 1);
    return result_is(step, 1, mask);
}

bool convert_dropout(struct step *step) {
    attribute_float(step, "ratio", 0.5);
    attribute_int(step, "seed", 0);
    attribute_int(step, "is_test", 1);
    const struct operand *training = step->input_count > 2 ? step->inputs[2] : NULL;
    if (training &&
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

static struct node *reshape_layer(struct step *step, struct node *node, struct shape shape,
                                  enum layout order) {
    struct builder *b = step->importer->builder;
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
    struct operand whole = {.rank = rank};
    memcpy(whole.dims, dims, (size_t)rank * sizeof *dims);
    bool last = in_layout(from, LAYOUT_HWC) && !in_layout(from, LAYOUT_CHW);
    if (!(last ? row_major_axes(rank, dims, axes) : usual_axes(rank, dims, axes)))
        return refuse(step, E1004_ONNX_FORM,
                      "it makes %s: tensors have four axes, so at most four dimensions of more "
                      "than 1",
                      operand_text(step->importer, &whole));
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
    if (x->whole && (convert_shuffle(step, x, rank, dims, &known) || known))
        return known;
    return result_reshaped(step, x, rank, dims);
}

bool convert_flatten(struct step *step) {
    struct operand *x = step->inputs[0];
    int64_t dims[2] = {1, 1};
    int64_t given = attribute_int(step, "axis", 1);
    int axis = given == x->rank ? x->rank : normal_axis(step, given, x->rank);
    if (axis < 0)
        return false;
    for (int i = 0; i < x->rank; i++)
        dims[i >= axis] *= x->dims[i];
    return result_reshaped(step, x, 2, dims);
}

bool convert_squeeze(struct step *step) {
    struct operand *x = step->inputs[0];
    const int64_t *list;
    size_t count;
    bool gone[RANK_MAX] = {false};
    int64_t dims[RANK_MAX];
    int rank = 0;
    if (!integers_of(step, "axes", 1, &list, &count))
        return false;
    for (size_t i = 0; i < count; i++) {
        int axis = normal_axis(step, list[i], x->rank);
        if (axis < 0)
            return false;
        if (x->dims[axis] != 1)
            return refuse(step, E1004_ONNX_FORM, "dimension %d of %s is not 1", axis,
                          operand_text(step->importer, x));
        gone[axis] = true;
    }
    for (int i = 0; i < x->rank; i++)
        if (count ? !gone[i] : x->dims[i] != 1)
            dims[rank++] = x->dims[i];
    return result_reshaped(step, x, rank, dims);
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

bool convert_transpose(struct step *step) {
    struct operand *x = step->inputs[0];
    int order[RANK_MAX], axes[RANK_MAX];
    int64_t dims[RANK_MAX];
    if (!read_permutation(step, x->rank, order))
        return false;
    if (x->whole)
        return transpose_view(step, x, order);
    struct node *node = operand_node(step, x);
    if (!node)
        return false;
    for (int i = 0; i < x->rank; i++) {
        dims[i] = x->dims[order[i]];
        axes[i] = x->axes[order[i]];
    }
    return result_node(step, 0, node, x->type, x->rank, dims, axes);
}

struct node *node_along(struct step *step, struct operand *x, int dim, bool takes_batch, int *axes,
                        int *axis) {
    if (!operand_node(step, x))
        return NULL;
    memcpy(axes, x->axes, sizeof x->axes);
    for (int i = 0; i < x->rank; i++)
        if (x->dims[i] == 1)
            axes[i] = NO_AXIS;
    if ((axes[dim] == AXIS_BATCH && !takes_batch) || axes[dim] == NO_AXIS) {
        bool taken[4] = {false};
        int target = AXIS_CHANNELS;
        for (int i = 0; i < x->rank; i++)
            if (axes[i] != NO_AXIS)
                taken[axes[i]] = true;
        while (target > AXIS_HEIGHT && taken[target])
            target--;
        if (taken[target])
            target = AXIS_CHANNELS;
        if (!put_dim_on_axis(step, x->rank, x->dims, dim, target, axes))
            return NULL;
    }
    *axis = axes[dim];
    return node_on_axes(step, x, axes);
}

bool concat_dims(struct step *step, int axis, int64_t *dims) {
    const struct operand *first = step->inputs[0];
    memcpy(dims, first->dims, sizeof first->dims);
    for (int i = 1; i < step->input_count; i++) {
        const struct operand *x = step->inputs[i];
        bool fits = x && x->rank == first->rank;
        for (int k = 0; fits && k < x->rank; k++)
            fits = k == axis || x->dims[k] == first->dims[k];
        if (!fits)
            return refuse(step, E1004_ONNX_FORM, "%s and %s do not fit together along axis %d",
                          operand_text(step->importer, first),
                          x ? operand_text(step->importer, x) : "nothing", axis);
        dims[axis] += x->dims[axis]; /* inputs are few, and their dimensions small */
    }
    return true;
}

/* The inputs that have values; a part of none may be left over from a size computed to be 0. */
static int parts_with_values(struct step *step, struct operand **parts) {
    int count = 0;
    for (int i = 0; i < step->input_count; i++)
        if (operand_count(step->inputs[i]))
            parts[count++] = step->inputs[i];
    return count;
}

bool result_joined(struct step *step, struct operand **parts, int count, int dim,
                   const int64_t *dims) {
    struct builder *b = step->importer->builder;
    struct operand whole = {.rank = parts[0]->rank, .type = parts[0]->type};
    struct node **nodes = ARENA_ARRAY(step->importer->arena, struct node *, count);
    memcpy(whole.dims, dims, sizeof whole.dims);
    bool any = false;
    for (int i = 0; i < count; i++)
        any = any || parts[i]->node;
    if (!any && !operand_node(step, parts[0]))
        return false;
    if (!joint_axes(step, parts, count, whole.rank, dims, whole.axes))
        return false;
    for (int i = 0; i < count; i++) {
        nodes[i] = node_on_axes(step, parts[i], whole.axes);
        if (!nodes[i])
            return false;
    }
    builder_layer(b, OP_CONCAT, step->span, NULL, nodes, count);
    give_axes(b, "axis", &whole.axes[dim], 1);
    return result_like(step, 0, builder_finish(b), whole.type, &whole);
}

bool convert_concat(struct step *step) {
    int axis = normal_axis(step, attribute_int(step, "axis", 0), step->inputs[0]->rank);
    int64_t dims[RANK_MAX];
    struct operand **parts =
        ARENA_ARRAY(step->importer->arena, struct operand *, step->input_count + 1);
    if (axis < 0 || !concat_dims(step, axis, dims))
        return false;
    int count = parts_with_values(step, parts);
    if (count == 1)
        return result_is(step, 0, parts[0]);
    if (count == 0)
        return refuse(step, E1004_ONNX_FORM, "it joins nothing");
    return result_joined(step, parts, count, axis, dims);
}

bool result_sliced(struct step *step, int output, struct operand *x, int dim, int64_t first,
                   int64_t count, int64_t by) {
    struct builder *b = step->importer->builder;
    int axes[RANK_MAX], axis;
    int64_t dims[RANK_MAX];
    if (first == 0 && count == x->dims[dim] && by == 1)
        return result_is(step, output, x);
    if (count < 1)
        return refuse(step, E1004_ONNX_FORM, "it makes a tensor of no values");
    struct node *node = node_along(step, x, dim, true, axes, &axis);
    if (!node)
        return false;
    builder_layer(b, OP_SLICE, step->span, NULL, &node, 1);
    give_axes(b, "axis", &axis, 1);
    give_range(b, "range", first, first + (count - 1) * by);
    if (by != 1)
        give_integer(b, "step", by);
    memcpy(dims, x->dims, sizeof x->dims);
    dims[dim] = count;
    return result_node(step, output, builder_finish(b), x->type, x->rank, dims, axes);
}

static int64_t within(int64_t at, int64_t low, int64_t high) {
    return at < low ? low : at > high ? high : at;
}

bool read_cuts(struct step *step, struct cut *cuts) {
    const struct operand *x = step->inputs[0];
    const int64_t *starts, *ends, *axes, *steps;
    size_t count, end_count, axis_count, step_count;
    if (!integers_of(step, "starts", 1, &starts, &count) ||
        !integers_of(step, "ends", 2, &ends, &end_count) ||
        !integers_of(step, "axes", 3, &axes, &axis_count) ||
        !integers_of_input(step, 4, "its steps", &steps, &step_count))
        return false;
    if (end_count != count || (axis_count && axis_count != count) ||
        (step_count && step_count != count) || (!axis_count && count > (size_t)x->rank))
        return refuse(step, E1004_ONNX_FORM,
                      "%zu starts, %zu ends, %zu axes and %zu steps do not fit together", count,
                      end_count, axis_count, step_count);
    for (int i = 0; i < x->rank; i++)
        cuts[i] = (struct cut){0, x->dims[i], 1};
    for (size_t i = 0; i < count; i++) {
        int dim = normal_axis(step, axis_count ? axes[i] : (int64_t)i, x->rank);
        if (dim < 0)
            return false;
        int64_t size = x->dims[dim], by = step_count ? steps[i] : 1;
        if (by == 0)
            return refuse(step, E1004_ONNX_FORM, "a step of 0");
        int64_t low = by > 0 ? 0 : -1, high = by > 0 ? size : size - 1;
        int64_t first = starts[i] < 0 && starts[i] >= -size ? starts[i] + size : starts[i];
        int64_t end = ends[i] < 0 && ends[i] >= -size ? ends[i] + size : ends[i];
        first = within(first, by > 0 ? 0 : -1, high);
        end = within(end, low, high + (by < 0));
        int64_t span = by > 0 ? end - first : first - end;
        int64_t magnitude = by > 0 ? by : by == INT64_MIN ? INT64_MAX : -by;
        cuts[dim] = (struct cut){first, span > 0 ? (span - 1) / magnitude + 1 : 0, by};
    }
    return true;
}

bool convert_slice(struct step *step) {
    struct cut cuts[RANK_MAX];
    struct operand so_far = *step->inputs[0];
    if (!read_cuts(step, cuts))
        return false;
    for (int dim = 0; dim < so_far.rank; dim++) {
        struct cut cut = cuts[dim];
        if (!result_sliced(step, 0, &so_far, dim, cut.first, cut.count, cut.by))
            return false;
        so_far = *step->outputs[0];
    }
    return result_is(step, 0, &so_far);
}

/* The sizes of the parts; those of equal parts where none are given. */
static bool split_sizes(struct step *step, int64_t size, const int64_t **sizes) {
    size_t count;
    int outputs = step->output_count;
    int64_t sum = 0, stated = attribute_int(step, "num_outputs", outputs);
    if (!integers_of(step, "split", 1, sizes, &count))
        return false;
    if (stated != outputs)
        return refuse(step, E1004_ONNX_FORM, "`num_outputs` is %" PRId64 " and it has %d", stated,
                      outputs);
    if (!count) {
        int64_t *equal = ARENA_ARRAY(step->importer->arena, int64_t, outputs + 1);
        int64_t each = (size + outputs - 1) / outputs;
        for (int i = 0; i < outputs; i++)
            equal[i] = within(size - i * each, 0, each);
        *sizes = equal;
        return true;
    }
    for (size_t i = 0; i < count; i++)
        if ((*sizes)[i] < 0 || !checked_add(sum, (*sizes)[i], &sum))
            return refuse(step, E1004_ONNX_FORM, "a part of %" PRId64, (*sizes)[i]);
    if (count != (size_t)outputs || sum != size)
        return refuse(step, E1004_ONNX_FORM,
                      "%zu parts of together %" PRId64
                      " for %d outputs and a dimension of %" PRId64,
                      count, sum, outputs, size);
    return true;
}

bool convert_split(struct step *step) {
    struct operand *x = step->inputs[0];
    const int64_t *sizes;
    int dim = normal_axis(step, attribute_int(step, "axis", 0), x->rank);
    int64_t at = 0;
    if (dim < 0 || !split_sizes(step, x->dims[dim], &sizes))
        return false;
    for (int i = 0; i < step->output_count; at += sizes[i++])
        if (step->outputs[i] && !result_sliced(step, i, x, dim, at, sizes[i], 1))
            return false;
    return true;
}

enum { GATHERED_MAX = 256 };

/* Known places of one dimension: a slice where they are evenly spaced, else slices put together. */
bool convert_gather(struct step *step) {
    struct operand *x = step->inputs[0], *indices = step->inputs[1];
    struct importer *im = step->importer;
    int dim = normal_axis(step, attribute_int(step, "axis", 0), x->rank);
    if (dim < 0)
        return false;
    if (!is_constant(indices) || is_float_type(indices->type) || indices->rank > 1)
        return refuse(step, E1003_ONNX_OPERATOR,
                      "it is supported where the indices are a known list");
    int64_t count = operand_count(indices), size = x->dims[dim];
    int64_t *at = ARENA_ARRAY(im->arena, int64_t, count + 1);
    bool even = true;
    for (int64_t i = 0; i < count; i++) {
        int64_t index = constant_integer(indices, i);
        at[i] = index < 0 ? index + size : index;
        if (at[i] < 0 || at[i] >= size)
            return refuse(step, E1004_ONNX_FORM, "index %" PRId64 " of a dimension of %" PRId64,
                          index, size);
        even = even && (i < 2 || at[i] - at[i - 1] == at[1] - at[0]);
    }
    int64_t by = count > 1 ? at[1] - at[0] : 1;
    if (count && even && by) {
        if (!result_sliced(step, 0, x, dim, at[0], count, by))
            return false;
    } else {
        if (count < 1 || count > GATHERED_MAX)
            return refuse(step, E1003_ONNX_OPERATOR,
                          "%" PRId64 " indices that are not evenly spaced; 1 to %d are supported",
                          count, GATHERED_MAX);
        struct operand **parts = ARENA_ARRAY(im->arena, struct operand *, count);
        int64_t dims[RANK_MAX];
        for (int64_t i = 0; i < count; i++) {
            if (!result_sliced(step, 0, x, dim, at[i], 1, 1))
                return false;
            parts[i] = ARENA_NEW(im->arena, struct operand);
            *parts[i] = *step->outputs[0];
        }
        memcpy(dims, x->dims, sizeof x->dims);
        dims[dim] = count;
        if (!result_joined(step, parts, (int)count, dim, dims))
            return false;
    }
    if (indices->rank == 1)
        return true;
    struct operand kept = *step->outputs[0];
    int64_t dims[RANK_MAX];
    for (int i = 0, to = 0; i < kept.rank; i++)
        if (i != dim)
            dims[to++] = kept.dims[i];
    return result_reshaped(step, &kept, kept.rank - 1, dims);
}
