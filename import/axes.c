/* The dimensions of a model's value on the four axes of a tensor. A dimension of 1 needs no axis;
 * those that are not 1 lie on different ones. */
#include <inttypes.h>
#include <string.h>

#include "import/operators.h"
#include "ir/weights/stored.h"

/* The order in which dimensions lie in a buffer of the layout. */
static const int channels_first[] = {AXIS_BATCH, AXIS_CHANNELS, AXIS_HEIGHT, AXIS_WIDTH};
static const int channels_last[] = {AXIS_BATCH, AXIS_HEIGHT, AXIS_WIDTH, AXIS_CHANNELS};

/* The dimensions that are not 1, in their order, on the last axes of the order. */
static bool axes_in_order(int rank, const int64_t *dims, const int order[4], int *axes) {
    int left = 4;
    for (int i = rank; i-- > 0;) {
        axes[i] = NO_AXIS;
        if (dims[i] == 1)
            continue;
        if (left == 0)
            return false;
        axes[i] = order[--left];
    }
    return true;
}

bool usual_axes(int rank, const int64_t *dims, int axes[RANK_MAX]) {
    static const int usual[5][4] = {{0},
                                    {AXIS_CHANNELS},
                                    {AXIS_BATCH, AXIS_CHANNELS},
                                    {AXIS_BATCH, AXIS_CHANNELS, AXIS_WIDTH},
                                    {AXIS_BATCH, AXIS_CHANNELS, AXIS_HEIGHT, AXIS_WIDTH}};
    if (rank > 4)
        return axes_in_order(rank, dims, channels_first, axes);
    for (int i = 0; i < rank; i++)
        axes[i] = dims[i] == 1 ? NO_AXIS : usual[rank][i];
    return true;
}

bool row_major_axes(int rank, const int64_t *dims, int axes[RANK_MAX]) {
    return axes_in_order(rank, dims, channels_last, axes);
}

struct shape shape_on_axes(int rank, const int64_t *dims, const int *axes) {
    int64_t sizes[4] = {1, 1, 1, 1};
    for (int i = 0; i < rank; i++)
        if (dims[i] != 1 && axes[i] != NO_AXIS)
            sizes[axes[i]] = dims[i];
    return (struct shape){sizes[AXIS_BATCH], sizes[AXIS_HEIGHT], sizes[AXIS_WIDTH],
                          sizes[AXIS_CHANNELS]};
}

/* For each axis of a tensor of this operand: how many elements of it apart its neighbours are. */
static void strides_on_axes(const struct operand *operand, const int *axes, int64_t strides[4]) {
    int64_t stride = 1;
    memset(strides, 0, 4 * sizeof *strides);
    for (int i = operand->rank; i-- > 0; stride *= operand->dims[i])
        if (operand->dims[i] != 1)
            strides[axes[i]] = stride;
}

float *values_on_axes(struct step *step, const struct operand *operand, const int *axes) {
    struct shape shape = shape_on_axes(operand->rank, operand->dims, axes);
    struct importer *im = step->importer;
    const float *from = constant_floats(im, operand);
    float *values = ARENA_ARRAY(im->arena, float, operand_count(operand) + 1), *to = values;
    int64_t strides[4];
    strides_on_axes(operand, axes, strides);
    for (int64_t n = 0; n < shape.n; n++)
        for (int64_t c = 0; c < shape.c; c++)
            for (int64_t h = 0; h < shape.h; h++)
                for (int64_t w = 0; w < shape.w; w++)
                    *to++ = from[n * strides[AXIS_BATCH] + c * strides[AXIS_CHANNELS] +
                                 h * strides[AXIS_HEIGHT] + w * strides[AXIS_WIDTH]];
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

static bool too_many_axes(struct step *step, const char *name, const char *dims) {
    return refuse(step, E1004_ONNX_FORM,
                  "`%s` is %s: tensors have four axes, so at most four dimensions of more than 1",
                  name, dims);
}

/* A view becomes a tensor where something else than a shuffle wants it. */
static struct node *materialised(struct step *step, struct operand *view) {
    struct operand made = {.name = view->name};
    struct step inner = *step;
    inner.output_count = 1;
    inner.outputs[0] = &made;
    if (!result_reshaped(&inner, view->whole, view->rank, view->split))
        return NULL;
    for (int i = 0; i < view->rank; i++)
        view->axes[i] = made.axes[view->order[i]];
    view->whole = NULL;
    return view->node = made.node;
}

struct node *operand_node(struct step *step, struct operand *operand) {
    if (operand->node)
        return operand->node;
    if (operand->whole)
        return materialised(step, operand);
    if (!usual_axes(operand->rank, operand->dims, operand->axes)) {
        too_many_axes(step, operand->name, operand_text(step->importer, operand));
        return NULL;
    }
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

static struct node *permuted(struct step *step, struct node *node, const int order[4]) {
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

bool joint_axes(struct step *step, struct operand *const *operands, int count, int rank,
                const int64_t *dims, int *axes) {
    bool taken[4] = {false}, done[OUTPUTS_MAX] = {false};
    struct operand whole = {.rank = rank};
    for (int dim = 0; dim < rank; dim++)
        axes[dim] = NO_AXIS;
    for (int round = 0; round < count && round < OUTPUTS_MAX; round++) { /* the largest first */
        int best = -1;
        for (int i = 0; i < count && i < OUTPUTS_MAX; i++)
            if (operands[i]->node && !done[i] &&
                (best < 0 || operand_count(operands[i]) > operand_count(operands[best])))
                best = i;
        if (best < 0)
            break;
        done[best] = true;
        take_axes(operands[best], rank, axes, taken);
    }
    memcpy(whole.dims, dims, (size_t)rank * sizeof *dims);
    int usual[RANK_MAX];
    if (!usual_axes(rank, dims, usual))
        return too_many_axes(step, "the result", operand_text(step->importer, &whole));
    for (int dim = 0; dim < rank; dim++) { /* what only constants have, or what was in the way */
        if (dims[dim] == 1 || axes[dim] != NO_AXIS)
            continue;
        int axis = usual[dim];
        for (int next = 0; taken[axis]; next++)
            axis = channels_first[next];
        axes[dim] = axis;
        taken[axis] = true;
    }
    return true;
}

struct node *joined_node(struct step *step, struct operand *operand, int rank, const int *axes) {
    return node_on_axes(step, operand, axes + rank - operand->rank);
}

bool in_layout(const struct operand *operand, enum layout layout) {
    const int *order = layout == LAYOUT_CHW ? channels_first : channels_last;
    int next = 0;
    for (int i = 0; i < operand->rank; i++) {
        if (operand->dims[i] == 1)
            continue;
        while (next < 4 && order[next] != operand->axes[i])
            next++;
        if (next++ == 4)
            return false;
    }
    return true;
}

/* Exchanges what two dimensions, or a dimension and a free axis, lie on. */
bool put_dim_on_axis(struct step *step, int rank, const int64_t *dims, int dim, int axis,
                     int *axes) {
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
            if (before == NO_AXIS)
                return refuse(step, E1004_ONNX_FORM,
                              "dimension %d of %s: tensors have four axes, all taken by others",
                              dim, dimensions_text(step->importer->arena, dims, rank));
            axes[i] = before;
        }
    axes[dim] = axis;
    return true;
}
