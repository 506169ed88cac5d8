/* Warnings about the finished graph: what it sees, and what it leaves unseen. */
#include "ir/warnings/warnings.h"

#include <inttypes.h>

#include "ir/elaborator.h"
#include "ir/fields.h"
#include "ir/warnings/kinds.h"

static const char *pair_text(struct arena *arena, const int64_t pair[2]) {
    return arena_printf(arena, "%" PRId64 "x%" PRId64, pair[0], pair[1]);
}

/* --- A field larger than its input. --- */

static bool exceeds(const struct sight *sight, int64_t size[2]) {
    bool more = false;
    for (int axis = 0; axis < 2; axis++) {
        if (!sight->interior[axis].uniform || !field_size(sight, axis, &size[axis]))
            return false;
        more = more || size[axis] > sight_extent(sight, axis);
    }
    return more;
}

/* Of the field of a unit in the middle of the input. */
static double padding_share(const struct sight *sight, const int64_t size[2]) {
    double seen = 1;
    for (int axis = 0; axis < 2; axis++) {
        double extent = (double)sight_extent(sight, axis), whole = (double)size[axis];
        seen *= extent < whole ? extent / whole : 1;
    }
    return 1 - seen;
}

/* A layer with a field beyond an input, and that field. */
struct beyond {
    const struct node *node;
    const struct sight *sight;
    int64_t size[2];
};

static void warn_beyond(const struct graph *graph, struct diagnostics *diagnostics,
                        const struct beyond *worst) {
    const struct node *input = worst->sight->input;
    int64_t extent[2] = {input->shape.h, input->shape.w};
    struct diagnostic *warning = report_warning(
        diagnostics, worst->node->span, W0103_FIELD_BEYOND_INPUT,
        "the receptive field of `%s`, %s, is larger than the input `%s`, %s: of a middle unit's "
        "field %.0f %% is padding",
        worst->node->path, pair_text(graph->arena, worst->size), input->path,
        pair_text(graph->arena, extent), 100 * padding_share(worst->sight, worst->size));
    add_help(diagnostics, warning,
             "a larger input, or fewer strides, would see more picture; an assertion about "
             "receptive_field says that it is meant");
    note_calls(diagnostics, worst->node->call, warning);
}

/* Once for each input, at the layer that has the largest field: unless an assertion names it. */
static void warn_fields_beyond(const struct graph *graph, struct diagnostics *diagnostics,
                               struct arena *scratch) {
    struct beyond *worst = ARENA_ARRAY(scratch, struct beyond, graph->node_count + 1);
    for (size_t i = 0; i < graph->node_count; i++)
        for (const struct sight *s = graph->nodes[i]->sights; s; s = s->next) {
            struct beyond here = {graph->nodes[i], s, {0, 0}}, *found = &worst[s->input->id];
            if (exceeds(s, here.size) &&
                (here.size[0] > found->size[0] || here.size[1] > found->size[1]))
                *found = here;
        }
    for (size_t i = 0; i < graph->input_count; i++) {
        const struct beyond *found = &worst[graph->inputs[i].node->id];
        int64_t known = graph->inputs[i].field_asserted;
        if (found->node && (found->size[0] > known || found->size[1] > known))
            warn_beyond(graph, diagnostics, found);
    }
}

/* --- Layers that add no context. --- */

/* Every unit sees the whole input, whatever path one takes. */
static bool all_seen(const struct sight *sight, int axis) {
    const struct view *view = sight->view[axis];
    int64_t extent = sight_extent(sight, axis);
    for (int64_t u = 0; view && u < view->units; u++) {
        const struct seen *every = &view->every[u];
        if (every->count != 1 || every->ranges[0].first > 0 || every->ranges[0].last < extent - 1)
            return false;
    }
    return view != NULL;
}

static bool adds_context(const struct node *node) {
    const struct attributes *a = &node->attributes;
    const struct node *input = node->inputs[0];
    if ((a->kernel[0] == 1 && a->kernel[1] == 1) || !input->sights)
        return true;
    for (const struct sight *s = input->sights; s; s = s->next)
        for (int axis = 0; axis < 2; axis++)
            if (a->kernel[axis] > 1 && !all_seen(s, axis))
                return true;
    return false;
}

/* A convolution that is to widen the field; pools make the picture smaller. */
static bool is_wide(const struct node *node) {
    return is_window(node) && (node->op == OP_CONV || node->op == OP_DEPTHWISE) &&
           node->attributes.stride[0] == 1 && node->attributes.stride[1] == 1;
}

static void warn_no_context(const struct graph *graph, struct diagnostics *diagnostics) {
    const struct node *first = NULL;
    int more = 0;
    for (size_t i = 0; i < graph->node_count; i++)
        if (is_wide(graph->nodes[i]) && !adds_context(graph->nodes[i])) {
            more += first != NULL;
            first = first ? first : graph->nodes[i];
        }
    if (!first)
        return;
    const char *others = more == 0 ? ""
                         : more == 1
                             ? ", nor can a later layer"
                             : arena_printf(graph->arena, ", nor can %d later layers", more);
    struct diagnostic *warning = report_warning(
        diagnostics, first->span, W0107_NO_CONTEXT_ADDED,
        "a kernel of %s cannot add context: every unit of `%s` already sees the whole input "
        "by every path%s",
        pair_text(graph->arena, first->attributes.kernel), first->inputs[0]->path, others);
    add_help(diagnostics, warning, "a kernel of 1x1 sees as much at a fraction of the cost");
    note_calls(diagnostics, first->call, warning);
}

static void warn_unseen_inputs(const struct graph *graph, struct diagnostics *diagnostics,
                               struct arena *scratch) {
    bool *seen = ARENA_ARRAY(scratch, bool, graph->node_count + 1);
    for (size_t i = 0; i < graph->output_count; i++)
        for (const struct sight *s = graph->outputs[i].node->sights; s; s = s->next)
            seen[s->input->id] = true;
    for (size_t i = 0; i < graph->input_count && !graph->follow.stopped; i++)
        if (!seen[graph->inputs[i].node->id])
            report_warning(diagnostics, graph->inputs[i].span, W0110_UNUSED_INPUT,
                           "no output depends on the input `%s`", graph->inputs[i].name);
}

void warn_about_graph(const struct graph *graph, struct diagnostics *diagnostics) {
    struct arena scratch = {0};
    warn_fields_beyond(graph, diagnostics, &scratch);
    warn_unread(graph, diagnostics);
    warn_skipped(graph, diagnostics);
    warn_joins(graph, diagnostics);
    warn_no_context(graph, diagnostics);
    warn_unseen_inputs(graph, diagnostics, &scratch);
    arena_free(&scratch);
}
