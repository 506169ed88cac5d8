/* The dimensions of a model's value on the four axes of a tensor. A dimension of 1 needs no axis;
 * those that are not 1 lie on different ones where there are at most four. Of more, neighbours
 * share an axis: shared_axes.c. */
#include <string.h>

#include "import/operators.h"
#include "ir/weights/stored.h"
#include "lexer/checked.h"

/* The order in which dimensions lie in a buffer of the layout. */
static const int channels_first[] = {AXIS_BATCH, AXIS_CHANNELS, AXIS_HEIGHT, AXIS_WIDTH};
static const int channels_last[] = {AXIS_BATCH, AXIS_HEIGHT, AXIS_WIDTH, AXIS_CHANNELS};

/* The dimensions that are not 1, in their order, on the last axes of the order; where they are more
 * than four, the first ones share an axis. */
static void axes_in_order(int rank, const int64_t *dims, const int order[4], int *axes) {
    int left = 4;
    for (int i = rank; i-- > 0;)
        axes[i] = dims[i] == 1 ? NO_AXIS : order[left > 1 ? --left : 0];
}

int large_dims(int rank, const int64_t *dims) {
    int count = 0;
    for (int i = 0; i < rank; i++)
        count += dims[i] != 1;
    return count;
}

void usual_axes(int rank, const int64_t *dims, int axes[RANK_MAX]) {
    static const int usual[5][4] = {{0},
                                    {AXIS_CHANNELS},
                                    {AXIS_BATCH, AXIS_CHANNELS},
                                    {AXIS_BATCH, AXIS_CHANNELS, AXIS_WIDTH},
                                    {AXIS_BATCH, AXIS_CHANNELS, AXIS_HEIGHT, AXIS_WIDTH}};
    if (rank > 4 && large_dims(rank, dims) <= 4) {
        axes_in_order(rank, dims, channels_first, axes);
        return;
    }
    for (int i = 0; i < rank; i++) {
        int axis = rank <= 4       ? usual[rank][i]
                   : i < 2         ? channels_first[i]
                   : i == rank - 1 ? AXIS_WIDTH
                                   : AXIS_HEIGHT;
        axes[i] = dims[i] == 1 ? NO_AXIS : axis;
    }
}

void row_major_axes(int rank, const int64_t *dims, int axes[RANK_MAX]) {
    axes_in_order(rank, dims, channels_last, axes);
}

struct shape shape_on_axes(int rank, const int64_t *dims, const int *axes) {
    int64_t sizes[4] = {1, 1, 1, 1};
    for (int i = 0; i < rank; i++)
        if (dims[i] != 1 && axes[i] != NO_AXIS &&
            !checked_mul(sizes[axes[i]], dims[i], &sizes[axes[i]]))
            sizes[axes[i]] = INT64_MAX; /* which no layer and no input takes */
    return (struct shape){sizes[AXIS_BATCH], sizes[AXIS_HEIGHT], sizes[AXIS_WIDTH],
                          sizes[AXIS_CHANNELS]};
}

int order_on_axes(int rank, const int64_t *dims, const int *axes, const int axis_order[4],
                  int order[RANK_MAX]) {
    int count = 0;
    for (int k = 0; k < 4; k++)
        for (int i = 0; i < rank; i++)
            if (dims[i] != 1 && axes[i] == axis_order[k])
                order[count++] = i;
    return count;
}

float *values_on_axes(struct step *step, const struct operand *operand, const int *axes) {
    struct importer *im = step->importer;
    const float *from = constant_floats(im, operand);
    int64_t total = operand_count(operand), stride = 1, at = 0;
    float *values = ARENA_ARRAY(im->arena, float, total + 1);
    int64_t strides[RANK_MAX], index[RANK_MAX] = {0};
    int order[RANK_MAX];
    int count = order_on_axes(operand->rank, operand->dims, axes, channels_first, order);
    for (int i = operand->rank; i-- > 0; stride *= operand->dims[i])
        strides[i] = stride;
    for (int64_t i = 0; i < total; i++) {
        values[i] = from[at];
        for (int k = count; k-- > 0;) {
            int dim = order[k];
            at += strides[dim];
            if (++index[k] < operand->dims[dim])
                break;
            at -= index[k] * strides[dim];
            index[k] = 0;
        }
    }
    return values;
}

/* A constant as a tensor of the graph: one that the weights file holds. */
static struct node *parameter_node(struct step *step, const struct operand *operand,
                                   const int *axes) {
    struct importer *im = step->importer;
    for (int i = 0; i < operand->rank; i++)
        if (operand->dims[i] == 0) {
            refuse(step, E1004_ONNX_FORM, "`%s` has no values: it is %s", operand->name,
                   operand_text(im, operand));
            return NULL;
        }
    struct shape shape = shape_on_axes(operand->rank, operand->dims, axes);
    builder_layer(im->builder, OP_PARAMETER, step->span, label_of_parameter(step, operand), NULL,
                  0);
    give_size(im->builder, "size", shape);
    struct node *node = builder_finish(im->builder);
    if (node)
        node->parameters[0]->data = values_on_axes(step, operand, axes);
    return node;
}

/* A view becomes a tensor where something else than a shuffle wants it. */
static struct node *materialised(struct step *step, struct operand *view) {
    struct operand made = {.name = view->name};
    struct step inner = *step;
    inner.output_count = 1;
    inner.outputs[0] = &made;
    if (!result_reshaped(&inner, view->whole, view->rank, view->split) ||
        !result_transposed(&inner, &made, view->order))
        return NULL;
    memcpy(view->axes, made.axes, sizeof made.axes);
    view->whole = NULL;
    return view->node = made.node;
}

struct node *operand_node(struct step *step, struct operand *operand) {
    if (operand->node)
        return operand->node;
    if (operand->whole)
        return materialised(step, operand);
    usual_axes(operand->rank, operand->dims, operand->axes);
    operand->node = parameter_node(step, operand, operand->axes);
    return operand->node;
}

/* Which axis of the node each axis of the wanted tensor is: those of size 1 fill what is left. */
static void permutation(const struct operand *operand, const int *axes, int order[4]) {
    bool taken[4] = {false};
    for (int axis = 0; axis < 4; axis++)
        order[axis] = NO_AXIS;
    for (int i = 0; i < operand->rank; i++)
        if (operand->dims[i] != 1) {
            order[axes[i]] = operand->axes[i];
            taken[operand->axes[i]] = true;
        }
    for (int axis = 0; axis < 4; axis++) /* where it is, if it can stay */
        if (order[axis] == NO_AXIS && !taken[axis]) {
            order[axis] = axis;
            taken[axis] = true;
        }
    for (int axis = 0, next = 0; axis < 4; axis++)
        if (order[axis] == NO_AXIS) {
            while (taken[next])
                next++;
            order[axis] = next;
            taken[next] = true;
        }
}

struct node *permuted(struct step *step, struct node *node, const int order[4]) {
    struct builder *b = step->importer->builder;
    builder_layer(b, OP_PERMUTE, step->span, NULL, &node, 1);
    give_axes(b, "axes", order, 4);
    return builder_finish(b);
}

struct node *node_on_axes(struct step *step, struct operand *operand, const int *axes) {
    if (is_constant(operand) && !operand->node) { /* it lies as it is wanted */
        for (int i = 0; i < operand->rank; i++)
            operand->axes[i] = operand->dims[i] == 1 ? NO_AXIS : axes[i];
        return operand->node = parameter_node(step, operand, axes);
    }
    if (!operand_node(step, operand))
        return NULL;
    if (shares_axes(operand->rank, operand->dims, operand->axes) ||
        shares_axes(operand->rank, operand->dims, axes))
        return rearranged(step, operand, axes);
    int order[4];
    permutation(operand, axes, order);
    for (int axis = 0; axis < 4; axis++)
        if (order[axis] != axis)
            return permuted(step, operand->node, order);
    return operand->node;
}

struct node *node_on_usual_axes(struct step *step, struct operand *operand) {
    int axes[RANK_MAX];
    if (!operand_node(step, operand))
        return NULL;
    usual_axes(operand->rank, operand->dims, axes);
    return node_on_axes(step, operand, axes);
}

bool in_layout(const struct operand *operand, enum layout layout) {
    const int *order = layout == LAYOUT_CHW ? channels_first : channels_last;
    int next = 0;
    for (int i = 0; i < operand->rank; i++) {
        if (operand->dims[i] == 1)
            continue;
        while (next < 4 && order[next] != operand->axes[i])
            next++; /* none where it shares the axis of the one before */
        if (next == 4)
            return false;
    }
    return true;
}

/* Exchanges what two dimensions, or a dimension and a free axis, lie on. */
void put_dim_on_axis(int rank, const int64_t *dims, int dim, int axis, int *axes) {
    int before = axes[dim];
    bool taken[4] = {false};
    for (int i = 0; i < rank; i++)
        if (i != dim && dims[i] != 1)
            taken[axes[i]] = true;
    for (int i = 0; i < rank; i++)
        if (i != dim && dims[i] != 1 && axes[i] == axis) {
            for (int free_axis = 3; before == NO_AXIS && free_axis >= 0; free_axis--)
                if (!taken[free_axis])
                    before = free_axis;
            axes[i] = before;
        }
    axes[dim] = axis;
}
