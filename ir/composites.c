/* Layers that become others: kernels given as filters, separable, split, normalisation. */
#include <inttypes.h>
#include <string.h>

#include "ir/elaborator.h"
#include "ir/rules.h"

/* Filters stand for kernel, depth and weights. */
static bool use_filters(struct layer *layer) {
    static const char *const excluded[] = {"depth", "multiplier", "groups"};
    struct node *node = layer->node;
    const struct filter_literal *first = layer->filters[0];
    for (size_t i = 0; i < sizeof excluded / sizeof *excluded; i++)
        if (layer_given(layer, excluded[i]))
            return layer_error(layer, excluded[i], E0510_ATTRIBUTES_EXCLUDE,
                               "`%s` follows from the filters", excluded[i]);
    if (layer_given(layer, "bias") && node->attributes.bias)
        return layer_error(layer, "bias", E0510_ATTRIBUTES_EXCLUDE, "filters have no bias");
    for (size_t i = 1; i < layer->filter_count; i++) {
        const struct filter_literal *other = layer->filters[i];
        if (other->planes != first->planes || other->rows != first->rows ||
            other->columns != first->columns)
            return layer_error(layer, "kernel", E0414_FILTER_SIZES_DIFFER,
                               "filters of one layer have one size: %" PRId64 "x%" PRId64
                               "x%" PRId64 " and %" PRId64 "x%" PRId64 "x%" PRId64,
                               first->rows, first->columns, first->planes, other->rows,
                               other->columns, other->planes);
    }
    int64_t channels = node->inputs[0]->shape.c;
    if (first->planes > 1 && (first->planes != channels || node->op == OP_DEPTHWISE))
        return layer_error(layer, "kernel", E0411_WRONG_CHANNELS,
                           node->op == OP_DEPTHWISE
                               ? "depthwise takes filters of 1 plane; this has %" PRId64
                               : "a filter of %" PRId64 " planes on an input of %" PRId64
                                 " channels",
                           first->planes, channels);
    node->attributes.bias = false;
    node->attributes.kernel[0] = first->rows;
    node->attributes.kernel[1] = first->columns;
    node->attributes.depth = node->attributes.multiplier = (int64_t)layer->filter_count;
    if (first->planes == 1)
        node->op = OP_DEPTHWISE; /* every channel by itself */
    return true;
}

/* depthwise, then conv 1x1, under one path. */
static struct node *make_separable(struct elaborator *e, struct frame *f,
                                   const struct layer *whole) {
    const struct node *node = whole->node;
    struct layer part;
    const char *path = arena_printf(e->arena, "%s.depthwise", node->path);
    path = intern(e->names, path, strlen(path));
    begin_layer(e, f, &part, OP_DEPTHWISE, node->span, path, node->inputs, 1);
    part.node->attributes = node->attributes;
    part.node->attributes.multiplier = 1;
    struct node *depthwise = finish_layer(e, f, &part);
    if (!depthwise)
        return NULL;
    path = arena_printf(e->arena, "%s.pointwise", node->path);
    path = intern(e->names, path, strlen(path));
    begin_layer(e, f, &part, OP_CONV, node->span, path, &depthwise, 1);
    struct attributes *a = &part.node->attributes;
    a->depth = node->attributes.depth;
    a->bias = node->attributes.bias;
    a->shared = node->attributes.shared;
    a->kernel[0] = a->kernel[1] = 1;
    return finish_layer(e, f, &part);
}

/* The sizes of a split's parts along its axis; NULL after an error. */
static const int64_t *part_sizes(struct layer *layer, int64_t whole, size_t *count) {
    const struct value *parts = &layer->parts;
    const char *axis = axis_sizes_text(chosen_axis(&layer->node->attributes));
    bool equal = parts->kind != VALUE_LIST;
    int64_t number = 0, sum = 0;
    value_to_integer(*parts, &number);
    if (equal && whole % number) {
        layer_error(layer, "parts", E0416_PARTS_AND_WHOLE,
                    "%" PRId64 " equal parts of %" PRId64 " %s are not whole", number, whole, axis);
        return NULL;
    }
    *count = equal ? (size_t)number : parts->item_count;
    int64_t *sizes = ARENA_ARRAY(layer->arena, int64_t, *count);
    for (size_t i = 0; i < *count; i++) {
        sizes[i] = equal ? whole / number : 0;
        if (!equal)
            value_to_integer(parts->items[i], &sizes[i]);
        sum += sizes[i]; /* a file holds too few for an overflow */
    }
    if (sum == whole)
        return sizes;
    layer_error(layer, "parts", E0416_PARTS_AND_WHOLE,
                "the parts have %" PRId64 " %s together; the input has %" PRId64, sum, axis, whole);
    return NULL;
}

/* Units first .. first + size - 1 of a split's input. */
static struct node *make_part(struct elaborator *e, struct frame *f, const struct layer *whole,
                              size_t index, int64_t first, int64_t size) {
    const struct node *node = whole->node;
    struct layer part;
    struct value *ends = ARENA_ARRAY(e->arena, struct value, 2);
    const char *path = arena_printf(e->arena, "%s.%zu", node->path, index);
    path = intern(e->names, path, strlen(path));
    begin_layer(e, f, &part, OP_SLICE, node->span, path, node->inputs, 1);
    memcpy(part.node->attributes.axes, node->attributes.axes, sizeof node->attributes.axes);
    part.node->labelled = node->labelled;
    ends[0] = value_integer(first);
    ends[1] = value_integer(first + size - 1);
    part.range = (struct value){.kind = VALUE_RANGE, .items = ends, .item_count = 2};
    return finish_layer(e, f, &part);
}

struct value make_split(struct elaborator *e, struct frame *f, struct layer *layer) {
    struct value parts = {.kind = VALUE_TUPLE};
    struct shape shape = layer->node->inputs[0]->shape;
    int64_t first = 0;
    const int64_t *sizes = part_sizes(
        layer, *shape_along(&shape, chosen_axis(&layer->node->attributes)), &parts.item_count);
    if (!sizes) {
        explain_failure(e, layer, true);
        return value_unknown();
    }
    parts.items = ARENA_ARRAY(e->arena, struct value, parts.item_count);
    for (size_t i = 0; i < parts.item_count; i++) {
        struct node *part = make_part(e, f, layer, i, first, sizes[i]);
        if (!part)
            return value_unknown();
        parts.items[i] = value_tensor(part);
        first += sizes[i];
    }
    return parts.item_count == 1 ? parts.items[0] : parts;
}

static double number_of(const struct layer *layer, int which, int64_t channel, double otherwise) {
    if (!layer->numbers[which])
        return otherwise;
    return layer->numbers[which][layer->number_count[which] == 1 ? 0 : channel];
}

bool check_numbers(struct elaborator *e, struct layer *layer, int64_t channels) {
    static const char *const names[] = {"mean", "std"};
    bool sound = true;
    for (int i = 0; i < 2; i++) {
        int64_t count = layer->number_count[i];
        if (!layer->numbers[i] || count == 1 || count == channels)
            continue;
        sound = layer_error(layer, names[i], E0411_WRONG_CHANNELS,
                            "`%s` has %" PRId64 " numbers for %" PRId64 " channels", names[i],
                            count, channels);
        explain_failure(e, layer, false);
    }
    return sound;
}

struct node *make_affine(struct elaborator *e, struct frame *f, struct span span, const char *path,
                         struct node *input, struct layer *numbers) {
    struct layer layer;
    int64_t channels = input->shape.c, dimensions[4] = {channels};
    if (!check_numbers(e, numbers, channels))
        return NULL;
    begin_layer(e, f, &layer, OP_AFFINE, span, path, &input, 1);
    struct tensor **parameters = ARENA_ARRAY(e->arena, struct tensor *, 2);
    for (int i = 0; i < 2; i++) {
        layer.node->attributes.numbers[i] =
            (struct numbers){numbers->numbers[i], numbers->number_count[i]};
        parameters[i] = layer_constant(&layer, dimensions);
        if (!parameters[i]) {
            explain_failure(e, &layer, false);
            return NULL;
        }
    }
    for (int64_t c = 0; c < channels; c++) { /* (x - mean) / std */
        double scale = 1 / number_of(numbers, NUMBERS_STD, c, 1);
        parameters[0]->data[c] = (float)scale;
        parameters[1]->data[c] = (float)(0 - number_of(numbers, NUMBERS_MEAN, c, 0) * scale);
    }
    layer.node->parameters = parameters;
    layer.node->parameter_count = 2;
    return finish_layer(e, f, &layer);
}

struct node *make_layer(struct elaborator *e, struct frame *f, struct layer *layer) {
    enum op op = layer->node->op;
    struct node *node = layer->node;
    if (op == OP_SEPARABLE)
        return make_separable(e, f, layer);
    if (op == OP_NORMALIZE)
        return make_affine(e, f, node->span, node->path, node->inputs[0], layer);
    if (layer->filters && !use_filters(layer)) {
        explain_failure(e, layer, true);
        return NULL;
    }
    return finish_layer(e, f, layer);
}
