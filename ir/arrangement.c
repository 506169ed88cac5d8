/* Shape rules of the layers that join, cut, rearrange and resize. */
#include <inttypes.h>
#include <math.h>

#include "ir/resampling.h"
#include "ir/rules.h"
#include "lexer/checked.h"
#include "lexer/limits.h"

int64_t *shape_along(struct shape *shape, int axis) {
    int64_t *const sizes[] = {&shape->n, &shape->h, &shape->w, &shape->c};
    return sizes[axis];
}

const char *axis_text(int axis) {
    static const char *const texts[] = {"batch", "height", "width", "channels"};
    return texts[axis];
}

const char *axis_sizes_text(int axis) {
    static const char *const texts[] = {"batches", "heights", "widths", "channels"};
    return texts[axis];
}

int chosen_axis(const struct attributes *attributes) {
    for (int axis = AXIS_BATCH; axis <= AXIS_CHANNELS; axis++)
        if (attributes->axes[axis])
            return axis;
    return AXIS_CHANNELS;
}

/* "their heights and widths differ, 24 and 25": the axes that are marked in layer->differs. */
static const char *differences_text(struct layer *layer, struct shape a, struct shape b) {
    const char *text = NULL;
    for (int axis = 0; axis < 4; axis++) {
        int64_t left = *shape_along(&a, axis), right = *shape_along(&b, axis);
        if (!layer->differs[axis])
            continue;
        bool both =
            axis == AXIS_HEIGHT && layer->differs[AXIS_WIDTH] && a.w == left && b.w == right;
        const char *sizes =
            arena_printf(layer->arena, "%s%s%s, %" PRId64 " and %" PRId64, axis_sizes_text(axis),
                         both ? " and widths" : "", text ? "" : " differ", left, right);
        text = text ? arena_printf(layer->arena, "%s, and their %s", text, sizes) : sizes;
        axis += both;
    }
    return text;
}

static bool sizes_differ(struct layer *layer, const char *what, struct shape a, struct shape b) {
    return layer_error(layer, NULL, E0401_SIZES_DIFFER, "%s of %s and %s: their %s", what,
                       shape_text(layer->arena, a), shape_text(layer->arena, b),
                       differences_text(layer, a, b));
}

bool shape_broadcast(struct layer *layer) {
    struct node *node = layer->node;
    node->shape = node->inputs[0]->shape;
    for (int i = 1; i < node->input_count; i++) {
        struct shape so_far = node->shape, other = node->inputs[i]->shape;
        bool fits = true;
        for (int axis = 0; axis < 4; axis++) {
            int64_t *size = shape_along(&node->shape, axis), next = *shape_along(&other, axis);
            layer->differs[axis] = *size != next && *size != 1 && next != 1;
            fits = fits && !layer->differs[axis];
            *size = next > *size ? next : *size;
        }
        if (!fits)
            return sizes_differ(layer, operators[node->op].name, so_far, other);
    }
    return true;
}

bool shape_flatten(struct layer *layer) {
    struct shape input = layer->node->inputs[0]->shape;
    int64_t count = input.h * input.w * input.c; /* no overflow: shapes are checked when made */
    layer->node->shape = (struct shape){input.n, 1, 1, count};
    return true;
}

bool shape_reshape(struct layer *layer) {
    struct node *node = layer->node;
    struct shape input = node->inputs[0]->shape, *size = &node->attributes.size;
    if (size->c == 0)
        size->c = 1;
    if (size->n == 0)
        size->n = input.n;
    int64_t wanted = size->n, have = shape_count(input);
    if (!checked_mul(wanted, size->h, &wanted) || !checked_mul(wanted, size->w, &wanted) ||
        !checked_mul(wanted, size->c, &wanted))
        return layer_too_large(layer);
    if (wanted != have)
        return layer_error(layer, "size", E0402_WRONG_COUNT,
                           "%s holds %" PRId64 " values; the input %s holds %" PRId64,
                           shape_text(layer->arena, *size), wanted, shape_text(layer->arena, input),
                           have);
    node->shape = *size;
    return true;
}

/* Three axes leave the batch where it is. */
bool shape_permute(struct layer *layer) {
    struct node *node = layer->node;
    struct permutation *p = &node->attributes.permutation;
    int count = p->count;
    bool names_batch = false;
    for (int i = 0; i < count; i++)
        names_batch = names_batch || p->of[i] == AXIS_BATCH;
    if (count != (names_batch ? 4 : 3))
        return layer_error(layer, "axes", E0503_WRONG_KIND,
                           "permute names each of height, width and channels once, or all four "
                           "axes; here %s %d",
                           count == 1 ? "is" : "are", count);
    for (int i = 3; i > 0 && !names_batch; i--)
        p->of[i] = p->of[i - 1];
    p->of[0] = names_batch ? p->of[0] : AXIS_BATCH;
    p->count = 4;
    for (int axis = 0; axis < 4; axis++)
        *shape_along(&node->shape, axis) = *shape_along(&node->inputs[0]->shape, p->of[axis]);
    return true;
}

bool shape_expand(struct layer *layer) {
    struct node *node = layer->node;
    struct shape input = node->inputs[0]->shape, *size = &node->attributes.size;
    bool fits = true;
    size->n = size->n ? size->n : input.n;
    size->c = size->c ? size->c : input.c;
    for (int axis = 0; axis < 4; axis++) {
        int64_t have = *shape_along(&input, axis);
        layer->differs[axis] = have != 1 && have != *shape_along(size, axis);
        fits = fits && !layer->differs[axis];
    }
    node->shape = *size;
    return fits || sizes_differ(layer, "expand", input, *size);
}

bool shape_tile(struct layer *layer) {
    struct node *node = layer->node;
    node->shape = node->inputs[0]->shape;
    int64_t *size = shape_along(&node->shape, chosen_axis(&node->attributes));
    return checked_mul(*size, node->attributes.times, size) || layer_too_large(layer);
}

bool shape_concat(struct layer *layer) {
    struct node *node = layer->node;
    int along = chosen_axis(&node->attributes);
    struct shape first = node->inputs[0]->shape;
    node->shape = first;
    for (int i = 1; i < node->input_count; i++) {
        struct shape other = node->inputs[i]->shape;
        bool fits = true;
        for (int axis = 0; axis < 4; axis++) {
            layer->differs[axis] =
                axis != along && *shape_along(&first, axis) != *shape_along(&other, axis);
            fits = fits && !layer->differs[axis];
        }
        if (!fits)
            return sizes_differ(layer,
                                arena_printf(layer->arena, "concat along %s", axis_text(along)),
                                first, other);
        int64_t *size = shape_along(&node->shape, along);
        if (!checked_add(*size, *shape_along(&other, along), size) || *size > LIMIT_DIMENSION)
            return layer_too_large(layer);
    }
    return true;
}

bool shape_slice(struct layer *layer) {
    struct node *node = layer->node;
    struct attributes *a = &node->attributes;
    int axis = chosen_axis(a);
    int64_t last;
    node->shape = node->inputs[0]->shape;
    int64_t *size = shape_along(&node->shape, axis);
    if (a->step == 0)
        return layer_error(layer, "step", E0504_OUT_OF_RANGE, "`step` must not be 0");
    if (!value_to_integer(layer->range.items[0], &a->start) ||
        !value_to_integer(layer->range.items[1], &last))
        return layer_error(layer, "range", E0503_WRONG_KIND,
                           "slice takes a range of integers, not %s",
                           value_text(layer->arena, layer->range));
    bool forward = a->start <= last;
    if (a->start < 0 || last < 0 || a->start >= *size || last >= *size)
        return layer_error(layer, "range", E0403_SLICE_OUTSIDE,
                           "slice %" PRId64 "..%" PRId64 " of %s: the input %s has 0..%" PRId64,
                           a->start, last, axis_text(axis),
                           shape_text(layer->arena, node->inputs[0]->shape), *size - 1);
    if (a->start != last && forward != (a->step > 0)) {
        layer->help = forward ? "a step above 0 goes forwards" : "a step below 0 goes backwards";
        return layer_error(layer, "range", E0403_SLICE_OUTSIDE,
                           "slice %" PRId64 "..%" PRId64 " in steps of %" PRId64 " is empty",
                           a->start, last, a->step);
    }
    *size = (last - a->start) / a->step + 1;
    return true;
}

bool shape_crop(struct layer *layer) {
    struct node *node = layer->node;
    const int64_t *sides = node->attributes.sides;
    struct shape input = node->inputs[0]->shape;
    node->shape = input;
    node->shape.h -= sides[TOP] + sides[BOTTOM]; /* each at most LIMIT_DIMENSION: no overflow */
    node->shape.w -= sides[LEFT] + sides[RIGHT];
    if (node->shape.h < 1 || node->shape.w < 1)
        return layer_error(layer, "sides", E0404_CROP_TOO_LARGE,
                           "crop takes %" PRId64 " rows and %" PRId64
                           " columns; the input has %" PRId64 "x%" PRId64,
                           sides[TOP] + sides[BOTTOM], sides[LEFT] + sides[RIGHT], input.h,
                           input.w);
    return true;
}

/* The same along channels or batch. */
static bool check_mirrored(struct layer *layer, const char *attribute, const char *units,
                           const int64_t ends[2], int64_t size) {
    int64_t larger = ends[0] > ends[1] ? ends[0] : ends[1];
    if (layer->node->attributes.padding_mode != BORDER_REFLECT || larger < size)
        return true;
    return layer_error(layer, attribute, E0405_REFLECTION_TOO_LARGE,
                       "reflect padding of %" PRId64 " needs more than %" PRId64
                       " %s; the input has %" PRId64,
                       larger, larger, units, size);
}

bool shape_pad(struct layer *layer) {
    struct node *node = layer->node;
    const int64_t *padding = node->attributes.padding;
    if (layer_given(layer, "value") && node->attributes.padding_mode != BORDER_ZEROS)
        return layer_error(layer, "value", E0510_ATTRIBUTES_EXCLUDE,
                           "`value` goes with mode = zeros only");
    node->shape = node->inputs[0]->shape;
    node->shape.h += padding[TOP] + padding[BOTTOM];
    node->shape.w += padding[LEFT] + padding[RIGHT];
    const int64_t *images = node->attributes.batch_padding;
    const int64_t *channels = node->attributes.channel_padding;
    struct shape input = node->inputs[0]->shape;
    node->shape.n += images[0] + images[1];
    node->shape.c += channels[0] + channels[1];
    return check_reflection(layer, "sides") &&
           check_mirrored(layer, "channels", "channels", channels, input.c) &&
           check_mirrored(layer, "batch", "images", images, input.n);
}

/* The tables of weights, once both sizes are known. */
static bool resample(struct layer *layer) {
    struct node *node = layer->node;
    struct attributes *a = &node->attributes;
    struct shape in = node->inputs[0]->shape, out = node->shape;
    a->resampling[0] = make_resampling(layer->arena, a, 0, in.h, out.h);
    a->resampling[1] = make_resampling(layer->arena, a, 1, in.w, out.w);
    if (a->resampling[0] && a->resampling[1])
        return true;
    return layer_error(layer, NULL, E0905_CONSTANT_TOO_LARGE,
                       "a table of more than %d weights is too large", LIMIT_RESAMPLING);
}

bool shape_upsample(struct layer *layer) {
    struct node *node = layer->node;
    struct attributes *a = &node->attributes;
    struct shape input = node->inputs[0]->shape;
    bool by_size = layer_given(layer, "size"), by_factor = layer_given(layer, "factor");
    if (by_size == by_factor)
        return layer_error(layer, by_size ? "size" : NULL, E0413_WRONG_FACTOR,
                           "upsample takes `factor` or `size`, %s",
                           by_size ? "not both" : "one of them");
    if (by_size && (a->size.n || a->size.c))
        return layer_error(layer, "size", E0413_WRONG_FACTOR,
                           "upsample's size is HxW: batch and channels stay");
    if (by_factor && (!checked_mul(input.h, a->factor[0], &a->size.h) ||
                      !checked_mul(input.w, a->factor[1], &a->size.w)))
        return layer_too_large(layer);
    a->size.n = input.n;
    a->size.c = input.c;
    node->shape = a->size;
    a->coefficient = -0.75;
    return a->mode != RESIZE_BICUBIC || resample(layer);
}

/* Attributes that go with some modes only. */
static bool check_resize(struct layer *layer) {
    const struct attributes *a = &layer->node->attributes;
    static const char *const filters[] = {"exclude_outside", "antialias"};
    for (int i = 0; a->mode == RESIZE_NEAREST && i < 2; i++)
        if (layer_given(layer, filters[i]))
            return layer_error(layer, filters[i], E0510_ATTRIBUTES_EXCLUDE,
                               "`%s` goes with mode = bilinear or bicubic only", filters[i]);
    if (a->mode != RESIZE_NEAREST && layer_given(layer, "rounding"))
        return layer_error(layer, "rounding", E0510_ATTRIBUTES_EXCLUDE,
                           "`rounding` goes with mode = nearest only");
    if (a->mode != RESIZE_BICUBIC && layer_given(layer, "coefficient"))
        return layer_error(layer, "coefficient", E0510_ATTRIBUTES_EXCLUDE,
                           "`coefficient` goes with mode = bicubic only");
    if (a->align == ALIGN_CROP && !layer_given(layer, "region"))
        return layer_error(layer, "align", E0505_MISSING_ATTRIBUTE, "align = crop needs `region`");
    static const char *const of_crop[] = {"region", "value"};
    for (int i = 0; a->align != ALIGN_CROP && i < 2; i++)
        if (layer_given(layer, of_crop[i]))
            return layer_error(layer, of_crop[i], E0510_ATTRIBUTES_EXCLUDE,
                               "`%s` goes with align = crop only", of_crop[i]);
    return true;
}

/* floor(size * factor) */
static bool enlarge(struct layer *layer, int axis, int64_t *size) {
    double wanted = floor((double)*size * layer->node->attributes.scale[axis]);
    if (wanted > (double)LIMIT_DIMENSION)
        return layer_too_large(layer);
    if (wanted < 1)
        return layer_error(layer, "factor", E0413_WRONG_FACTOR,
                           "a factor of %s leaves nothing of %" PRId64 " %s",
                           number_text(layer->arena, layer->node->attributes.scale[axis]), *size,
                           axis ? "columns" : "rows");
    *size = (int64_t)wanted;
    return true;
}

bool shape_resize(struct layer *layer) {
    struct node *node = layer->node;
    const struct attributes *a = &node->attributes;
    bool by_size = layer_given(layer, "size");
    node->shape = node->inputs[0]->shape;
    if (!by_size && !layer_given(layer, "factor"))
        return layer_error(layer, NULL, E0413_WRONG_FACTOR, "resize takes `size` or `factor`");
    if (by_size && (a->size.n || a->size.c))
        return layer_error(layer, "size", E0413_WRONG_FACTOR,
                           "resize's size is HxW: batch and channels stay");
    if (by_size) {
        node->shape.h = a->size.h;
        node->shape.w = a->size.w;
    } else if (!enlarge(layer, 0, &node->shape.h) || !enlarge(layer, 1, &node->shape.w))
        return false;
    return check_resize(layer) && resample(layer);
}

bool shape_unpool(struct layer *layer) {
    struct node *node = layer->node;
    struct shape values = node->inputs[0]->shape, places = node->inputs[1]->shape;
    struct shape size = node->attributes.size;
    for (int axis = 0; axis < 4; axis++)
        layer->differs[axis] = *shape_along(&values, axis) != *shape_along(&places, axis);
    if (!shape_equal(values, places))
        return sizes_differ(layer, "unpool", values, places);
    if (size.n || size.c)
        return layer_error(layer, "size", E0413_WRONG_FACTOR,
                           "unpool's size is HxW: batch and channels stay");
    node->shape = (struct shape){values.n, size.h, size.w, values.c};
    return check_places(layer, node->shape);
}

bool shape_pixel_shuffle(struct layer *layer) {
    struct node *node = layer->node;
    const int64_t *factor = node->attributes.factor;
    struct shape input = node->inputs[0]->shape;
    int64_t square;
    if (factor[0] != factor[1])
        return layer_error(layer, "factor", E0413_WRONG_FACTOR,
                           "pixel_shuffle takes one factor, not %" PRId64 "x%" PRId64, factor[0],
                           factor[1]);
    if (!checked_mul(factor[0], factor[0], &square) || input.c % square)
        return layer_error(layer, "factor", E0411_WRONG_CHANNELS,
                           "pixel_shuffle by %" PRId64 " needs channels in multiples of %" PRId64
                           "; the input has %" PRId64,
                           factor[0], square, input.c);
    node->shape =
        (struct shape){input.n, input.h * factor[0], input.w * factor[0], input.c / square};
    return true;
}

bool shape_pixel_unshuffle(struct layer *layer) {
    struct node *node = layer->node;
    const int64_t *factor = node->attributes.factor;
    struct shape input = node->inputs[0]->shape;
    if (input.h % factor[0] || input.w % factor[1])
        return layer_error(
            layer, "factor", E0415_NOT_A_MULTIPLE,
            "pixel_unshuffle by %" PRId64 "x%" PRId64 " needs a height in multiples of %" PRId64
            " and a width in multiples of %" PRId64 "; the input has %" PRId64 "x%" PRId64,
            factor[0], factor[1], factor[0], factor[1], input.h, input.w);
    /* No overflow: it holds as many values as the input. */
    node->shape = (struct shape){input.n, input.h / factor[0], input.w / factor[1],
                                 input.c * factor[0] * factor[1]};
    return true;
}
