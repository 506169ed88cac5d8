/* Convolution, depthwise convolution, pooling and resizing against their naive twins: small
 * integers to the bit, real values within the rounding bound. */
#include "tests/unit/kernels.h"

static int64_t round_up(int64_t value, int64_t multiple) {
    return (value + multiple - 1) / multiple * multiple;
}

/* A random window of which every tap reads inside a tensor of minimal size. */
static struct naive_window random_window(struct random *random) {
    return (struct naive_window){
        .kernel = {between(random, 1, 4), between(random, 1, 4)},
        .stride = {between(random, 1, 3), between(random, 1, 3)},
        .dilation = {between(random, 1, 2), between(random, 1, 2)},
    };
}

static int64_t input_size(const struct naive_window *window, int axis, int64_t out) {
    int64_t extent = window->dilation[axis] * (window->kernel[axis] - 1) + 1;
    return (out - 1) * window->stride[axis] + (extent > 1 ? extent : 1);
}

/* OIHW weights, of the values random_value gives. */
static double *random_weights(struct random *random, bool whole, int64_t count) {
    double *weights = malloc((size_t)(count + 1) * sizeof *weights);
    for (int64_t i = 0; i < count; i++)
        weights[i] = random_value(random, whole);
    return weights;
}

static struct guarded packed_conv(const struct cnn_conv *d, const double *weights, bool at_end) {
    int64_t block = d->tile_vectors * CNN_VECTOR, padded = round_up(d->out_channels, block);
    int64_t taps = d->kernel_height * d->kernel_width;
    struct guarded packed = guard(d->groups * padded * taps * d->channels, at_end);
    float *out = packed.data;
    for (int64_t g = 0; g < d->groups; g++)
        for (int64_t first = 0; first < padded; first += block)
            for (int64_t tap = 0; tap < taps; tap++)
                for (int64_t c = 0; c < d->channels; c++)
                    for (int64_t k = first; k < first + block; k++)
                        *out++ =
                            k < d->out_channels
                                ? (float)
                                      weights[((g * d->out_channels + k) * d->channels + c) * taps +
                                              tap]
                                : 0;
    return packed;
}

static int64_t conv_case(struct random *random, bool whole, bool at_end) {
    struct naive_window window = random_window(random);
    if (between(random, 0, 9) == 0)
        window.kernel[between(random, 0, 1)] = 0; /* no taps: zeros */
    int64_t gap = between(random, 0, 1) * between(random, 0, 5);
    struct cnn_conv d = {
        .batch = between(random, 1, 2),
        .groups = between(random, 1, 3),
        .out_height = between(random, 1, 3),
        .out_width = between(random, 1, 9),
        .channels = between(random, 1, 9),
        .out_channels = between(random, 1, 3 * CNN_VECTOR + 5),
        .kernel_height = window.kernel[0],
        .kernel_width = window.kernel[1],
        .tile_pixels = between(random, 1, 6),
        .tile_vectors = between(random, 1, 4),
        .fetch = between(random, 0, 2),
        .block = between(random, 0, 3),
        .split_channels = between(random, 0, 1),
    };
    struct tensor x =
        new_tensor(d.batch, input_size(&window, 0, d.out_height),
                   input_size(&window, 1, d.out_width), d.groups * d.channels, gap, at_end);
    struct tensor y =
        new_tensor(d.batch, d.out_height, d.out_width, d.groups * d.out_channels, gap, at_end);
    d.x_image = x.strides.image;
    d.x_step_h = window.stride[0] * x.strides.row;
    d.x_step_w = window.stride[1] * x.strides.pixel;
    d.x_tap_h = window.dilation[0] * x.strides.row;
    d.x_tap_w = window.dilation[1] * x.strides.pixel;
    d.y = y.strides;
    fill_tensor(&x, random, whole);
    int64_t terms = d.channels * d.kernel_height * d.kernel_width;
    double *weights = random_weights(random, whole, d.groups * d.out_channels * terms);
    struct guarded packed = packed_conv(&d, weights, at_end);

    double *values = dense(&x), *expected = new_doubles(y.shape), *magnitude = new_doubles(y.shape);
    naive_conv(expected, magnitude, y.shape, values, x.shape, weights, NULL, &window, d.groups,
               NAIVE_ZEROS);
    struct tensor residual = add_to_expected(&y, random, whole, at_end, expected, magnitude);
    const float *operands[] = {residual.memory.data, (const float *)(const void *)y.shape};
    int64_t pieces = cnn_conv_pieces(&d, CNN_VECTOR), cut = random_cut(random, pieces);
    if (cut == WHOLE)
        cnn_conv(&d, y.memory.data, x.memory.data, packed.data, add_residual, operands);
    else
        FOR_PARTS(cut, pieces,
                  cnn_conv_part(&d, y.memory.data, x.memory.data, packed.data, add_residual,
                                operands, first, end));
    int64_t wrong = wrong_values(&y, expected, magnitude, whole ? 0 : gamma_bound(terms + 1));

    free(weights), free(values), free(expected), free(magnitude);
    unguard(&packed), unguard(&x.memory), unguard(&y.memory), unguard(&residual.memory);
    return wrong;
}

/* Against a convolution of a 1x1 kernel, whose weights are packed in the same way. */
static int64_t product_case(struct random *random, bool whole, bool at_end) {
    int64_t stride = between(random, 1, 2), gap = between(random, 0, 1) * between(random, 0, 5);
    struct naive_window window = {{1, 1}, {stride, stride}, {1, 1}, {0, 0, 0, 0}};
    struct cnn_product d = {
        .batch = between(random, 1, 3),
        .out_height = between(random, 1, 3),
        .out_width = between(random, 1, 9),
        .channels = between(random, 1, 40),
        .out_channels = between(random, 1, 5 * CNN_VECTOR + 5),
        .tile_pixels = between(random, 1, 6),
        .tile_vectors = between(random, 1, 3),
        .block_terms = between(random, 1, 20),
        .panels = between(random, 1, 3),
        .long_epilogue = between(random, 0, 1),
    };
    d.block_rows = d.tile_pixels * between(random, 1, 10);
    struct tensor x = new_tensor(d.batch, input_size(&window, 0, d.out_height),
                                 input_size(&window, 1, d.out_width), d.channels, gap, at_end);
    struct tensor y = new_tensor(d.batch, d.out_height, d.out_width, d.out_channels, gap, at_end);
    d.x_image = x.strides.image;
    d.x_step_h = stride * x.strides.row;
    d.x_step_w = stride * x.strides.pixel;
    d.y = y.strides;
    fill_tensor(&x, random, whole);
    double *weights = random_weights(random, whole, d.out_channels * d.channels);
    struct cnn_conv packing = {.groups = 1,
                               .channels = d.channels,
                               .out_channels = d.out_channels,
                               .kernel_height = 1,
                               .kernel_width = 1,
                               .tile_vectors = d.tile_vectors};
    struct guarded packed = packed_conv(&packing, weights, at_end);
    struct guarded scratch = guard(cnn_product_floats(&d, CNN_VECTOR), true);

    double *values = dense(&x), *expected = new_doubles(y.shape), *magnitude = new_doubles(y.shape);
    naive_conv(expected, magnitude, y.shape, values, x.shape, weights, NULL, &window, 1,
               NAIVE_ZEROS);
    struct tensor residual = add_to_expected(&y, random, whole, at_end, expected, magnitude);
    const float *operands[] = {residual.memory.data, (const float *)(const void *)y.shape};
    int64_t pieces = cnn_product_pieces(&d, CNN_VECTOR), cut = random_cut(random, pieces);
    if (cut == WHOLE)
        cnn_product(&d, y.memory.data, x.memory.data, packed.data, scratch.data, add_residual,
                    operands);
    else
        FOR_PARTS(cut, pieces,
                  cnn_product_part(&d, y.memory.data, x.memory.data, packed.data, scratch.data,
                                   add_residual, operands, first, end));
    int64_t wrong = wrong_values(&y, expected, magnitude, whole ? 0 : gamma_bound(d.channels + 1));

    free(weights), free(values), free(expected), free(magnitude);
    unguard(&packed), unguard(&scratch), unguard(&x.memory), unguard(&y.memory);
    unguard(&residual.memory);
    return wrong;
}

/* Packed for cnn_depthwise: by channel, or one filter for all. */
static struct guarded packed_depthwise(const struct cnn_depthwise *d, const double *weights,
                                       bool at_end) {
    int64_t taps = d->kernel_height * d->kernel_width;
    int64_t filter = d->one_filter ? 1 : round_up(d->channels, CNN_VECTOR);
    struct guarded packed = guard(taps * filter, at_end);
    for (int64_t tap = 0; tap < taps; tap++)
        for (int64_t c = 0; c < filter; c++)
            packed.data[tap * filter + c] =
                c < d->channels ? (float)weights[d->one_filter ? tap : c * taps + tap] : 0;
    return packed;
}

static int64_t depthwise_case(struct random *random, bool whole, bool at_end) {
    struct naive_window window = random_window(random);
    bool one_filter = between(random, 0, 1), as_row = one_filter && between(random, 0, 1);
    int64_t gap = as_row ? 0 : between(random, 0, 1) * between(random, 0, 5);
    if (as_row)
        window.stride[1] = 1;
    if (between(random, 0, 20) == 0)
        window.kernel[0] = 150; /* too many taps to unroll */
    int64_t channels = as_row                  ? between(random, 1, 4)
                       : between(random, 0, 3) ? between(random, 1, 2 * CNN_VECTOR + 3)
                                               : CNN_RUN * between(random, 1, 6);
    int64_t batch = between(random, 1, 2), height = between(random, 1, 4);
    int64_t width = between(random, 1, as_row ? 40 : 9);
    struct tensor x = new_tensor(batch, input_size(&window, 0, height),
                                 input_size(&window, 1, width), channels, gap, at_end);
    struct tensor y = new_tensor(batch, height, width, channels, gap, at_end);
    struct cnn_depthwise d = {
        .batch = batch,
        .out_height = height,
        .out_width = as_row ? 1 : width,
        .channels = as_row ? width * channels : channels,
        .kernel_height = window.kernel[0],
        .kernel_width = window.kernel[1],
        .x_image = x.strides.image,
        .x_step_h = window.stride[0] * x.strides.row,
        .x_step_w = window.stride[1] * x.strides.pixel,
        .x_tap_h = window.dilation[0] * x.strides.row,
        .x_tap_w = window.dilation[1] * x.strides.pixel,
        .y = y.strides,
        .tile_pixels = between(random, 1, 6),
        .one_filter = one_filter,
        .block_rows = between(random, 1, batch * height),
    };
    d.run = d.channels;
    for (int64_t run = CNN_RUN; run < d.channels; run += CNN_RUN)
        if (d.channels % run == 0 && between(random, 0, 1))
            d.run = run;
    fill_tensor(&x, random, whole);
    int64_t taps = d.kernel_height * d.kernel_width;
    double *weights = random_weights(random, whole, channels * taps);
    if (one_filter)
        for (int64_t i = taps; i < channels * taps; i++)
            weights[i] = weights[i - taps];
    struct guarded packed = packed_depthwise(&d, weights, at_end);

    double *values = dense(&x), *expected = new_doubles(y.shape), *magnitude = new_doubles(y.shape);
    naive_conv(expected, magnitude, y.shape, values, x.shape, weights, NULL, &window, channels,
               NAIVE_ZEROS);
    struct tensor residual = add_to_expected(&y, random, whole, at_end, expected, magnitude);
    const int64_t seen[4] = {batch, height, d.out_width, d.channels}; /* by the epilogue */
    const float *operands[] = {residual.memory.data, (const float *)(const void *)seen};
    int64_t pieces = cnn_depthwise_pieces(&d), cut = random_cut(random, pieces);
    if (cut == WHOLE)
        cnn_depthwise(&d, y.memory.data, x.memory.data, packed.data, add_residual, operands);
    else
        FOR_PARTS(cut, pieces,
                  cnn_depthwise_part(&d, y.memory.data, x.memory.data, packed.data, add_residual,
                                     operands, first, end));
    int64_t wrong = wrong_values(&y, expected, magnitude, whole ? 0 : gamma_bound(taps + 1));

    free(weights), free(values), free(expected), free(magnitude);
    unguard(&packed), unguard(&x.memory), unguard(&y.memory), unguard(&residual.memory);
    return wrong;
}

/* The number of outputs of one axis; with `ceil`, also of a window that begins inside the input but
 * does not fit. */
static int64_t output_size(const struct naive_window *window, int axis, int64_t in, bool ceil) {
    int64_t extent = window->dilation[axis] * (window->kernel[axis] - 1) + 1;
    int64_t before = window->padding[axis], stride = window->stride[axis];
    int64_t out = (in + before + window->padding[axis + 2] - extent) / stride + 1;
    return ceil && out * stride < in + before ? out + 1 : out;
}

/* A size of the input that, padded, holds at least one window. */
static int64_t pooled_size(struct random *random, const struct naive_window *window, int axis) {
    int64_t extent = window->dilation[axis] * (window->kernel[axis] - 1) + 1;
    int64_t least = extent - window->padding[axis] - window->padding[axis + 2];
    return (least > 1 ? least : 1) + between(random, 0, 4);
}

static int64_t pool_case(struct random *random, bool whole, bool at_end) {
    struct naive_window window = random_window(random);
    for (int axis = 0; axis < 2; axis++) {
        /* a dilated window may step over a small input: its mean is 0 / 0 */
        int64_t most = window.dilation[axis] * (window.kernel[axis] - 1);
        window.padding[axis] = between(random, 0, most);
        window.padding[axis + 2] = between(random, 0, most);
    }
    int64_t gap = between(random, 0, 1) * between(random, 0, 5);
    struct tensor x = new_tensor(between(random, 1, 2), pooled_size(random, &window, 0),
                                 pooled_size(random, &window, 1),
                                 between(random, 1, 2 * CNN_VECTOR + 3), gap, at_end);
    bool ceil = between(random, 0, 1);
    struct tensor y =
        new_tensor(x.shape[0], output_size(&window, 0, x.shape[1], ceil),
                   output_size(&window, 1, x.shape[2], ceil), x.shape[3], gap, at_end);
    struct cnn_pool d = {
        .kind = between(random, 0, 1) ? CNN_LARGEST : CNN_MEAN,
        .count_padding = between(random, 0, 1),
        .batch = x.shape[0],
        .height = x.shape[1],
        .width = x.shape[2],
        .channels = x.shape[3],
        .out_height = y.shape[1],
        .out_width = y.shape[2],
        .kernel_height = window.kernel[0],
        .kernel_width = window.kernel[1],
        .stride_h = window.stride[0],
        .stride_w = window.stride[1],
        .dilation_h = window.dilation[0],
        .dilation_w = window.dilation[1],
        .pad_top = window.padding[0],
        .pad_left = window.padding[1],
        .pad_bottom = window.padding[2],
        .pad_right = window.padding[3],
        .x = x.strides,
        .y = y.strides,
    };
    fill_tensor(&x, random, whole);
    if (d.kind == CNN_LARGEST && between(random, 0, 1))
        x.memory.data[position(&x, 0, x.shape[1] / 2, x.shape[2] / 2, 0)] = NAN;
    double *values = dense(&x), *expected = new_doubles(y.shape);
    bool indices = d.kind == CNN_LARGEST && between(random, 0, 1);
    if (indices)
        naive_maxpool_indices(expected, y.shape, values, x.shape, &window);
    else if (d.kind == CNN_LARGEST)
        naive_maxpool(expected, y.shape, values, x.shape, &window);
    else
        naive_avgpool(expected, y.shape, values, x.shape, &window, d.count_padding);
    bool exact = whole || d.kind == CNN_LARGEST;
    cnn_epilogue *epilogue = exact ? unchanged : add_residual;
    struct tensor residual = {.memory = guard(0, at_end)};
    if (!exact) {
        unguard(&residual.memory);
        residual = add_to_expected(&y, random, whole, at_end, expected, NULL);
    }
    const float *operands[] = {residual.memory.data, (const float *)(const void *)y.shape};
    WHOLE_OR_PARTS(random, cnn_pool_pieces(&d),
                   (indices ? cnn_pool_indices : cnn_pool)(&d, y.memory.data, x.memory.data,
                                                           epilogue, operands),
                   (indices ? cnn_pool_indices_part : cnn_pool_part)(
                       &d, y.memory.data, x.memory.data, epilogue, operands, first, end));
    int64_t wrong = wrong_values(&y, expected, NULL,
                                 exact ? 0 : 2 * gamma_bound(d.kernel_height * d.kernel_width + 2));

    free(values), free(expected);
    unguard(&x.memory), unguard(&y.memory), unguard(&residual.memory);
    return wrong;
}

/* Indices from below 0 to beyond the picture, halves, NaN and infinities. */
static int64_t unpool_case(struct random *random, bool whole, bool at_end) {
    static const float odd[] = {NAN, INFINITY, -INFINITY, -0.0f, 16777216};
    int64_t gap = between(random, 0, 1) * between(random, 0, 5);
    struct tensor x =
        new_tensor(between(random, 1, 2), between(random, 1, 5), between(random, 1, 5),
                   between(random, 1, 2 * CNN_VECTOR + 3), gap, at_end);
    struct tensor indices =
        new_tensor(x.shape[0], x.shape[1], x.shape[2], x.shape[3], gap ? 0 : 3, at_end);
    struct tensor y = new_tensor(x.shape[0], between(random, 1, 6), between(random, 1, 6),
                                 x.shape[3], gap, at_end);
    struct cnn_unpool d = {
        .batch = x.shape[0],
        .height = x.shape[1],
        .width = x.shape[2],
        .channels = x.shape[3],
        .out_height = y.shape[1],
        .out_width = y.shape[2],
        .x = x.strides,
        .indices = indices.strides,
        .y = y.strides,
    };
    fill_tensor(&x, random, whole);
    fill_tensor(&indices, random, whole);
    for (int64_t i = 0; i < x.shape[1] * x.shape[2]; i++) {
        int64_t c = between(random, 0, x.shape[3] - 1);
        indices.memory.data[position(&indices, 0, i / x.shape[2], i % x.shape[2], c)] =
            between(random, 0, 3) ? (float)between(random, -1, y.shape[1] * y.shape[2])
                                  : odd[between(random, 0, 4)];
    }
    double *values = dense(&x), *places = dense(&indices), *expected = new_doubles(y.shape);
    naive_unpool(expected, y.shape, values, places, x.shape);
    cnn_unpool(&d, y.memory.data, x.memory.data, indices.memory.data);
    int64_t wrong = wrong_values(&y, expected, NULL, 0);
    free(values), free(places), free(expected);
    unguard(&x.memory), unguard(&indices.memory), unguard(&y.memory);
    return wrong;
}

static int64_t resize_case(struct random *random, bool whole, bool at_end) {
    int64_t gap = between(random, 0, 1) * between(random, 0, 5);
    struct tensor x =
        new_tensor(between(random, 1, 2), between(random, 1, 5), between(random, 1, 5),
                   between(random, 1, 2 * CNN_VECTOR + 3), gap, at_end);
    struct tensor y = new_tensor(x.shape[0], between(random, 1, 11), between(random, 1, 11),
                                 x.shape[3], gap, at_end);
    struct cnn_resize d = {
        .mode = between(random, 0, 1) ? CNN_RESIZE_NEAREST : CNN_RESIZE_BILINEAR,
        .align = between(random, 0, 1) ? CNN_ALIGN_CORNERS : CNN_ALIGN_HALF_PIXEL,
        .batch = x.shape[0],
        .height = x.shape[1],
        .width = x.shape[2],
        .channels = x.shape[3],
        .out_height = y.shape[1],
        .out_width = y.shape[2],
        .x = x.strides,
        .y = y.strides,
    };
    fill_tensor(&x, random, whole);
    double *values = dense(&x), *expected = new_doubles(y.shape);
    if (d.mode == CNN_RESIZE_NEAREST)
        naive_nearest(expected, y.shape, values, x.shape);
    else
        naive_bilinear(expected, y.shape, values, x.shape, d.align == CNN_ALIGN_CORNERS);
    struct tensor residual = add_to_expected(&y, random, whole, at_end, expected, NULL);
    const float *operands[] = {residual.memory.data, (const float *)(const void *)y.shape};
    WHOLE_OR_PARTS(
        random, cnn_resize_pieces(&d),
        cnn_resize(&d, y.memory.data, x.memory.data, add_residual, operands),
        cnn_resize_part(&d, y.memory.data, x.memory.data, add_residual, operands, first, end));
    /* two mixes of two rounded products by rounded shares, of values up to 4, and one addition */
    double bound = d.mode == CNN_RESIZE_NEAREST ? (whole ? 0 : 2 * EPSILON) : 4 * gamma_bound(12);
    int64_t wrong = wrong_values(&y, expected, NULL, bound);
    free(values), free(expected);
    unguard(&x.memory), unguard(&y.memory), unguard(&residual.memory);
    return wrong;
}

int main(void) {
    static const struct kernel_test tests[] = {{"conv", conv_case, 600},
                                               {"product", product_case, 600},
                                               {"depthwise", depthwise_case, 600},
                                               {"pool", pool_case, 600},
                                               {"unpool", unpool_case, 400},
                                               {"resize", resize_case, 400},
                                               {.name = NULL}};
    return run_tests(tests);
}
