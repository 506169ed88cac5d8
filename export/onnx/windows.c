/* Convolutions, pools and products. Padding is written as numbers, and ceil = true as the padding
 * behind the input that gives as many windows. */
#include <float.h>
#include <math.h>
#include <string.h>

#include "export/onnx/exporter.h"

static void set_window(struct exporter *x, Onnx__NodeProto *window, const struct attributes *a,
                       const int64_t padding[4]) {
    set_ints(x, window, "kernel_shape", a->kernel, 2);
    set_ints(x, window, "strides", a->stride, 2);
    set_ints(x, window, "dilations", a->dilation, 2);
    set_ints(x, window, "pads", padding, 4); /* TOP, LEFT, BOTTOM, RIGHT, as ONNX has them */
}

static const char *around(struct exporter *x, const char *in, struct shape shape,
                          enum border_mode mode, double value, const int64_t padding[4]) {
    struct border border = {.mode = mode,
                            .before = {0, 0, padding[TOP], padding[LEFT]},
                            .after = {0, 0, padding[BOTTOM], padding[RIGHT]},
                            .value = value};
    return bordered(x, in, picture_dims(shape), &border);
}

/* Also depthwise: as many groups as channels. */
FORM_FUNCTION(conv) {
    (void)form;
    static const int64_t none[4];
    const struct attributes *a = &node->attributes;
    bool zeros = a->padding_mode == BORDER_ZEROS;
    const char *input =
        zeros ? in[0] : around(x, in[0], node->inputs[0]->shape, a->padding_mode, 0, a->padding);
    Onnx__NodeProto *conv = begin_node(x, "Conv", input, parameter(x, node, 0, NULL),
                                       parameter(x, node, 1, NULL), NULL);
    set_window(x, conv, a, zeros ? a->padding : none);
    set_int(x, conv, "group", a->groups);
    end_node(x, conv, result_dims(x, node));
}

static int64_t reach(const struct attributes *a, int axis) {
    return a->dilation[axis] * (a->kernel[axis] - 1) + 1;
}

static int64_t along(struct shape shape, int axis) {
    return axis ? shape.w : shape.h;
}

/* What is missing to the size is rows and columns at the end. */
FORM_FUNCTION(deconv) {
    (void)form;
    const struct attributes *a = &node->attributes;
    int64_t more[2];
    for (int axis = 0; axis < 2; axis++)
        more[axis] = along(node->shape, axis) -
                     ((along(node->inputs[0]->shape, axis) - 1) * a->stride[axis] + reach(a, axis) -
                      a->padding[axis] - a->padding[axis + 2]);
    Onnx__NodeProto *conv = begin_node(x, "ConvTranspose", in[0], parameter(x, node, 0, NULL),
                                       parameter(x, node, 1, NULL), NULL);
    set_window(x, conv, a, a->padding);
    set_ints(x, conv, "output_padding", more, 2);
    set_int(x, conv, "group", a->groups);
    end_node(x, conv, result_dims(x, node));
}

/* The padding with which the last window ends where the input does, or later. */
static void padding_to_last(const struct node *node, int64_t padding[4]) {
    const struct attributes *a = &node->attributes;
    memcpy(padding, a->padding, 4 * sizeof *padding);
    for (int axis = 0; axis < 2; axis++) {
        int64_t end = (along(node->shape, axis) - 1) * a->stride[axis] + reach(a, axis);
        int64_t room = along(node->inputs[0]->shape, axis) + padding[axis] + padding[axis + 2];
        padding[axis + 2] += end > room ? end - room : 0;
    }
}

/* ONNX Runtime wants less padding than the kernel has pixels, whatever its dilation. */
static bool is_narrow(const struct attributes *a, const int64_t padding[4]) {
    bool narrow = true;
    for (int side = 0; side < 4; side++)
        narrow = narrow && padding[side] < a->kernel[side % 2];
    return narrow;
}

/* Of integers. */
static const char *with_integer(struct exporter *x, const char *type, const char *in,
                                int64_t number, struct dims dims) {
    return end_typed(x, begin_node(x, type, in, integers(x, &number, 1), NULL),
                     ONNX__DATA_TYPE__INT64, dims);
}

/* Indices in the whole tensor, with this border around each picture, as those in a picture. */
static void write_indices(struct exporter *x, const char *indices, const int64_t border[4]) {
    struct shape s = x->node->inputs[0]->shape;
    struct dims dims = result_dims(x, x->node);
    int64_t more = border[LEFT] + border[RIGHT], start = border[TOP] * s.w + border[LEFT];
    int64_t pixels = (s.h + border[TOP] + border[BOTTOM]) * (s.w + more);
    const char *places = with_integer(x, "Mod", indices, pixels, dims);
    if (more) {
        const char *rows = with_integer(x, "Div", places, s.w + more, dims);
        rows = with_integer(x, "Mul", rows, more, dims);
        places =
            end_typed(x, begin_node(x, "Sub", places, rows, NULL), ONNX__DATA_TYPE__INT64, dims);
    }
    if (start)
        places = with_integer(x, "Sub", places, start, dims);
    cast(x, places, ONNX__DATA_TYPE__FLOAT, dims);
}

static void write_maxpool(struct exporter *x, const struct node *node, const char *in) {
    static const int64_t none[4];
    const struct attributes *a = &node->attributes;
    int64_t padding[4];
    padding_to_last(node, padding);
    bool narrow = a->global || is_narrow(a, padding);
    if (!narrow)
        in = around(x, in, node->inputs[0]->shape, BORDER_ZEROS, -(double)FLT_MAX, padding);
    Onnx__NodeProto *pool = begin_node(x, "MaxPool", in, NULL);
    set_window(x, pool, a, narrow ? padding : none);
    if (a->indices)
        write_indices(x, end_indices(x, pool, result_dims(x, node)), narrow ? none : padding);
    else
        end_node(x, pool, result_dims(x, node));
}

/* Indices in a picture as those in the whole tensor: added to before they are integers where floats
 * hold them, which every reader of the model can do. */
static const char *flat_indices(struct exporter *x, const char *in, struct shape s,
                                struct dims dims) {
    int64_t pictures = s.n * s.c, pixels = s.h * s.w;
    bool exact = pictures * pixels <= (int64_t)1 << FLT_MANT_DIG;
    struct dims each = {4, {s.n, s.c, 1, 1}};
    if (pictures == 1)
        return cast(x, in, ONNX__DATA_TYPE__INT64, dims);
    float *numbers = ARENA_ARRAY(x->arena, float, pictures);
    for (int64_t i = 0; i < pictures; i++)
        numbers[i] = (float)(exact ? i * pixels : i);
    const char *starts = array(x, "pictures", numbers, each);
    if (exact)
        return cast(x, apply_two(x, "Add", in, starts, dims), ONNX__DATA_TYPE__INT64, dims);
    starts = with_integer(x, "Mul", cast(x, starts, ONNX__DATA_TYPE__INT64, each), pixels, each);
    in = cast(x, in, ONNX__DATA_TYPE__INT64, dims);
    return end_typed(x, begin_node(x, "Add", in, starts, NULL), ONNX__DATA_TYPE__INT64, dims);
}

/* They come from a pool of a picture that is no larger. */
static bool lie_inside(const struct node *indices, struct shape picture) {
    return indices->op == OP_MAXPOOL && indices->attributes.indices &&
           indices->inputs[0]->shape.h * indices->inputs[0]->shape.w <= picture.h * picture.w;
}

/* Indices, where they are of no pixel the one behind all. */
static const char *inside_or_last(struct exporter *x, const char *in, int64_t pixels,
                                  struct dims dims) {
    const char *near = apply(x, "Floor", in, dims);
    near = end_node(
        x, begin_node(x, "Clip", near, scalar(x, 0), scalar(x, (double)(pixels - 1)), NULL), dims);
    const char *good =
        end_typed(x, begin_node(x, "Equal", in, near, NULL), ONNX__DATA_TYPE__BOOL, dims);
    return end_node(x, begin_node(x, "Where", good, near, scalar(x, (double)pixels), NULL), dims);
}

/* The picture comes out as large as `size` says: it grows by the kernel, and padding takes off. */
static const char *unpooled(struct exporter *x, const char *in, const char *indices,
                            struct shape from, struct shape size) {
    static const int64_t ones[2] = {1, 1};
    int64_t kernel[2], padding[4] = {0};
    for (int axis = 0; axis < 2; axis++) {
        int64_t more = along(size, axis) - along(from, axis);
        kernel[axis] = (more < 0 ? -more : more) + 1;
        padding[axis] = padding[axis + 2] = more < 0 ? -more : 0;
    }
    Onnx__NodeProto *unpool = begin_node(x, "MaxUnpool", in, indices, NULL);
    set_ints(x, unpool, "kernel_shape", kernel, 2);
    set_ints(x, unpool, "strides", ones, 2);
    set_ints(x, unpool, "pads", padding, 4);
    return end_node(x, unpool, picture_dims(size));
}

/* What is to be ignored lands in a row of its own, which is cut off. */
FORM_FUNCTION(unpool) {
    (void)form;
    struct shape from = node->inputs[0]->shape, size = node->shape;
    struct dims dims = picture_dims(from);
    bool inside = lie_inside(node->inputs[1], size);
    const char *indices = inside ? in[1] : inside_or_last(x, in[1], size.h * size.w, dims);
    size.h += !inside;
    const char *picture = unpooled(x, in[0], flat_indices(x, indices, size, dims), from, size);
    const int64_t start = 0, axis = H;
    if (!inside)
        end_node(x,
                 begin_node(x, "Slice", picture, integers(x, &start, 1),
                            integers(x, &node->shape.h, 1), integers(x, &axis, 1), NULL),
                 result_dims(x, node));
}

/* How many taps of window `at` lie within the input, or with `counted` within its padding too. */
static int64_t taps_within(const struct node *node, int axis, int64_t at, bool counted) {
    const struct attributes *a = &node->attributes;
    int64_t count = 0, before = counted ? a->padding[axis] : 0;
    int64_t end = along(node->inputs[0]->shape, axis) + (counted ? a->padding[axis + 2] : 0);
    for (int64_t tap = 0; tap < a->kernel[axis]; tap++) {
        int64_t place = at * a->stride[axis] - a->padding[axis] + tap * a->dilation[axis];
        count += place >= -before && place < end;
    }
    return count;
}

static const char *one_over_counts(struct exporter *x, const struct node *node) {
    bool counted = node->attributes.count_padding;
    int64_t h = node->shape.h, w = node->shape.w;
    float *values = ARENA_ARRAY(x->arena, float, h *w);
    for (int64_t i = 0; i < h; i++) {
        int64_t rows = taps_within(node, 0, i, counted);
        for (int64_t j = 0; j < w; j++)
            values[i * w + j] = (float)(1.0 / (double)(rows * taps_within(node, 1, j, counted)));
    }
    return array(x, "weight_of_mean", values, (struct dims){4, {1, 1, h, w}});
}

/* By a convolution with ones. */
static const char *window_sums(struct exporter *x, const struct node *node, const char *in,
                               const int64_t padding[4]) {
    const struct attributes *a = &node->attributes;
    int64_t count = node->shape.c * a->kernel[0] * a->kernel[1];
    float *ones = ARENA_ARRAY(x->arena, float, count);
    for (int64_t i = 0; i < count; i++)
        ones[i] = 1;
    struct dims dims = {4, {node->shape.c, 1, a->kernel[0], a->kernel[1]}};
    Onnx__NodeProto *sum = begin_node(x, "Conv", in, array(x, "ones", ones, dims), NULL);
    set_window(x, sum, a, padding);
    set_int(x, sum, "group", node->shape.c);
    return end_node(x, sum, result_dims(x, node));
}

/* The sum of each window over its count: what AveragePool has no attributes for. */
static void write_mean_by_sum(struct exporter *x, const struct node *node, const char *in,
                              const int64_t padding[4]) {
    const char *sums = window_sums(x, node, in, padding);
    end_node(x, begin_node(x, "Mul", sums, one_over_counts(x, node), NULL), result_dims(x, node));
}

static void write_avgpool(struct exporter *x, const struct node *node, const char *in) {
    const struct attributes *a = &node->attributes;
    int64_t padding[4];
    padding_to_last(node, padding);
    bool grown = memcmp(padding, a->padding, sizeof padding) != 0;
    if (a->dilation[0] > 1 || a->dilation[1] > 1 || (grown && a->count_padding)) {
        write_mean_by_sum(x, node, in, padding);
        return;
    }
    Onnx__NodeProto *pool = begin_node(x, "AveragePool", in, NULL);
    set_ints(x, pool, "kernel_shape", a->kernel, 2);
    set_ints(x, pool, "strides", a->stride, 2);
    set_ints(x, pool, "pads", padding, 4);
    set_int(x, pool, "count_include_pad", a->count_padding);
    end_node(x, pool, result_dims(x, node));
}

FORM_FUNCTION(pool) {
    (void)form;
    bool largest = node->op == OP_MAXPOOL;
    if (node->attributes.global && !node->attributes.indices)
        apply(x, largest ? "GlobalMaxPool" : "GlobalAveragePool", in[0], result_dims(x, node));
    else
        (largest ? write_maxpool : write_avgpool)(x, node, in[0]);
}

/* (sum of |x|^p)^(1/p), step by step. */
static void write_norm_by_sum(struct exporter *x, const struct node *node, const char *in,
                              const int64_t padding[4]) {
    struct dims dims = picture_dims(node->inputs[0]->shape);
    double p = node->attributes.a;
    const char *powers =
        end_node(x, begin_node(x, "Pow", apply(x, "Abs", in, dims), scalar(x, p), NULL), dims);
    const char *sums = window_sums(x, node, powers, padding);
    end_node(x, begin_node(x, "Pow", sums, scalar(x, 1 / p), NULL), result_dims(x, node));
}

/* The operator set has it for whole p, and without dilation. */
FORM_FUNCTION(lppool) {
    (void)form;
    static const int64_t none[4];
    const struct attributes *a = &node->attributes;
    int64_t padding[4];
    bool whole = a->a == rint(a->a) && a->a < 1000;
    padding_to_last(node, padding);
    if (!whole || a->dilation[0] > 1 || a->dilation[1] > 1 || !is_narrow(a, padding)) {
        write_norm_by_sum(x, node, in[0], a->global ? none : padding);
        return;
    }
    Onnx__NodeProto *pool = begin_node(x, a->global ? "GlobalLpPool" : "LpPool", in[0], NULL);
    set_int(x, pool, "p", (int64_t)a->a);
    if (!a->global) {
        set_ints(x, pool, "kernel_shape", a->kernel, 2);
        set_ints(x, pool, "strides", a->stride, 2);
        set_ints(x, pool, "pads", padding, 4);
    }
    end_node(x, pool, result_dims(x, node));
}

FORM_FUNCTION(dense) {
    (void)form;
    Onnx__NodeProto *gemm = begin_node(x, "Gemm", in[0], parameter(x, node, 0, NULL),
                                       parameter(x, node, 1, NULL), NULL);
    set_int(x, gemm, "transB", 1);
    end_node(x, gemm, result_dims(x, node));
}
