/* Values of more than four dimensions that are not 1, such as volumes N, C, D, H, W: neighbours in
 * memory share an axis, the first dimension the outermost. Which ones do is changed by reshaping,
 * which moves nothing; only another order in memory is a permutation. */
#include <string.h>

#include "import/operators.h"

static const int memory_order[] = {AXIS_BATCH, AXIS_HEIGHT, AXIS_WIDTH, AXIS_CHANNELS};

bool shares_axes(int rank, const int64_t *dims, const int *axes) {
    bool taken[4] = {false};
    for (int i = 0; i < rank; i++) {
        if (dims[i] == 1 || axes[i] == NO_AXIS)
            continue;
        if (taken[axes[i]])
            return true;
        taken[axes[i]] = true;
    }
    return false;
}

static int order_in_memory(int rank, const int64_t *dims, const int *axes, int order[RANK_MAX]) {
    return order_on_axes(rank, dims, axes, memory_order, order);
}

static int place_in(const int *order, int dim) {
    int place = 0;
    while (order[place] != dim)
        place++;
    return place;
}

/* Parts of an order of dimensions, one after the other, that lie on the four axes. */
struct segments {
    int count, first[RANK_MAX + 1];
};

/* The longest parts of `from` that `to` has as well; `from` and `to` have the same dimensions. */
static struct segments common_runs(const int *from, const int *to, int count) {
    struct segments runs = {0};
    for (int i = 0; i < count; i++)
        if (i == 0 || place_in(to, from[i]) != place_in(to, from[i - 1]) + 1)
            runs.first[runs.count++] = i;
    runs.first[runs.count] = count;
    return runs;
}

/* What one permutation does to `from`: brings all runs to their places where they are four at most,
 * else the one that comes next. Part k of the result is part order[k]. */
static struct segments plan_permutation(const int *from, const int *to, int count, int order[4]) {
    struct segments runs = common_runs(from, to, count), parts = {.count = 4};
    int empty = 4 - runs.count, right = 0, run = 0;
    if (empty < 0) {
        while (from[right] == to[right])
            right++;
        while (from[runs.first[run]] != to[right])
            run++;
        memcpy(order, (int[]){0, 2, 1, 3}, 4 * sizeof *order);
        return (struct segments){4, {0, right, runs.first[run], runs.first[run + 1], count}};
    }
    for (int i = 0; i < 4; i++)
        order[i] = i;
    for (int i = 0, at = empty; i < count; i++)
        for (int k = 0; k < runs.count; k++)
            if (from[runs.first[k]] == to[i])
                order[at++] = empty + k;
    memcpy(parts.first + empty, runs.first, (size_t)(runs.count + 1) * sizeof *runs.first);
    return parts;
}

/* Permutes so that `from`, which it changes, comes closer to `to`. */
static struct node *permuted_towards(struct step *step, struct node *node, const int64_t *dims,
                                     int *from, const int *to, int count) {
    int order[4], before[RANK_MAX], at = 0;
    int64_t sizes[4] = {1, 1, 1, 1};
    struct segments parts = plan_permutation(from, to, count, order);
    for (int part = 0; part < 4; part++)
        for (int i = parts.first[part]; i < parts.first[part + 1]; i++)
            sizes[part] *= dims[from[i]];
    memcpy(before, from, sizeof before);
    for (int part = 0; part < 4; part++)
        for (int i = parts.first[order[part]]; i < parts.first[order[part] + 1]; i++)
            from[at++] = before[i];
    node = reshape_layer(step, node, (struct shape){sizes[0], sizes[1], sizes[2], sizes[3]},
                         LAYOUT_HWC);
    return node ? permuted(step, node, order) : NULL;
}

struct node *rearranged_from(struct step *step, struct node *node, int rank, const int64_t *dims,
                             const int *order, int count, const int *axes) {
    int from[RANK_MAX] = {0}, to[RANK_MAX];
    memcpy(from, order, (size_t)count * sizeof *order);
    order_in_memory(rank, dims, axes, to);
    while (node && memcmp(from, to, (size_t)count * sizeof *to) != 0)
        node = permuted_towards(step, node, dims, from, to, count);
    return node ? reshape_layer(step, node, shape_on_axes(rank, dims, axes), LAYOUT_HWC) : NULL;
}

struct node *rearranged(struct step *step, const struct operand *operand, const int *axes) {
    int order[RANK_MAX];
    int count = order_in_memory(operand->rank, operand->dims, operand->axes, order);
    return rearranged_from(step, operand->node, operand->rank, operand->dims, order, count, axes);
}

struct node *separated(struct step *step, struct node *node, int rank, const int64_t *dims,
                       int *axes) {
    int order[RANK_MAX], count = order_in_memory(rank, dims, axes, order);
    if (count > 4 || !shares_axes(rank, dims, axes))
        return node;
    for (int i = 0; i < count; i++)
        axes[order[i]] = 4 - count + i;
    return reshape_layer(step, node, shape_on_axes(rank, dims, axes), LAYOUT_HWC);
}

bool group_on_axes(const int *order, int count, const int *kinds, int *axes) {
    int axis = 4;
    for (int i = count; i-- > 0;) {
        bool together = i + 1 < count && order[i] < order[i + 1] &&
                        (!kinds || kinds[order[i]] == kinds[order[i + 1]]);
        axis -= !together;
        if (axis < 0)
            return false;
        axes[order[i]] = axis;
    }
    return true;
}

int order_with(int rank, const int64_t *dims, const int *axes, const bool *wanted,
               int order[RANK_MAX]) {
    int count = order_in_memory(rank, dims, axes, order);
    for (int dim = 0; dim < rank; dim++) {
        int place = 0;
        if (!wanted[dim] || (dims[dim] != 1 && axes[dim] != NO_AXIS))
            continue;
        for (int i = 0, before = -1; i < count; i++)
            if (order[i] < dim && order[i] > before) {
                before = order[i];
                place = i + 1;
            }
        memmove(order + place + 1, order + place, (size_t)(count - place) * sizeof *order);
        order[place] = dim;
        count++;
    }
    return count;
}

/* The dimensions marked lie where the layer takes them, and share no axis with others. */
static bool are_apart(int rank, const int64_t *dims, const int *axes, const bool *marked,
                      enum standing standing) {
    bool with[4] = {false}, without[4] = {false};
    for (int i = 0; i < rank; i++) {
        if (marked[i] && axes[i] == NO_AXIS)
            return false;
        if (axes[i] != NO_AXIS && (marked[i] || dims[i] != 1))
            (marked[i] ? with : without)[axes[i]] = true;
    }
    if ((standing == NOT_BATCH && with[AXIS_BATCH]) ||
        (standing == ON_CHANNELS &&
         (with[AXIS_BATCH] || with[AXIS_HEIGHT] || with[AXIS_WIDTH] || !with[AXIS_CHANNELS])))
        return false;
    for (int axis = 0; axis < 4; axis++)
        if (with[axis] && without[axis])
            return false;
    return true;
}

/* The dimensions of the order that are not marked, then those that are; `sorted` within both. */
static void marked_last(const bool *marked, int *order, int count, bool sorted) {
    int before[RANK_MAX], at = 0;
    memcpy(before, order, sizeof before);
    for (int pass = 0; pass < 2; pass++)
        for (int i = 0; i < RANK_MAX; i++)
            for (int k = 0; k < count; k++)
                if ((sorted ? before[k] : k) == i && marked[before[k]] == (pass == 1))
                    order[at++] = before[k];
}

void axes_apart(const struct operand *x, const bool *marked, enum standing standing, int *axes) {
    int order[RANK_MAX] = {0}, kinds[RANK_MAX];
    for (int i = 0; i < x->rank; i++) {
        axes[i] = x->dims[i] == 1 ? NO_AXIS : x->axes[i];
        kinds[i] = marked[i];
    }
    int count = order_with(x->rank, x->dims, axes, marked, order);
    if (are_apart(x->rank, x->dims, axes, marked, standing))
        return;
    if (group_on_axes(order, count, kinds, axes) &&
        are_apart(x->rank, x->dims, axes, marked, standing))
        return;
    marked_last(marked, order, count, false);
    if (group_on_axes(order, count, kinds, axes))
        return;
    marked_last(marked, order, count, true);
    group_on_axes(order, count, kinds, axes);
}

bool needs_sharing(const struct operand *x, int dim) {
    return large_dims(x->rank, x->dims) + (x->dims[dim] == 1) > 4;
}

struct node *node_with_channels(struct step *step, struct operand *x, int dim, int *axes) {
    bool marked[RANK_MAX] = {false};
    marked[dim] = true;
    if (!operand_node(step, x))
        return NULL;
    if (needs_sharing(x, dim))
        axes_apart(x, marked, ON_CHANNELS, axes);
    else {
        for (int i = 0; i < x->rank; i++)
            axes[i] = x->dims[i] == 1 ? NO_AXIS : x->axes[i];
        put_dim_on_axis(x->rank, x->dims, dim, AXIS_CHANNELS, axes);
    }
    return node_on_axes(step, x, axes);
}

/* The dimensions of the order that are neither, then the two, then the last one of the others. */
static void two_before_last(int rows, int columns, int *order, int count, bool sorted) {
    bool marked[RANK_MAX] = {false};
    marked[columns] = true;
    if (rows >= 0)
        marked[rows] = true;
    int others = count - (rows >= 0 ? 2 : 1);
    marked_last(marked, order, count, sorted);
    int last = order[others - 1], at = others - 1;
    if (rows >= 0)
        order[at++] = rows;
    order[at++] = columns;
    order[at] = last;
}

void axes_as_picture(const struct operand *x, int rows, int columns, int *axes) {
    bool wanted[RANK_MAX] = {false};
    int order[RANK_MAX] = {0}, kinds[RANK_MAX] = {0}, sides[2] = {rows, columns};
    int used = large_dims(x->rank, x->dims);
    for (int i = 0; i < x->rank; i++)
        axes[i] = x->dims[i] == 1 ? NO_AXIS : x->axes[i];
    for (int side = 0; side < 2; side++)
        if (sides[side] >= 0) {
            wanted[sides[side]] = true;
            kinds[sides[side]] = 1 + side;
            used += x->dims[sides[side]] == 1;
        }
    if (used <= 4) {
        for (int side = 0; side < 2; side++)
            if (sides[side] >= 0)
                put_dim_on_axis(x->rank, x->dims, sides[side], AXIS_HEIGHT + side, axes);
        return;
    }
    int count = order_with(x->rank, x->dims, axes, wanted, order);
    for (int attempt = 0; columns >= 0 && attempt < 3; attempt++) {
        if (attempt)
            two_before_last(rows, columns, order, count, attempt == 2);
        if (group_on_axes(order, count, kinds, axes) && axes[columns] == AXIS_WIDTH &&
            (rows < 0 || axes[rows] == AXIS_HEIGHT))
            return;
    }
}

struct node *node_over(struct step *step, struct operand *x, const bool *marked, int *axes,
                       int over[4], int *count) {
    bool large[RANK_MAX], taken[4] = {false};
    *count = 0;
    if (!operand_node(step, x))
        return NULL;
    for (int i = 0; i < x->rank; i++)
        large[i] = marked[i] && x->dims[i] != 1;
    axes_apart(x, large, ANYWHERE, axes);
    for (int i = 0; i < x->rank; i++)
        if (large[i] && !taken[axes[i]]) {
            taken[axes[i]] = true;
            over[(*count)++] = axes[i];
        }
    return node_on_axes(step, x, axes);
}
