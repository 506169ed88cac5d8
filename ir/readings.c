/* Reading rules, one for each name in the operator table's field column. */
#include "ir/readings.h"

#include "ir/operators.h"
#include "ir/rules.h"

__extension__ typedef __int128 wide; /* holds every product of two sizes */

static int64_t size_along(struct shape shape, int axis) {
    return axis ? shape.w : shape.h;
}

static struct reading one_unit(const struct node *node, int input, int axis) {
    return (struct reading){.numerator = 1,
                            .denominator = 1,
                            .count = 1,
                            .units = size_along(node->shape, axis),
                            .output_units = size_along(node->shape, axis),
                            .input_units = size_along(node->inputs[input]->shape, axis)};
}

struct reading reading_none(const struct node *node, int input, int axis) {
    (void)node, (void)input, (void)axis;
    return (struct reading){.denominator = 1};
}

/* Every place by itself; what has one place along the axis is repeated. */
struct reading reading_same(const struct node *node, int input, int axis) {
    struct reading reading = one_unit(node, input, axis);
    if (reading.input_units == 1 && reading.units > 1)
        reading.numerator = 0;
    return reading;
}

struct reading reading_whole(const struct node *node, int input, int axis) {
    struct reading reading = reading_same(node, input, axis);
    struct shape shape = node->inputs[input]->shape;
    reading.all = shape.h > 1 || shape.w > 1;
    return reading;
}

struct reading reading_reduce(const struct node *node, int input, int axis) {
    struct reading reading = one_unit(node, input, axis);
    reading.all = node->attributes.axes[axis ? AXIS_WIDTH : AXIS_HEIGHT] && reading.input_units > 1;
    return reading;
}

/* Another axis of the result lies across this one. */
struct reading reading_permute(const struct node *node, int input, int axis) {
    struct reading reading = reading_same(node, input, axis);
    int own = axis ? AXIS_WIDTH : AXIS_HEIGHT;
    reading.all = node->attributes.permutation.of[own] != own && reading.input_units > 1;
    return reading;
}

struct reading reading_window(const struct node *node, int input, int axis) {
    const struct attributes *a = &node->attributes;
    struct reading reading = one_unit(node, input, axis);
    if (a->global) {
        reading.all = reading.input_units > 1;
        return reading;
    }
    reading.numerator = a->stride[axis];
    reading.start = -a->padding[axis ? LEFT : TOP];
    reading.step = a->dilation[axis];
    reading.count = a->kernel[axis];
    reading.border = a->padding_mode;
    return reading;
}

/* Output o reads the inputs i with stride * i = o + before - dilation * k; here from the last k. */
struct reading reading_deconv(const struct node *node, int input, int axis) {
    const struct attributes *a = &node->attributes;
    struct reading reading = one_unit(node, input, axis);
    reading.step = a->dilation[axis];
    reading.count = a->kernel[axis];
    reading.start = a->padding[axis ? LEFT : TOP] - reading.step * (reading.count - 1);
    reading.denominator = a->stride[axis];
    return reading;
}

struct reading reading_concat(const struct node *node, int input, int axis) {
    struct reading reading = one_unit(node, input, axis);
    if (chosen_axis(&node->attributes) != (axis ? AXIS_WIDTH : AXIS_HEIGHT))
        return reading;
    for (int i = 0; i < input; i++)
        reading.first += size_along(node->inputs[i]->shape, axis);
    reading.units = reading.input_units;
    reading.start = -reading.first;
    return reading;
}

/* Copies side by side. */
struct reading reading_tile(const struct node *node, int input, int axis) {
    struct reading reading = reading_same(node, input, axis);
    if (chosen_axis(&node->attributes) != (axis ? AXIS_WIDTH : AXIS_HEIGHT))
        return reading;
    reading.border = BORDER_WRAP;
    reading.irregular = reading.units > reading.input_units;
    return reading;
}

/* What has one place is repeated. */
struct reading reading_expand(const struct node *node, int input, int axis) {
    return reading_same(node, input, axis);
}

struct reading reading_slice(const struct node *node, int input, int axis) {
    struct reading reading = one_unit(node, input, axis);
    if (chosen_axis(&node->attributes) != (axis ? AXIS_WIDTH : AXIS_HEIGHT))
        return reading;
    reading.numerator = node->attributes.step;
    reading.start = node->attributes.start;
    reading.irregular = reading.numerator < 0;
    return reading;
}

struct reading reading_crop(const struct node *node, int input, int axis) {
    struct reading reading = one_unit(node, input, axis);
    reading.start = node->attributes.sides[axis ? LEFT : TOP];
    return reading;
}

struct reading reading_pad(const struct node *node, int input, int axis) {
    struct reading reading = one_unit(node, input, axis);
    reading.start = -node->attributes.padding[axis ? LEFT : TOP];
    reading.border = node->attributes.padding_mode;
    return reading;
}

/* Nearest: u * in / out. Bilinear, around (u + 1/2) * in / out - 1/2, or u * (in - 1) / (out - 1)
 * where corners are aligned; what lies outside is moved to the border. */
struct reading reading_rescale(const struct node *node, int input, int axis) {
    const struct attributes *a = &node->attributes;
    struct reading reading = one_unit(node, input, axis);
    int64_t in = reading.input_units, out = reading.units;
    reading.numerator = in;
    reading.denominator = out;
    reading.rounding = ROUND_DOWN;
    if (node->op != OP_UPSAMPLE || a->mode == RESIZE_NEAREST)
        return reading;
    reading.rounding = ROUND_AROUND;
    reading.count = a->mode == RESIZE_BICUBIC ? 4 : 2;
    reading.border = BORDER_REPLICATE;
    if (a->align == ALIGN_HALF_PIXEL) {
        reading.numerator = 2 * in;
        reading.start = in - out;
        reading.denominator = 2 * out;
    } else if (out > 1) {
        reading.numerator = in - 1;
        reading.denominator = out - 1;
    }
    return reading;
}

/* By its tables. */
struct reading reading_resize(const struct node *node, int input, int axis) {
    struct reading reading = one_unit(node, input, axis);
    reading.resampling = node->attributes.resampling[axis];
    reading.count = reading.resampling->taps;
    reading.irregular = true;
    return reading;
}

/* Pixels of a block become channels of one pixel. */
struct reading reading_unshuffle(const struct node *node, int input, int axis) {
    struct reading reading = one_unit(node, input, axis);
    reading.numerator = reading.count = node->attributes.factor[axis];
    reading.step = 1;
    return reading;
}

struct reading reading_of(const struct node *node, int input, int axis) {
    return operator_rules[node->op].reading(node, input, axis);
}

static bool has_weight(const struct resampling *table, int64_t u, int64_t k, int64_t *unit) {
    *unit = table->first[u] + k;
    return table->first[u] >= 0 && table->weights[u * table->taps + k] != 0;
}

bool reads_unit(const struct reading *r, int64_t u, int64_t k, int64_t *unit) {
    if (u < r->first || u >= r->first + r->units)
        return false;
    if (r->resampling)
        return has_weight(r->resampling, u, k, unit);
    if (r->all) {
        *unit = k;
        return true;
    }
    wide place = (wide)r->numerator * u + r->start + (wide)k * r->step;
    wide rest = place % r->denominator;
    wide below = place / r->denominator - (rest < 0);
    if (rest != 0 && r->rounding == ROUND_EXACT)
        return false;
    int64_t from_below = k - (r->count / 2 - 1);
    if (rest == 0 && r->rounding == ROUND_AROUND && from_below != 0)
        return false;
    if (r->rounding == ROUND_AROUND)
        below += from_below;
    *unit = (int64_t)below;
    return below >= INT64_MIN && below <= INT64_MAX;
}

bool reads_inside(const struct reading *r, int64_t u, int64_t k, int64_t *unit) {
    if (!reads_unit(r, u, k, unit))
        return false;
    int64_t last = r->input_units - 1;
    if (*unit >= 0 && *unit <= last)
        return true;
    switch (r->border) {
    case BORDER_ZEROS:
        return false;
    case BORDER_REFLECT:
        *unit = *unit < 0 ? -*unit : 2 * last - *unit;
        return *unit >= 0 && *unit <= last; /* the rest of a rounded-up window sees nothing */
    case BORDER_REPLICATE:
        *unit = *unit < 0 ? 0 : last;
        return true;
    case BORDER_WRAP:
        *unit %= r->input_units;
        *unit += *unit < 0 ? r->input_units : 0;
        return true;
    }
    return false;
}

bool reads_same(const struct reading *r) {
    return !r->all && !r->irregular && r->numerator == r->denominator && r->start == 0 &&
           r->count == 1 && r->units == r->output_units && r->units == r->input_units;
}
