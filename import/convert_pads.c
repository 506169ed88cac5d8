/* Pad, Expand and Tile. */
#include <inttypes.h>
#include <string.h>

#include "import/operators.h"
#include "lexer/checked.h"

/* What is added before and after each dimension; below 0 it is taken away. */
struct ends {
    int64_t before[RANK_MAX], after[RANK_MAX];
};

static bool read_ends(struct step *step, struct ends *ends) {
    const struct operand *x = step->inputs[0];
    const int64_t *pads, *axes;
    size_t count, axis_count;
    const char *name = step->opset < 2 ? "paddings" : "pads";
    memset(ends, 0, sizeof *ends);
    if (!integers_of(step, name, 1, &pads, &count) ||
        !integers_of_input(step, 3, "its axes", &axes, &axis_count))
        return false;
    size_t padded = axis_count ? axis_count : (size_t)x->rank;
    if (count != 2 * padded)
        return refuse(step, E1004_ONNX_FORM, "%zu pads for %zu dimensions", count, padded);
    for (size_t i = 0; i < padded; i++) {
        int dim = normal_axis(step, axis_count ? axes[i] : (int64_t)i, x->rank);
        if (dim < 0)
            return false;
        ends->before[dim] = pads[i];
        ends->after[dim] = pads[padded + i];
    }
    return true;
}

/* Takes away what is below 0, which leaves only additions in `ends`. */
static bool take_away(struct step *step, struct operand *x, struct ends *ends) {
    for (int dim = 0; dim < x->rank; dim++) {
        int64_t first = 0, less = 0, count;
        if ((ends->before[dim] < 0 && !checked_sub(0, ends->before[dim], &first)) ||
            (ends->after[dim] < 0 && !checked_sub(0, ends->after[dim], &less)) ||
            !checked_sub(x->dims[dim], first, &count) || !checked_sub(count, less, &count))
            return refuse(step, E1004_ONNX_FORM, "its pads are too large");
        if (!result_sliced(step, 0, x, dim, first, count, 1))
            return false;
        *x = *step->outputs[0];
        ends->before[dim] = ends->before[dim] < 0 ? 0 : ends->before[dim];
        ends->after[dim] = ends->after[dim] < 0 ? 0 : ends->after[dim];
    }
    return true;
}

/* The value that constant padding holds. */
static bool read_value(struct step *step, double *value) {
    *value = 0;
    if (step->opset < 11) {
        *value = attribute_float(step, "value", 0);
        return true;
    }
    const struct operand *given = step->input_count > 2 ? step->inputs[2] : NULL;
    if (given && (!is_constant(given) || operand_count(given) != 1))
        return refuse(step, E1004_ONNX_FORM, "its value `%s` is not one known number", given->name);
    if (given)
        *value = constant_real(given, 0);
    return true;
}

/* Pads that are not 0 need an axis for their dimension. */
static struct node *node_with_axes(struct step *step, struct operand *x, const struct ends *ends,
                                   int *axes) {
    bool taken[4] = {false};
    if (!operand_node(step, x))
        return NULL;
    for (int i = 0; i < x->rank; i++) {
        axes[i] = x->dims[i] == 1 ? NO_AXIS : x->axes[i];
        if (axes[i] != NO_AXIS)
            taken[axes[i]] = true;
    }
    for (int i = x->rank; i-- > 0;) {
        if (axes[i] != NO_AXIS || (!ends->before[i] && !ends->after[i]))
            continue;
        int axis = AXIS_CHANNELS;
        while (taken[axis])
            axis--;
        axes[i] = axis;
        taken[axis] = true;
    }
    return node_on_axes(step, x, axes);
}

/* What is put around a tensor. */
struct filling {
    const char *mode;
    double value;
};

/* The output is the node, which is x with dimensions on these axes, with its ends. */
static bool pad_layer(struct step *step, const struct operand *x, struct node *node,
                      const int *axes, const struct ends *ends, const struct filling *filling) {
    struct builder *b = step->importer->builder;
    int64_t dims[RANK_MAX], before[4] = {0}, after[4] = {0};
    for (int i = 0; i < x->rank; i++) {
        if (axes[i] != NO_AXIS) { /* those that share one have no ends */
            before[axes[i]] += ends->before[i];
            after[axes[i]] += ends->after[i];
        }
        if (!checked_add(x->dims[i], ends->before[i], &dims[i]) ||
            !checked_add(dims[i], ends->after[i], &dims[i]))
            return refuse(step, E1004_ONNX_FORM, "its pads are too large");
    }
    builder_layer(b, OP_PAD, step->span, NULL, &node, 1);
    give_sides(b, "sides",
               (int64_t[]){before[AXIS_HEIGHT], before[AXIS_WIDTH], after[AXIS_HEIGHT],
                           after[AXIS_WIDTH]});
    if (before[AXIS_CHANNELS] || after[AXIS_CHANNELS])
        give_pair(b, "channels", before[AXIS_CHANNELS], after[AXIS_CHANNELS]);
    if (before[AXIS_BATCH] || after[AXIS_BATCH])
        give_pair(b, "batch", before[AXIS_BATCH], after[AXIS_BATCH]);
    give_word(b, "mode", filling->mode);
    if (filling->value != 0)
        give_number(b, "value", filling->value);
    return result_node(step, 0, builder_finish(b), x->type, x->rank, dims, axes);
}

/* All ends at once, or one dimension after the other where there are more than axes. */
static bool result_padded(struct step *step, const struct operand *given, const struct ends *ends,
                          const struct filling *filling) {
    struct operand x = *given;
    int axes[RANK_MAX], axis, used = 0;
    for (int dim = 0; dim < x.rank; dim++)
        used += x.dims[dim] != 1 || ends->before[dim] || ends->after[dim];
    if (used <= 4) {
        struct node *node = node_with_axes(step, &x, ends, axes);
        return node && pad_layer(step, &x, node, axes, ends, filling);
    }
    for (int dim = 0; dim < x.rank; dim++) {
        struct ends own = {0};
        own.before[dim] = ends->before[dim];
        own.after[dim] = ends->after[dim];
        if (!own.before[dim] && !own.after[dim])
            continue;
        struct node *node = node_along(step, &x, dim, true, axes, &axis);
        if (!node || !pad_layer(step, &x, node, axes, &own, filling))
            return false;
        x = *step->outputs[0];
    }
    return true;
}

bool pad_with_zeros(struct step *step, struct operand *x, const int64_t *before,
                    const int64_t *after) {
    struct ends ends = {0};
    const struct filling zeros = {"zeros", 0};
    bool adds = false;
    for (int i = 0; i < x->rank; i++) {
        ends.before[i] = before[i];
        ends.after[i] = after[i];
        adds = adds || before[i] || after[i];
    }
    if (!adds)
        return true;
    if (!result_padded(step, x, &ends, &zeros))
        return false;
    *x = *step->outputs[0];
    return true;
}

bool convert_pad(struct step *step) {
    static const char *const modes[][2] = {
        {"constant", "zeros"}, {"reflect", "reflect"}, {"edge", "replicate"}, {"wrap", "wrap"}};
    const char *mode = attribute_string(step, "mode", "constant"), *ours = NULL;
    struct operand x = *step->inputs[0];
    struct ends ends;
    double value;
    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++)
        if (strcmp(mode, modes[i][0]) == 0)
            ours = modes[i][1];
    if (!ours)
        return refuse(step, E1004_ONNX_FORM, "`mode` is \"%s\"", mode);
    if (!read_ends(step, &ends) || !read_value(step, &value))
        return false;
    bool adds = false;
    for (int i = 0; i < x.rank; i++)
        adds = adds || ends.before[i] > 0 || ends.after[i] > 0;
    const struct filling filling = {ours, value};
    return take_away(step, &x, &ends) && (!adds || result_padded(step, &x, &ends, &filling));
}

/* The dimensions that Expand's input has with a shape that it is broadcast to. */
bool convert_expand(struct step *step) {
    struct operand *x = step->inputs[0], wanted = {.name = "its shape"};
    struct operand *both[2] = {x, &wanted};
    const int64_t *shape;
    size_t count;
    int rank, axes[RANK_MAX];
    int64_t dims[RANK_MAX];
    if (!integers_of_input(step, 1, "its shape", &shape, &count))
        return false;
    if (count > RANK_MAX)
        return refuse(step, E1004_ONNX_FORM, "it makes %zu dimensions; %d are supported", count,
                      RANK_MAX);
    wanted.rank = (int)count;
    for (size_t i = 0; i < count; i++) {
        if (shape[i] < 1)
            return refuse(step, E1004_ONNX_FORM, "a dimension of %" PRId64, shape[i]);
        wanted.dims[i] = shape[i];
    }
    if (!joint_dims(step, both, 2, &rank, dims))
        return false;
    memcpy(wanted.dims, dims, sizeof dims);
    wanted.rank = rank;
    if (!operand_node(step, x))
        return false;
    joint_axes(both, 1, NO_AXIS, rank, dims, axes);
    struct node *node = joined_node(step, x, rank, dims, axes);
    struct shape size = shape_on_axes(rank, dims, axes);
    if (node && !shape_equal(size, node->shape)) {
        builder_layer(step->importer->builder, OP_EXPAND, step->span, NULL, &node, 1);
        give_size(step->importer->builder, "size", size);
        node = builder_finish(step->importer->builder);
    }
    return result_node(step, 0, node, x->type, rank, dims, axes);
}

bool convert_tile(struct step *step) {
    struct operand x = *step->inputs[0];
    struct builder *b = step->importer->builder;
    const int64_t *repeats;
    size_t count;
    if (!integers_of_input(step, 1, "its repeats", &repeats, &count))
        return false;
    if (count != (size_t)x.rank)
        return refuse(step, E1004_ONNX_FORM, "%zu repeats of %d dimensions", count, x.rank);
    for (int dim = 0; dim < x.rank; dim++) {
        int axes[RANK_MAX], axis;
        if (repeats[dim] == 1)
            continue;
        struct node *node = node_along(step, &x, dim, true, axes, &axis);
        if (!node)
            return false;
        builder_layer(b, OP_TILE, step->span, NULL, &node, 1);
        give_axes(b, "axis", &axis, 1);
        give_integer(b, "times", repeats[dim]);
        x.node = builder_finish(b);
        if (!x.node)
            return false;
        x.dims[dim] *= repeats[dim];
        x.bytes = NULL;
        memcpy(x.axes, axes, sizeof axes);
    }
    return result_is(step, 0, &x);
}
