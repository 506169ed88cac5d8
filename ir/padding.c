/* Exposes padding as PAD nodes. Zero borders of one tensor are shared: as wide on each side as its
 * widest reader needs; the others start further in. */
#include "ir/padding.h"

#include <string.h>

#include "ir/rewrite.h"
#include "lexer/checked.h"
#include "lexer/limits.h"

static int64_t larger(int64_t a, int64_t b) {
    return a > b ? a : b;
}

static int64_t floor_quotient(int64_t a, int64_t b) {
    return a / b - (a % b < 0);
}

/* Transposed convolution: output o reads input (o + padding - tap * dilation) / stride where that
 * is whole. How far beyond its ends may the first output reach with the last tap, and the last
 * output with the first? */
static void deconv_border(const struct node *node, int axis, int64_t *before, int64_t *after) {
    const struct attributes *a = &node->attributes;
    int64_t inputs = axis ? node->inputs[0]->shape.w : node->inputs[0]->shape.h;
    int64_t outputs = axis ? node->shape.w : node->shape.h;
    int64_t padding = a->padding[axis], reach = (a->kernel[axis] - 1) * a->dilation[axis];
    int64_t last = floor_quotient(outputs - 1 + padding, a->stride[axis]);
    *before = larger(floor_quotient(reach - padding, a->stride[axis]), 0);
    *after = larger(last - (inputs - 1), 0);
}

/* The border a node reads around its input: top, left, bottom, right. */
static void wanted_border(const struct node *node, int64_t border[4]) {
    memset(border, 0, 4 * sizeof *border);
    if (node->op == OP_CONV || node->op == OP_DEPTHWISE)
        memcpy(border, node->attributes.padding, 4 * sizeof *border);
    if (node->op == OP_DECONV)
        for (int axis = 0; axis < 2; axis++)
            deconv_border(node, axis, &border[axis], &border[axis + 2]);
}

static bool any(const int64_t border[4]) {
    return border[TOP] || border[LEFT] || border[BOTTOM] || border[RIGHT];
}

/* A PAD node made for a tensor; a list for each tensor, by the tensor's id. */
struct made {
    struct node *pad;
    struct made *next;
};

static struct node *find_pad(const struct made *made, enum border_mode mode,
                             const int64_t border[4]) {
    for (; made; made = made->next) {
        const struct attributes *a = &made->pad->attributes;
        if (a->padding_mode == mode && memcmp(a->padding, border, sizeof a->padding) == 0)
            return made->pad;
    }
    return NULL;
}

/* Where borders are shared, no single layer's size has been checked before. */
static bool check_size(struct diagnostics *diagnostics, const struct node *reader,
                       struct shape input, struct shape padded) {
    int64_t count = padded.n * padded.c;
    if (checked_mul(count, padded.h, &count) && checked_mul(count, padded.w, &count) &&
        count <= LIMIT_VALUES)
        return true;
    report_error(diagnostics, reader->span, E0904_TENSOR_TOO_LARGE,
                 "the input %s with its padding, %s, is too large",
                 shape_text(diagnostics->arena, input), shape_text(diagnostics->arena, padded));
    return false;
}

static struct node *make_pad(struct rewrite *rewrite, const struct node *reader,
                             const int64_t border[4]) {
    struct node *input = reader->inputs[0];
    struct node *pad = rewrite_add(rewrite, OP_PAD, reader, input);
    pad->words = "border";
    pad->shape = input->shape;
    pad->shape.h += border[TOP] + border[BOTTOM];
    pad->shape.w += border[LEFT] + border[RIGHT];
    pad->attributes.padding_mode = reader->attributes.padding_mode;
    memcpy(pad->attributes.padding, border, sizeof pad->attributes.padding);
    return pad;
}

/* The widest zero border any reader of each tensor wants, by the tensor's id. */
static int64_t (*widest_borders(const struct graph *graph))[4] {
    int64_t (*widest)[4] = arena_alloc(graph->arena, graph->node_count + 1, sizeof *widest);
    for (size_t i = 0; i < graph->node_count; i++) {
        const struct node *node = graph->nodes[i];
        int64_t border[4];
        wanted_border(node, border);
        if (any(border) && node->attributes.padding_mode == BORDER_ZEROS)
            for (int side = 0; side < 4; side++) {
                int64_t *side_of_input = &widest[node->inputs[0]->id][side];
                *side_of_input = larger(*side_of_input, border[side]);
            }
    }
    return widest;
}

bool expose_padding(struct graph *graph, struct diagnostics *diagnostics) {
    bool sound = true;
    int64_t (*widest)[4] = widest_borders(graph);
    struct made **made = ARENA_ARRAY(graph->arena, struct made *, graph->node_count + 1);
    struct rewrite rewrite;
    rewrite_open(&rewrite, graph);
    for (size_t i = 0; i < rewrite.old_count; i++) {
        struct node *node = rewrite.old[i];
        int64_t border[4];
        wanted_border(node, border);
        rewrite_inputs(&rewrite, node);
        if (any(border)) {
            enum border_mode mode = node->attributes.padding_mode;
            int input = node->inputs[0]->id; /* kept nodes keep their id until the pass ends */
            const int64_t *sides = mode == BORDER_ZEROS ? widest[input] : border;
            struct node *pad = find_pad(made[input], mode, sides);
            if (!pad) {
                struct made *entry = ARENA_NEW(graph->arena, struct made);
                *entry = (struct made){pad = make_pad(&rewrite, node, sides), made[input]};
                made[input] = entry;
                sound = check_size(diagnostics, node, pad->inputs[0]->shape, pad->shape) && sound;
            }
            node->inputs[0] = pad;
            node->border[0] = pad->attributes.padding[TOP];
            node->border[1] = pad->attributes.padding[LEFT];
        }
        rewrite_keep(&rewrite, node);
    }
    rewrite_close(&rewrite);
    return sound;
}
