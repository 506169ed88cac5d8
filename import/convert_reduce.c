/* The Reduce operators. */
#include <string.h>

#include "import/operators.h"

/* Which dimensions are reduced: all where none are named, or none at all where the node says so. */
static bool read_reduced(struct step *step, bool reduced[RANK_MAX], bool *nothing) {
    const struct operand *x = step->inputs[0];
    const int64_t *axes;
    size_t count;
    bool noop = attribute_int(step, "noop_with_empty_axes", 0) != 0;
    if (!integers_of(step, "axes", 1, &axes, &count))
        return false;
    *nothing = noop && !count;
    for (int i = 0; i < x->rank; i++)
        reduced[i] = !count;
    for (size_t i = 0; i < count; i++) {
        int axis = normal_axis(step, axes[i], x->rank);
        if (axis < 0)
            return false;
        reduced[axis] = true;
    }
    return true;
}

/* The output has the reduced dimensions as 1, or not at all. */
static bool result_reduced(struct step *step, const struct operand *kept, const bool *reduced) {
    return attribute_int(step, "keepdims", 1) ? result_is(step, 0, kept)
                                              : result_without(step, kept, reduced);
}

/* The operand with the dimensions to reduce on axes of their own, at least one, which may be of
 * size 1. */
static struct node *node_to_reduce(struct step *step, struct operand *x, const bool *reduced,
                                   int *axes, int over[4], int *count) {
    struct node *node = node_over(step, x, reduced, axes, over, count);
    if (!node || *count)
        return node;
    *count = 1;
    const int64_t sizes[] = {node->shape.h, node->shape.w, node->shape.c};
    for (int i = 0; i < 3; i++)
        if (sizes[i] == 1) {
            over[0] = AXIS_HEIGHT + i;
            return node;
        }
    int dim = 0;
    while (!reduced[dim])
        dim++;
    return node_along(step, x, dim, true, axes, over);
}

bool convert_reduce(struct step *step) {
    struct builder *b = step->importer->builder;
    struct operand *x = step->inputs[0];
    bool reduced[RANK_MAX], nothing;
    int axes[RANK_MAX], over[4], count;
    if (!wants_float_data(step) || !read_reduced(step, reduced, &nothing))
        return false;
    if (nothing) {
        attribute_int(step, "keepdims", 1);
        return result_is(step, 0, x);
    }
    struct node *node = node_to_reduce(step, x, reduced, axes, over, &count);
    if (!node)
        return false;
    builder_layer(b, step->row->op, step->span, NULL, &node, 1);
    give_axes(b, "axes", over, count);
    struct operand kept = *x;
    for (int i = 0; i < x->rank; i++)
        kept.dims[i] = reduced[i] ? 1 : x->dims[i];
    if (!result_node(step, 0, builder_finish(b), x->type, x->rank, kept.dims, axes))
        return false;
    kept = *step->outputs[0];
    return result_reduced(step, &kept, reduced);
}

/* Integers over all dimensions or one: the product of sizes, mostly. */
bool fold_reduce(struct step *step) {
    const struct operand *x = step->inputs[0];
    bool reduced[RANK_MAX], nothing;
    if (is_float_type(x->type) || !read_reduced(step, reduced, &nothing) || nothing)
        return false;
    struct operand kept = *x;
    for (int i = 0; i < x->rank; i++)
        kept.dims[i] = reduced[i] ? 1 : x->dims[i];
    struct operand *result = new_constant(step->importer, x->type, x->rank, kept.dims);
    if (!result || operand_count(x) == 0)
        return false;
    bool *begun = ARENA_ARRAY(step->importer->arena, bool, operand_count(result) + 1);
    for (int64_t i = 0; i < operand_count(x); i++) {
        int64_t at = 0, stride = 1, rest = i, value = constant_integer(x, i);
        for (int dim = x->rank; dim-- > 0; rest /= x->dims[dim]) {
            at += reduced[dim] ? 0 : rest % x->dims[dim] * stride;
            stride *= kept.dims[dim];
        }
        int64_t so_far = begun[at] ? constant_integer(result, at) : value;
        if (begun[at])
            so_far = step->row->op == OP_SUM ? (int64_t)((uint64_t)so_far + (uint64_t)value)
                     : step->row->op == OP_REDUCE_PROD
                         ? (int64_t)((uint64_t)so_far * (uint64_t)value)
                     : (step->row->op == OP_REDUCE_MAX) == (value > so_far) ? value
                                                                            : so_far;
        begun[at] = true;
        set_integer_at(result, at, so_far);
    }
    return result_reduced(step, result, reduced);
}
