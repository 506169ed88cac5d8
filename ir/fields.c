/* Field rules: what part of the input a unit of each layer sees, in the interior. */
#include "ir/rules.h"
#include "lexer/checked.h"

static int64_t greatest_divisor(int64_t a, int64_t b) {
    while (b) {
        int64_t rest = a % b;
        a = b;
        b = rest;
    }
    return a < 0 ? -a : a;
}

static void reduce(struct field *field) {
    int64_t divisor =
        greatest_divisor(field->denominator, greatest_divisor(field->jump, field->left));
    field->jump /= divisor;
    field->left /= divisor;
    field->denominator /= divisor;
}

/* jump *= numerator / denominator */
static void scale_jump(struct field *field, int64_t numerator, int64_t denominator) {
    field->known = field->known && checked_mul(field->jump, numerator, &field->jump) &&
                   checked_mul(field->left, denominator, &field->left) &&
                   checked_mul(field->denominator, denominator, &field->denominator);
    if (field->known)
        reduce(field);
}

/* left += jump * numerator / denominator */
static void move(struct field *field, int64_t numerator, int64_t denominator) {
    int64_t by;
    if (field->whole)
        return;
    field->known = field->known && checked_mul(field->jump, numerator, &by) &&
                   checked_mul(field->left, denominator, &field->left) &&
                   checked_add(field->left, by, &field->left) &&
                   checked_mul(field->jump, denominator, &field->jump) &&
                   checked_mul(field->denominator, denominator, &field->denominator);
    if (field->known)
        reduce(field);
}

/* size += ceil(jump * numerator / denominator) */
static void widen(struct field *field, int64_t numerator, int64_t denominator) {
    int64_t by, over;
    if (field->whole)
        return;
    field->known = field->known && checked_mul(field->jump, numerator, &by) &&
                   checked_mul(field->denominator, denominator, &over) &&
                   checked_add(field->size, by / over + (by % over != 0), &field->size);
}

static void see_all(struct field *field) {
    field->whole = true;
    field->size = field->jump = field->extent;
    field->left = 0;
    field->denominator = 1;
}

void field_input(struct node *node) {
    for (int axis = 0; axis < 2; axis++)
        node->field[axis] = (struct field){.size = 1,
                                           .jump = 1,
                                           .denominator = 1,
                                           .extent = axis ? node->shape.w : node->shape.h,
                                           .known = true};
}

void field_same(struct node *node) {
    node->field[0] = node->inputs[0]->field[0];
    node->field[1] = node->inputs[0]->field[1];
}

void field_window(struct node *node) {
    field_same(node);
    for (int axis = 0; axis < 2; axis++) {
        struct field *field = &node->field[axis];
        struct window window = window_of(&node->attributes, node->inputs[0]->shape, axis);
        int64_t extent;
        if (node->attributes.global) {
            see_all(field);
            continue;
        }
        field->known = field->known && window_extent(&window, &extent);
        if (!field->known)
            continue;
        widen(field, extent - 1, 1);
        move(field, -window.before, 1);
        scale_jump(field, window.stride, 1);
    }
}

/* Output o reads the inputs i with stride * i = o + before - dilation * tap. */
void field_deconv(struct node *node) {
    field_same(node);
    for (int axis = 0; axis < 2; axis++) {
        struct field *field = &node->field[axis];
        struct window window = window_of(&node->attributes, node->inputs[0]->shape, axis);
        int64_t extent;
        field->known = field->known && window_extent(&window, &extent);
        if (!field->known)
            continue;
        widen(field, extent - 1, window.stride);
        move(field, window.before - (extent - 1), window.stride);
        scale_jump(field, 1, window.stride);
    }
}

/* Layers that mix all places: a vector of a vector sees what that saw. */
void field_whole(struct node *node) {
    struct shape input = node->inputs[0]->shape;
    field_same(node);
    if (input.h == 1 && input.w == 1)
        return;
    see_all(&node->field[0]);
    see_all(&node->field[1]);
}

void field_reduce(struct node *node) {
    field_same(node);
    for (int axis = 0; axis < 2; axis++)
        if (node->attributes.axes[axis ? AXIS_WIDTH : AXIS_HEIGHT])
            see_all(&node->field[axis]);
}

void field_softmax(struct node *node) {
    field_reduce(node);
}

/* The smallest range that holds both fields, which jump alike. */
static void hull(struct field *a, struct field b) {
    int64_t left_a, left_b, common, end_a, end_b, size_a, size_b;
    if (a->whole || b.whole) {
        int64_t jump = a->jump, denominator = a->denominator;
        see_all(a);
        a->jump = jump;
        a->denominator = denominator;
        return;
    }
    a->known = checked_mul(a->left, b.denominator, &left_a) &&
               checked_mul(b.left, a->denominator, &left_b) &&
               checked_mul(a->denominator, b.denominator, &common) &&
               checked_mul(a->size, common, &size_a) && checked_mul(b.size, common, &size_b) &&
               checked_add(left_a, size_a, &end_a) && checked_add(left_b, size_b, &end_b) &&
               checked_mul(a->jump, b.denominator, &a->jump);
    if (!a->known)
        return;
    int64_t end = end_a > end_b ? end_a : end_b;
    a->left = left_a < left_b ? left_a : left_b;
    a->denominator = common;
    a->size = (end - a->left) / common + ((end - a->left) % common != 0);
    reduce(a);
}

/* Joins `other`, a tensor of `other_size` along the axis, to a node of `size`. */
static void join_axis(struct field *field, int64_t size, struct field other, int64_t other_size) {
    bool repeated = other_size != size; /* one row for all of them */
    bool alike =
        (__int128)field->jump * other.denominator == (__int128)other.jump * field->denominator;
    if (!field->known || !other.known || field->extent != other.extent ||
        (repeated && !other.whole) || (!repeated && !alike))
        field->known = false;
    else
        hull(field, other);
}

void field_join(struct node *node) {
    for (int axis = 0; axis < 2; axis++) {
        int size_axis = axis ? AXIS_WIDTH : AXIS_HEIGHT;
        int64_t size = *shape_along(&node->shape, size_axis);
        int first = 0; /* an input of full size: the others are repeated along it */
        while (*shape_along(&node->inputs[first]->shape, size_axis) != size)
            first++;
        struct field field = node->inputs[first]->field[axis];
        for (int i = 0; i < node->input_count; i++)
            if (i != first)
                join_axis(&field, size, node->inputs[i]->field[axis],
                          *shape_along(&node->inputs[i]->shape, size_axis));
        node->field[axis] = field;
    }
}

void field_concat(struct node *node) {
    int along = chosen_axis(&node->attributes);
    if (along == AXIS_CHANNELS) {
        field_join(node);
        return;
    }
    field_same(node); /* along the joined axis one formula does not hold for all units */
    node->field[along == AXIS_WIDTH].known = false;
    node->field[along != AXIS_WIDTH].known = false;
}

void field_slice(struct node *node) {
    field_same(node);
    int along = chosen_axis(&node->attributes);
    if (along == AXIS_CHANNELS)
        return;
    struct field *field = &node->field[along == AXIS_WIDTH];
    move(field, node->attributes.start, 1);
    scale_jump(field, node->attributes.step, 1);
}

void field_crop(struct node *node) {
    field_same(node);
    move(&node->field[0], node->attributes.sides[TOP], 1);
    move(&node->field[1], node->attributes.sides[LEFT], 1);
}

void field_pad(struct node *node) {
    field_same(node);
    move(&node->field[0], -node->attributes.padding[TOP], 1);
    move(&node->field[1], -node->attributes.padding[LEFT], 1);
}

/* Output o lies at o * in / out; bilinear, which reads two neighbours, at (o + 1/2) * in / out -
 * 1/2 or o * (in - 1) / (out - 1). */
void field_rescale(struct node *node) {
    const struct attributes *a = &node->attributes;
    bool bilinear = node->op == OP_UPSAMPLE && a->mode == RESIZE_BILINEAR;
    field_same(node);
    for (int axis = 0; axis < 2; axis++) {
        struct field *field = &node->field[axis];
        int64_t in = axis ? node->inputs[0]->shape.w : node->inputs[0]->shape.h;
        int64_t out = axis ? node->shape.w : node->shape.h;
        if (bilinear && in != out) {
            widen(field, 1, 1);
            if (a->align == ALIGN_HALF_PIXEL)
                move(field, in - out, 2 * out);
            else if (out > 1) {
                in--;
                out--;
            }
        }
        scale_jump(field, in, out);
    }
}
