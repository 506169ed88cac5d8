/* Resize and Upsample: pictures of another size. */
#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "import/operators.h"
#include "lexer/limits.h"

/* What the node asks for, along each dimension. */
struct sizes {
    int64_t dims[RANK_MAX];
    double scales[RANK_MAX];
    double first[RANK_MAX], last[RANK_MAX]; /* the region, as parts of the input */
    bool has_scales;
};

/* The dimensions that lists of the node are about: all, or those of `axes`. */
static bool read_axes(struct step *step, int dims[RANK_MAX], int *count) {
    const struct operand *x = step->inputs[0];
    size_t given;
    const int64_t *axes = attribute_ints(step, "axes", &given);
    *count = given ? (int)given : x->rank;
    if (given > (size_t)x->rank)
        return refuse(step, E1004_ONNX_FORM, "%zu axes of %d dimensions", given, x->rank);
    for (int i = 0; i < *count; i++) {
        dims[i] = given ? normal_axis(step, axes[i], x->rank) : i;
        if (dims[i] < 0)
            return false;
    }
    return true;
}

/* Floats of an input that is known; *count is 0 where it is left out or empty. */
static bool read_floats(struct step *step, int index, const char *what, const double **values,
                        int *count) {
    const struct operand *operand = index < step->input_count ? step->inputs[index] : NULL;
    *count = 0;
    if (!operand || (is_constant(operand) && !operand_count(operand)))
        return true;
    if (!is_constant(operand) || operand->rank != 1 || operand_count(operand) > 2 * RANK_MAX)
        return refuse(step, E1004_ONNX_FORM, "%s, `%s`, are no known list", what, operand->name);
    double *list = ARENA_ARRAY(step->importer->arena, double, 2 * RANK_MAX);
    *count = (int)operand_count(operand);
    for (int i = 0; i < *count; i++)
        list[i] = constant_real(operand, i);
    *values = list;
    return true;
}

static bool scale_dims(struct step *step, struct sizes *sizes, const int *dims, int count,
                       const double *scales, int scale_count) {
    const struct operand *x = step->inputs[0];
    if (scale_count != count)
        return refuse(step, E1004_ONNX_FORM, "%d scales for %d dimensions", scale_count, count);
    for (int i = 0; i < count; i++) {
        double region = sizes->last[dims[i]] - sizes->first[dims[i]];
        double size = floor((double)x->dims[dims[i]] * region * scales[i]);
        if (!(scales[i] > 0) || !(size >= 1 && size <= (double)LIMIT_DIMENSION))
            return refuse(step, E1004_ONNX_FORM, "a scale of %g of %" PRId64, scales[i],
                          x->dims[dims[i]]);
        sizes->scales[dims[i]] = scales[i];
        sizes->dims[dims[i]] = (int64_t)size;
    }
    sizes->has_scales = true;
    return true;
}

/* keep_aspect_ratio_policy: one scale for all, the smallest or the largest. */
static bool keep_ratio(struct step *step, struct sizes *sizes, const int *dims, int count,
                       const char *policy) {
    const struct operand *x = step->inputs[0];
    bool larger = strcmp(policy, "not_smaller") == 0;
    double scale = larger ? 0 : INFINITY;
    if (!larger && strcmp(policy, "not_larger") != 0)
        return refuse(step, E1004_ONNX_FORM, "`keep_aspect_ratio_policy` is \"%s\"", policy);
    for (int i = 0; i < count; i++) {
        double own = (double)sizes->dims[dims[i]] / (double)x->dims[dims[i]];
        scale = larger ? fmax(scale, own) : fmin(scale, own);
    }
    for (int i = 0; i < count; i++) {
        double size = floor(scale * (double)x->dims[dims[i]] + 0.5);
        if (!(size >= 1 && size <= (double)LIMIT_DIMENSION))
            return refuse(step, E1004_ONNX_FORM, "a scale of %g of %" PRId64, scale,
                          x->dims[dims[i]]);
        sizes->dims[dims[i]] = (int64_t)size;
        sizes->scales[dims[i]] = scale;
    }
    sizes->has_scales = true;
    return true;
}

static bool read_sizes(struct step *step, struct sizes *sizes, const int *dims, int count) {
    const int64_t *wanted;
    size_t wanted_count;
    const char *policy = attribute_string(step, "keep_aspect_ratio_policy", "stretch");
    if (!integers_of_input(step, 3, "its sizes", &wanted, &wanted_count))
        return false;
    if (wanted_count != (size_t)count)
        return refuse(step, E1004_ONNX_FORM, "%zu sizes for %d dimensions", wanted_count, count);
    for (int i = 0; i < count; i++) {
        if (wanted[i] < 1)
            return refuse(step, E1004_ONNX_FORM, "a size of %" PRId64, wanted[i]);
        sizes->dims[dims[i]] = wanted[i];
    }
    return strcmp(policy, "stretch") == 0 || keep_ratio(step, sizes, dims, count, policy);
}

static bool read_region(struct step *step, struct sizes *sizes, const int *dims, int count) {
    const double *region;
    int given;
    if (!read_floats(step, 1, "the region", &region, &given))
        return false;
    if (given != 2 * count)
        return refuse(step, E1004_ONNX_FORM, "a region of %d numbers for %d dimensions", given,
                      count);
    for (int i = 0; i < count; i++) {
        sizes->first[dims[i]] = region[i];
        sizes->last[dims[i]] = region[count + i];
    }
    return true;
}

/* From the attributes of Upsample, or the inputs of Resize, whose places have changed. */
static bool read_resize(struct step *step, bool crops, struct sizes *sizes) {
    const struct operand *x = step->inputs[0];
    const double *scales;
    int dims[RANK_MAX], count, scale_count = 0, at = step->opset < 11 ? 1 : 2;
    if (!read_axes(step, dims, &count))
        return false;
    for (int i = 0; i < x->rank; i++) {
        sizes->dims[i] = x->dims[i];
        sizes->scales[i] = sizes->last[i] = 1;
        sizes->first[i] = 0;
    }
    if (crops && !read_region(step, sizes, dims, count))
        return false;
    const Onnx__AttributeProto *old = step->opset < 9 ? find_attribute(step, "scales") : NULL;
    if (old) {
        double *list = ARENA_ARRAY(step->importer->arena, double, old->n_floats + 1);
        for (size_t i = 0; i < old->n_floats; i++)
            list[i] = (double)old->floats[i];
        scales = list;
        scale_count = old->n_floats <= RANK_MAX ? (int)old->n_floats : RANK_MAX + 1;
    } else if (!read_floats(step, at, "its scales", &scales, &scale_count))
        return false;
    if (scale_count)
        return scale_dims(step, sizes, dims, count, scales, scale_count);
    return read_sizes(step, sizes, dims, count);
}

/* Words of ONNX beside ours; NULL where there is none. */
struct word_pair {
    const char *onnx, *ours;
};

static const char *ours_of(const struct word_pair *pairs, const char *word) {
    for (; pairs->onnx; pairs++)
        if (strcmp(pairs->onnx, word) == 0)
            return pairs->ours;
    return NULL;
}

static const struct word_pair modes[] = {{"nearest", "nearest"},
                                         {"linear", "bilinear"},
                                         {"bilinear", "bilinear"},
                                         {"cubic", "bicubic"},
                                         {NULL, NULL}};
static const struct word_pair rules[] = {{"half_pixel", "half_pixel"},
                                         {"pytorch_half_pixel", "pytorch_half_pixel"},
                                         {"half_pixel_symmetric", "half_pixel_symmetric"},
                                         {"align_corners", "corners"},
                                         {"asymmetric", "asymmetric"},
                                         {"tf_half_pixel_for_nn", "tf_half_pixel"},
                                         {"tf_crop_and_resize", "crop"},
                                         {NULL, NULL}};
static const struct word_pair roundings[] = {{"round_prefer_floor", "prefer_floor"},
                                             {"round_prefer_ceil", "prefer_ceil"},
                                             {"floor", "floor"},
                                             {"ceil", "ceil"},
                                             {NULL, NULL}};

/* A mode, a rule and a rounding; those that operator sets without the attributes mean. */
struct manner {
    const char *mode, *align, *rounding;
    double coefficient, value;
    bool exclude_outside, antialias;
};

static bool read_manner(struct step *step, struct manner *m) {
    bool old = step->opset < 11 || strcmp(step->node->op_type, "Upsample") == 0;
    const char *mode = attribute_string(step, "mode", "nearest");
    const char *rule = "", *rounding = "";
    m->align = "asymmetric";
    m->rounding = "floor";
    if (!old) {
        rule = attribute_string(step, "coordinate_transformation_mode", "half_pixel");
        rounding = attribute_string(step, "nearest_mode", "round_prefer_floor");
        m->align = ours_of(rules, rule);
        m->rounding = ours_of(roundings, rounding);
    }
    m->coefficient = attribute_float(step, "cubic_coeff_a", -0.75);
    m->value = attribute_float(step, "extrapolation_value", 0);
    m->exclude_outside = attribute_int(step, "exclude_outside", 0) != 0;
    m->antialias = attribute_int(step, "antialias", 0) != 0;
    m->mode = ours_of(modes, mode);
    if (!m->mode || !m->align || !m->rounding)
        return refuse(step, E1004_ONNX_FORM, "\"%s\" is not supported",
                      !m->mode    ? mode
                      : !m->align ? rule
                                  : rounding);
    return true;
}

/* The dimensions that change, the last one first. */
static int changing_dims(const struct operand *x, const struct sizes *sizes,
                         int changing[RANK_MAX]) {
    int count = 0;
    for (int i = x->rank; i-- > 0;)
        if (sizes->dims[i] != x->dims[i] || sizes->scales[i] != 1)
            changing[count++] = i;
    return count;
}

/* Larger by whole factors, each pixel repeated. */
static bool is_repeating(const struct manner *m, const struct operand *x,
                         const struct sizes *sizes) {
    for (int i = 0; i < x->rank; i++)
        if (sizes->dims[i] % x->dims[i] ||
            (sizes->has_scales && sizes->scales[i] != floor(sizes->scales[i])))
            return false;
    return strcmp(m->mode, "nearest") == 0 && strcmp(m->align, "asymmetric") == 0 &&
           strcmp(m->rounding, "floor") == 0;
}

static void give_manner(struct builder *b, const struct manner *m) {
    give_word(b, "mode", m->mode);
    give_word(b, "align", m->align);
    if (strcmp(m->mode, "nearest") == 0)
        give_word(b, "rounding", m->rounding);
    if (strcmp(m->mode, "bicubic") == 0)
        give_number(b, "coefficient", m->coefficient);
    if (m->exclude_outside)
        give_boolean(b, "exclude_outside", true);
    if (m->antialias)
        give_boolean(b, "antialias", true);
}

static struct node *resize_layer(struct step *step, struct node *x, const struct manner *m,
                                 const struct sizes *sizes, const int changing[2]) {
    struct builder *b = step->importer->builder;
    double factors[2] = {1, 1}, region[4] = {0, 0, 1, 1};
    struct shape size = {x->shape.n, x->shape.h, x->shape.w, 0};
    for (int side = 0; side < 2; side++) {
        int dim = changing[side];
        if (dim < 0)
            continue;
        factors[side] = sizes->scales[dim];
        *(side ? &size.w : &size.h) = sizes->dims[dim];
        region[side] = sizes->first[dim];
        region[2 + side] = sizes->last[dim];
    }
    if (is_repeating(m, step->inputs[0], sizes)) {
        builder_layer(b, OP_UPSAMPLE, step->span, NULL, &x, 1);
        give_pair(b, "factor", size.h / x->shape.h, size.w / x->shape.w);
        return builder_finish(b);
    }
    builder_layer(b, OP_RESIZE, step->span, NULL, &x, 1);
    give_pair(b, "size", size.h, size.w);
    if (sizes->has_scales)
        give_numbers(b, "factor", factors, 2);
    give_manner(b, m);
    if (strcmp(m->align, "crop") == 0) {
        give_numbers(b, "region", region, 4);
        give_number(b, "value", m->value);
    }
    return builder_finish(b);
}

/* Along two dimensions, which lie on height and width; NO_AXIS in place of one. */
static bool resize_picture(struct step *step, const struct manner *m, const struct sizes *sizes,
                           const int changing[2], struct operand *x) {
    int axes[RANK_MAX];
    if (!operand_node(step, x))
        return false;
    axes_as_picture(x, changing[0], changing[1], axes);
    struct node *node = node_on_axes(step, x, axes);
    node = node ? resize_layer(step, node, m, sizes, changing) : NULL;
    for (int side = 0; side < 2; side++)
        if (changing[side] >= 0)
            x->dims[changing[side]] = sizes->dims[changing[side]];
    if (!result_node(step, 0, node, x->type, x->rank, x->dims, axes))
        return false;
    *x = *step->outputs[0];
    return true;
}

/* Two dimensions at a time: each value is weighted along each of them by itself. */
bool convert_resize(struct step *step) {
    struct operand x = *step->inputs[0];
    struct manner manner;
    struct sizes sizes = {.has_scales = false};
    int changing[RANK_MAX], at = 0;
    if (!read_manner(step, &manner) ||
        !read_resize(step, strcmp(manner.align, "crop") == 0, &sizes))
        return false;
    int count = changing_dims(&x, &sizes, changing);
    do {
        const int two[2] = {at + 1 < count ? changing[at + 1] : NO_AXIS,
                            at < count ? changing[at] : NO_AXIS};
        if (!resize_picture(step, &manner, &sizes, two, &x))
            return false;
        at += 2;
    } while (at < count);
    return true;
}
