/* How a layer's size comes about, for each way of reading its input: the formula with its numbers.
 */
#include <inttypes.h>

#include "ir/operators.h"
#include "ir/report/explain.h"
#include "ir/rules.h"
#include "ir/values.h"

static int64_t size_along(struct shape shape, int axis) {
    return axis ? shape.w : shape.h;
}

typedef const char *(*size_text)(struct arena *, const struct node *, int axis);

static const char *window_size(struct arena *arena, const struct node *node, int axis) {
    struct window w = window_of(&node->attributes, node->inputs[0]->shape, axis);
    int64_t extent = 1;
    if (node->attributes.global)
        return "one window: the whole input";
    window_extent(&w, &extent);
    int64_t padding = w.before + w.after, output = size_along(node->shape, axis);
    bool rest = (w.input + padding - extent) % w.stride != 0;
    const char *reach =
        w.dilation > 1 ? arena_printf(arena, ", K = %" PRId64 "*(%" PRId64 " - 1) + 1 = %" PRId64,
                                      w.dilation, w.kernel, extent)
                       : "";
    const char *rounded = !rest ? "" : w.ceil ? ", rounded up" : ", rounded down";
    return arena_printf(
        arena, "(%" PRId64 " + %" PRId64 " - %" PRId64 ")/%" PRId64 " + 1 = %" PRId64 "%s%s",
        w.input, padding, extent, w.stride, output, rounded, reach);
}

static const char *deconv_size(struct arena *arena, const struct node *node, int axis) {
    struct window w = window_of(&node->attributes, node->inputs[0]->shape, axis);
    int64_t extent = 1;
    window_extent(&w, &extent);
    return arena_printf(
        arena, "(%" PRId64 " - 1)*%" PRId64 " - %" PRId64 " + %" PRId64 " + %" PRId64 " = %" PRId64,
        w.input, w.stride, w.before + w.after, extent, node->attributes.output_padding[axis],
        size_along(node->shape, axis));
}

static const char *rescale_size(struct arena *arena, const struct node *node, int axis) {
    int64_t in = size_along(node->inputs[0]->shape, axis), out = size_along(node->shape, axis);
    return arena_printf(arena, "%" PRId64 "*%s = %" PRId64, in, fraction_text(arena, out, in), out);
}

static const char *unshuffle_size(struct arena *arena, const struct node *node, int axis) {
    return arena_printf(arena, "%" PRId64 "/%" PRId64 " = %" PRId64,
                        size_along(node->inputs[0]->shape, axis), node->attributes.factor[axis],
                        size_along(node->shape, axis));
}

static const char *crop_size(struct arena *arena, const struct node *node, int axis) {
    const int64_t *sides = node->attributes.sides;
    return arena_printf(arena, "%" PRId64 " - %" PRId64 " - %" PRId64 " = %" PRId64,
                        size_along(node->inputs[0]->shape, axis), sides[axis ? LEFT : TOP],
                        sides[axis ? RIGHT : BOTTOM], size_along(node->shape, axis));
}

static const char *pad_size(struct arena *arena, const struct node *node, int axis) {
    const int64_t *padding = node->attributes.padding;
    return arena_printf(arena, "%" PRId64 " + %" PRId64 " + %" PRId64 " = %" PRId64,
                        size_along(node->inputs[0]->shape, axis), padding[axis ? LEFT : TOP],
                        padding[axis ? RIGHT : BOTTOM], size_along(node->shape, axis));
}

static const char *concat_size(struct arena *arena, const struct node *node, int axis) {
    if (chosen_axis(&node->attributes) != (axis ? AXIS_WIDTH : AXIS_HEIGHT))
        return NULL;
    const char *sum = "";
    for (int i = 0; i < node->input_count; i++)
        sum = arena_printf(arena, "%s%s%" PRId64, sum, i ? " + " : "",
                           size_along(node->inputs[i]->shape, axis));
    return arena_printf(arena, "%s = %" PRId64, sum, size_along(node->shape, axis));
}

static const char *slice_size(struct arena *arena, const struct node *node, int axis) {
    const struct attributes *a = &node->attributes;
    int64_t count = size_along(node->shape, axis);
    if (chosen_axis(a) != (axis ? AXIS_WIDTH : AXIS_HEIGHT))
        return NULL;
    return arena_printf(arena, "units %" PRId64 "..%" PRId64 " in steps of %" PRId64 ": %" PRId64,
                        a->start, a->start + (count - 1) * a->step, a->step, count);
}

static const char *permute_size(struct arena *arena, const struct node *node, int axis) {
    int own = axis ? AXIS_WIDTH : AXIS_HEIGHT, of = node->attributes.permutation.of[own];
    return of == own ? NULL
                     : arena_printf(arena, "the %s of the input: %" PRId64, axis_text(of),
                                    size_along(node->shape, axis));
}

static const char *tile_size(struct arena *arena, const struct node *node, int axis) {
    if (chosen_axis(&node->attributes) != (axis ? AXIS_WIDTH : AXIS_HEIGHT))
        return NULL;
    return arena_printf(arena, "%" PRId64 "*%" PRId64 " = %" PRId64,
                        size_along(node->inputs[0]->shape, axis), node->attributes.times,
                        size_along(node->shape, axis));
}

static const char *resize_size(struct arena *arena, const struct node *node, int axis) {
    const struct attributes *a = &node->attributes;
    int64_t size = size_along(node->shape, axis);
    if (a->size.h)
        return arena_printf(arena, "%" PRId64, size);
    return arena_printf(arena, "%" PRId64 " times %s, rounded down: %" PRId64,
                        size_along(node->inputs[0]->shape, axis),
                        number_text(arena, a->scale[axis]), size);
}

static const char *other_size(struct arena *arena, const struct node *node, int axis) {
    int64_t size = size_along(node->shape, axis);
    if (node->input_count == 0 || size == size_along(node->inputs[0]->shape, axis))
        return NULL;
    return arena_printf(arena, "%" PRId64, size);
}

static const struct {
    struct reading (*reading)(const struct node *, int, int);
    size_text size;
} sizes[] = {{reading_window, window_size},   {reading_deconv, deconv_size},
             {reading_rescale, rescale_size}, {reading_unshuffle, unshuffle_size},
             {reading_crop, crop_size},       {reading_pad, pad_size},
             {reading_concat, concat_size},   {reading_slice, slice_size},
             {reading_permute, permute_size}, {reading_tile, tile_size},
             {reading_resize, resize_size}};

const char *explain_size(struct arena *arena, const struct node *node, int axis) {
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        if (operator_rules[node->op].reading == sizes[i].reading)
            return sizes[i].size(arena, node, axis);
    return other_size(arena, node, axis);
}
