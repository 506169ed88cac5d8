/* Layers over axes: one call of their primitive each. */
#include "codegen/generator.h"
#include "ir/rules.h"

_Static_assert(CNN_AXIS_HEIGHT == (int)AXIS_HEIGHT && CNN_AXIS_WIDTH == (int)AXIS_WIDTH &&
                   CNN_AXIS_CHANNELS == (int)AXIS_CHANNELS,
               "primitives number axes as the graph does");

void lower_softmax(struct generator *g, const struct node *node) {
    const struct node *input = node->inputs[0];
    struct cnn_softmax d = {
        .kind = node->op == OP_SOFTMAX ? CNN_SOFTMAX : CNN_LOG_SOFTMAX,
        .axis = chosen_axis(&node->attributes),
        .batch = images_in_pass(node),
        .height = node->shape.h,
        .width = node->shape.w,
        .channels = node->shape.c,
        .x = location_strides(&input->location),
        .y = location_strides(&node->location),
    };
    emit_whole(g, node, "softmax", &d, sizeof d, NULL, cnn_extent_count(cnn_softmax_pieces(&d)));
}

/* The boxes of the input that each become one value. */
static void split_axes(const struct node *node, struct cnn_extent *outer,
                       struct cnn_extent *inner) {
    const bool *axes = node->attributes.axes;
    const struct shape x = shape_in_pass(node, node->inputs[0]);
    *inner = (struct cnn_extent){axes[AXIS_BATCH] ? x.n : 1, axes[AXIS_HEIGHT] ? x.h : 1,
                                 axes[AXIS_WIDTH] ? x.w : 1, axes[AXIS_CHANNELS] ? x.c : 1};
    *outer = (struct cnn_extent){x.n / inner->batch, x.h / inner->height, x.w / inner->width,
                                 x.c / inner->channels};
}

static int64_t reduction_kind(enum op op) {
    switch (op) {
    case OP_SUM:
        return CNN_SUM;
    case OP_REDUCE_MAX:
        return CNN_LARGEST;
    case OP_REDUCE_MIN:
        return CNN_SMALLEST;
    case OP_REDUCE_PROD:
        return CNN_PRODUCT;
    case OP_REDUCE_L1:
        return CNN_SUM_OF_SIZES;
    case OP_REDUCE_SUM_SQUARE:
        return CNN_SUM_OF_SQUARES;
    default:
        return CNN_MEAN;
    }
}

void lower_reduce(struct generator *g, const struct node *node) {
    const struct location *x = &node->inputs[0]->location;
    struct steps steps = {.count = 0};
    steps_add_epilogue(g, &steps, node);
    struct cnn_reduce d = {
        .kind = reduction_kind(node->op),
        .x = location_strides(x),
        .y = location_strides(&node->location),
    };
    split_axes(node, &d.outer, &d.inner);
    if (d.outer.channels == 1 && x->pixel == d.inner.channels) { /* a row is one long pixel */
        d.inner.channels *= d.inner.width;
        d.inner.width = 1;
    }
    emit_whole(g, node, "reduce", &d, sizeof d, &steps, cnn_extent_count(cnn_reduce_pieces(&d)));
}

void lower_norm(struct generator *g, const struct node *node) {
    const struct attributes *a = &node->attributes;
    const struct location *x = &node->inputs[0]->location, *y = &node->location;
    struct steps steps = {.count = 0};
    steps_add_norm(g, &steps, node);
    steps_add_epilogue(g, &steps, node);
    struct cnn_norm d = {
        .kind = node->op != OP_L2NORM ? CNN_NORM_DEVIATION
                : a->p == 1           ? CNN_NORM_SIZES
                                      : CNN_NORM_SQUARES,
        .x = location_strides(x),
        .y = location_strides(y),
    };
    split_axes(node, &d.outer, &d.inner);
    if (node->op == OP_GROUPNORM) {
        d.outer.channels = a->groups;
        d.inner.channels /= a->groups;
    }
    emit_kernel(g, &(struct kernel){
                       .primitive = "norm",
                       DESCRIPTOR(d),
                       .steps = &steps,
                       .y = tensor_address(g, y, 0, 0),
                       .x = tensor_address(g, x, 0, 0),
                       .has_value = true,
                       .value = a->epsilon,
                       .pieces = cnn_extent_count(cnn_norm_pieces(&d)),
                   });
}

/* Of an even size the odd channel lies behind. */
void lower_lrn(struct generator *g, const struct node *node) {
    const struct shape s = shape_in_pass(node, node);
    const int64_t others = node->attributes.near - 1;
    struct steps steps = {.count = 0};
    steps_add_lrn(g, &steps, node);
    steps_add_epilogue(g, &steps, node);
    struct cnn_lrn d = {
        .batch = s.n,
        .height = s.h,
        .width = s.w,
        .channels = s.c,
        .before = others / 2,
        .after = others - others / 2,
        .x = location_strides(&node->inputs[0]->location),
        .y = location_strides(&node->location),
    };
    emit_whole(g, node, "lrn", &d, sizeof d, &steps, cnn_lrn_pieces(&d));
}

void lower_topk(struct generator *g, const struct node *node) {
    const struct node *input = node->inputs[0];
    const struct attributes *a = &node->attributes;
    struct steps steps = {.count = 0};
    steps_add_epilogue(g, &steps, node);
    struct cnn_topk d = {
        .k = a->k,
        .axis = chosen_axis(a),
        .indices = a->indices,
        .smallest = !a->largest,
        .last = a->last,
        .batch = shape_in_pass(node, input).n,
        .height = input->shape.h,
        .width = input->shape.w,
        .channels = input->shape.c,
        .x = location_strides(&input->location),
        .y = location_strides(&node->location),
    };
    emit_whole(g, node, "topk", &d, sizeof d, &steps, cnn_extent_count(cnn_topk_pieces(&d)));
}
