/* Pooling, its inverse and enlarging: one call of their primitive each. */
#include "codegen/generator.h"

void emit_whole(struct generator *g, const struct node *node, const char *primitive,
                const void *descriptor, size_t bytes, const struct steps *steps, int64_t pieces) {
    emit_kernel(g, &(struct kernel){
                       .primitive = primitive,
                       .descriptor = descriptor,
                       .descriptor_bytes = bytes,
                       .steps = steps,
                       .y = tensor_address(g, &node->location, 0, 0),
                       .x = tensor_address(g, &node->inputs[0]->location, 0, 0),
                       .pieces = pieces,
                   });
}

static int64_t pool_kind(const struct node *node) {
    if (node->op == OP_SUMPOOL)
        return node->attributes.a == 1 ? CNN_SUM_OF_SIZES : CNN_SUM_OF_SQUARES;
    return node->op == OP_MAXPOOL ? CNN_LARGEST : CNN_MEAN;
}

/* Whether there is one window, of all pixels and no others. */
static bool is_of_all(const struct node *node) {
    const struct attributes *a = &node->attributes;
    const struct shape x = node->inputs[0]->shape;
    for (int side = 0; side < 4; side++)
        if (a->padding[side])
            return false;
    return node->shape.h == 1 && node->shape.w == 1 && a->kernel[0] == x.h && a->kernel[1] == x.w;
}

/* Such a pool has one pixel, but as many pieces as channels. */
static void emit_pool_of_all(struct generator *g, const struct node *node,
                             const struct steps *steps) {
    const struct shape x = shape_in_pass(node, node->inputs[0]);
    struct cnn_reduce d = {
        .kind = pool_kind(node),
        .outer = {x.n, 1, 1, x.c},
        .inner = {1, x.h, x.w, 1},
        .x = location_strides(&node->inputs[0]->location),
        .y = location_strides(&node->location),
    };
    emit_whole(g, node, "reduce", &d, sizeof d, steps, cnn_extent_count(cnn_reduce_pieces(&d)));
}

void lower_pool(struct generator *g, const struct node *node) {
    const struct attributes *a = &node->attributes;
    const struct node *input = node->inputs[0];
    struct steps steps = {.count = 0};
    steps_add_epilogue(g, &steps, node);
    if (is_of_all(node) && !a->indices) {
        emit_pool_of_all(g, node, &steps);
        return;
    }
    struct cnn_pool d = {
        .kind = pool_kind(node),
        .count_padding = a->count_padding,
        .batch = images_in_pass(node),
        .height = input->shape.h,
        .width = input->shape.w,
        .channels = node->shape.c,
        .out_height = node->shape.h,
        .out_width = node->shape.w,
        .kernel_height = a->kernel[0],
        .kernel_width = a->kernel[1],
        .stride_h = a->stride[0],
        .stride_w = a->stride[1],
        .dilation_h = a->dilation[0],
        .dilation_w = a->dilation[1],
        .pad_top = a->padding[TOP],
        .pad_left = a->padding[LEFT],
        .pad_bottom = a->padding[BOTTOM],
        .pad_right = a->padding[RIGHT],
        .x = location_strides(&input->location),
        .y = location_strides(&node->location),
    };
    emit_whole(g, node, a->indices ? "pool_indices" : "pool", &d, sizeof d, &steps,
               cnn_pool_pieces(&d));
}

void lower_unpool(struct generator *g, const struct node *node) {
    const struct node *x = node->inputs[0], *indices = node->inputs[1];
    struct cnn_unpool d = {
        .batch = shape_in_pass(node, x).n,
        .height = x->shape.h,
        .width = x->shape.w,
        .channels = x->shape.c,
        .out_height = node->shape.h,
        .out_width = node->shape.w,
        .x = location_strides(&x->location),
        .indices = location_strides(&indices->location),
        .y = location_strides(&node->location),
    };
    emit_kernel(g, &(struct kernel){
                       .primitive = "unpool",
                       DESCRIPTOR(d),
                       .y = tensor_address(g, &node->location, 0, 0),
                       .x = tensor_address(g, &x->location, 0, 0),
                       .weights = tensor_address(g, &indices->location, 0, 0),
                   });
}

void lower_upsample(struct generator *g, const struct node *node) {
    if (node->attributes.mode == RESIZE_BICUBIC) {
        lower_resize(g, node);
        return;
    }
    const struct node *input = node->inputs[0];
    struct steps steps = {.count = 0};
    steps_add_epilogue(g, &steps, node);
    struct cnn_resize d = {
        .mode = node->attributes.mode == RESIZE_NEAREST ? CNN_RESIZE_NEAREST : CNN_RESIZE_BILINEAR,
        .align = node->attributes.align == ALIGN_CORNERS ? CNN_ALIGN_CORNERS : CNN_ALIGN_HALF_PIXEL,
        .batch = images_in_pass(node),
        .height = input->shape.h,
        .width = input->shape.w,
        .channels = node->shape.c,
        .out_height = node->shape.h,
        .out_width = node->shape.w,
        .x = location_strides(&input->location),
        .y = location_strides(&node->location),
    };
    emit_whole(g, node, "resize", &d, sizeof d, &steps, cnn_resize_pieces(&d));
}
