/* Layers that work along axes, and layers that say where values lie. */
#include <string.h>

#include "export/onnx/exporter.h"
#include "ir/rules.h"

const char *gathered(struct exporter *x, const char *in, int axis, const int64_t *indices,
                     int64_t count, struct dims *dims) {
    Onnx__NodeProto *gather = begin_node(x, "Gather", in, integers(x, indices, (int)count), NULL);
    set_int(x, gather, "axis", axis);
    dims->of[axis] = count;
    return end_node(x, gather, *dims);
}

/* The operator set has no mode for it. */
static const char *wrapped(struct exporter *x, const char *in, struct dims dims,
                           const struct border *border) {
    for (int axis = 0; axis < 4; axis++) {
        int64_t size = dims.of[axis], before = border->before[axis];
        int64_t count = before + size + border->after[axis];
        int64_t *indices = ARENA_ARRAY(x->arena, int64_t, count);
        for (int64_t i = 0; i < count; i++)
            indices[i] = ((i - before) % size + size) % size;
        if (count > size)
            in = gathered(x, in, axis, indices, count, &dims);
    }
    return in;
}

const char *bordered(struct exporter *x, const char *in, struct dims dims,
                     const struct border *border) {
    static const char *const modes[] = {
        [BORDER_ZEROS] = "constant", [BORDER_REFLECT] = "reflect", [BORDER_REPLICATE] = "edge"};
    int64_t pads[8];
    if (border->mode == BORDER_WRAP)
        return wrapped(x, in, dims, border);
    for (int axis = 0; axis < 4; axis++) {
        pads[axis] = border->before[axis];
        pads[axis + 4] = border->after[axis];
        dims.of[axis] += pads[axis] + pads[axis + 4];
    }
    const char *value = border->mode == BORDER_ZEROS ? scalar(x, border->value) : NULL;
    Onnx__NodeProto *pad = begin_node(x, "Pad", in, integers(x, pads, 8), value, NULL);
    set_text(x, pad, "mode", modes[border->mode]);
    return end_node(x, pad, dims);
}

FORM_FUNCTION(pad) {
    (void)form;
    const struct attributes *a = &node->attributes;
    struct border border = {
        .mode = a->padding_mode,
        .before = {a->batch_padding[0], a->channel_padding[0], a->padding[TOP], a->padding[LEFT]},
        .after = {a->batch_padding[1], a->channel_padding[1], a->padding[BOTTOM],
                  a->padding[RIGHT]},
        .value = a->value};
    const char *result = bordered(x, in[0], picture_dims(node->inputs[0]->shape), &border);
    if (result == in[0])
        apply(x, "Identity", in[0], result_dims(x, node));
}

FORM_FUNCTION(softmax) {
    Onnx__NodeProto *softmax = begin_node(x, form->type, in[0], NULL);
    set_int(x, softmax, "axis", onnx_axis(chosen_axis(&node->attributes)));
    end_node(x, softmax, result_dims(x, node));
}

FORM_FUNCTION(concat) {
    (void)form;
    Onnx__NodeProto *concat = begin_node(x, "Concat", NULL);
    concat->n_input = (size_t)node->input_count;
    concat->input = ARENA_ARRAY(x->arena, char *, node->input_count);
    memcpy(concat->input, in, concat->n_input * sizeof *in);
    set_int(x, concat, "axis", onnx_axis(chosen_axis(&node->attributes)));
    end_node(x, concat, result_dims(x, node));
}

/* Backwards, the end in front of the first unit is one that is not there: below -size. */
FORM_FUNCTION(slice) {
    (void)form;
    const struct attributes *a = &node->attributes;
    struct shape shape = node->shape, input = node->inputs[0]->shape;
    int axis = chosen_axis(a);
    int64_t along = onnx_axis(axis), start = a->start, step = a->step;
    int64_t end = start + (*shape_along(&shape, axis) - 1) * step + (step > 0 ? 1 : -1);
    end = end < 0 ? -*shape_along(&input, axis) - 1 : end;
    end_node(x,
             begin_node(x, "Slice", in[0], integers(x, &start, 1), integers(x, &end, 1),
                        integers(x, &along, 1), integers(x, &step, 1), NULL),
             result_dims(x, node));
}

FORM_FUNCTION(crop) {
    (void)form;
    const int64_t *sides = node->attributes.sides;
    int64_t axes[] = {H, W};
    int64_t ends[] = {sides[TOP] + node->shape.h, sides[LEFT] + node->shape.w};
    end_node(x,
             begin_node(x, "Slice", in[0], integers(x, sides, 2), integers(x, ends, 2),
                        integers(x, axes, 2), NULL),
             result_dims(x, node));
}

FORM_FUNCTION(expand) {
    (void)form;
    struct dims dims = result_dims(x, node);
    end_node(x, begin_node(x, "Expand", in[0], integers(x, dims.of, dims.count), NULL), dims);
}

FORM_FUNCTION(tile) {
    (void)form;
    int64_t repeats[] = {1, 1, 1, 1};
    repeats[onnx_axis(chosen_axis(&node->attributes))] = node->attributes.times;
    end_node(x, begin_node(x, "Tile", in[0], integers(x, repeats, 4), NULL), result_dims(x, node));
}

/* Pixel by pixel, and back. */
static const int64_t to_pixels[] = {N, H, W, C}, to_planes[] = {0, 3, 1, 2};

FORM_FUNCTION(flatten) {
    (void)form;
    const char *value = in[0];
    if (node->attributes.order == LAYOUT_HWC)
        value = transposed(x, value, to_pixels, picture_dims(node->inputs[0]->shape));
    Onnx__NodeProto *flatten = begin_node(x, "Flatten", value, NULL);
    set_int(x, flatten, "axis", 1);
    end_node(x, flatten, result_dims(x, node));
}

FORM_FUNCTION(reshape) {
    (void)form;
    struct shape s = node->shape;
    if (node->attributes.order == LAYOUT_CHW) {
        reshaped(x, in[0], result_dims(x, node));
        return;
    }
    struct dims pixels = {4, {s.n, s.h, s.w, s.c}};
    const char *value = transposed(x, in[0], to_pixels, picture_dims(node->inputs[0]->shape));
    transposed(x, reshaped(x, value, pixels), to_planes, pixels);
}

FORM_FUNCTION(permute) {
    (void)form;
    static const int axes[] = {AXIS_BATCH, AXIS_CHANNELS, AXIS_HEIGHT, AXIS_WIDTH};
    int64_t order[4];
    for (int i = 0; i < 4; i++)
        order[i] = onnx_axis(node->attributes.permutation.of[axes[i]]);
    transposed(x, in[0], order, picture_dims(node->inputs[0]->shape));
}

/* Cut into parts, their axes in another order, joined. */
static void rearranged(struct exporter *x, const struct node *node, const char *in,
                       struct dims parts, const int64_t *order) {
    const char *cut = reshaped(x, in, parts);
    reshaped(x, transposed(x, cut, order, parts), result_dims(x, node));
}

FORM_FUNCTION(pixel_shuffle) {
    (void)form;
    static const int64_t order[] = {0, 1, 4, 2, 5, 3};
    struct shape s = node->inputs[0]->shape;
    const int64_t *f = node->attributes.factor;
    if (f[0] != f[1]) {
        struct dims parts = {6, {s.n, node->shape.c, f[0], f[1], s.h, s.w}};
        rearranged(x, node, in[0], parts, order);
        return;
    }
    Onnx__NodeProto *shuffle = begin_node(x, "DepthToSpace", in[0], NULL);
    set_int(x, shuffle, "blocksize", f[0]);
    set_text(x, shuffle, "mode", "CRD");
    end_node(x, shuffle, result_dims(x, node));
}

/* ONNX's SpaceToDepth puts the channels in another order. */
FORM_FUNCTION(pixel_unshuffle) {
    (void)form;
    static const int64_t order[] = {0, 1, 3, 5, 2, 4};
    struct shape s = node->shape;
    const int64_t *f = node->attributes.factor;
    struct dims parts = {6, {s.n, node->inputs[0]->shape.c, s.h, f[0], s.w, f[1]}};
    rearranged(x, node, in[0], parts, order);
}

FORM_FUNCTION(channel_shuffle) {
    (void)form;
    static const int64_t order[] = {0, 2, 1, 3, 4};
    struct shape s = node->shape;
    int64_t groups = node->attributes.groups;
    struct dims parts = {5, {s.n, groups, s.c / groups, s.h, s.w}};
    rearranged(x, node, in[0], parts, order);
}

int reduced_axes(const struct node *node, int64_t axes[4]) {
    int count = 0;
    for (int axis = 0; axis < 4; axis++)
        if (node->attributes.axes[axis])
            axes[count++] = onnx_axis(axis);
    return count;
}

FORM_FUNCTION(reduce) {
    int64_t axes[4];
    int count = reduced_axes(node, axes);
    Onnx__NodeProto *reduce = begin_node(x, form->type, in[0], NULL);
    set_ints(x, reduce, "axes", axes, count);
    end_node(x, reduce, result_dims(x, node));
}

/* It alone takes its axes as a tensor in this operator set. */
FORM_FUNCTION(reduce_sum) {
    (void)form;
    int64_t axes[4];
    int count = reduced_axes(node, axes);
    end_node(x, begin_node(x, "ReduceSum", in[0], integers(x, axes, count), NULL),
             result_dims(x, node));
}

FORM_FUNCTION(argmax) {
    const struct attributes *a = &node->attributes;
    Onnx__NodeProto *place = begin_node(x, form->type, in[0], NULL);
    set_int(x, place, "axis", onnx_axis(chosen_axis(a)));
    set_int(x, place, "select_last_index", a->last);
    const char *places = end_typed(x, place, ONNX__DATA_TYPE__INT64, result_dims(x, node));
    cast(x, places, ONNX__DATA_TYPE__FLOAT, result_dims(x, node));
}

/* It makes values and places, in this order. */
FORM_FUNCTION(topk) {
    (void)form;
    const struct attributes *a = &node->attributes;
    struct dims dims = result_dims(x, node);
    Onnx__NodeProto *topk = begin_node(x, "TopK", in[0], integers(x, &a->k, 1), NULL);
    set_int(x, topk, "axis", onnx_axis(chosen_axis(a)));
    set_int(x, topk, "largest", a->largest);
    if (a->indices)
        cast(x, end_indices(x, topk, dims), ONNX__DATA_TYPE__FLOAT, dims);
    else
        end_values(x, topk, dims);
}
