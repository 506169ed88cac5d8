/* A node's receptive fields from those of its inputs, and the figures that reports print of them.
 */
#include "ir/fields.h"

#include <math.h>

#include "ir/readings.h"
#include "ir/rules.h"

enum { SIGHT_STEPS_MAX = 1 << 26 };

static int64_t size_along(const struct node *node, int axis) {
    return axis ? node->shape.w : node->shape.h;
}

int64_t sight_extent(const struct sight *sight, int axis) {
    return size_along(sight->input, axis);
}

static const struct sight *sight_of(const struct node *node, const struct node *input) {
    for (const struct sight *s = node->sights; s; s = s->next)
        if (s->input == input)
            return s;
    return NULL;
}

static void follow_input(struct graph *graph, struct node *node) {
    struct sight *sight = ARENA_NEW(graph->arena, struct sight);
    sight->input = node;
    for (int axis = 0; axis < 2; axis++) {
        sight->interior[axis] = input_interior(graph);
        sight->view[axis] = input_view(graph, size_along(node, axis));
    }
    node->sights = sight;
}

/* Nothing of the input, along an axis, is seen by any unit. */
static bool is_blind(const struct view *view) {
    for (int64_t u = 0; view && u < view->units; u++)
        if (view->seen[u].count)
            return false;
    return view != NULL;
}

/* The part of an input in the mean of them all; side by side in the picture each stands alone. */
static double share_of(const struct node *node, int i, int axis) {
    struct shape part = node->inputs[i]->shape, whole = node->shape;
    int along = chosen_axis(&node->attributes);
    if (node->op != OP_CONCAT)
        return 1 / (double)node->input_count;
    if (along == AXIS_BATCH || along == AXIS_CHANNELS)
        return (double)*shape_along(&part, along) / (double)*shape_along(&whole, along);
    return along == (axis ? AXIS_WIDTH : AXIS_HEIGHT) ? 1 : 1 / (double)node->input_count;
}

/* What the node sees of one network input; NULL for nothing. */
static struct sight *follow_from(struct graph *graph, const struct node *node,
                                 const struct node *input, struct reading *readings,
                                 struct operand *operands) {
    struct sight *sight = ARENA_NEW(graph->arena, struct sight);
    sight->input = input;
    for (int axis = 0; axis < 2; axis++) {
        int count = 0;
        for (int i = 0; i < node->input_count; i++) {
            const struct sight *from = sight_of(node->inputs[i], input);
            if (!from)
                continue;
            readings[count] = reading_of(node, i, axis);
            operands[count] = (struct operand){&readings[count], from, share_of(node, i, axis)};
            count++;
        }
        sight->view[axis] = make_view(graph, size_along(node, axis), operands, count, axis);
        sight->interior[axis] =
            make_interior(graph, operands, count, axis, size_along(input, axis), sight->view[axis]);
        if (is_blind(sight->view[axis]))
            return NULL;
    }
    return sight;
}

/* Finding an input among the sights takes as many steps as there are: a network of thousands of
 * inputs may ask for too much. */
static bool charge_sights(struct graph *graph, const struct node *node) {
    int64_t sights = 0;
    for (int i = 0; i < node->input_count; i++)
        for (const struct sight *s = node->inputs[i]->sights; s; s = s->next)
            sights++;
    int64_t steps = sights * (sights + node->input_count);
    if (sights > 1 && graph->follow.sights + steps > SIGHT_STEPS_MAX)
        graph->follow.stopped = true;
    else if (sights > 1)
        graph->follow.sights += steps;
    return !graph->follow.stopped;
}

void follow_fields(struct graph *graph, struct node *node) {
    if (node->op == OP_INPUT) {
        follow_input(graph, node);
        return;
    }
    if (!charge_sights(graph, node))
        return;
    struct arena scratch = {0};
    struct reading *readings = ARENA_ARRAY(&scratch, struct reading, node->input_count + 1);
    struct operand *operands = ARENA_ARRAY(&scratch, struct operand, node->input_count + 1);
    struct sight **end = &node->sights;
    for (int i = 0; i < node->input_count; i++)
        for (const struct sight *s = node->inputs[i]->sights; s; s = s->next) {
            if (sight_of(node, s->input))
                continue;
            *end = follow_from(graph, node, s->input, readings, operands);
            if (*end)
                end = &(*end)->next;
        }
    arena_free(&scratch);
}

struct extent seen_hull(const struct seen *seen) {
    if (!seen->count)
        return (struct extent){0, -1};
    return (struct extent){seen->ranges[0].first, seen->ranges[seen->count - 1].last};
}

static int64_t length(struct extent extent) {
    return extent.last - extent.first + 1;
}

bool field_size(const struct sight *sight, int axis, int64_t *size) {
    const struct interior *in = &sight->interior[axis];
    const struct view *view = sight->view[axis];
    *size = 0;
    if (!in->uniform && !view)
        return false;
    int64_t units = !in->uniform ? view->units : in->fixed ? 1 : in->period;
    for (int64_t u = 0; u < units; u++) {
        int64_t own = length(in->uniform ? in->units[u] : seen_hull(&view->seen[u]));
        *size = own > *size ? own : *size;
    }
    return true;
}

bool field_stride(const struct sight *sight, int axis, int64_t *jump, int64_t *period) {
    *jump = sight->interior[axis].jump;
    *period = sight->interior[axis].period;
    return sight->interior[axis].uniform;
}

bool field_offset(const struct sight *sight, int axis, int64_t *offset) {
    const struct interior *in = &sight->interior[axis];
    if (!in->uniform || length(in->units[0]) < 1)
        return false;
    *offset = in->units[0].first;
    return true;
}

bool field_centre(const struct sight *sight, int axis, double *centre) {
    const struct interior *in = &sight->interior[axis];
    double sum = 0, count = 0;
    if (!in->uniform)
        return false;
    for (int64_t u = 0; u < (in->fixed ? 1 : in->period); u++) {
        if (length(in->units[u]) < 1)
            continue;
        double moved = (double)u * (double)in->jump / (double)in->period;
        sum += ((double)in->units[u].first + (double)in->units[u].last) / 2 - moved;
        count++;
    }
    *centre = sum / count;
    return count > 0;
}

bool field_borders(const struct sight *sight, int axis, int64_t *before, int64_t *after) {
    const struct interior *in = &sight->interior[axis];
    const struct view *view = sight->view[axis];
    *before = *after = 0;
    if (!in->uniform || !view)
        return false;
    for (int64_t u = 0; u < view->units; u++) {
        struct extent seen = seen_hull(&view->seen[u]), whole = in->units[0];
        if (!in->fixed) {
            int64_t turn = u / in->period; /* no overflow: within the input, but for its border */
            whole = in->units[u % in->period];
            if (length(whole) < 1)
                continue;
            whole.first += turn * in->jump;
            whole.last += turn * in->jump;
        }
        bool blind = length(seen) < 1; /* cut away whole */
        *before += blind || seen.first > whole.first;
        *after += blind || seen.last < whole.last;
    }
    return true;
}

bool field_density(const struct sight *sight, int axis, double *share) {
    const struct view *view = sight->view[axis];
    if (!view)
        return false;
    const struct seen *seen = &view->seen[view->units / 2];
    int64_t sum = 0;
    for (int64_t i = 0; i < seen->count; i++)
        sum += length(seen->ranges[i]);
    *share = sum ? (double)sum / (double)length(seen_hull(seen)) : 0;
    return sum > 0;
}

bool field_effective(const struct sight *sight, int axis, double *deviation) {
    const struct view *view = sight->view[axis];
    if (!view)
        return false;
    const struct weight *w = &view->weights[view->units / 2];
    if (w->mass <= 0)
        return false;
    double mean = w->first / w->mass, variance = w->second / w->mass - mean * mean;
    *deviation = variance > 0 ? sqrt(variance) : 0;
    return true;
}
