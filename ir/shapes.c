/* Shape rules of the layers with windows, weights or groups: each resolves the node's attributes
 * and gives its shape, or says with both quantities why it cannot. */
#include <inttypes.h>

#include "ir/layer.h"
#include "ir/rules.h"
#include "ir/window.h"
#include "lexer/checked.h"
#include "lexer/limits.h"

bool shape_given(struct layer *layer) { /* set by whoever makes the node */
    (void)layer;
    return true;
}

bool shape_parameter(struct layer *layer) {
    struct shape size = layer->node->attributes.size;
    size.n = size.n ? size.n : 1;
    size.c = size.c ? size.c : 1;
    layer->node->shape = size;
    return true;
}

bool shape_same(struct layer *layer) {
    layer->node->shape = layer->node->inputs[0]->shape;
    return true;
}

/* The window of a layer along height (axis 0) or width (axis 1). */
struct window window_of(const struct attributes *a, struct shape input, int axis) {
    return (struct window){.input = axis ? input.w : input.h,
                           .kernel = a->kernel[axis],
                           .stride = a->stride[axis],
                           .dilation = a->dilation[axis],
                           .before = a->padding[axis ? LEFT : TOP],
                           .after = a->padding[axis ? RIGHT : BOTTOM],
                           .ceil = a->ceil};
}

static void store_padding(struct attributes *a, const struct window *window, int axis) {
    a->padding[axis ? LEFT : TOP] = window->before;
    a->padding[axis ? RIGHT : BOTTOM] = window->after;
}

static bool is_pool(const struct node *node) {
    return node->op == OP_MAXPOOL || node->op == OP_AVGPOOL || node->op == OP_LPPOOL;
}

/* No rule about padding forbids the windows. */
static bool allowed(const struct layer *layer, const struct window windows[2]) {
    bool reflects = layer->node->attributes.padding_mode == BORDER_REFLECT;
    for (int axis = 0; axis < 2; axis++) {
        const struct window *w = &windows[axis];
        if (is_pool(layer->node) && !window_sees_input(w))
            return false;
        if (reflects && (w->before >= w->input || w->after >= w->input))
            return false;
    }
    return true;
}

/* The largest kernel that fits, and the least padding of all sides that makes room. */
static const char *what_fits(const struct layer *layer, const struct window windows[2]) {
    struct window smaller[2] = {windows[0], windows[1]}, padded[2] = {windows[0], windows[1]};
    int64_t kernel = INT64_MAX, padding = 0;
    for (int axis = 0; axis < 2; axis++) {
        const struct window *w = &windows[axis];
        int64_t extent = 0, room = w->input + w->before + w->after;
        window_extent(w, &extent);
        if (room < extent && (room - 1) / w->dilation + 1 < kernel)
            kernel = (room - 1) / w->dilation + 1;
        int64_t lack = extent - w->input, half = lack / 2 + lack % 2;
        padding = half > padding ? half : padding;
    }
    for (int axis = 0; axis < 2; axis++) {
        smaller[axis].kernel = kernel < windows[axis].kernel ? kernel : windows[axis].kernel;
        padded[axis].before = padded[axis].after = padding;
    }
    const char *first = arena_printf(layer->arena, "a kernel of %" PRId64 " or less fits", kernel);
    const char *second = arena_printf(layer->arena, "padding = %" PRId64, padding);
    bool fits = allowed(layer, smaller), makes_room = allowed(layer, padded);
    if (fits && makes_room)
        return arena_printf(layer->arena, "%s, or %s", first, second);
    return fits ? first : makes_room ? arena_printf(layer->arena, "%s makes room", second) : NULL;
}

static bool does_not_fit(struct layer *layer, const struct window windows[2]) {
    int64_t extent[2] = {0, 0}, room[2];
    for (int axis = 0; axis < 2; axis++) {
        window_extent(&windows[axis], &extent[axis]);
        room[axis] = windows[axis].input + windows[axis].before + windows[axis].after;
    }
    layer_error(layer, "kernel", E0412_WINDOW_DOES_NOT_FIT,
                "window %" PRId64 "x%" PRId64 " does not fit the padded input %" PRId64 "x%" PRId64,
                extent[0], extent[1], room[0], room[1]);
    layer->help = what_fits(layer, windows);
    return false;
}

/* Resolves the padding of both axes and sets the height and width of the node's shape. */
static bool slide_window(struct layer *layer) {
    struct node *node = layer->node;
    struct attributes *a = &node->attributes;
    struct shape input = node->inputs[0]->shape;
    struct window windows[2];
    int64_t output[2];
    bool fits = true;
    for (int axis = 0; axis < 2; axis++) {
        windows[axis] = window_of(a, input, axis);
        if (a->padding_form == PADDING_SAME || a->padding_form == PADDING_SAME_LOWER)
            if (!window_same(&windows[axis], a->padding_form == PADDING_SAME_LOWER))
                return layer_too_large(layer);
        enum window_result result = window_output(&windows[axis], &output[axis]);
        if (result == WINDOW_OVERFLOW)
            return layer_too_large(layer);
        fits = fits && result == WINDOW_OK;
    }
    if (!fits)
        return does_not_fit(layer, windows);
    for (int axis = 0; axis < 2; axis++)
        store_padding(a, &windows[axis], axis);
    node->shape = (struct shape){input.n, output[0], output[1], input.c};
    return true;
}

/* Padding that mirrors needs enough pixels to mirror. */
bool check_reflection(struct layer *layer, const char *attribute) {
    const struct attributes *a = &layer->node->attributes;
    struct shape input = layer->node->inputs[0]->shape;
    if (a->padding_mode != BORDER_REFLECT)
        return true;
    for (int side = 0; side < 4; side++) {
        bool rows = side == TOP || side == BOTTOM;
        int64_t size = rows ? input.h : input.w;
        if (a->padding[side] >= size)
            return layer_error(layer, attribute, E0405_REFLECTION_TOO_LARGE,
                               "reflect padding of %" PRId64 " needs more than %" PRId64
                               " %s; the input has %" PRId64,
                               a->padding[side], a->padding[side], rows ? "rows" : "columns", size);
    }
    return true;
}

static bool check_groups(struct layer *layer, int64_t in, int64_t out) {
    int64_t groups = layer->node->attributes.groups;
    if (in % groups)
        return layer_error(layer, "groups", E0406_GROUPS_DO_NOT_DIVIDE,
                           "groups = %" PRId64 " does not divide the %" PRId64 " input channels",
                           groups, in);
    if (out % groups)
        return layer_error(layer, "groups", E0406_GROUPS_DO_NOT_DIVIDE,
                           "groups = %" PRId64 " does not divide the %" PRId64 " output channels",
                           groups, out);
    return true;
}

bool shape_channel_shuffle(struct layer *layer) {
    struct node *node = layer->node;
    node->shape = node->inputs[0]->shape;
    return check_groups(layer, node->shape.c, node->shape.c);
}

bool shape_groupnorm(struct layer *layer) {
    struct node *node = layer->node;
    bool *axes = node->attributes.axes;
    axes[AXIS_HEIGHT] = axes[AXIS_WIDTH] = axes[AXIS_CHANNELS] = true;
    node->shape = node->inputs[0]->shape;
    return check_groups(layer, node->shape.c, node->shape.c);
}

bool shape_conv(struct layer *layer) {
    struct node *node = layer->node;
    struct attributes *a = &node->attributes;
    if (!slide_window(layer) || !check_groups(layer, node->inputs[0]->shape.c, a->depth) ||
        !check_reflection(layer, "padding"))
        return false;
    node->shape.c = a->depth;
    return true;
}

bool shape_depthwise(struct layer *layer) {
    struct node *node = layer->node;
    struct attributes *a = &node->attributes;
    a->groups = node->inputs[0]->shape.c;
    if (!checked_mul(a->groups, a->multiplier, &a->depth))
        return layer_too_large(layer);
    return shape_conv(layer);
}

bool shape_deconv(struct layer *layer) {
    struct node *node = layer->node;
    struct attributes *a = &node->attributes;
    struct shape input = node->inputs[0]->shape;
    int64_t output[2];
    for (int axis = 0; axis < 2; axis++) {
        struct window window = window_of(a, input, axis);
        int64_t more = a->output_padding[axis];
        if (window.stride > LIMIT_DECONV_STRIDE)
            return layer_error(layer, "stride", E0907_STRIDE_TOO_LARGE,
                               "a transposed convolution's stride is at most %d, not %" PRId64,
                               LIMIT_DECONV_STRIDE, window.stride);
        bool same = a->padding_form == PADDING_SAME || a->padding_form == PADDING_SAME_LOWER;
        if (more >= window.stride && more >= window.dilation)
            return layer_error(layer, "output_padding", E0407_OUTPUT_PADDING_TOO_LARGE,
                               "output_padding = %" PRId64
                               " must be less than the stride, %" PRId64,
                               more, window.stride);
        if (same && !deconv_same(&window, more, a->padding_form == PADDING_SAME_LOWER))
            return layer_too_large(layer);
        enum window_result result = deconv_output(&window, more, &output[axis]);
        if (result == WINDOW_OVERFLOW ||
            (same && !checked_mul(window.input, window.stride, &output[axis])))
            return layer_too_large(layer);
        if (result == WINDOW_TOO_LARGE)
            return layer_error(layer, "padding", E0408_NOTHING_LEFT,
                               "padding of %" PRId64 " and %" PRId64 " takes away all %" PRId64
                               " %s of the result",
                               window.before, window.after,
                               output[axis] + window.before + window.after,
                               axis ? "columns" : "rows");
        store_padding(a, &window, axis);
    }
    if (!check_groups(layer, input.c, a->depth))
        return false;
    node->shape = (struct shape){input.n, output[0], output[1], a->depth};
    return true;
}

static bool global_pool(struct layer *layer) {
    static const char *const excluded[] = {"kernel", "stride", "padding", "dilation", "ceil"};
    struct node *node = layer->node;
    struct shape input = node->inputs[0]->shape;
    for (size_t i = 0; i < sizeof excluded / sizeof *excluded; i++)
        if (layer_given(layer, excluded[i]))
            return layer_error(layer, excluded[i], E0510_ATTRIBUTES_EXCLUDE,
                               "a global pool has one window, the input %" PRId64 "x%" PRId64
                               ": it takes no `%s`",
                               input.h, input.w, excluded[i]);
    for (int axis = 0; axis < 2; axis++)
        node->attributes.kernel[axis] = node->attributes.stride[axis] = axis ? input.w : input.h;
    node->shape = (struct shape){input.n, 1, 1, input.c};
    return true;
}

bool shape_pool(struct layer *layer) {
    struct node *node = layer->node;
    struct attributes *a = &node->attributes;
    if (a->indices && !check_places(layer, node->inputs[0]->shape))
        return false;
    if (a->global)
        return global_pool(layer);
    for (int axis = 0; axis < 2; axis++)
        if (!layer_given(layer, "stride"))
            a->stride[axis] = a->kernel[axis];
    if (!slide_window(layer))
        return false;
    for (int axis = 0; axis < 2; axis++) {
        struct window window = window_of(a, node->inputs[0]->shape, axis);
        int64_t extent, most = window.before > window.after ? window.before : window.after;
        if (window_sees_input(&window) || !window_extent(&window, &extent))
            continue;
        if (most >= extent)
            return layer_error(layer, "padding", E0409_ONLY_PADDING,
                               "a padding of %" PRId64 " is not less than the window of %" PRId64
                               ": windows would see padding only",
                               most, extent);
        return layer_error(layer, "dilation", E0409_ONLY_PADDING,
                           "a dilation of %" PRId64 " on an input of %" PRId64
                           " with padding: windows would see padding only",
                           window.dilation, window.input);
    }
    return true;
}

bool shape_dense(struct layer *layer) {
    struct node *node = layer->node;
    struct shape input = node->inputs[0]->shape;
    if (input.h != 1 || input.w != 1) {
        layer_error(layer, NULL, E0410_NOT_A_VECTOR, "dense needs a vector, 1x1xC; its input is %s",
                    shape_text(layer->arena, input));
        layer->help = "`-> flatten` makes it a vector";
        return false;
    }
    node->shape = (struct shape){input.n, 1, 1, node->attributes.depth};
    return true;
}

bool shape_clip(struct layer *layer) {
    const struct attributes *a = &layer->node->attributes;
    if (!layer_given(layer, "low") && !layer_given(layer, "high"))
        return layer_error(layer, NULL, E0505_MISSING_ATTRIBUTE,
                           "clip needs `low`, `high` or both");
    if (a->a > a->b)
        return layer_error(layer, "high", E0511_LOW_ABOVE_HIGH,
                           "clip's high, %s, is less than its low, %s",
                           number_text(layer->arena, a->b), number_text(layer->arena, a->a));
    return shape_same(layer);
}

bool shape_grayscale(struct layer *layer) {
    struct shape input = layer->node->inputs[0]->shape;
    if (input.c != 3 && input.c != 1)
        return layer_error(layer, NULL, E0411_WRONG_CHANNELS,
                           "grayscale needs 3 channels (or 1); its input has %" PRId64, input.c);
    input.c = 1;
    layer->node->shape = input;
    return true;
}
