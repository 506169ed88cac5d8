/* Shape rules of the layers over axes, and of places. */
#include <inttypes.h>

#include "ir/rules.h"
#include "lexer/checked.h"

/* Up to here every integer is a float. */
enum { INDICES_MAX = 1 << 24 };

static bool any_axis(const struct attributes *a) {
    return a->axes[AXIS_BATCH] || a->axes[AXIS_HEIGHT] || a->axes[AXIS_WIDTH] ||
           a->axes[AXIS_CHANNELS];
}

bool shape_reduce(struct layer *layer) {
    struct node *node = layer->node;
    bool *axes = node->attributes.axes;
    if (!any_axis(&node->attributes))
        axes[AXIS_HEIGHT] = axes[AXIS_WIDTH] = true;
    node->shape = node->inputs[0]->shape;
    for (int axis = AXIS_BATCH; axis <= AXIS_CHANNELS; axis++)
        if (axes[axis])
            *shape_along(&node->shape, axis) = 1;
    return true;
}

bool shape_instancenorm(struct layer *layer) {
    bool *axes = layer->node->attributes.axes;
    axes[AXIS_HEIGHT] = axes[AXIS_WIDTH] = true;
    return shape_same(layer);
}

bool shape_layernorm(struct layer *layer) {
    if (!any_axis(&layer->node->attributes))
        layer->node->attributes.axes[AXIS_CHANNELS] = true;
    return shape_same(layer);
}

bool check_places(struct layer *layer, struct shape picture) {
    int64_t count;
    if (!checked_mul(picture.h, picture.w, &count))
        return layer_too_large(layer);
    return count <= INDICES_MAX || layer_error(layer, NULL, E0904_TENSOR_TOO_LARGE,
                                               "indices in %" PRId64 "x%" PRId64
                                               " pixels are too large: a float counts to %d",
                                               picture.h, picture.w, INDICES_MAX);
}

/* argmax and argmin are the place of the first one of a topk. */
bool shape_topk(struct layer *layer) {
    struct node *node = layer->node;
    struct attributes *a = &node->attributes;
    int axis = chosen_axis(a);
    node->shape = node->inputs[0]->shape;
    int64_t *size = shape_along(&node->shape, axis);
    if (node->op != OP_TOPK) {
        a->k = 1;
        a->indices = true;
        a->largest = node->op == OP_ARGMAX;
    }
    if (a->k > *size)
        return layer_error(layer, "k", E0402_WRONG_COUNT,
                           "topk of %" PRId64 " along %s, where the input %s has %" PRId64, a->k,
                           axis_text(axis), shape_text(layer->arena, node->shape), *size);
    if (a->indices && *size > INDICES_MAX)
        return layer_error(layer, NULL, E0904_TENSOR_TOO_LARGE,
                           "indices along %s of %" PRId64 " are too large: a float counts to %d",
                           axis_text(axis), *size, INDICES_MAX);
    *size = a->k;
    return true;
}
