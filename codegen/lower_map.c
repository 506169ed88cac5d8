/* Elementwise layers as calls of cnn_map: the layer itself and what is fused behind it are steps.
 */
#include "codegen/generator.h"

/* The input that the loop reads; the others are operands of the steps. One that is not broadcast
 * serves best, but any does. */
static const struct node *loop_input(const struct node *node) {
    for (int i = 0; i < node->input_count; i++)
        if (shape_equal(node->inputs[i]->shape, node->shape))
            return node->inputs[i];
    return node->inputs[0];
}

void lower_map(struct generator *g, const struct node *node) {
    const struct node *input = loop_input(node);
    const struct location *x = &input->location;
    struct steps steps = {.count = 0};
    steps_add_layer(g, &steps, node, input);
    steps_add_epilogue(g, &steps, node);

    struct cnn_map d = {
        .batch = images_in_pass(node),
        .height = node->shape.h,
        .width = node->shape.w,
        .channels = node->shape.c,
        .x = {input->shape.n == 1 ? 0 : x->image, input->shape.h == 1 ? 0 : x->row,
              input->shape.w == 1 ? 0 : x->pixel},
        .x_channel = input->shape.c == 1 ? 0 : x->channel,
        .y = location_strides(&node->location),
        .x_bytes = node->op == OP_CONVERT,
    };
    struct cnn_strides *views[2 + MAX_STEPS] = {&d.x, &d.y};
    int count = 2;
    for (int i = 0; i < steps.count; i++)
        if (steps.items[i].kind == OPERAND_TENSOR)
            views[count++] = &steps.items[i].strides;
    merge_loops(&d.batch, &d.height, &d.width, views, count);
    merge_pixels(&steps, &d.width, &d.channels, d.y.pixel, d.x.pixel, &d.x_channel);
    emit_kernel(g, &(struct kernel){
                       .primitive = "map",
                       DESCRIPTOR(d),
                       .steps = &steps,
                       .y = tensor_address(g, &node->location, 0, 0),
                       .x = tensor_address(g, x, 0, 0),
                       .pieces = cnn_map_pieces(&d),
                   });
}
