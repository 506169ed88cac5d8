/* What each layer does to values, and to the bounds of their errors.
 *
 * u = 2^-24 is float32's unit roundoff, gamma(k) = k*u / (1 - k*u). A sum of k products in any
 * order is within gamma(k) * sum |x||w| (Higham, Accuracy and Stability of Numerical
 * Algorithms, 3.1); two more roundings are for the bias and two for weights that a batch norm was
 * folded into. */
#include "tests/harness/evaluate.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "ir/resampling.h"
#include "runtime/naive.h"
#include "tests/harness/bounds.h"

struct value new_value(struct arena *arena, struct shape shape) {
    struct value v = {.shape = {shape.n, shape.h, shape.w, shape.c}, .count = shape_count(shape)};
    v.y = ARENA_ARRAY(arena, double, v.count);
    v.error = ARENA_ARRAY(arena, double, v.count);
    return v;
}

static double *absolute(struct arena *arena, const double *values, int64_t count) {
    double *result = ARENA_ARRAY(arena, double, count);
    for (int64_t i = 0; i < count; i++)
        result[i] = fabs(values[i]);
    return result;
}

static struct naive_window window_of(const struct attributes *a) {
    struct naive_window w;
    memcpy(w.kernel, a->kernel, sizeof w.kernel);
    memcpy(w.stride, a->stride, sizeof w.stride);
    memcpy(w.dilation, a->dilation, sizeof w.dilation);
    memcpy(w.padding, a->padding, sizeof w.padding);
    return w;
}

/* Of a convolution by Winograd: gamma of the roundings on a value's way, times the sum of the sizes
 * of all that is added. */
static void add_winograd_error(struct arena *arena, const struct node *node, const struct value *x,
                               struct value *y, const double *w, const double *bias) {
    struct naive_window window = window_of(&node->attributes);
    enum naive_padding mode = (enum naive_padding)node->attributes.padding_mode;
    int tile = (int)node->winograd;
    double *size = ARENA_ARRAY(arena, double, y->count);
    naive_winograd(size, y->shape, x->y, x->shape, w, &window, mode, tile);
    for (int64_t i = 0; i < y->count; i++) {
        double added = bias ? fabs(bias[i % y->shape[3]]) : 0;
        y->error[i] +=
            gamma_of(naive_winograd_roundings(x->shape[3], tile) + 4) * (size[i] + added);
    }
}

/* conv, depthwise, deconv, dense: y = w*x + b, error = |w|*error + gamma * sum |x||w|. */
static void linear(struct arena *arena, const struct node *node, const struct value *x,
                   struct value *y) {
    const struct attributes *a = &node->attributes;
    double *w = parameter_values(arena, node, 0), *bias = parameter_values(arena, node, 1);
    double *size = absolute(arena, w, tensor_count(node->parameters[0]));
    double *magnitude = ARENA_ARRAY(arena, double, y->count);
    struct naive_window window = window_of(a);
    enum naive_padding mode = (enum naive_padding)a->padding_mode;
    int64_t groups = node->op == OP_DEPTHWISE ? x->shape[3] : a->groups;
    int64_t inputs = x->shape[3];
    if (node->op == OP_DENSE) {
        inputs = x->count / x->shape[0];
        int64_t outputs = y->count / y->shape[0];
        naive_dense(y->y, magnitude, x->shape[0], inputs, outputs, x->y, w, bias);
        naive_dense(y->error, NULL, x->shape[0], inputs, outputs, x->error, size, NULL);
    } else if (node->op == OP_DECONV) {
        naive_deconv(y->y, magnitude, y->shape, x->y, x->shape, w, bias, &window, groups);
        naive_deconv(y->error, NULL, y->shape, x->error, x->shape, size, NULL, &window, groups);
        inputs *= a->kernel[0] * a->kernel[1];
    } else {
        naive_conv(y->y, magnitude, y->shape, x->y, x->shape, w, bias, &window, groups, mode);
        naive_conv(y->error, NULL, y->shape, x->error, x->shape, size, NULL, &window, groups, mode);
        inputs *= a->kernel[0] * a->kernel[1];
    }
    if (node->winograd) {
        add_winograd_error(arena, node, x, y, w, bias);
        return;
    }
    for (int64_t i = 0; i < y->count; i++)
        y->error[i] += gamma_of(inputs / (node->op == OP_DENSE ? 1 : groups) + 4) * magnitude[i];
}

/* A norm moves no further than the norm of what its values move by; powers, sums and roots round. A
 * pool of sums, which simplification leaves, is its p-th power. */
static void lppool(struct arena *arena, const struct node *node, const struct value *x,
                   struct value *y) {
    struct naive_window window = window_of(&node->attributes);
    double p = node->attributes.a, root = node->op == OP_LPPOOL ? 1 : p;
    double *moved = ARENA_ARRAY(arena, double, y->count),
           *norm = ARENA_ARRAY(arena, double, y->count);
    naive_lppool(y->y, y->shape, x->y, x->shape, &window, p, root);
    naive_lppool(norm, y->shape, x->y, x->shape, &window, p, 1);
    naive_lppool(moved, y->shape, x->error, x->shape, &window, p, 1);
    for (int64_t i = 0; i < y->count; i++) {
        double most =
            (norm[i] + moved[i]) * (1 + gamma_of(window.kernel[0] * window.kernel[1] + 24));
        y->error[i] = pow(most, root) - pow(norm[i], root);
    }
}

/* A place is known where the values are exact. */
static void pool_indices(const struct value *x, struct value *y,
                         const struct naive_window *window) {
    double error = 0;
    naive_maxpool_indices(y->y, y->shape, x->y, x->shape, window);
    for (int64_t i = 0; i < x->count; i++)
        error = fmax(error, x->error[i]);
    for (int64_t i = 0; i < y->count; i++)
        y->error[i] = error > 0 ? (double)(x->shape[1] * x->shape[2]) : 0;
}

/* Where a place may be another one, anything of x may lie anywhere. */
static void unpool(const struct value *x, const struct value *indices, struct value *y) {
    double most = 0, misplaced = 0;
    naive_unpool(y->y, y->shape, x->y, indices->y, x->shape);
    naive_unpool(y->error, y->shape, x->error, indices->y, x->shape);
    for (int64_t i = 0; i < x->count; i++) {
        most = fmax(most, fabs(x->y[i]) + x->error[i]);
        misplaced = fmax(misplaced, indices->error[i]);
    }
    for (int64_t i = 0; i < y->count && misplaced > 0; i++)
        y->error[i] = fabs(y->y[i]) + most;
}

static void pool(struct arena *arena, const struct node *node, const struct value *x,
                 struct value *y) {
    struct naive_window window = window_of(&node->attributes);
    if (node->attributes.indices) {
        pool_indices(x, y, &window);
        return;
    }
    if (node->op == OP_MAXPOOL) {
        naive_maxpool(y->y, y->shape, x->y, x->shape, &window);
        naive_maxpool(y->error, y->shape, x->error, x->shape, &window);
        return;
    }
    bool count = node->attributes.count_padding;
    double *mean = ARENA_ARRAY(arena, double, y->count);
    naive_avgpool(y->y, y->shape, x->y, x->shape, &window, count);
    naive_avgpool(y->error, y->shape, x->error, x->shape, &window, count);
    naive_avgpool(mean, y->shape, absolute(arena, x->y, x->count), x->shape, &window, count);
    for (int64_t i = 0; i < y->count; i++)
        y->error[i] += gamma_of(window.kernel[0] * window.kernel[1] + 2) * mean[i];
}

/* How far a primitive for one value may be off: `units` of roundoff of the result, or of `floor`
 * where the formula cancels. The functions of the runtime promise less. */
struct accuracy {
    enum op op;
    double units, floor;
};

static struct accuracy accuracy_of(enum op op) {
    static const struct accuracy known[] = {
        {OP_RELU, 0, 0},  {OP_RELU6, 0, 0},        {OP_ABS, 0, 0},      {OP_NEGATE, 0, 0},
        {OP_CLIP, 0, 0},  {OP_THRESHOLD, 0, 0},    {OP_SQRT, 1, 0},     {OP_LEAKY_RELU, 2, 0},
        {OP_PRELU, 2, 0}, {OP_HARD_SIGMOID, 4, 1}, {OP_SOFTSIGN, 4, 0}, {OP_HARD_SWISH, 8, 1},
        {OP_ELU, 8, 0},   {OP_SELU, 8, 0},         {OP_CELU, 8, 0},     {OP_SIGMOID, 8, 0},
        {OP_TANH, 8, 0},  {OP_SOFTPLUS, 8, 0},     {OP_SILU, 8, 0},     {OP_GELU, 32, 0},
        {OP_MISH, 16, 0}, {OP_EXP, 4, 0},          {OP_LOG, 4, 0},      {OP_FLOOR, 0, 0},
        {OP_CEIL, 0, 0},  {OP_ROUND, 0, 0},        {OP_SIGN, 0, 0},     {OP_ISNAN, 0, 0},
        {OP_ISINF, 0, 0}, {OP_SHRINK, 2, 0},       {OP_ERF, 4, 0},      {OP_SIN, 2, 0},
        {OP_COS, 2, 0},   {OP_TAN, 2, 0},          {OP_ASIN, 2, 0},     {OP_ACOS, 2, 0},
        {OP_ATAN, 2, 0},  {OP_SINH, 2, 0},         {OP_COSH, 2, 0},     {OP_ASINH, 2, 0},
        {OP_ACOSH, 2, 0}, {OP_ATANH, 2, 0},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (known[i].op == op)
            return known[i];
    return (struct accuracy){op, -1, 0};
}

static double leaky(double x, double slope, double unused) {
    (void)unused;
    return x > 0 ? x : slope * x;
}

static bool elementwise(struct arena *arena, const struct node *node, const struct value *x,
                        struct value *y) {
    const struct attributes *a = &node->attributes;
    struct accuracy accuracy = accuracy_of(node->op);
    double low = a->a, high = a->b;
    if (node->op == OP_RELU6) {
        low = 0;
        high = 6;
    }
    double *slopes = node->op == OP_PRELU ? parameter_values(arena, node, 0) : NULL;
    int64_t slope_count = slopes ? tensor_count(node->parameters[0]) : 1;
    const char *name = node->op == OP_RELU6                    ? "clip"
                       : node->op == OP_GELU && a->approximate ? "gelu_tanh"
                                                               : operators[node->op].name;
    naive_function *f = node->op == OP_PRELU ? leaky : naive_elementwise(name);
    if (!f || accuracy.units < 0)
        return false;
    for (int64_t i = 0; i < y->count; i++) {
        double p = slopes ? slopes[slope_count == 1 ? 0 : i % y->shape[3]] : low;
        double middle = f(x->y[i], p, high), error = x->error[i];
        double up = fabs(f(x->y[i] + error, p, high) - middle);
        double down = fabs(f(x->y[i] - error, p, high) - middle);
        y->y[i] = middle;
        y->error[i] = fmax(up, down) + accuracy.units * U * fmax(fabs(middle), accuracy.floor) +
                      (accuracy.units > 0 ? (double)FLT_MIN : 0);
    }
    return true;
}

/* Where element i of a tensor of `shape` reads an operand that may be broadcast. */
static int64_t operand_index(const int64_t shape[4], const int64_t operand[4], int64_t i) {
    int64_t position[4];
    for (int axis = 3; axis >= 0; axis--) {
        position[axis] = operand[axis] == 1 ? 0 : i % shape[axis];
        i /= shape[axis];
    }
    return ((position[0] * operand[1] + position[1]) * operand[2] + position[2]) * operand[3] +
           position[3];
}

/* + - * / ^ min max: the largest deviation is at a corner of the two intervals. Where a rest of a
 * division or a comparison jumps within them, it may be anywhere: they want exact operands. */
static void binary(const struct node *node, const struct value *left, const struct value *right,
                   struct value *y) {
    const char *name = operators[node->op].name;
    double units = node->op == OP_MIN || node->op == OP_MAX || node->op >= OP_EQUAL ? 0
                   : node->op == OP_POWER                                           ? 8
                                                                                    : 2;
    for (int64_t i = 0; i < y->count; i++) {
        int64_t at = operand_index(y->shape, left->shape, i);
        int64_t other = operand_index(y->shape, right->shape, i);
        double a = left->y[at], b = right->y[other], worst = 0;
        y->y[i] = naive_binary(name, a, b);
        for (int corner = 0; corner < 4; corner++) {
            double moved = naive_binary(name, a + (corner & 1 ? 1 : -1) * left->error[at],
                                        b + (corner & 2 ? 1 : -1) * right->error[other]);
            worst = fmax(worst, fabs(moved - y->y[i]));
        }
        y->error[i] = worst + units * U * (fabs(y->y[i]) + worst);
    }
}

static void binary_layer(struct arena *arena, const struct node *node, const struct value *values,
                         struct value *y) {
    const struct attributes *a = &node->attributes;
    const struct value *x = &values[node->inputs[0]->id];
    if (!a->has_scalar) {
        binary(node, x, &values[node->inputs[1]->id], y);
        return;
    }
    struct value scalar = new_value(arena, (struct shape){1, 1, 1, 1});
    scalar.y[0] = (double)(float)a->scalar;
    binary(node, a->scalar_first ? &scalar : x, a->scalar_first ? x : &scalar, y);
}

/* where: the condition must be exact. */
static void choose(struct arena *arena, const struct node *node, const struct value *values,
                   struct value *y) {
    const struct attributes *a = &node->attributes;
    const struct value *condition = &values[node->inputs[0]->id];
    struct value choices[2];
    int read = 1;
    for (int k = 0; k < 2; k++) {
        choices[k] = new_value(arena, (struct shape){1, 1, 1, 1});
        choices[k].y[0] = (double)(float)(k ? a->b : a->a);
        if (!a->is_number[k])
            choices[k] = values[node->inputs[read++]->id];
    }
    for (int64_t i = 0; i < y->count; i++) {
        bool first = condition->y[operand_index(y->shape, condition->shape, i)] != 0;
        const struct value *chosen = &choices[first ? 0 : 1];
        int64_t at = operand_index(y->shape, chosen->shape, i);
        y->y[i] = chosen->y[at];
        y->error[i] = chosen->error[at];
    }
}

/* y = x * scale + shift by channel, either of which may be NULL; the compiler rounds them once
 * more.
 */
static void affine(const struct value *x, struct value *y, const double *scale,
                   const double *shift) {
    for (int64_t i = 0; i < y->count; i++) {
        int64_t c = i % y->shape[3];
        double a = scale ? scale[c] : 1, b = shift ? shift[c] : 0;
        y->y[i] = x->y[i] * a + b;
        y->error[i] = fabs(a) * x->error[i] + 4 * U * (fabs(x->y[i] * a) + fabs(b));
    }
}

/* A parameter layer: its tensor is [N, C, H, W]. */
static void stored(struct arena *arena, const struct node *node, struct value *y) {
    const double *values = parameter_values(arena, node, 0);
    int64_t pixels = y->shape[1] * y->shape[2], channels = y->shape[3];
    for (int64_t i = 0; i < y->count; i++) {
        int64_t image = i / (pixels * channels), pixel = i / channels % pixels, c = i % channels;
        y->y[i] = values[(image * channels + c) * pixels + pixel];
    }
}

static void batchnorm(struct arena *arena, const struct node *node, const struct value *x,
                      struct value *y) {
    double *w = parameter_values(arena, node, 0), *b = parameter_values(arena, node, 1);
    double *m = parameter_values(arena, node, 2), *v = parameter_values(arena, node, 3);
    int64_t channels = y->shape[3];
    double *scale = ARENA_ARRAY(arena, double, channels),
           *shift = ARENA_ARRAY(arena, double, channels);
    for (int64_t c = 0; c < channels; c++) {
        scale[c] = w[c] / sqrt(v[c] + node->attributes.epsilon);
        shift[c] = b[c] - m[c] * scale[c];
    }
    affine(x, y, scale, shift);
    naive_batchnorm(y->y, x->y, x->shape, w, b, m, v, node->attributes.epsilon);
}

static void grayscale(const struct value *x, struct value *y) {
    static const double weights[3] = {0.299, 0.587, 0.114};
    int64_t channels = x->shape[3];
    for (int64_t i = 0; i < y->count; i++) {
        y->y[i] = channels == 1 ? x->y[i] : 0;
        y->error[i] = channels == 1 ? x->error[i] : 0;
        for (int c = 0; c < 3 && channels == 3; c++) {
            y->y[i] += weights[c] * x->y[3 * i + c];
            y->error[i] += weights[c] * (x->error[3 * i + c] + gamma_of(5) * fabs(x->y[3 * i + c]));
        }
    }
}

static void pad(const struct attributes *a, double *to, const double *from, const int64_t shape[4],
                double fill) {
    const int64_t before[4] = {a->batch_padding[0], a->padding[TOP], a->padding[LEFT],
                               a->channel_padding[0]};
    const int64_t after[4] = {a->batch_padding[1], a->padding[BOTTOM], a->padding[RIGHT],
                              a->channel_padding[1]};
    naive_pad(to, from, shape, before, after, (enum naive_padding)a->padding_mode, fill);
}

/* Layers that move values: done to y and to error alike. `fill` is what padding holds. */
static bool move(const struct node *node, const struct value *x, struct value *y, bool errors,
                 double fill) {
    const struct attributes *a = &node->attributes;
    double *to = errors ? y->error : y->y, *from = errors ? x->error : x->y;
    int64_t start[4] = {0}, step[4] = {1, 1, 1, 1};
    switch (node->op) {
    case OP_FLATTEN:
    case OP_RESHAPE:
        naive_reshape(to, y->shape, from, x->shape, a->order == LAYOUT_CHW);
        return true;
    case OP_EXPAND:
    case OP_TILE:
        naive_repeat(to, y->shape, from, x->shape);
        return true;
    case OP_PERMUTE:
        naive_permute(to, y->shape, from, x->shape, a->permutation.of);
        return true;
    case OP_SLICE:
        start[axis_of(a)] = a->start;
        step[axis_of(a)] = a->step;
        naive_slice(to, y->shape, from, x->shape, start, step);
        return true;
    case OP_CROP:
        start[1] = a->sides[TOP];
        start[2] = a->sides[LEFT];
        naive_slice(to, y->shape, from, x->shape, start, step);
        return true;
    case OP_PAD:
        pad(a, to, from, x->shape, fill);
        return true;
    case OP_PIXEL_SHUFFLE:
        naive_pixel_shuffle(to, from, x->shape, a->factor[0], a->factor[1]);
        return true;
    case OP_PIXEL_UNSHUFFLE:
        naive_pixel_unshuffle(to, from, x->shape, a->factor[0], a->factor[1]);
        return true;
    case OP_CHANNEL_SHUFFLE:
        naive_channel_shuffle(to, from, x->shape, a->groups);
        return true;
    case OP_DROPOUT:
    case OP_IDENTITY:
    case OP_CONVERT:
        memcpy(to, from, (size_t)x->count * sizeof *to);
        return true;
    default:
        return false;
    }
}

static void upsample(struct arena *arena, const struct node *node, const struct value *x,
                     struct value *y) {
    const struct attributes *a = &node->attributes;
    if (a->mode == RESIZE_NEAREST) {
        naive_nearest(y->y, y->shape, x->y, x->shape);
        naive_nearest(y->error, y->shape, x->error, x->shape);
        return;
    }
    bool corners = a->align == ALIGN_CORNERS;
    double *size = ARENA_ARRAY(arena, double, y->count), slope = 0;
    naive_bilinear(y->y, y->shape, x->y, x->shape, corners);
    naive_bilinear(y->error, y->shape, x->error, x->shape, corners);
    naive_bilinear(size, y->shape, absolute(arena, x->y, x->count), x->shape, corners);
    for (int64_t i = 0; i < x->count; i++)
        slope = fmax(slope, fabs(x->y[i]));
    /* A coordinate is rounded once; its neighbours differ by at most twice the largest value. */
    double position = U * (double)(x->shape[1] + x->shape[2]) * 2 * slope;
    for (int64_t i = 0; i < y->count; i++)
        y->error[i] += 8 * U * size[i] + position;
}

/* The sum of the products, each of two rounded weights; where the picture is made of other pixels
 * by a hair, nothing holds, so tests keep to sizes whose positions are exact. */
static void resize(struct arena *arena, const struct node *node, const struct value *x,
                   struct value *y) {
    const struct attributes *a = &node->attributes;
    struct naive_resize r = {
        .mode = (enum naive_sampling)a->mode,
        .coordinates = (enum naive_coordinates)a->align,
        .rounding = (enum naive_rounding)a->rounding,
        .scale = {a->scale[0], a->scale[1]},
        .cubic_a = node->op == OP_UPSAMPLE ? -0.75 : a->coefficient,
        .extrapolation = (double)(float)a->value,
        .exclude_outside = a->exclude_outside,
        .antialias = a->antialias,
    };
    memcpy(r.region, a->region, sizeof r.region);
    double *size = ARENA_ARRAY(arena, double, y->count),
           *most = ARENA_ARRAY(arena, double, y->count);
    naive_resize(y->y, size, y->shape, x->y, x->shape, &r);
    naive_resize(most, y->error, y->shape, x->error, x->shape, &r);
    for (int64_t i = 0; i < y->count && r.mode != NAIVE_NEAREST; i++)
        y->error[i] += gamma_of(a->resampling[0]->taps + a->resampling[1]->taps + 6) * size[i];
}

static void concat(const struct node *node, const struct value *values, struct value *y) {
    int axis = axis_of(&node->attributes);
    int64_t start = 0;
    for (int i = 0; i < node->input_count; i++) {
        const struct value *x = &values[node->inputs[i]->id];
        naive_place(y->y, y->shape, x->y, x->shape, axis, start);
        naive_place(y->error, y->shape, x->error, x->shape, axis, start);
        start += x->shape[axis];
    }
}

const char *evaluate_node(struct arena *arena, const struct node *node, struct value *values) {
    struct value *y = &values[node->id];
    *y = new_value(arena, node->shape);
    const struct value *x = node->input_count ? &values[node->inputs[0]->id] : NULL;
    switch (node->op) {
    case OP_PARAMETER:
        stored(arena, node, y);
        return NULL;
    case OP_CONV:
    case OP_DEPTHWISE:
    case OP_DECONV:
    case OP_DENSE:
        linear(arena, node, x, y);
        return NULL;
    case OP_LPPOOL:
    case OP_SUMPOOL:
        lppool(arena, node, x, y);
        return NULL;
    case OP_MAXPOOL:
    case OP_AVGPOOL:
        pool(arena, node, x, y);
        return NULL;
    case OP_UNPOOL:
        unpool(x, &values[node->inputs[1]->id], y);
        return NULL;
    case OP_AFFINE:
        affine(x, y, parameter_values(arena, node, 0), parameter_values(arena, node, 1));
        return NULL;
    case OP_BATCHNORM:
        batchnorm(arena, node, x, y);
        return NULL;
    case OP_GRAYSCALE:
        grayscale(x, y);
        return NULL;
    case OP_UPSAMPLE:
        if (node->attributes.mode != RESIZE_BICUBIC)
            upsample(arena, node, x, y);
        else
            resize(arena, node, x, y);
        return NULL;
    case OP_RESIZE:
        resize(arena, node, x, y);
        return NULL;
    case OP_CONCAT:
        concat(node, values, y);
        return NULL;
    case OP_WHERE:
        choose(arena, node, values, y);
        return NULL;
    case OP_ADD:
    case OP_SUB:
    case OP_MUL:
    case OP_DIV:
    case OP_MIN:
    case OP_MAX:
    case OP_POWER:
    case OP_MOD:
    case OP_FMOD:
    case OP_EQUAL:
    case OP_NOT_EQUAL:
    case OP_LESS:
    case OP_LESS_EQUAL:
    case OP_GREATER:
    case OP_GREATER_EQUAL:
        binary_layer(arena, node, values, y);
        return NULL;
    default:
        if (evaluate_over_axes(arena, node, x, y))
            return NULL;
        if (move(node, x, y, false, (double)(float)node->attributes.value))
            return move(node, x, y, true, 0) ? NULL : "move";
        return elementwise(arena, node, x, y) ? NULL : operators[node->op].name;
    }
}
