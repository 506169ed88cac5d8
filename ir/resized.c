/* Sizes of a network whose input has another size, along one axis: a rule for each way of reading.
 */
#include "ir/resized.h"

#include <math.h>

#include "ir/operators.h"
#include "ir/rules.h"
#include "lexer/checked.h"
#include "lexer/limits.h"

static int64_t size_along(const struct node *node, int axis) {
    return axis ? node->shape.w : node->shape.h;
}

/* The new size of an input. */
static int64_t input_size(const struct resized *r, const struct node *node, int i) {
    return r->sizes[node->inputs[i]->id];
}

static bool is_same(const struct attributes *a) {
    return a->padding_form == PADDING_SAME || a->padding_form == PADDING_SAME_LOWER;
}

static struct window resized_window(const struct resized *r, const struct node *node) {
    struct window w = window_of(&node->attributes, node->inputs[0]->shape, r->axis);
    w.input = input_size(r, node, 0);
    return w;
}

static bool reflects_too_much(const struct node *node, int64_t input, int64_t before,
                              int64_t after) {
    return node->attributes.padding_mode == BORDER_REFLECT && (before >= input || after >= input);
}

static int64_t after_window(struct resized *r, const struct node *node) {
    struct window w = resized_window(r, node);
    int64_t extent, output;
    if (node->attributes.global)
        return 1;
    if (is_same(&node->attributes) &&
        !window_same(&w, node->attributes.padding_form == PADDING_SAME_LOWER))
        return 0;
    if (!window_extent(&w, &extent) || window_output(&w, &output) != WINDOW_OK ||
        reflects_too_much(node, w.input, w.before, w.after))
        return 0;
    if ((node->op == OP_MAXPOOL || node->op == OP_AVGPOOL || node->op == OP_LPPOOL) &&
        !window_sees_input(&w))
        return 0;
    int64_t room = is_same(&node->attributes) ? w.input : w.input + w.before + w.after - extent;
    r->leaves_rest = r->leaves_rest || room % w.stride;
    return output;
}

static int64_t after_deconv(struct resized *r, const struct node *node) {
    struct window w = resized_window(r, node);
    int64_t output;
    if (is_same(&node->attributes))
        return checked_mul(w.input, w.stride, &output) ? output : 0;
    return deconv_output(&w, node->attributes.output_padding[r->axis], &output) == WINDOW_OK
               ? output
               : 0;
}

static int64_t after_rescale(struct resized *r, const struct node *node) {
    int64_t factor = node->attributes.factor[r->axis], output;
    if (!factor) /* upsample by size */
        return size_along(node, r->axis);
    return checked_mul(input_size(r, node, 0), factor, &output) ? output : 0;
}

static int64_t after_resize(struct resized *r, const struct node *node) {
    double larger = floor((double)input_size(r, node, 0) * node->attributes.scale[r->axis]);
    if (node->attributes.size.h)
        return size_along(node, r->axis);
    return larger <= (double)LIMIT_DIMENSION ? (int64_t)larger : 0;
}

static int64_t after_unshuffle(struct resized *r, const struct node *node) {
    int64_t factor = node->attributes.factor[r->axis], size = input_size(r, node, 0);
    return size % factor ? 0 : size / factor;
}

static int64_t after_crop(struct resized *r, const struct node *node) {
    const int64_t *sides = node->attributes.sides;
    return input_size(r, node, 0) - sides[r->axis ? LEFT : TOP] - sides[r->axis ? RIGHT : BOTTOM];
}

static int64_t after_pad(struct resized *r, const struct node *node) {
    const int64_t *padding = node->attributes.padding;
    int64_t before = padding[r->axis ? LEFT : TOP], after = padding[r->axis ? RIGHT : BOTTOM];
    int64_t size = input_size(r, node, 0);
    return reflects_too_much(node, size, before, after) ? 0 : size + before + after;
}

static int64_t all_equal(struct resized *r, const struct node *node) {
    for (int i = 1; i < node->input_count; i++)
        if (input_size(r, node, i) != input_size(r, node, 0))
            return 0;
    return input_size(r, node, 0);
}

static bool is_along(const struct resized *r, const struct node *node) {
    return node->attributes.axes[r->axis ? AXIS_WIDTH : AXIS_HEIGHT];
}

static int64_t after_concat(struct resized *r, const struct node *node) {
    int64_t sum = 0;
    if (!is_along(r, node))
        return all_equal(r, node);
    for (int i = 0; i < node->input_count; i++)
        if (!checked_add(sum, input_size(r, node, i), &sum))
            return 0;
    return sum;
}

static int64_t after_slice(struct resized *r, const struct node *node) {
    const struct attributes *a = &node->attributes;
    int64_t size = input_size(r, node, 0), units = size_along(node, r->axis);
    if (!is_along(r, node))
        return size;
    return a->start < size && a->start + (units - 1) * a->step < size ? units : 0;
}

static int64_t after_tile(struct resized *r, const struct node *node) {
    int64_t size = input_size(r, node, 0), output;
    if (!is_along(r, node))
        return size;
    return checked_mul(size, node->attributes.times, &output) ? output : 0;
}

static int64_t after_expand(struct resized *r, const struct node *node) {
    int64_t size = input_size(r, node, 0), wanted = size_along(node, r->axis);
    return size == 1 || size == wanted ? wanted : 0;
}

/* A reduction leaves one of the axis, a topk k, a softmax or a norm all. */
static int64_t after_reduce(struct resized *r, const struct node *node) {
    int64_t size = input_size(r, node, 0), units = size_along(node, r->axis);
    bool reduces = operator_rules[node->op].shape == shape_reduce ||
                   operator_rules[node->op].shape == shape_topk;
    if (!reduces || !is_along(r, node))
        return size;
    return units <= size ? units : 0;
}

/* An axis that came from elsewhere has left its own size to another, which later layers may not
 * take. */
static int64_t after_permute(struct resized *r, const struct node *node) {
    int own = r->axis ? AXIS_WIDTH : AXIS_HEIGHT;
    return node->attributes.permutation.of[own] == own ? input_size(r, node, 0) : 0;
}

/* Sizes are equal, or 1 and repeated. */
static int64_t after_same(struct resized *r, const struct node *node) {
    int64_t size = 1;
    for (int i = 0; i < node->input_count; i++) {
        int64_t next = input_size(r, node, i);
        if (size != 1 && next != 1 && next != size)
            return 0;
        size = next > size ? next : size;
    }
    return size;
}

static const struct {
    struct reading (*reading)(const struct node *, int, int);
    int64_t (*size)(struct resized *, const struct node *);
} rules[] = {{reading_window, after_window},   {reading_deconv, after_deconv},
             {reading_rescale, after_rescale}, {reading_unshuffle, after_unshuffle},
             {reading_crop, after_crop},       {reading_pad, after_pad},
             {reading_concat, after_concat},   {reading_slice, after_slice},
             {reading_reduce, after_reduce},   {reading_permute, after_permute},
             {reading_resize, after_resize},   {reading_tile, after_tile},
             {reading_expand, after_expand},   {reading_same, after_same}};

static int64_t new_size(struct resized *r, const struct node *node) {
    bool changed = node == r->last;
    for (int i = 0; i < node->input_count; i++) {
        int64_t size = input_size(r, node, i);
        if (size < 1)
            return 0;
        changed = changed || size != size_along(node->inputs[i], r->axis);
    }
    if (!changed)
        return size_along(node, r->axis);
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
        if (operator_rules[node->op].reading == rules[i].reading) {
            int64_t size = rules[i].size(r, node);
            return size > 0 && size <= LIMIT_DIMENSION ? size : 0;
        }
    return 0; /* a vector of another length, which later layers may not take */
}

struct resized resized_begin(struct arena *arena, const struct graph *graph,
                             const struct node *last, int axis) {
    struct resized r = {.last = last, .axis = axis};
    size_t room = graph->node_count + 1;
    bool *leads = ARENA_ARRAY(arena, bool, room);
    r.nodes = ARENA_ARRAY(arena, const struct node *, room);
    r.sizes = ARENA_ARRAY(arena, int64_t, room);
    for (int i = 0; i < last->input_count; i++)
        leads[last->inputs[i]->id] = true;
    for (size_t i = graph->node_count; i-- > 0;)
        for (int k = 0; leads[i] && k < graph->nodes[i]->input_count; k++)
            leads[graph->nodes[i]->inputs[k]->id] = true;
    for (size_t i = 0; i < graph->node_count; i++)
        if (leads[i])
            r.nodes[r.count++] = graph->nodes[i];
    return r;
}

int64_t resized_size(struct resized *r, const struct node *input, int64_t size) {
    r->leaves_rest = false;
    for (size_t i = 0; i < r->count; i++)
        r->sizes[r->nodes[i]->id] = r->nodes[i] == input ? size : new_size(r, r->nodes[i]);
    return new_size(r, r->last);
}
