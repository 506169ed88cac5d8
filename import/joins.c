/* Values that meet in one layer, broadcast or side by side: which dimensions they have together,
 * and on which axes all of them lie. */
#include <string.h>

#include "import/operators.h"

/* The size of an operand along a dimension of a join, counted from the last. */
static int64_t dim_in_join(const struct operand *operand, int rank, int dim) {
    int own = dim - (rank - operand->rank);
    return own < 0 ? 1 : operand->dims[own];
}

bool joint_dims(struct step *step, struct operand *const *operands, int count, int *rank,
                int64_t *dims) {
    *rank = 0;
    for (int i = 0; i < count; i++)
        if (operands[i]->rank > *rank)
            *rank = operands[i]->rank;
    for (int dim = 0; dim < *rank; dim++) {
        dims[dim] = 1;
        for (int i = 0; i < count; i++) {
            int64_t size = dim_in_join(operands[i], *rank, dim);
            if (size == 1 || size == dims[dim])
                continue;
            if (dims[dim] != 1)
                return refuse(step, E1004_ONNX_FORM, "%s and %s do not fit together",
                              operand_text(step->importer, operands[0]),
                              operand_text(step->importer, operands[i]));
            dims[dim] = size;
        }
    }
    return true;
}

/* Takes what the operand has, where nothing else has taken it. */
static void take_axes(const struct operand *operand, int rank, int *axes, bool taken[4]) {
    for (int i = 0; i < operand->rank; i++) {
        int dim = i + rank - operand->rank, axis = operand->axes[i];
        if (operand->dims[i] == 1 || axes[dim] != NO_AXIS || taken[axis])
            continue;
        axes[dim] = axis;
        taken[axis] = true;
    }
}

/* The largest operand that is a tensor and not done yet; NULL: none. */
static struct operand *largest_of(struct operand *const *operands, int count, bool *done) {
    int best = -1;
    for (int i = 0; i < count && i < OUTPUTS_MAX; i++)
        if (operands[i]->node && !done[i] &&
            (best < 0 || operand_count(operands[i]) > operand_count(operands[best])))
            best = i;
    if (best < 0)
        return NULL;
    done[best] = true;
    return operands[best];
}

/* Each dimension on an axis of its own, of which four are enough. */
static void own_axes(struct operand *const *operands, int count, int rank, const int64_t *dims,
                     int *axes) {
    static const int by_preference[] = {AXIS_BATCH, AXIS_CHANNELS, AXIS_HEIGHT, AXIS_WIDTH};
    bool taken[4] = {false}, done[OUTPUTS_MAX] = {false};
    const struct operand *next;
    while ((next = largest_of(operands, count, done)))
        take_axes(next, rank, axes, taken);
    int usual[RANK_MAX];
    usual_axes(rank, dims, usual);
    for (int dim = 0; dim < rank; dim++) { /* what only constants have, or what was in the way */
        if (dims[dim] == 1 || axes[dim] != NO_AXIS)
            continue;
        int axis = usual[dim];
        for (int at = 0; taken[axis]; at++)
            axis = by_preference[at];
        axes[dim] = axis;
        taken[axis] = true;
    }
}

/* For each dimension a number of those operands that it is repeated for: dimensions of one number
 * may share an axis. `along` shares with none. */
static void kinds_of(struct operand *const *operands, int count, int along, int rank,
                     const int64_t *dims, int kinds[RANK_MAX]) {
    for (int dim = 0; dim < rank; dim++) {
        kinds[dim] = dim == along ? -1 : 0;
        for (int i = 0; i < count && along == NO_AXIS; i++)
            if (dims[dim] != 1 && dim_in_join(operands[i], rank, dim) == 1)
                kinds[dim] |= 1 << i;
    }
}

static bool share_by_kind(int rank, const int64_t *dims, const int *axes, const int *kinds) {
    for (int i = 0; i < rank; i++) {
        if (dims[i] != 1 && axes[i] == NO_AXIS)
            return false;
        for (int k = 0; k < i && dims[i] != 1; k++)
            if (dims[k] != 1 && axes[k] == axes[i] && kinds[k] != kinds[i])
                return false;
    }
    return true;
}

/* Neighbours share: those of the largest operand if they do so already, else what lies side by side
 * in its memory, else in C order. */
static void shared_axes(struct operand *const *operands, int count, int along, int rank,
                        const int64_t *dims, int *axes) {
    bool done[OUTPUTS_MAX] = {false}, large[RANK_MAX];
    const struct operand *largest = largest_of(operands, count, done);
    int kinds[RANK_MAX], order[RANK_MAX], all = 0;
    for (int i = 0; largest && i < largest->rank; i++)
        if (largest->dims[i] != 1)
            axes[i + rank - largest->rank] = largest->axes[i];
    for (int dim = 0; dim < rank; dim++)
        large[dim] = dims[dim] != 1;
    kinds_of(operands, count, along, rank, dims, kinds);
    if (share_by_kind(rank, dims, axes, kinds) ||
        group_on_axes(order, order_with(rank, dims, axes, large, order), kinds, axes))
        return;
    for (int dim = 0; dim < rank; dim++)
        if (large[dim])
            order[all++] = dim;
    if (!group_on_axes(order, all, kinds, axes))
        usual_axes(rank, dims, axes); /* joined_node expands what does not fit */
}

void joint_axes(struct operand *const *operands, int count, int along, int rank,
                const int64_t *dims, int *axes) {
    for (int dim = 0; dim < rank; dim++)
        axes[dim] = NO_AXIS;
    if (large_dims(rank, dims) > 4)
        shared_axes(operands, count, along, rank, dims, axes);
    else
        own_axes(operands, count, rank, dims, axes);
}

/* The dimension is repeated, and lies with one that is not. */
static bool is_in_the_way(const struct operand *operand, int dim, const int64_t *dims,
                          const int *axes) {
    if (operand->dims[dim] != 1 || dims[dim] == 1)
        return false;
    for (int i = 0; i < operand->rank; i++)
        if (operand->dims[i] != 1 && axes[i] == axes[dim])
            return true;
    return false;
}

bool expand_along(struct step *step, struct operand *x, int dim, int64_t size) {
    int axes[RANK_MAX], axis;
    struct node *node = node_along(step, x, dim, true, axes, &axis);
    if (!node)
        return false;
    x->bytes = NULL;
    x->dims[dim] = size;
    memcpy(x->axes, axes, sizeof axes);
    builder_layer(step->importer->builder, OP_EXPAND, step->span, NULL, &node, 1);
    give_size(step->importer->builder, "size", shape_on_axes(x->rank, x->dims, axes));
    x->node = builder_finish(step->importer->builder);
    return x->node != NULL;
}

struct node *joined_node(struct step *step, struct operand *operand, int rank, const int64_t *dims,
                         const int *axes) {
    int before = rank - operand->rank;
    bool fits = true;
    for (int dim = 0; dim < operand->rank; dim++)
        fits = fits && !is_in_the_way(operand, dim, dims + before, axes + before);
    if (fits)
        return node_on_axes(step, operand, axes + before);
    if (!operand_node(step, operand))
        return NULL;
    struct operand repeated = *operand;
    for (int dim = 0; dim < operand->rank; dim++)
        if (is_in_the_way(&repeated, dim, dims + before, axes + before) &&
            !expand_along(step, &repeated, dim, dims[dim + before]))
            return NULL;
    return node_on_axes(step, &repeated, axes + before);
}
