/* Windows of volumes N, C, D, H, W. A convolution is the sum of convolutions of their planes, one
 * for each plane of the kernel; where the kernel has only depth, that of a picture whose rows are
 * the planes. A transposed one makes the planes of each phase of the depth's stride so. */
#include <inttypes.h>
#include <string.h>

#include "import/operators.h"
#include "lexer/limits.h"

enum { PLANES_MAX = 256 }; /* of a kernel, and phases of a stride: each is a layer */

const int volume_by_planes[RANK_MAX] = {AXIS_BATCH, AXIS_CHANNELS, AXIS_BATCH, AXIS_HEIGHT,
                                        AXIS_WIDTH};
const int volume_by_depth[RANK_MAX] = {AXIS_BATCH, AXIS_CHANNELS, AXIS_HEIGHT, AXIS_WIDTH,
                                       AXIS_WIDTH};

/* `count` numbers that the attribute has for three axes, from `least` on; else `otherwise`. */
static bool read_numbers(struct step *step, const char *name, size_t count, int64_t otherwise,
                         int64_t least, int64_t *numbers) {
    const int64_t *ints;
    if (!axis_numbers(step, name, 3, count / 3, &ints))
        return false;
    for (size_t i = 0; i < count; i++) {
        numbers[i] = ints ? ints[i] : otherwise;
        if (ints && (ints[i] < least || ints[i] > LIMIT_DIMENSION))
            return refuse(step, E1004_ONNX_FORM, "a number of %" PRId64 " in `%s`", ints[i], name);
    }
    return true;
}

/* Kernel, stride and dilation; the kernel is that of the weights, if there are any. */
static bool read_steps(struct step *step, const struct operand *w, struct volume_window *v) {
    const int64_t *kernel = w ? w->dims + 2 : NULL;
    if (!read_numbers(step, "kernel_shape", 3, 0, 1, v->kernel) ||
        !read_numbers(step, "strides", 3, 1, 1, v->stride) ||
        !read_numbers(step, "dilations", 3, 1, 1, v->dilation))
        return false;
    for (int axis = 0; kernel && axis < 3; axis++) {
        if (v->kernel[axis] && v->kernel[axis] != kernel[axis])
            return refuse(step, E1004_ONNX_FORM, "`kernel_shape` is not that of the weights, %s",
                          operand_text(step->importer, w));
        v->kernel[axis] = kernel[axis];
    }
    return v->kernel[0] || wants_kernel(step, 0, 3);
}

/* What `auto_pad` says; *same: sides follow from the sizes, *upper: the odd one is at the end. */
static bool read_sides(struct step *step, struct volume_window *v, bool *same, bool *upper) {
    enum auto_pad pad = AUTO_PAD_NOTSET;
    int64_t pads[6];
    if (!read_auto_pad(step, &pad))
        return false;
    bool valid = pad == AUTO_PAD_VALID;
    *upper = pad == AUTO_PAD_UPPER;
    *same = *upper || pad == AUTO_PAD_LOWER;
    if (!read_numbers(step, "pads", 6, 0, 0, pads))
        return false;
    for (int axis = 0; axis < 3; axis++) {
        v->before[axis] = valid ? 0 : pads[axis];
        v->after[axis] = valid ? 0 : pads[axis + 3];
    }
    return true;
}

static int64_t reach_of(const struct volume_window *v, int axis) {
    return (v->kernel[axis] - 1) * v->dilation[axis] + 1;
}

static void split_sides(struct volume_window *v, int axis, int64_t total, bool upper) {
    int64_t less = total / 2;
    v->before[axis] = upper ? less : total - less;
    v->after[axis] = total - v->before[axis];
}

bool read_volume_window(struct step *step, const struct operand *x, const struct operand *w,
                        struct volume_window *v) {
    bool same, upper;
    if (!read_steps(step, w, v) || !read_sides(step, v, &same, &upper))
        return false;
    for (int axis = 0; same && axis < 3; axis++) {
        int64_t size = x->dims[2 + axis], count = (size - 1) / v->stride[axis] + 1;
        int64_t total = (count - 1) * v->stride[axis] + reach_of(v, axis) - size;
        split_sides(v, axis, total < 0 ? 0 : total, upper);
    }
    return true;
}

struct window_attributes window_of_planes(const struct volume_window *v) {
    return (struct window_attributes){.kernel = {v->kernel[1], v->kernel[2]},
                                      .stride = {v->stride[1], v->stride[2]},
                                      .dilation = {v->dilation[1], v->dilation[2]},
                                      .pads = {[TOP] = v->before[1],
                                               [LEFT] = v->before[2],
                                               [BOTTOM] = v->after[1],
                                               [RIGHT] = v->after[2]}};
}

struct window_attributes window_of_depth(const struct volume_window *v) {
    return (struct window_attributes){.kernel = {v->kernel[0], 1},
                                      .stride = {v->stride[0], 1},
                                      .dilation = {v->dilation[0], 1},
                                      .pads = {[TOP] = v->before[0], [BOTTOM] = v->after[0]}};
}

/* Each pixel of a plane by itself. */
static bool has_only_depth(const struct volume_window *v) {
    for (int axis = 1; axis < 3; axis++)
        if (v->kernel[axis] != 1 || v->stride[axis] != 1 || v->before[axis] || v->after[axis])
            return false;
    return true;
}

static bool wants_planes(struct step *step, int64_t count, const char *what) {
    return count <= PLANES_MAX ||
           refuse(step, E1003_ONNX_OPERATOR, "%s of %" PRId64 "; at most %d is supported", what,
                  count, PLANES_MAX);
}

/* The weights at one plane of the kernel. NULL after an error. */
static struct operand *plane_of_weights(struct step *step, const struct operand *w, int64_t at) {
    int64_t rows = w->dims[0] * w->dims[1], pixels = w->dims[3] * w->dims[4], depth = w->dims[2];
    const int64_t dims[] = {w->dims[0], w->dims[1], w->dims[3], w->dims[4]};
    const float *from = constant_floats(step->importer, w);
    struct operand *plane = step_constant(step, ONNX__DATA_TYPE__FLOAT, 4, dims);
    if (!plane)
        return NULL;
    plane->name = w->name;
    for (int64_t row = 0; row < rows; row++)
        memcpy(writable_bytes(plane) + row * pixels * (int64_t)sizeof *from,
               from + (row * depth + at) * pixels, (size_t)pixels * sizeof *from);
    return plane;
}

/* `count` planes of x, by planes. */
static struct node *planes_of(struct step *step, struct operand *x, int64_t first, int64_t count,
                              int64_t by) {
    if (!result_sliced(step, 0, x, 2, first, count, by))
        return NULL;
    struct operand part = *step->outputs[0];
    return node_on_axes(step, &part, volume_by_planes);
}

static bool result_volume(struct step *step, const struct operand *x, struct node *node,
                          int64_t channels, const int64_t sizes[3], const int *axes) {
    const int64_t dims[RANK_MAX] = {x->dims[0], channels, sizes[0], sizes[1], sizes[2]};
    return result_node(step, 0, node, x->type, 5, dims, axes);
}

/* The operand with its dimensions by planes, whatever it had. */
static bool lay_by_planes(struct step *step, const struct operand *given, struct operand *x) {
    *x = *given;
    struct node *node = node_on_axes(step, x, volume_by_planes);
    if (!result_node(step, 0, node, x->type, x->rank, x->dims, volume_by_planes))
        return false;
    *x = *step->outputs[0];
    return true;
}

static bool conv_by_depth(struct step *step, struct operand *x, const struct volume_window *v,
                          const struct operand *w, const struct operand *bias, int64_t groups) {
    struct window_attributes window = window_of_depth(v);
    struct node *node = node_on_axes(step, x, volume_by_depth);
    node = node ? conv_layer(step, node, &window, w, bias, groups) : NULL;
    return node &&
           result_volume(step, x, node, w->dims[0],
                         (int64_t[]){node->shape.h, x->dims[3], x->dims[4]}, volume_by_depth);
}

static bool conv_by_planes(struct step *step, const struct operand *given, struct volume_window *v,
                           const struct operand *w, const struct operand *bias, int64_t groups) {
    struct operand x;
    int64_t before[5] = {0, 0, v->before[0]}, after[5] = {0, 0, v->after[0]};
    for (int axis = 1; axis < 3 && v->kernel[0] > 1; axis++) { /* once for all planes */
        before[2 + axis] = v->before[axis];
        after[2 + axis] = v->after[axis];
        v->before[axis] = v->after[axis] = 0;
    }
    struct window_attributes window = window_of_planes(v);
    struct node *sum = NULL;
    if (!wants_planes(step, v->kernel[0], "a kernel's depth") || !lay_by_planes(step, given, &x) ||
        !pad_with_zeros(step, &x, before, after))
        return false;
    if (x.dims[2] < reach_of(v, 0))
        return refuse(step, E1004_ONNX_FORM,
                      "its kernel takes %" PRId64 " planes of %" PRId64 ", padding included",
                      reach_of(v, 0), x.dims[2]);
    int64_t count = (x.dims[2] - reach_of(v, 0)) / v->stride[0] + 1;
    for (int64_t i = 0; i < v->kernel[0]; i++) {
        struct node *part = planes_of(step, &x, i * v->dilation[0], count, v->stride[0]);
        struct operand *plane = part ? plane_of_weights(step, w, i) : NULL;
        if (!plane)
            return false;
        part = conv_layer(step, part, &window, plane, i ? NULL : bias, groups);
        sum = i ? pair_layer(step, OP_ADD, sum, part) : part;
        if (!sum)
            return false;
    }
    return result_volume(step, &x, sum, w->dims[0], (int64_t[]){count, sum->shape.h, sum->shape.w},
                         volume_by_planes);
}

bool conv_volume(struct step *step, struct operand *x, struct operand *w, struct operand *bias,
                 int64_t groups) {
    struct volume_window v;
    if (!read_volume_window(step, x, w, &v))
        return false;
    return has_only_depth(&v) ? conv_by_depth(step, x, &v, w, bias, groups)
                              : conv_by_planes(step, x, &v, w, bias, groups);
}

/* A transposed convolution, all of it known: what is put behind its output, and how large that is.
 */
struct transposed {
    struct volume_window v;
    int64_t more[3], sizes[3];
    const struct operand *w, *bias;
    int64_t groups;
};

/* Sides and sizes by the specification's rule; where more is wanted than there is, the rest is at
 * the end. */
static bool read_transposed(struct step *step, const struct operand *x, struct transposed *t) {
    struct volume_window *v = &t->v;
    int64_t wanted[3];
    bool same, upper;
    if (!read_steps(step, t->w, v) || !read_sides(step, v, &same, &upper) ||
        !read_numbers(step, "output_padding", 3, 0, 0, t->more) ||
        !read_numbers(step, "output_shape", 3, 0, 1, wanted))
        return false;
    for (int axis = 0; axis < 3; axis++) {
        int64_t size = x->dims[2 + axis], stride = v->stride[axis];
        int64_t full = stride * (size - 1) + t->more[axis] + reach_of(v, axis);
        if (same && !wanted[axis])
            wanted[axis] = size * stride;
        if (wanted[axis]) {
            int64_t rest = wanted[axis] > full ? wanted[axis] - full : 0;
            t->more[axis] += rest;
            full += rest;
            split_sides(v, axis, full - wanted[axis], upper);
        }
        t->sizes[axis] = full - v->before[axis] - v->after[axis];
        if (t->sizes[axis] < 1)
            return refuse(step, E1004_ONNX_FORM, "its padding leaves nothing of %" PRId64, full);
    }
    return true;
}

/* Which plane of the input the kernel's plane `tap` takes first for output planes phase, phase +
 * stride, ...; false: none of them takes any. */
static bool first_plane(const struct volume_window *v, int64_t phase, int64_t tap, int64_t *first) {
    int64_t at = phase + v->before[0] - tap * v->dilation[0];
    *first = at / v->stride[0];
    return at % v->stride[0] == 0;
}

/* Zeros before and behind the planes of x, as far as the phases read; *before is how many. */
static bool pad_for_phases(struct step *step, struct operand *x, const struct volume_window *v,
                           int64_t phases, int64_t count, int64_t *before) {
    int64_t low = 0, high = x->dims[2], first;
    for (int64_t phase = 0; phase < phases; phase++)
        for (int64_t tap = 0; tap < v->kernel[0]; tap++)
            if (first_plane(v, phase, tap, &first)) {
                low = first < low ? first : low;
                high = first + count > high ? first + count : high;
            }
    *before = -low;
    return pad_with_zeros(step, x, (int64_t[5]){0, 0, -low}, (int64_t[5]){0, 0, high - x->dims[2]});
}

/* The bias alone, where no plane of the kernel reaches. */
static struct node *planes_of_bias(struct step *step, const struct transposed *t, int64_t images) {
    int64_t channels = t->groups * t->w->dims[1];
    struct operand zeros = {.rank = 1, .dims = {channels}}, *vector = &zeros;
    if (t->bias)
        zeros = *t->bias;
    else {
        vector = step_constant(step, ONNX__DATA_TYPE__FLOAT, 1, &channels);
        if (!vector)
            return NULL;
        vector->name = "zeros";
    }
    struct node *node = node_on_axes(step, vector, (int[RANK_MAX]){AXIS_CHANNELS});
    if (!node)
        return NULL;
    builder_layer(step->importer->builder, OP_EXPAND, step->span, NULL, &node, 1);
    give_size(step->importer->builder, "size",
              (struct shape){images, t->sizes[1], t->sizes[2], channels});
    return builder_finish(step->importer->builder);
}

/* Output planes phase, phase + stride, ..., `count` of them; `before` zeros are in front of x. */
static struct node *planes_of_phase(struct step *step, struct operand *x,
                                    const struct transposed *t, int64_t phase, int64_t count,
                                    int64_t before) {
    struct window_attributes window = window_of_planes(&t->v);
    struct node *sum = NULL;
    int64_t first;
    for (int64_t tap = 0; tap < t->v.kernel[0]; tap++) {
        if (!first_plane(&t->v, phase, tap, &first))
            continue;
        struct node *part = planes_of(step, x, first + before, count, 1);
        struct operand *plane = part ? plane_of_weights(step, t->w, tap) : NULL;
        if (!plane)
            return NULL;
        part =
            deconv_layer(step, part, &window, t->more + 1, plane, sum ? NULL : t->bias, t->groups);
        sum = sum ? pair_layer(step, OP_ADD, sum, part) : part;
        if (!sum)
            return NULL;
    }
    return sum ? sum : planes_of_bias(step, t, x->dims[0] * count);
}

/* The phases, [N, M, count, 1, H, W] each, plane by plane in turn; the first output is as deep as
 * it is to be. */
static bool result_interleaved(struct step *step, struct operand **phases, int64_t count,
                               const struct transposed *t) {
    static const int by_planes[RANK_MAX] = {AXIS_BATCH, AXIS_CHANNELS, AXIS_BATCH,
                                            AXIS_BATCH, AXIS_HEIGHT,   AXIS_WIDTH};
    const struct operand *first = phases[0];
    const int64_t *each = first->dims;
    int64_t dims[RANK_MAX] = {each[0], each[1], each[2], count, each[4], each[5]};
    const int64_t sizes[3] = {each[2] * count, each[4], each[5]};
    if (!result_joined(step, phases, (int)count, 3, dims))
        return false;
    struct operand joined = *step->outputs[0], deep;
    struct node *node = node_on_axes(step, &joined, by_planes);
    if (!node || !result_volume(step, first, node, each[1], sizes, volume_by_planes))
        return false;
    deep = *step->outputs[0];
    return result_sliced(step, 0, &deep, 2, 0, t->sizes[0], 1);
}

static bool deconv_by_planes(struct step *step, const struct operand *given,
                             const struct transposed *t) {
    int64_t stride = t->v.stride[0], depth = t->sizes[0], channels = t->groups * t->w->dims[1];
    int64_t phases = depth < stride ? depth : stride, count = (depth - 1) / stride + 1, before;
    struct operand x, **parts;
    if (!wants_planes(step, t->v.kernel[0], "a kernel's depth") ||
        !wants_planes(step, phases, "a stride of the depth") || !lay_by_planes(step, given, &x) ||
        !pad_for_phases(step, &x, &t->v, phases, count, &before))
        return false;
    parts = ARENA_ARRAY(step->importer->arena, struct operand *, phases);
    for (int64_t phase = 0; phase < phases; phase++) {
        struct node *node = planes_of_phase(step, &x, t, phase, count, before);
        if (!result_volume(step, &x, node, channels, (int64_t[]){count, t->sizes[1], t->sizes[2]},
                           volume_by_planes))
            return false;
        parts[phase] = ARENA_NEW(step->importer->arena, struct operand);
        *parts[phase] = with_one_before(step->outputs[0], 3);
    }
    return phases == 1 || result_interleaved(step, parts, phases, t);
}

static bool deconv_by_depth(struct step *step, struct operand *x, const struct transposed *t) {
    struct window_attributes window = window_of_depth(&t->v);
    struct node *node = node_on_axes(step, x, volume_by_depth);
    node = node ? deconv_layer(step, node, &window, (int64_t[]){t->more[0], 0}, t->w, t->bias,
                               t->groups)
                : NULL;
    return result_volume(step, x, node, t->groups * t->w->dims[1], t->sizes, volume_by_depth);
}

bool deconv_volume(struct step *step, struct operand *x, struct operand *w, struct operand *bias,
                   int64_t groups) {
    struct transposed t = {.w = w, .bias = bias, .groups = groups};
    if (!read_transposed(step, x, &t))
        return false;
    return has_only_depth(&t.v) && !t.more[1] && !t.more[2] ? deconv_by_depth(step, x, &t)
                                                            : deconv_by_planes(step, x, &t);
}
