/* Operators that cut tensors and put them together along a dimension. */
#include <inttypes.h>
#include <string.h>

#include "import/operators.h"
#include "lexer/checked.h"

struct node *node_along(struct step *step, struct operand *x, int dim, bool takes_batch, int *axes,
                        int *axis) {
    if (!operand_node(step, x))
        return NULL;
    memcpy(axes, x->axes, sizeof x->axes);
    for (int i = 0; i < x->rank; i++)
        if (x->dims[i] == 1)
            axes[i] = NO_AXIS;
    if (needs_sharing(x, dim)) {
        bool marked[RANK_MAX] = {false};
        marked[dim] = true;
        axes_apart(x, marked, takes_batch ? ANYWHERE : NOT_BATCH, axes);
    } else if ((axes[dim] == AXIS_BATCH && !takes_batch) || axes[dim] == NO_AXIS) {
        bool taken[4] = {false};
        int target = AXIS_CHANNELS;
        for (int i = 0; i < x->rank; i++)
            if (axes[i] != NO_AXIS)
                taken[axes[i]] = true;
        while (target > AXIS_HEIGHT && taken[target])
            target--;
        if (taken[target])
            target = AXIS_CHANNELS;
        put_dim_on_axis(x->rank, x->dims, dim, target, axes);
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
    joint_axes(parts, count, dim, whole.rank, dims, whole.axes);
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
    return result_without_dim(step, step->outputs[0], dim);
}
