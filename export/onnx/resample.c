/* Pictures of another size. Nearest pixels are picked by their numbers, which ONNX Runtime would
 * compute in floats; what Resize does not have in this operator set is a product with the weights.
 */
#include "export/onnx/exporter.h"
#include "ir/resampling.h"

/* --- Resize --- */

static const char *const aligns[] = {[ALIGN_HALF_PIXEL] = "half_pixel",
                                     [ALIGN_CORNERS] = "align_corners",
                                     [ALIGN_ASYMMETRIC] = "asymmetric",
                                     [ALIGN_PYTORCH_HALF_PIXEL] = "pytorch_half_pixel",
                                     [ALIGN_HALF_PIXEL_SYMMETRIC] = NULL,
                                     [ALIGN_TF_HALF_PIXEL] = NULL,
                                     [ALIGN_CROP] = NULL};

static Onnx__NodeProto *begin_resize(struct exporter *x, const struct node *node, const char *in,
                                     const char *mode, const char *align) {
    struct dims dims = result_dims(x, node);
    Onnx__NodeProto *resize = begin_node(x, "Resize", in, "", "", integers(x, dims.of, 4), NULL);
    set_text(x, resize, "mode", mode);
    set_text(x, resize, "coordinate_transformation_mode", align);
    return resize;
}

/* Between the pixels. */
static void write_smooth(struct exporter *x, const struct node *node, const char *in) {
    const struct attributes *a = &node->attributes;
    bool cubic = a->mode == RESIZE_BICUBIC;
    Onnx__NodeProto *resize =
        begin_resize(x, node, in, cubic ? "cubic" : "linear", aligns[a->align]);
    if (cubic)
        set_float(x, resize, "cubic_coeff_a", a->coefficient);
    if (a->exclude_outside)
        set_int(x, resize, "exclude_outside", 1);
    end_node(x, resize, result_dims(x, node));
}

/* --- pixels by their numbers --- */

/* Pixel floor(o * in / out) along both axes, in integers. */
static void write_nearest(struct exporter *x, const struct node *node, const char *in) {
    struct dims dims = picture_dims(node->inputs[0]->shape), result = picture_dims(node->shape);
    for (int axis = H; axis <= W; axis++) {
        int64_t size = dims.of[axis], count = result.of[axis];
        int64_t *indices = ARENA_ARRAY(x->arena, int64_t, count);
        for (int64_t i = 0; i < count; i++)
            indices[i] = i * size / count; /* each below 2^31 */
        in = gathered(x, in, axis, indices, count, &dims);
    }
}

static bool is_whole_multiple(const struct node *node) {
    struct shape in = node->inputs[0]->shape;
    return node->shape.h % in.h == 0 && node->shape.w % in.w == 0;
}

/* ONNX's nearest rounds o / (out / in) in floats, which is exact for whole factors only. */
FORM_FUNCTION(upsample) {
    (void)form;
    if (node->attributes.mode != RESIZE_NEAREST) {
        write_smooth(x, node, in[0]);
    } else if (is_whole_multiple(node)) {
        Onnx__NodeProto *resize = begin_resize(x, node, in[0], "nearest", "asymmetric");
        set_text(x, resize, "nearest_mode", "floor");
        end_node(x, resize, result_dims(x, node));
    } else {
        write_nearest(x, node, in[0]);
    }
}

/* --- tables of weights --- */

/* [units of the result, units of the input]; transposed for columns. */
static const char *weights_of(struct exporter *x, const struct resampling *r, int64_t in,
                              bool columns) {
    float *matrix = ARENA_ARRAY(x->arena, float, r->units *in);
    for (int64_t u = 0; u < r->units; u++)
        for (int64_t k = 0; k < r->taps && r->first[u] >= 0; k++) {
            int64_t unit = r->first[u] + k;
            matrix[columns ? unit * r->units + u : u * in + unit] +=
                (float)r->weights[u * r->taps + k];
        }
    struct dims dims = {2, {columns ? in : r->units, columns ? r->units : in}};
    return array(x, columns ? "weights_of_columns" : "weights_of_rows", matrix, dims);
}

/* `value` where a row or column comes from outside, 0 elsewhere; NULL where that is nowhere. */
static const char *outside(struct exporter *x, const struct node *node) {
    const struct resampling *rows = node->attributes.resampling[0];
    const struct resampling *columns = node->attributes.resampling[1];
    float *values = ARENA_ARRAY(x->arena, float, rows->units * columns->units);
    bool any = false;
    for (int64_t i = 0; i < rows->units; i++)
        for (int64_t j = 0; j < columns->units; j++)
            if (rows->first[i] < 0 || columns->first[j] < 0) {
                values[i * columns->units + j] = (float)node->attributes.value;
                any = true;
            }
    return any ? array(x, "outside", values, (struct dims){4, {1, 1, rows->units, columns->units}})
               : NULL;
}

static void write_product(struct exporter *x, const struct node *node, const char *in) {
    const struct resampling *const *r = node->attributes.resampling;
    struct shape from = node->inputs[0]->shape;
    struct dims dims = picture_dims(from);
    const char *rows = weights_of(x, r[0], from.h, false);
    const char *columns = weights_of(x, r[1], from.w, true);
    dims.of[H] = node->shape.h;
    const char *value = end_node(x, begin_node(x, "MatMul", rows, in, NULL), dims);
    value = end_node(x, begin_node(x, "MatMul", value, columns, NULL), result_dims(x, node));
    const char *border = outside(x, node);
    if (border)
        end_node(x, begin_node(x, "Add", value, border, NULL), result_dims(x, node));
}

static bool takes_pixels(const struct resampling *r) {
    for (int64_t u = 0; u < r->units; u++)
        if (r->first[u] < 0)
            return false;
    return r->taps == 1;
}

FORM_FUNCTION(resize) {
    (void)form;
    const struct attributes *a = &node->attributes;
    struct dims dims = picture_dims(node->inputs[0]->shape);
    bool by_size = a->scale[0] == 0 && a->scale[1] == 0;
    if (a->mode == RESIZE_NEAREST && takes_pixels(a->resampling[0]) &&
        takes_pixels(a->resampling[1])) {
        const char *value = gathered(x, in[0], H, a->resampling[0]->first, node->shape.h, &dims);
        gathered(x, value, W, a->resampling[1]->first, node->shape.w, &dims);
    } else if (a->mode != RESIZE_NEAREST && aligns[a->align] && by_size && !a->antialias) {
        write_smooth(x, node, in[0]);
    } else {
        write_product(x, node, in[0]);
    }
}
