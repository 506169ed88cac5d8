/* Warnings about the finished graph: what it sees, and what it leaves unseen. */
#include "ir/warnings.h"

#include <inttypes.h>
#include <math.h>

#include "ir/elaborator.h"
#include "ir/fields.h"
#include "ir/operators.h"
#include "ir/readings.h"
#include "ir/rules.h"

static const char *const axis_words[] = {"row", "column"};

static int64_t size_along(const struct node *node, int axis) {
    return axis ? node->shape.w : node->shape.h;
}

static bool is_window(const struct node *node) {
    return operator_rules[node->op].reading == reading_window && !node->attributes.global;
}

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
    int64_t known = graph->field_asserted;
    for (size_t i = 0; i < graph->node_count; i++)
        for (const struct sight *s = graph->nodes[i]->sights; s; s = s->next) {
            struct beyond here = {graph->nodes[i], s, {0, 0}}, *found = &worst[s->input->id];
            if (exceeds(s, here.size) &&
                (here.size[0] > found->size[0] || here.size[1] > found->size[1]))
                *found = here;
        }
    for (size_t i = 0; i < graph->node_count; i++)
        if (worst[i].node && (worst[i].size[0] > known || worst[i].size[1] > known))
            warn_beyond(graph, diagnostics, &worst[i]);
}

/* --- Pixels nobody sees. --- */

/* Who reads each node: readers[start[id]] .. readers[start[id + 1] - 1]. */
struct readers {
    int *start;
    const struct node **nodes;
};

static struct readers find_readers(struct arena *arena, const struct graph *graph) {
    size_t reads = 0;
    struct readers r = {ARENA_ARRAY(arena, int, graph->node_count + 2), NULL};
    for (size_t i = 0; i < graph->node_count; i++)
        for (int k = 0; k < graph->nodes[i]->input_count; k++, reads++)
            r.start[graph->nodes[i]->inputs[k]->id + 2]++;
    for (size_t i = 2; i < graph->node_count + 2; i++)
        r.start[i] += r.start[i - 1];
    r.nodes = ARENA_ARRAY(arena, const struct node *, reads + 1);
    for (size_t i = 0; i < graph->node_count; i++)
        for (int k = 0; k < graph->nodes[i]->input_count; k++)
            r.nodes[r.start[graph->nodes[i]->inputs[k]->id + 1]++] = graph->nodes[i];
    return r;
}

static void mark_read(bool *read, const struct node *reader, int k, int axis) {
    struct reading r = reading_of(reader, k, axis);
    for (int64_t u = r.first; u < r.first + r.units && !r.all; u++)
        for (int64_t tap = 0, unit; tap < r.count; tap++)
            if (reads_inside(&r, u, tap, &unit))
                read[unit] = true;
    for (int64_t u = 0; r.all && u < r.input_units; u++)
        read[u] = true;
}

/* Units of `node` along the axis that some reader reads. */
static bool *read_units(struct arena *arena, const struct readers *readers, const struct node *node,
                        int axis) {
    bool *read = ARENA_ARRAY(arena, bool, size_along(node, axis));
    for (int i = readers->start[node->id]; i < readers->start[node->id + 1]; i++)
        for (int k = 0; k < readers->nodes[i]->input_count; k++)
            if (readers->nodes[i]->inputs[k] == node)
                mark_read(read, readers->nodes[i], k, axis);
    return read;
}

static int64_t greatest_divisor(int64_t a, int64_t b) {
    while (b) {
        int64_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

/* The windows skip units of the input: their taps do not meet every remainder of the stride. */
static bool skips(const struct node *node, int axis) {
    if (!is_window(node) || size_along(node, axis) < 2)
        return false;
    const struct attributes *a = &node->attributes;
    int64_t stride = a->stride[axis], met = stride / greatest_divisor(a->dilation[axis], stride);
    return (met < a->kernel[axis] ? met : a->kernel[axis]) < stride;
}

/* "rows 1, 3, 5, ... (32 of 64)"; NULL where all up to the last one read are read. */
static const char *unread_text(struct arena *arena, const bool *read, int64_t size, int axis,
                               int64_t *count) {
    enum { SHOWN = 3 };
    int64_t last = size - 1;
    const char *text = "";
    bool between = false;
    *count = 0;
    while (last > 0 && !read[last])
        last--;
    for (int64_t u = 0; u < size; u++) {
        if (read[u])
            continue;
        between = between || u < last;
        if (++*count <= SHOWN)
            text = arena_printf(arena, "%s%s%" PRId64, text, *count > 1 ? ", " : "", u);
    }
    if (!between)
        return NULL;
    return arena_printf(arena, "%s%s %s%s (%" PRId64 " of %" PRId64 ")", axis_words[axis],
                        *count > 1 ? "s" : "", text, *count > SHOWN ? ", ..." : "", *count, size);
}

static void warn_unseen(const struct graph *graph, struct diagnostics *diagnostics,
                        const struct readers *readers, const struct node *reader) {
    const struct node *node = reader->inputs[0];
    struct arena scratch = {0};
    const char *text[2] = {NULL, NULL};
    double seen = 1;
    for (int axis = 0; axis < 2; axis++) {
        int64_t count, size = size_along(node, axis);
        if (!skips(reader, axis))
            continue;
        text[axis] = unread_text(graph->arena, read_units(&scratch, readers, node, axis), size,
                                 axis, &count);
        seen *= 1 - (double)count / (double)size;
    }
    arena_free(&scratch);
    if (!text[0] && !text[1])
        return;
    const char *both = text[0] && text[1] ? " and " : "";
    struct diagnostic *warning = report_warning(
        diagnostics, reader->span, W0104_PIXELS_UNSEEN,
        "no layer reads %s%s%s of `%s`: %.0f %% of it is never seen", text[0] ? text[0] : "", both,
        text[1] ? text[1] : "", node->path, 100 * (1 - seen));
    add_help(diagnostics, warning,
             "a kernel as large as the stride, %" PRId64 ", without dilation, sees all of it",
             reader->attributes.stride[text[0] ? 0 : 1]);
    note_calls(diagnostics, reader->call, warning);
}

/* At the first of the layers that leave parts of one tensor unread. */
static void warn_all_unseen(const struct graph *graph, struct diagnostics *diagnostics,
                            struct arena *scratch) {
    struct readers readers = find_readers(scratch, graph);
    bool *done = ARENA_ARRAY(scratch, bool, graph->node_count + 1);
    for (size_t i = 0; i < graph->output_count; i++)
        done[graph->outputs[i].node->id] = true; /* the caller sees all of it */
    for (size_t i = 0; i < graph->node_count; i++) {
        const struct node *node = graph->nodes[i];
        bool followed = node->sights && node->sights->view[0] && node->sights->view[1];
        if (!followed || (!skips(node, 0) && !skips(node, 1)) || done[node->inputs[0]->id])
            continue;
        warn_unseen(graph, diagnostics, &readers, node);
        done[node->inputs[0]->id] = true;
    }
}

/* --- Branches that do not fit. --- */

static const struct sight *sight_of(const struct node *node, const struct node *input) {
    for (const struct sight *s = node->sights; s; s = s->next)
        if (s->input == input)
            return s;
    return NULL;
}

static const char *stride_text(struct arena *arena, const struct interior *in) {
    if (in->jump % in->period == 0)
        return arena_printf(arena, "%" PRId64, in->jump / in->period);
    return arena_printf(arena, "%" PRId64 "/%" PRId64, in->jump, in->period);
}

static bool slides(const struct sight *sight, int axis) {
    return sight && sight->interior[axis].uniform && !sight->interior[axis].fixed;
}

/* Both inputs are read place by place, and slide over the same network input. */
static bool comparable(const struct node *node, int k, const struct node *input, int axis) {
    struct reading first = reading_of(node, 0, axis), other = reading_of(node, k, axis);
    return reads_same(&first) && reads_same(&other) &&
           slides(sight_of(node->inputs[0], input), axis) &&
           slides(sight_of(node->inputs[k], input), axis);
}

static bool warn_branches(const struct graph *graph, struct diagnostics *diagnostics,
                          const struct node *node, int k, const struct node *input, int axis) {
    const struct sight *a = sight_of(node->inputs[0], input), *b = sight_of(node->inputs[k], input);
    const struct interior *x = &a->interior[axis], *y = &b->interior[axis];
    const char *word = operators[node->op].name;
    struct diagnostic *warning = NULL;
    double left = (double)x->jump / (double)x->period, right = (double)y->jump / (double)y->period;
    double centre[2];
    if ((__int128)x->jump * y->period != (__int128)y->jump * x->period) {
        warning = report_warning(
            diagnostics, node->span, W0105_UNEQUAL_STRIDES,
            "%s joins branches of unequal stride: %ss of `%s` are %s pixels apart, of `%s` %s",
            word, axis_words[axis], node->inputs[0]->path, stride_text(graph->arena, x),
            node->inputs[k]->path, stride_text(graph->arena, y));
        add_help(diagnostics, warning,
                 "they look at different places of the input, the further the more: give both "
                 "branches the same strides");
    } else if (!x->placed && !y->placed && field_centre(a, axis, &centre[0]) &&
               field_centre(b, axis, &centre[1]) &&
               fabs(centre[0] - centre[1]) > 1e-6 * (left + right)) {
        warning = report_warning(
            diagnostics, node->span, W0106_SHIFTED_BRANCHES,
            "%s joins branches that are shifted: the first %s's field has its centre at %g in "
            "`%s`, at %g in `%s`",
            word, axis_words[axis], centre[0], node->inputs[0]->path, centre[1],
            node->inputs[k]->path);
        add_help(diagnostics, warning,
                 "odd kernels with padding (K - 1)/2 on every side keep centres where they are");
    }
    if (warning)
        note_calls(diagnostics, node->call, warning);
    return warning != NULL;
}

static void check_join(const struct graph *graph, struct diagnostics *diagnostics,
                       const struct node *node) {
    for (const struct sight *s = node->sights; s; s = s->next)
        for (int k = 1; k < node->input_count; k++)
            for (int axis = 0; axis < 2; axis++)
                if (comparable(node, k, s->input, axis)) {
                    if (warn_branches(graph, diagnostics, node, k, s->input, axis))
                        return; /* the same is true of the other axis and the other inputs */
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
    warn_all_unseen(graph, diagnostics, &scratch);
    for (size_t i = 0; i < graph->node_count; i++)
        if (graph->nodes[i]->input_count > 1)
            check_join(graph, diagnostics, graph->nodes[i]);
    warn_no_context(graph, diagnostics);
    warn_unseen_inputs(graph, diagnostics, &scratch);
    arena_free(&scratch);
}
