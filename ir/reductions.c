/* Shape rules of the layers over axes. */
#include "ir/rules.h"

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
