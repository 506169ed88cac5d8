/* Layers that only move values: copies, left out where the plan has placed the source where it is
 * wanted already. */
#include <string.h>

#include "codegen/generator.h"
#include "ir/rules.h"

static int64_t *stride_along(struct location *location, int axis) {
    int64_t *const strides[] = {&location->image, &location->row, &location->pixel,
                                &location->channel};
    return strides[axis];
}

static bool same_place(const struct location *a, const struct location *b) {
    return a->memory == b->memory && a->index == b->index && a->offset == b->offset;
}

/* A copy of six nested loops. It is split only where each piece is long: whole, what lies side by
 * side on both sides is one run, however long. */
static void emit_copy(struct generator *g, const struct location *y, const struct location *x,
                      const struct cnn_copy *d) {
    enum { LONG = 512 };
    emit_kernel(g,
                &(struct kernel){
                    .primitive = "copy",
                    DESCRIPTOR(*d),
                    .y = tensor_address(g, y, 0, 0),
                    .x = tensor_address(g, x, 0, 0),
                    .pieces = d->dimensions[4] * d->dimensions[5] < LONG ? 0 : cnn_copy_pieces(d),
                });
}

/* Copies a whole tensor of this shape between two places, unless they are one. */
static void copy_tensor(struct generator *g, const struct location *y, const struct location *x,
                        struct shape shape) {
    if (same_place(x, y))
        return;
    struct cnn_copy d = {
        .dimensions = {1, 1, shape.n, shape.h, shape.w, shape.c},
        .x_strides = {0, 0, x->image, x->row, x->pixel, x->channel},
        .y_strides = {0, 0, y->image, y->row, y->pixel, y->channel},
    };
    emit_copy(g, y, x, &d);
}

void lower_nothing(struct generator *g, const struct node *node) {
    (void)g;
    (void)node;
}

void lower_concat(struct generator *g, const struct node *node) {
    int axis = chosen_axis(&node->attributes);
    struct location part = node->location;
    for (int i = 0; i < node->input_count; i++) {
        struct node *input = node->inputs[i];
        copy_tensor(g, &part, &input->location, shape_in_pass(node, input));
        part.offset += *shape_along(&input->shape, axis) * *stride_along(&part, axis);
    }
}

/* slice and crop: a part of the input, every step-th of the sliced axis. */
void lower_slice(struct generator *g, const struct node *node) {
    const struct attributes *a = &node->attributes;
    struct location part = node->inputs[0]->location;
    if (node->op == OP_CROP)
        part.offset += a->sides[TOP] * part.row + a->sides[LEFT] * part.pixel;
    else {
        int64_t *stride = stride_along(&part, chosen_axis(a));
        part.offset += a->start * *stride;
        *stride *= a->step;
    }
    copy_tensor(g, &node->location, &part, shape_in_pass(node, node));
}

void lower_pad(struct generator *g, const struct node *node) {
    const struct attributes *a = &node->attributes;
    const struct node *input = node->inputs[0];
    struct location interior = node->location;
    interior.offset += a->padding[TOP] * interior.row + a->padding[LEFT] * interior.pixel;
    copy_tensor(g, &interior, &input->location, shape_in_pass(node, input));
    struct cnn_border d = {
        .mode = a->padding_mode == BORDER_REFLECT     ? CNN_BORDER_REFLECT
                : a->padding_mode == BORDER_REPLICATE ? CNN_BORDER_REPLICATE
                : a->padding_mode == BORDER_WRAP      ? CNN_BORDER_WRAP
                                                      : CNN_BORDER_CONSTANT,
        .batch = shape_in_pass(node, input).n,
        .height = input->shape.h,
        .width = input->shape.w,
        .channels = input->shape.c,
        .top = a->padding[TOP],
        .left = a->padding[LEFT],
        .bottom = a->padding[BOTTOM],
        .right = a->padding[RIGHT],
        .y = location_strides(&interior),
    };
    emit_kernel(g, &(struct kernel){
                       .primitive = "border",
                       DESCRIPTOR(d),
                       .y = tensor_address(g, &interior, 0, 0),
                       .has_value = true,
                       .value = a->value,
                       .pieces = cnn_border_pieces(&d),
                   });
}

/* --- flatten, reshape and permute ---
 * flatten and reshape keep the linear order of the values, counted with channels last (hwc) or
 * first (chw). One of the two tensors must be a vector of the other, which is linear in memory, or
 * the copy is no loop nest; the compiler's passes see to it by splitting a reshape in two. */

/* Strides of the dimensions [N, H, W, C] of `picture` in a vector of it. */
static void vector_strides(const struct node *vector, struct shape picture, enum layout order,
                           int64_t strides[6]) {
    int64_t count = picture.h * picture.w * picture.c;
    strides[0] = strides[1] = 0;
    strides[2] = vector->shape.n == picture.n ? vector->location.image : count;
    strides[3] = order == LAYOUT_CHW ? picture.w : picture.w * picture.c;
    strides[4] = order == LAYOUT_CHW ? 1 : picture.c;
    strides[5] = order == LAYOUT_CHW ? picture.h * picture.w : 1;
}

void lower_reshape(struct generator *g, const struct node *node) {
    const struct node *input = node->inputs[0];
    const struct location *x = &input->location, *y = &node->location;
    if (same_place(x, y))
        return;
    if (shape_equal(input->shape, node->shape)) {
        copy_tensor(g, y, x, shape_in_pass(node, node));
        return;
    }
    enum layout order = node->attributes.order;
    bool to_vector = is_vector_of(node->shape, input->shape);
    struct shape picture = to_vector ? input->shape : node->shape;
    int64_t images = shape_in_pass(node, to_vector ? input : node).n;
    struct cnn_copy d = {
        .dimensions = {1, 1, images, picture.h, picture.w, picture.c},
        .x_strides = {0, 0, x->image, x->row, x->pixel, x->channel},
        .y_strides = {0, 0, y->image, y->row, y->pixel, y->channel},
    };
    if (to_vector)
        vector_strides(node, picture, order, d.y_strides);
    else
        vector_strides(input, picture, order, d.x_strides);
    emit_copy(g, y, x, &d);
}

void lower_permute(struct generator *g, const struct node *node) {
    const int *of = node->attributes.permutation.of;
    const struct location *x = &node->inputs[0]->location, *y = &node->location;
    struct location from = *x, turned = *x;
    for (int axis = 0; axis < 4; axis++)
        *stride_along(&turned, axis) = *stride_along(&from, of[axis]);
    copy_tensor(g, y, &turned, shape_in_pass(node, node));
}

/* --- expand and tile --- */

void lower_expand(struct generator *g, const struct node *node) {
    struct shape from = node->inputs[0]->shape, to = node->shape;
    struct location repeated = node->inputs[0]->location;
    for (int axis = 0; axis < 4; axis++)
        if (*shape_along(&from, axis) != *shape_along(&to, axis))
            *stride_along(&repeated, axis) = 0;
    copy_tensor(g, &node->location, &repeated, shape_in_pass(node, node));
}

/* One loop more than there are axes: over the copies, before the axis. */
void lower_tile(struct generator *g, const struct node *node) {
    struct shape small = shape_in_pass(node, node->inputs[0]);
    struct location x = node->inputs[0]->location, y = node->location;
    struct cnn_copy d = {.dimensions = {1}};
    for (int axis = 0, i = 1; axis < 4; axis++, i++) {
        int64_t size = *shape_along(&small, axis);
        if (axis == chosen_axis(&node->attributes)) {
            d.dimensions[i] = node->attributes.times;
            d.y_strides[i++] = size * *stride_along(&y, axis);
        }
        d.dimensions[i] = size;
        d.x_strides[i] = *stride_along(&x, axis);
        d.y_strides[i] = *stride_along(&y, axis);
    }
    emit_copy(g, &y, &x, &d);
}

/* --- shuffles --- */

/* Strides of [N, H, f0, W, f1, C]: of values that lie in pixels h*f0 + i, w*f1 + j. */
static void strides_in_pixels(const struct location *at, const int64_t f[2], int64_t strides[6]) {
    const int64_t all[6] = {at->image,        f[0] * at->row, at->row,
                            f[1] * at->pixel, at->pixel,      at->channel};
    memcpy(strides, all, sizeof all);
}

/* The same of values that lie in channels (c*f0 + i)*f1 + j. */
static void strides_in_channels(const struct location *at, const int64_t f[2], int64_t strides[6]) {
    const int64_t all[6] = {at->image, at->row,     f[1] * at->channel,
                            at->pixel, at->channel, f[0] * f[1] * at->channel};
    memcpy(strides, all, sizeof all);
}

/* y[h*f + i, w*f + j, c] = x[h, w, (c*f + i)*f + j] */
void lower_pixel_shuffle(struct generator *g, const struct node *node) {
    const struct location *x = &node->inputs[0]->location, *y = &node->location;
    const int64_t *f = node->attributes.factor;
    struct shape small = shape_in_pass(node, node->inputs[0]);
    struct cnn_copy d = {.dimensions = {small.n, small.h, f[0], small.w, f[1], node->shape.c}};
    strides_in_channels(x, f, d.x_strides);
    strides_in_pixels(y, f, d.y_strides);
    emit_copy(g, y, x, &d);
}

/* y[h, w, (c*f0 + i)*f1 + j] = x[h*f0 + i, w*f1 + j, c] */
void lower_pixel_unshuffle(struct generator *g, const struct node *node) {
    const struct location *x = &node->inputs[0]->location, *y = &node->location;
    const int64_t *f = node->attributes.factor;
    struct shape small = shape_in_pass(node, node);
    struct cnn_copy d = {
        .dimensions = {small.n, small.h, f[0], small.w, f[1], node->inputs[0]->shape.c}};
    strides_in_pixels(x, f, d.x_strides);
    strides_in_channels(y, f, d.y_strides);
    emit_copy(g, y, x, &d);
}

/* y[h, w, a*groups + b] = x[h, w, b*(C/groups) + a] */
void lower_channel_shuffle(struct generator *g, const struct node *node) {
    const struct location *x = &node->inputs[0]->location, *y = &node->location;
    struct shape shape = shape_in_pass(node, node);
    int64_t groups = node->attributes.groups, size = shape.c / groups;
    struct cnn_copy d = {
        .dimensions = {1, shape.n, shape.h, shape.w, size, groups},
        .x_strides = {0, x->image, x->row, x->pixel, x->channel, size * x->channel},
        .y_strides = {0, y->image, y->row, y->pixel, groups * y->channel, y->channel},
    };
    emit_copy(g, y, x, &d);
}
