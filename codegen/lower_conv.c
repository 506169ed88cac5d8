/* Convolutions as calls of cnn_conv and cnn_depthwise. Their input has its border already. */
#include <string.h>

#include "codegen/algorithms.h"
#include "codegen/generator.h"
#include "codegen/pack.h"
#include "codegen/predict.h"
#include "codegen/tiles.h"

/* Bias and fused layers. */
static void conv_steps(struct generator *g, const struct node *node, struct steps *steps) {
    *steps = (struct steps){.count = 0};
    if (node->parameter_count > 1)
        steps_add_bias(g, steps, node->parameters[1]);
    steps_add_epilogue(g, steps, node);
}

/* Collects the views that loops over output pixels walk through, for merge_loops. */
static int output_views(struct steps *steps, struct cnn_strides *x, struct cnn_strides *y,
                        struct cnn_strides **views) {
    int count = 0;
    views[count++] = x;
    views[count++] = y;
    for (int i = 0; i < steps->count; i++)
        if (steps->items[i].kind == OPERAND_TENSOR)
            views[count++] = &steps->items[i].strides;
    return count;
}

/* The address of the first tap of the first window. */
static LLVMValueRef window_address(struct generator *g, const struct node *node) {
    const struct attributes *a = &node->attributes;
    return tensor_address(g, &node->inputs[0]->location, node->border[0] - a->padding[TOP],
                          node->border[1] - a->padding[LEFT]);
}

/* Steps from one output pixel to the next, in the input. */
static struct cnn_strides window_strides(const struct node *node) {
    const struct location *x = &node->inputs[0]->location;
    const int64_t *stride = node->attributes.stride;
    return (struct cnn_strides){x->image, stride[0] * x->row, stride[1] * x->pixel};
}

static void lower_winograd(struct generator *g, const struct node *node) {
    const struct tensor *weight = node->parameters[0];
    struct cnn_winograd d = winograd_descriptor(&g->target, node, node->winograd);
    struct steps steps;
    conv_steps(g, node, &steps);
    d.x = location_strides(&node->inputs[0]->location);
    d.y = location_strides(&node->location);
    struct winograd_packing packing = {d.tile, d.tile_vectors * g->target.vector_width};
    emit_kernel(g,
                &(struct kernel){
                    .primitive = "winograd",
                    DESCRIPTOR(d),
                    .steps = &steps,
                    .y = tensor_address(g, &node->location, 0, 0),
                    .x = window_address(g, node),
                    .weights = packed_weights(g, weight, pack_winograd, (const int64_t *)&packing,
                                              sizeof packing / sizeof(int64_t)),
                    .scratch = scratch_address(g, node),
                    .pieces = cnn_winograd_pieces(&d, g->target.vector_width),
                });
}

/* False where windows are no runs of floats in the input's place. */
static bool lower_product(struct generator *g, const struct node *node, const struct cnn_conv *conv,
                          const struct steps *steps) {
    int64_t taps = conv->kernel_width * conv->channels;
    if ((conv->kernel_width > 1 && conv->x_tap_w != conv->channels) ||
        (conv->kernel_height > 1 && conv->x_tap_h != taps))
        return false;
    struct cnn_product d = product_descriptor(&g->target, node);
    d.batch = conv->batch;
    d.out_height = conv->out_height;
    d.out_width = conv->out_width;
    d.x_image = conv->x_image;
    d.x_step_h = conv->x_step_h;
    d.x_step_w = conv->x_step_w;
    d.y = conv->y;
    d.long_epilogue = steps_are_long(steps);
    struct conv_packing packing = {
        .groups = 1,
        .block = d.tile_vectors * g->target.vector_width,
        .step_h = 1,
        .step_w = 1,
        .count_h = conv->kernel_height,
        .count_w = conv->kernel_width,
    };
    emit_kernel(g, &(struct kernel){
                       .primitive = "product",
                       DESCRIPTOR(d),
                       .steps = steps,
                       .y = tensor_address(g, &node->location, 0, 0),
                       .x = window_address(g, node),
                       .weights = packed_weights(g, node->parameters[0], pack_conv,
                                                 (const int64_t *)&packing,
                                                 sizeof packing / sizeof(int64_t)),
                       .scratch = scratch_address(g, node),
                       .pieces = cnn_product_pieces(&d, g->target.vector_width),
                   });
    return true;
}

/* Of work in so many pieces: how much longer the longer half of it takes than half of the cycles.
 */
static double uneven_cycles(double cycles, int64_t pieces) {
    return cycles * ((double)((pieces + 1) / 2) / (double)pieces - 0.5);
}

/* Shares what two threads lose less by. Parts of the pixels each read all weights; parts of the
 * output channels exchange half of what they read and write with the layers around, most of which
 * have their pixels shared. */
static void choose_pieces(struct generator *g, const struct steps *steps, struct cnn_conv *d) {
    const double exchange_rate = 3; /* bytes a cycle that come out of another core's cache */
    const struct setting setting = {&g->target, true, steps_cycles(steps)};
    double cycles = conv_cycles(&setting, d), weights = (double)conv_weight_bytes(&g->target, d);
    double pixels = (double)(d->batch * d->out_height * d->out_width * d->groups);
    double tensors = pixels * (double)(d->channels + d->out_channels) * sizeof(float);
    d->split_channels = true;
    int64_t panels = cnn_conv_pieces(d, g->target.vector_width), tiles = cnn_conv_tiles(d);
    d->split_channels = uneven_cycles(cycles, tiles) + weights / 2 / g->target.facts->memory_rate >
                        uneven_cycles(cycles, panels) + tensors / 2 / exchange_rate;
}

void lower_conv(struct generator *g, const struct node *node) {
    if (node->winograd) {
        lower_winograd(g, node);
        return;
    }
    const struct attributes *a = &node->attributes;
    const struct location *x = &node->inputs[0]->location;
    const struct tensor *weight = node->parameters[0];
    struct steps steps;
    conv_steps(g, node, &steps);

    struct cnn_strides x_steps = window_strides(node);
    struct cnn_conv d = {
        .batch = images_in_pass(node),
        .groups = a->groups,
        .out_height = node->shape.h,
        .out_width = node->shape.w,
        .channels = weight->dimensions[1],
        .out_channels = node->shape.c / a->groups,
        .kernel_height = weight->dimensions[2],
        .kernel_width = weight->dimensions[3],
        .x_tap_h = a->dilation[0] * x->row,
        .x_tap_w = a->dilation[1] * x->pixel,
        .y = location_strides(&node->location),
        .long_epilogue = steps_are_long(&steps),
    };
    struct cnn_strides *views[2 + MAX_STEPS];
    int view_count = output_views(&steps, &x_steps, &d.y, views);
    merge_loops(&d.batch, &d.out_height, &d.out_width, views, view_count);
    d.x_image = x_steps.image;
    d.x_step_h = x_steps.row;
    d.x_step_w = x_steps.pixel;
    if (node->scratch_floats && lower_product(g, node, &d, &steps))
        return;
    choose_tile(&g->target, d.out_width, d.out_channels,
                d.channels * d.kernel_height * d.kernel_width, &d.tile_pixels, &d.tile_vectors);
    if (node->tuned.pixels) {
        d.tile_pixels = node->tuned.pixels;
        d.tile_vectors = node->tuned.vectors;
    }
    choose_order(&g->target, a->stride[0] * a->stride[1], &d);
    choose_pieces(g, &steps, &d);

    struct conv_packing packing = {
        .groups = a->groups,
        .block = d.tile_vectors * g->target.vector_width,
        .step_h = 1,
        .step_w = 1,
        .count_h = d.kernel_height,
        .count_w = d.kernel_width,
    };
    emit_kernel(g, &(struct kernel){
                       .primitive = "conv",
                       DESCRIPTOR(d),
                       .steps = &steps,
                       .y = tensor_address(g, &node->location, 0, 0),
                       .x = window_address(g, node),
                       .weights = packed_weights(g, weight, pack_conv, (const int64_t *)&packing,
                                                 sizeof packing / sizeof(int64_t)),
                       .pieces = cnn_conv_pieces(&d, g->target.vector_width),
                   });
}

static bool same_filter_for_all(const struct tensor *weight) {
    int64_t taps = weight->dimensions[2] * weight->dimensions[3];
    for (int64_t i = taps; i < weight->dimensions[0] * taps; i++)
        if (weight->data[i] != weight->data[i - taps])
            return false;
    return true;
}

/* [R][S] of the first channel. */
static float *pack_one_filter(struct arena *arena, const struct tensor *tensor,
                              const int64_t *layout, int64_t *count) {
    (void)layout;
    *count = tensor->dimensions[2] * tensor->dimensions[3];
    float *packed = ARENA_ARRAY(arena, float, *count);
    memcpy(packed, tensor->data, (size_t)*count * sizeof(float));
    return packed;
}

void lower_depthwise(struct generator *g, const struct node *node) {
    const struct attributes *a = &node->attributes;
    const struct location *x = &node->inputs[0]->location;
    const struct tensor *weight = node->parameters[0];
    struct steps steps;
    conv_steps(g, node, &steps);

    struct cnn_strides x_steps = window_strides(node);
    struct cnn_depthwise d = {
        .batch = images_in_pass(node),
        .out_height = node->shape.h,
        .out_width = node->shape.w,
        .channels = node->shape.c,
        .kernel_height = weight->dimensions[2],
        .kernel_width = weight->dimensions[3],
        .x_image = x_steps.image,
        .x_step_h = x_steps.row,
        .x_step_w = x_steps.pixel,
        .x_tap_h = a->dilation[0] * x->row,
        .x_tap_w = a->dilation[1] * x->pixel,
        .y = location_strides(&node->location),
        .long_epilogue = steps_are_long(&steps),
    };
    int64_t channel_stride = 1;
    if (a->stride[1] == 1 && same_filter_for_all(weight))
        d.one_filter =
            merge_pixels(&steps, &d.out_width, &d.channels, d.y.pixel, x->pixel, &channel_stride);
    d.tile_pixels = node->tuned.pixels ? node->tuned.pixels : choose_depthwise_tile(d.out_width);
    choose_depthwise_order(&g->target, node->inputs[0]->shape.w, &d);

    int64_t width = g->target.vector_width;
    emit_kernel(g, &(struct kernel){
                       .primitive = "depthwise",
                       DESCRIPTOR(d),
                       .steps = &steps,
                       .y = tensor_address(g, &node->location, 0, 0),
                       .x = window_address(g, node),
                       .weights = packed_weights(
                           g, weight, d.one_filter ? pack_one_filter : pack_depthwise, &width, 1),
                       .pieces = cnn_depthwise_pieces(&d),
                   });
}

/* --- transposed convolution ---
 * Output o = i*S + r*D - pad of input i and tap r. The outputs of one phase, o = phase (mod S), are
 * an ordinary convolution of the input with every S/gcd(S,D)-th tap, from the last to the first. */

static int64_t greatest_common_divisor(int64_t a, int64_t b) {
    while (b) {
        int64_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

/* One axis of one phase. */
struct phase {
    int64_t first, count;       /* outputs first, first + S, ... */
    int64_t taps;               /* how many kernel taps reach it */
    int64_t last_tap, tap_step; /* the taps are last_tap, last_tap - tap_step, ... */
    int64_t input, input_step;  /* the input under last_tap at the first output; between taps */
};

static struct phase phase_of(const struct node *node, int axis, int64_t first) {
    const struct attributes *a = &node->attributes;
    int64_t stride = a->stride[axis], dilation = a->dilation[axis], pad = a->padding[axis];
    int64_t outputs = axis == 0 ? node->shape.h : node->shape.w;
    int64_t divisor = greatest_common_divisor(stride, dilation);
    struct phase phase = {
        .first = first,
        .count = (outputs - first + stride - 1) / stride,
        .tap_step = stride / divisor,
        .input_step = dilation / divisor,
    };
    for (int64_t tap = 0; tap < a->kernel[axis]; tap++) {
        int64_t reach = first + pad - tap * dilation;
        if (reach % stride != 0)
            continue;
        phase.taps++;
        phase.last_tap = tap;
        phase.input = reach / stride;
    }
    return phase;
}

/* Moves the operands of the steps to the outputs of a phase. */
static void steps_in_phase(struct generator *g, struct steps *steps, const struct phase *h,
                           const struct phase *w, const int64_t *stride) {
    for (int i = 0; i < steps->count; i++) {
        struct step *step = &steps->items[i];
        if (step->kind != OPERAND_TENSOR)
            continue;
        step->operand = address_plus(g, step->operand,
                                     h->first * step->strides.row + w->first * step->strides.pixel);
        step->strides.row *= stride[0];
        step->strides.pixel *= stride[1];
    }
}

static void lower_phase(struct generator *g, const struct node *node, const struct phase *h,
                        const struct phase *w) {
    const struct attributes *a = &node->attributes;
    const struct location *x = &node->inputs[0]->location, *y = &node->location;
    const struct tensor *weight = node->parameters[0];
    struct steps steps;
    conv_steps(g, node, &steps);
    steps_in_phase(g, &steps, h, w, a->stride);
    bool reached = h->taps > 0 && w->taps > 0;
    struct cnn_conv d = {
        .batch = images_in_pass(node),
        .groups = a->groups,
        .out_height = h->count,
        .out_width = w->count,
        .channels = weight->dimensions[0] / a->groups,
        .out_channels = weight->dimensions[1],
        .kernel_height = reached ? h->taps : 0,
        .kernel_width = reached ? w->taps : 0,
        .x_image = x->image,
        .x_step_h = x->row,
        .x_step_w = x->pixel,
        .x_tap_h = h->input_step * x->row,
        .x_tap_w = w->input_step * x->pixel,
        .y = {y->image, a->stride[0] * y->row, a->stride[1] * y->pixel},
        .long_epilogue = steps_are_long(&steps),
    };
    choose_tile(&g->target, d.out_width, d.out_channels,
                d.channels * d.kernel_height * d.kernel_width, &d.tile_pixels, &d.tile_vectors);
    choose_order(&g->target, 1, &d);
    choose_pieces(g, &steps, &d);
    struct conv_packing packing = {
        .groups = a->groups,
        .block = d.tile_vectors * g->target.vector_width,
        .first_h = h->last_tap,
        .first_w = w->last_tap,
        .step_h = -h->tap_step,
        .step_w = -w->tap_step,
        .count_h = d.kernel_height,
        .count_w = d.kernel_width,
        .transposed = 1,
    };
    int64_t row = reached ? node->border[0] + h->input : 0;
    int64_t column = reached ? node->border[1] + w->input : 0;
    emit_kernel(g, &(struct kernel){
                       .primitive = "conv",
                       DESCRIPTOR(d),
                       .steps = &steps,
                       .y = tensor_address(g, y, h->first, w->first),
                       .x = tensor_address(g, x, row, column),
                       .weights = packed_weights(g, weight, pack_conv, (const int64_t *)&packing,
                                                 sizeof packing / sizeof(int64_t)),
                       .pieces = cnn_conv_pieces(&d, g->target.vector_width),
                   });
}

void lower_deconv(struct generator *g, const struct node *node) {
    const int64_t *stride = node->attributes.stride;
    for (int64_t p = 0; p < stride[0] && p < node->shape.h; p++)
        for (int64_t q = 0; q < stride[1] && q < node->shape.w; q++) {
            struct phase h = phase_of(node, 0, p), w = phase_of(node, 1, q);
            lower_phase(g, node, &h, &w);
        }
}
