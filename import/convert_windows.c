/* Conv, ConvTranspose and the pools as window layers. */
#include <inttypes.h>
#include <string.h>

#include "import/operators.h"
#include "lexer/checked.h"

bool axis_numbers(struct step *step, const char *name, int axes, size_t each,
                  const int64_t **ints) {
    size_t count;
    *ints = attribute_ints(step, name, &count);
    if (count && count != each * (size_t)axes)
        return refuse(step, E1004_ONNX_FORM, "`%s` has %zu numbers for %d axes", name, count, axes);
    *ints = count ? *ints : NULL;
    return true;
}

/* One or two numbers for the spatial axes; rank 3 is a picture of height 1. */
bool spatial_pair(struct step *step, const char *name, int rank, int64_t otherwise,
                  int64_t pair[2]) {
    const int64_t *ints;
    if (!axis_numbers(step, name, rank - 2, 1, &ints))
        return false;
    pair[0] = !ints ? otherwise : rank == 4 ? ints[0] : 1;
    pair[1] = ints ? ints[rank - 3] : otherwise;
    return true;
}

/* pads: begins, then ends. */
bool read_pads(struct step *step, int rank, int64_t pads[4]) {
    int axes = rank - 2;
    const int64_t *ints;
    memset(pads, 0, 4 * sizeof *pads);
    if (!axis_numbers(step, "pads", axes, 2, &ints))
        return false;
    if (!ints)
        return true;
    pads[LEFT] = ints[axes - 1];
    pads[RIGHT] = ints[2 * axes - 1];
    if (axes == 2) {
        pads[TOP] = ints[0];
        pads[BOTTOM] = ints[2];
    }
    return true;
}

bool read_auto_pad(struct step *step, enum auto_pad *pad) {
    static const char *const words[] = {[AUTO_PAD_NOTSET] = "NOTSET",
                                        [AUTO_PAD_VALID] = "VALID",
                                        [AUTO_PAD_UPPER] = "SAME_UPPER",
                                        [AUTO_PAD_LOWER] = "SAME_LOWER"};
    const char *word = attribute_string(step, "auto_pad", "NOTSET");
    for (int i = AUTO_PAD_NOTSET; i <= AUTO_PAD_LOWER; i++)
        if (strcmp(word, words[i]) == 0) {
            *pad = (enum auto_pad)i;
            return true;
        }
    return refuse(step, E1004_ONNX_FORM, "`auto_pad` is \"%s\"", word);
}

static bool read_window(struct step *step, int rank, struct window_attributes *w) {
    enum auto_pad pad = AUTO_PAD_NOTSET;
    if (!read_auto_pad(step, &pad))
        return false;
    w->padding = pad == AUTO_PAD_UPPER ? "same" : pad == AUTO_PAD_LOWER ? "same_lower" : NULL;
    bool sound = spatial_pair(step, "strides", rank, 1, w->stride) &&
                 spatial_pair(step, "dilations", rank, 1, w->dilation) &&
                 read_pads(step, rank, w->pads);
    if (pad == AUTO_PAD_VALID)
        memset(w->pads, 0, sizeof w->pads);
    return sound;
}

static void give_window(struct builder *b, const struct window_attributes *w) {
    give_pair(b, "kernel", w->kernel[0], w->kernel[1]);
    give_pair(b, "stride", w->stride[0], w->stride[1]);
    give_pair(b, "dilation", w->dilation[0], w->dilation[1]);
    if (w->padding)
        give_word(b, "padding", w->padding);
    else
        give_sides(b, "padding", w->pads);
}

bool wants_pictures(struct step *step, const struct operand *x) {
    if (x->rank == 3 || x->rank == 4)
        return true;
    return refuse(step, E1003_ONNX_OPERATOR,
                  "it is supported on pictures and sequences, of 4 and 3 dimensions, not on %s",
                  operand_text(step->importer, x));
}

bool wants_spatial(struct step *step, const struct operand *x) {
    if (x->rank >= 3 && x->rank <= 5)
        return true;
    return refuse(step, E1003_ONNX_OPERATOR,
                  "it is supported on sequences, pictures and volumes, of 3 to 5 dimensions, not "
                  "on %s",
                  operand_text(step->importer, x));
}

struct node *node_as_pictures(struct step *step, struct operand *x, int *axes) {
    static const int volume[RANK_MAX] = {AXIS_BATCH, AXIS_CHANNELS, AXIS_HEIGHT, AXIS_HEIGHT,
                                         AXIS_WIDTH};
    if (!wants_spatial(step, x))
        return NULL;
    if (x->rank == 5)
        memcpy(axes, volume, sizeof volume);
    else
        usual_axes(x->rank, x->dims, axes);
    return operand_node(step, x) ? node_on_axes(step, x, axes) : NULL;
}

bool result_picture(struct step *step, int output, struct node *node, int rank) {
    if (!node)
        return false;
    struct shape s = node->shape;
    const int64_t dims[4] = {s.n, s.c, rank == 4 ? s.h : s.w, s.w};
    int axes[RANK_MAX];
    usual_axes(rank, dims, axes);
    return result_node(step, output, node, step->inputs[0]->type, rank, dims, axes);
}

bool wants_weights(struct step *step, const struct operand *x, const struct operand *w) {
    struct importer *im = step->importer;
    if (!wants_known(step, w, "weights", "are"))
        return false;
    if (w->rank != x->rank)
        return refuse(step, E1004_ONNX_FORM, "weights of %s on an input of %s", operand_text(im, w),
                      operand_text(im, x));
    for (int i = 0; i < w->rank; i++)
        if (w->dims[i] < 1)
            return refuse(step, E1004_ONNX_FORM, "weights of %s", operand_text(im, w));
    return true;
}

bool wants_bias(struct step *step, const struct operand *bias, int64_t channels) {
    if (!bias)
        return true;
    if (!wants_known(step, bias, "bias", "is"))
        return false;
    if (bias->rank != 1 || bias->dims[0] != channels)
        return refuse(step, E1004_ONNX_FORM, "a bias of %s for %" PRId64 " channels",
                      operand_text(step->importer, bias), channels);
    return true;
}

/* kernel_shape, if it is given, is what the weights have. */
static bool read_kernel(struct step *step, const struct operand *w,
                        struct window_attributes *window) {
    int64_t stated[2];
    window->kernel[0] = w->rank == 4 ? w->dims[2] : 1;
    window->kernel[1] = w->dims[w->rank - 1];
    if (!spatial_pair(step, "kernel_shape", w->rank, 0, stated))
        return false;
    if (stated[1] && (stated[0] != window->kernel[0] || stated[1] != window->kernel[1]))
        return refuse(step, E1004_ONNX_FORM, "`kernel_shape` is not that of the weights, %s",
                      operand_text(step->importer, w));
    return true;
}

static struct node *finish_with_weights(struct step *step, const struct operand *w,
                                        const struct operand *bias) {
    struct importer *im = step->importer;
    give_boolean(im->builder, "bias", bias != NULL);
    struct node *node = builder_finish(im->builder);
    if (!node)
        return NULL;
    node->parameters[0]->data = (float *)(uintptr_t)constant_floats(im, w);
    if (bias)
        node->parameters[1]->data = (float *)(uintptr_t)constant_floats(im, bias);
    return node;
}

bool convert_conv(struct step *step) {
    return result_conv(step, step->inputs[0], step->inputs[1],
                       step->input_count > 2 ? step->inputs[2] : NULL,
                       attribute_int(step, "group", 1));
}

bool wants_groups(struct step *step, const struct operand *w, int64_t groups, int64_t channels) {
    int64_t wanted;
    return (groups >= 1 && checked_mul(groups, w->dims[1], &wanted) && wanted == channels) ||
           refuse(step, E1004_ONNX_FORM,
                  "weights of %s in %" PRId64 " groups on %" PRId64 " channels",
                  operand_text(step->importer, w), groups, channels);
}

bool result_conv(struct step *step, struct operand *x, struct operand *w, struct operand *bias,
                 int64_t groups) {
    struct window_attributes window;
    if (!wants_spatial(step, x) || !wants_weights(step, x, w) ||
        !wants_bias(step, bias, w->dims[0]) || !wants_groups(step, w, groups, x->dims[1]))
        return false;
    if (x->rank == 5)
        return conv_volume(step, x, w, bias, groups);
    if (!read_window(step, x->rank, &window) || !read_kernel(step, w, &window))
        return false;
    struct node *picture = node_on_usual_axes(step, x);
    return picture &&
           result_picture(step, 0, conv_layer(step, picture, &window, w, bias, groups), x->rank);
}

struct node *conv_layer(struct step *step, struct node *x, const struct window_attributes *window,
                        const struct operand *w, const struct operand *bias, int64_t groups) {
    struct builder *b = step->importer->builder;
    int64_t channels = x->shape.c;
    bool depthwise = groups == channels && channels > 1 && w->dims[0] % channels == 0;
    builder_layer(b, depthwise ? OP_DEPTHWISE : OP_CONV, step->span, label_of(step, w), &x, 1);
    give_window(b, window);
    if (depthwise)
        give_integer(b, "multiplier", w->dims[0] / channels);
    else {
        give_integer(b, "depth", w->dims[0]);
        give_integer(b, "groups", groups);
    }
    return finish_with_weights(step, w, bias);
}

/* The sides that make the output as large as `output_shape` says, by the specification's rule. */
static bool sides_for_output(struct step *step, const struct operand *x, int64_t output_padding[2],
                             const int64_t wanted[2], struct window_attributes *w) {
    bool upper = w->padding && strcmp(w->padding, "same") == 0;
    for (int axis = 0; axis < 2; axis++) {
        int64_t size = axis == 1 ? x->dims[x->rank - 1] : x->rank == 4 ? x->dims[2] : 1;
        int64_t reach, total;
        if (!checked_mul(w->kernel[axis] - 1, w->dilation[axis], &reach) ||
            !checked_mul(w->stride[axis], size - 1, &total) || !checked_add(total, reach, &total) ||
            !checked_add(total, 1, &total) || !checked_add(total, output_padding[axis], &total) ||
            !checked_sub(total, wanted[axis], &total) ||
            (total < 0 && !checked_sub(output_padding[axis], total, &output_padding[axis])))
            return refuse(step, E1004_ONNX_FORM, "its sizes are too large");
        if (total < 0) /* more than all of it: the rest is at the end */
            total = 0;
        int64_t less = total / 2, more = total - less;
        w->pads[axis ? LEFT : TOP] = upper ? less : more;
        w->pads[axis ? RIGHT : BOTTOM] = upper ? more : less;
    }
    w->padding = NULL;
    return true;
}

bool convert_conv_transpose(struct step *step) {
    struct operand *x = step->inputs[0], *w = step->inputs[1];
    struct operand *bias = step->input_count > 2 ? step->inputs[2] : NULL;
    struct window_attributes window;
    int64_t groups = attribute_int(step, "group", 1), depth, output_padding[2], wanted[2];
    if (!wants_spatial(step, x) || !wants_weights(step, x, w))
        return false;
    if (w->dims[0] != x->dims[1] || groups < 1 || !checked_mul(groups, w->dims[1], &depth))
        return refuse(step, E1004_ONNX_FORM, "weights of %s on %" PRId64 " channels",
                      operand_text(step->importer, w), x->dims[1]);
    if (!wants_bias(step, bias, depth))
        return false;
    if (x->rank == 5)
        return deconv_volume(step, x, w, bias, groups);
    if (!read_window(step, x->rank, &window) || !read_kernel(step, w, &window) ||
        !spatial_pair(step, "output_padding", x->rank, 0, output_padding) ||
        !spatial_pair(step, "output_shape", x->rank, 0, wanted))
        return false;
    if (x->rank == 3) {
        output_padding[0] = 0;
        wanted[0] = 1;
    }
    if (wanted[1] && !sides_for_output(step, x, output_padding, wanted, &window))
        return false;
    struct node *picture = node_on_usual_axes(step, x);
    return picture &&
           result_picture(step, 0,
                          deconv_layer(step, picture, &window, output_padding, w, bias, groups),
                          x->rank);
}

struct node *deconv_layer(struct step *step, struct node *x, const struct window_attributes *window,
                          const int64_t output_padding[2], const struct operand *w,
                          const struct operand *bias, int64_t groups) {
    struct builder *b = step->importer->builder;
    builder_layer(b, OP_DECONV, step->span, label_of(step, w), &x, 1);
    give_window(b, window);
    give_integer(b, "depth", groups * w->dims[1]);
    give_integer(b, "groups", groups);
    give_pair(b, "output_padding", output_padding[0], output_padding[1]);
    return finish_with_weights(step, w, bias);
}

struct pool {
    struct window_attributes window;
    bool ceil, count_padding, indices;
    int64_t p; /* of LpPool */
};

static struct node *pool_layer(struct step *step, struct node *x, const struct pool *pool) {
    struct builder *b = step->importer->builder;
    builder_layer(b, step->row->op, step->span, NULL, &x, 1);
    give_window(b, &pool->window);
    give_boolean(b, "ceil", pool->ceil);
    if (step->row->op == OP_AVGPOOL)
        give_boolean(b, "count_padding", pool->count_padding);
    if (pool->p)
        give_number(b, "p", (double)pool->p);
    if (pool->indices)
        give_word(b, "result", "indices");
    return builder_finish(b);
}

bool wants_kernel(struct step *step, size_t count, size_t axes) {
    return count == axes || refuse(step, E1004_ONNX_FORM,
                                   "`kernel_shape` has %zu numbers for %zu axes", count, axes);
}

static void read_pool(struct step *step, struct pool *pool) {
    pool->ceil = attribute_int(step, "ceil_mode", 0) != 0;
    pool->count_padding =
        step->row->op == OP_AVGPOOL && attribute_int(step, "count_include_pad", 0) != 0;
    pool->p = step->row->op == OP_LPPOOL ? attribute_int(step, "p", 2) : 0;
    pool->indices = false;
    if (step->row->op == OP_MAXPOOL)
        attribute_int(step, "storage_order", 0); /* of indices, which may not be asked for */
}

/* A pool of a volume is one of its planes, then one along its depth: the largest of the largest,
 * the mean of means of equally many. */
static bool pool_volume(struct step *step, struct operand *x) {
    struct volume_window volume;
    struct pool pool;
    struct operand so_far = *x;
    if (!read_volume_window(step, x, NULL, &volume))
        return false;
    read_pool(step, &pool);
    for (int pass = 0; pass < 2; pass++) {
        const int *axes = pass ? volume_by_depth : volume_by_planes;
        pool.window = pass ? window_of_depth(&volume) : window_of_planes(&volume);
        struct node *node = node_on_axes(step, &so_far, axes);
        node = node ? pool_layer(step, node, &pool) : NULL;
        if (!node)
            return false;
        so_far.dims[pass ? 2 : 3] = node->shape.h;
        so_far.dims[4] = pass ? so_far.dims[4] : node->shape.w;
        if (!result_node(step, 0, node, x->type, 5, so_far.dims, axes))
            return false;
        so_far = *step->outputs[0];
    }
    return true;
}

static bool wants_indices(const struct step *step) {
    return step->output_count > 1 && step->outputs[1];
}

bool convert_pool(struct step *step) {
    struct operand *x = step->inputs[0];
    struct pool pool;
    size_t count;
    if (step->row->op != OP_MAXPOOL && !wants_float_data(step))
        return false;
    if (x->rank == 5 && wants_indices(step))
        return refuse(step, E1003_ONNX_OPERATOR, "its indices are supported on pictures, not on %s",
                      operand_text(step->importer, x));
    if (x->rank == 5)
        return pool_volume(step, x);
    attribute_ints(step, "kernel_shape", &count);
    if (!wants_spatial(step, x) || !wants_kernel(step, count, (size_t)x->rank - 2) ||
        !read_window(step, x->rank, &pool.window) ||
        !spatial_pair(step, "kernel_shape", x->rank, 1, pool.window.kernel))
        return false;
    read_pool(step, &pool);
    struct node *picture = node_on_usual_axes(step, x);
    if (!picture ||
        (step->outputs[0] && !result_picture(step, 0, pool_layer(step, picture, &pool), x->rank)))
        return false;
    pool.indices = true;
    return !wants_indices(step) || result_pool_indices(step, pool_layer(step, picture, &pool));
}

bool convert_global_pool(struct step *step) {
    struct operand *x = step->inputs[0];
    struct builder *b = step->importer->builder;
    int axes[RANK_MAX];
    struct node *picture = wants_float_data(step) ? node_as_pictures(step, x, axes) : NULL;
    if (!picture)
        return false;
    builder_layer(b, step->row->op, step->span, NULL, &picture, 1);
    give_word(b, "global", "global");
    if (step->row->op == OP_LPPOOL)
        give_number(b, "p", (double)attribute_int(step, "p", 2));
    const int64_t dims[RANK_MAX] = {x->dims[0], x->dims[1], 1, 1, 1};
    return result_node(step, 0, builder_finish(b), x->type, x->rank, dims, axes);
}
