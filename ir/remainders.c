/* Why branches that were halved and doubled again do not meet: which sizes of an input would let
 * them, and the layer where a size was no multiple of the stride. */
#include <inttypes.h>

#include "ir/elaborator.h"
#include "ir/fields.h"
#include "ir/operators.h"
#include "ir/resized.h"
#include "ir/rules.h"

enum {
    TRIALS_MAX = 1 << 24, /* in one run, counted in layers */
    INPUTS_TRIED = 4,     /* of a network */
    LEAST_DISTANCE = 32,  /* how far a size that fits is looked for, in pixels */
    MOST_DISTANCE = 256,
};

static int64_t size_along(const struct node *node, int axis) {
    return axis ? node->shape.w : node->shape.h;
}

/* --- Sizes that fit. --- */

/* Sizes of an input along an axis with which a join's inputs agree, next to what it is; 0: none. */
struct fits {
    int64_t below, above;
    int64_t multiple; /* they are multiples of it, and all larger ones do too; 0 otherwise */
};

struct search {
    struct elaborator *e;
    struct resized sizes;
    const struct node *input;
};

static const struct interior *interior_of(const struct node *node, const struct node *input,
                                          int axis) {
    for (const struct sight *s = node->sights; s; s = s->next)
        if (s->input == input)
            return &s->interior[axis];
    return NULL;
}

/* Branches of unequal stride agree by chance at most. */
static bool strides_agree(const struct node *join, const struct node *input, int axis) {
    const struct interior *first = NULL;
    for (int i = 0; i < join->input_count; i++) {
        const struct interior *in = interior_of(join->inputs[i], input, axis);
        if (!in || !in->uniform || in->fixed)
            continue;
        if (first && (__int128)first->jump * in->period != (__int128)in->jump * first->period)
            return false;
        first = in;
    }
    return first != NULL;
}

/* The largest whole stride on the way. */
static int64_t largest_stride(const struct search *s) {
    int64_t most = 1;
    for (size_t i = 0; i < s->sizes.count; i++) {
        const struct interior *in = interior_of(s->sizes.nodes[i], s->input, s->sizes.axis);
        if (in && in->uniform && !in->fixed && in->jump % in->period == 0 &&
            in->jump / in->period > most)
            most = in->jump / in->period;
    }
    return most;
}

static bool fits(struct search *s, int64_t size) {
    s->e->trials += (int64_t)s->sizes.count + 1;
    return size > 0 && s->e->trials <= TRIALS_MAX && resized_size(&s->sizes, s->input, size) > 0;
}

/* Multiples of the largest stride: where two in a row fit, so do all behind them. */
static bool try_multiples(struct search *s, int64_t size, int64_t stride, struct fits *found) {
    int64_t below = size / stride * stride;
    if (stride < 2 || !fits(s, below + stride) || !fits(s, below + 2 * stride))
        return false;
    bool smaller = fits(s, below);
    *found =
        (struct fits){smaller ? below : below + stride, below + (smaller ? 1 : 2) * stride, stride};
    return true;
}

/* The nearest sizes; such that no window leaves a rest, where there are any. */
static bool try_near(struct search *s, int64_t size, int64_t distance, struct fits *found) {
    for (int rests = 0; rests < 2 && !found->below && !found->above; rests++)
        for (int64_t by = 1; by <= distance; by++) {
            if (!found->below && by <= size / 2 && fits(s, size - by) &&
                (rests || !s->sizes.leaves_rest))
                found->below = size - by;
            if (!found->above && fits(s, size + by) && (rests || !s->sizes.leaves_rest))
                found->above = size + by;
        }
    return found->below || found->above;
}

static bool find_fits(struct elaborator *e, const struct node *join, const struct node *input,
                      int axis, struct fits *found) {
    *found = (struct fits){0, 0, 0};
    if (!strides_agree(join, input, axis))
        return false;
    struct arena scratch = {0};
    struct search s = {e, resized_begin(&scratch, e->graph, join, axis), input};
    int64_t size = size_along(input, axis), stride = largest_stride(&s), distance = stride;
    distance = distance < LEAST_DISTANCE ? LEAST_DISTANCE : distance;
    distance = distance > MOST_DISTANCE ? MOST_DISTANCE : distance;
    bool any = try_multiples(&s, size, stride, found) || try_near(&s, size, distance, found);
    arena_free(&scratch);
    return any;
}

/* "96 or 112 (multiples of 16)" */
static const char *fits_text(struct arena *arena, const struct fits *f) {
    if (f->multiple)
        return arena_printf(arena, "%" PRId64 " or %" PRId64 " (multiples of %" PRId64 ")",
                            f->below, f->above, f->multiple);
    if (f->below && f->above)
        return arena_printf(arena, "%" PRId64 " or %" PRId64, f->below, f->above);
    return arena_printf(arena, "%" PRId64, f->below ? f->below : f->above);
}

static bool fits_equal(const struct fits *a, const struct fits *b) {
    return a->below == b->below && a->above == b->above && a->multiple == b->multiple;
}

/* "height 96 or 112 and width 64"; NULL where no other size of the input lets the join be. */
static const char *sizes_text(struct elaborator *e, const struct layer *layer,
                              const struct node *input) {
    struct fits found[2];
    bool rows = layer->differs[AXIS_HEIGHT], columns = layer->differs[AXIS_WIDTH];
    if ((rows && !find_fits(e, layer->node, input, 0, &found[0])) ||
        (columns && !find_fits(e, layer->node, input, 1, &found[1])))
        return NULL;
    if (rows && columns && fits_equal(&found[0], &found[1]))
        return arena_printf(e->arena, "height and width %s", fits_text(e->arena, &found[0]));
    const char *height = rows ? fits_text(e->arena, &found[0]) : "";
    const char *width = columns ? fits_text(e->arena, &found[1]) : "";
    return arena_printf(e->arena, "%s%s%s%s%s", rows ? "height " : "", height,
                        rows && columns ? " and " : "", columns ? "width " : "", width);
}

/* --- Where a rest was left. --- */

static bool leaves_rest(const struct node *node, int axis) {
    if (operator_rules[node->op].reading != reading_window || node->attributes.global)
        return false;
    return size_along(node->inputs[0], axis) % node->attributes.stride[axis] != 0;
}

/* The last such layer on the way to `node`, along the first inputs. */
static const struct node *find_rest(const struct node *node, int axis) {
    enum { STEPS_MAX = 1000 };
    for (int i = 0; node->input_count && i < STEPS_MAX; i++) {
        if (leaves_rest(node, axis))
            return node;
        node = node->inputs[0];
    }
    return NULL;
}

/* Rows and columns behave alike in this layer. */
static bool alike(const struct node *node) {
    const struct node *input = node->inputs[0];
    return input->shape.h == input->shape.w && node->shape.h == node->shape.w &&
           node->attributes.stride[0] == node->attributes.stride[1];
}

static void note_rest(struct elaborator *e, const struct layer *layer, int axis) {
    const struct node *join = layer->node;
    for (int i = 0; i < join->input_count; i++) {
        const struct node *input = join->inputs[i], *rest;
        bool differs = size_along(input, axis) != size_along(join->inputs[i ? 0 : 1], axis);
        if (!differs || !(rest = find_rest(input, axis)))
            continue;
        bool both = alike(rest) && layer->differs[AXIS_HEIGHT] && layer->differs[AXIS_WIDTH];
        int64_t stride = rest->attributes.stride[axis], out = size_along(rest, axis);
        if (both && axis)
            return; /* told of the rows */
        add_note(e->diagnostics, layer->failure, rest->span,
                 "%" PRId64 " %s are no multiple of the stride %" PRId64 ": they become %" PRId64
                 ", and %" PRId64 " times that is %" PRId64,
                 size_along(rest->inputs[0], axis),
                 both   ? "rows and columns"
                 : axis ? "columns"
                        : "rows",
                 stride, out, stride, out * stride);
        return;
    }
}

void explain_remainder(struct elaborator *e, const struct layer *layer) {
    const struct graph *graph = e->graph;
    bool picture = layer->differs[AXIS_HEIGHT] || layer->differs[AXIS_WIDTH];
    if (!picture || layer->differs[AXIS_BATCH] || layer->differs[AXIS_CHANNELS])
        return;
    for (size_t i = 0; i < graph->input_count && i < INPUTS_TRIED; i++) {
        const struct node *input = graph->inputs[i].node;
        const char *sizes = sizes_text(e, layer, input);
        if (!sizes)
            continue;
        for (int axis = 0; axis < 2; axis++)
            if (layer->differs[axis ? AXIS_WIDTH : AXIS_HEIGHT])
                note_rest(e, layer, axis);
        add_help(e->diagnostics, layer->failure, "an input `%s` of %s fits", input->path, sizes);
        return;
    }
}
