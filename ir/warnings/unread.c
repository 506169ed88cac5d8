/* Warnings about rows and columns that are computed in vain: those at the end that no window of a
 * layer reaches, and those between that every layer steps over. */
#include <inttypes.h>

#include "ir/elaborator.h"
#include "ir/fields.h"
#include "ir/warnings/kinds.h"

/* --- At the end: no window reaches them. --- */

/* A window layer along both axes, and what it leaves. */
struct rest {
    struct window windows[2];
    int64_t unread[2];
    int64_t over[2]; /* what the stride leaves of the padded input: more than is unread */
};

static bool find_rest(const struct node *node, struct rest *rest) {
    bool any = false;
    for (int axis = 0; axis < 2; axis++) {
        struct window w = window_of(&node->attributes, node->inputs[0]->shape, axis);
        int64_t extent = 1;
        window_extent(&w, &extent);
        rest->windows[axis] = w;
        rest->unread[axis] = window_unread(&w, size_along(node, axis));
        rest->over[axis] = (w.input + w.before + w.after - extent) % w.stride;
        any = any || rest->unread[axis];
    }
    return any;
}

/* "rows 13..14 of the 15" */
static const char *end_text(struct arena *arena, const struct rest *rest, int axis) {
    int64_t size = rest->windows[axis].input, count = rest->unread[axis];
    if (count == 1)
        return arena_printf(arena, "%s %" PRId64 " of the %" PRId64, unit_text(axis), size - 1,
                            size);
    return arena_printf(arena, "%ss %" PRId64 "..%" PRId64 " of the %" PRId64, unit_text(axis),
                        size - count, size - 1, size);
}

/* The nearest smaller size of the input that leaves nothing over; a larger one where that is too
 * small. */
static int64_t whole_size(const struct rest *rest, int axis, enum border_mode mode) {
    const struct window *w = &rest->windows[axis];
    int64_t most = w->before > w->after ? w->before : w->after;
    int64_t least = mode == BORDER_REFLECT ? most + 1 : 1;
    if (!rest->unread[axis])
        return w->input;
    int64_t smaller = w->input - rest->over[axis];
    return smaller >= least ? smaller : smaller + w->stride;
}

/* "padding = [0, 0, 1, 1]": one window more; NULL where it would reflect too much. */
static const char *padding_text(struct arena *arena, const struct node *node,
                                const struct rest *rest) {
    int64_t sides[4];
    for (int axis = 0; axis < 2; axis++) {
        const struct window *w = &rest->windows[axis];
        int64_t more = rest->unread[axis] ? w->stride - rest->over[axis] : 0;
        sides[axis ? LEFT : TOP] = w->before;
        sides[axis ? RIGHT : BOTTOM] = w->after + more;
        if (node->attributes.padding_mode == BORDER_REFLECT && w->after + more >= w->input)
            return NULL;
    }
    return arena_printf(arena,
                        "padding = [%" PRId64 ", %" PRId64 ", %" PRId64 ", %" PRId64 "] reads them",
                        sides[TOP], sides[LEFT], sides[BOTTOM], sides[RIGHT]);
}

static void warn_rest(const struct graph *graph, struct diagnostics *diagnostics,
                      const struct node *node, const struct rest *rest) {
    struct arena *arena = graph->arena;
    const struct node *input = node->inputs[0];
    const char *rows = rest->unread[0] ? end_text(arena, rest, 0) : "";
    const char *columns = rest->unread[1] ? end_text(arena, rest, 1) : "";
    struct diagnostic *warning =
        report_warning(diagnostics, node->span, W0101_UNREAD_ROWS, "no window reads %s%s%s of `%s`",
                       rows, *rows && *columns ? " and " : "", columns, input->path);
    bool pool = operator_takes(node->op, "ceil");
    const char *reads = pool ? "ceil = true reads them" : padding_text(arena, node, rest);
    enum border_mode mode = node->attributes.padding_mode;
    add_help(diagnostics, warning, "%s%s`%s` of %" PRId64 "x%" PRId64 " leaves none",
             reads ? reads : "", reads ? "; " : "", input->path, whole_size(rest, 0, mode),
             whole_size(rest, 1, mode));
    note_calls(diagnostics, node->call, warning);
}

void warn_unread(const struct graph *graph, struct diagnostics *diagnostics) {
    for (size_t i = 0; i < graph->node_count; i++) {
        struct rest rest;
        if (is_window(graph->nodes[i]) && find_rest(graph->nodes[i], &rest))
            warn_rest(graph, diagnostics, graph->nodes[i], &rest);
    }
}

/* --- Between: every layer steps over them. --- */

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

/* The layer moves on by more than a unit, and steps over some between its first and its last. */
static bool skips(const struct node *node, int axis) {
    bool picks = is_window(node) || operator_rules[node->op].reading == reading_rescale;
    if (!picks || size_along(node->inputs[0], axis) < 2)
        return false;
    struct reading r = reading_of(node, 0, axis);
    if (r.all || r.numerator <= r.denominator)
        return false;
    struct arena scratch = {0};
    bool *read = ARENA_ARRAY(&scratch, bool, r.input_units), gap = false, skipped = false;
    mark_read(read, node, 0, axis);
    for (int64_t u = 0, begun = 0; u < r.input_units; u++) {
        skipped = skipped || (read[u] && gap);
        gap = begun && !read[u];
        begun = begun || read[u];
    }
    arena_free(&scratch);
    return skipped;
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
    return arena_printf(arena, "%s%s %s%s (%" PRId64 " of %" PRId64 ")", unit_text(axis),
                        *count > 1 ? "s" : "", text, *count > SHOWN ? ", ..." : "", *count, size);
}

static void help_to_read(struct diagnostics *diagnostics, struct diagnostic *warning,
                         const struct node *reader, int axis) {
    struct shape in = reader->inputs[0]->shape, out = reader->shape;
    if (is_window(reader))
        add_help(diagnostics, warning,
                 "a kernel as large as the stride, %" PRId64 ", without dilation, sees all of it",
                 reader->attributes.stride[axis]);
    else if (in.h % out.h == 0 && in.w % out.w == 0)
        add_help(diagnostics, warning,
                 "avgpool(%" PRId64 "x%" PRId64 ") in its place sees all of it", in.h / out.h,
                 in.w / out.w);
    else
        add_help(diagnostics, warning, "a pool before it sees all of it");
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
    help_to_read(diagnostics, warning, reader, text[0] ? 0 : 1);
    note_calls(diagnostics, reader->call, warning);
}

/* At the first of the layers that leave parts of one tensor unread. */
void warn_skipped(const struct graph *graph, struct diagnostics *diagnostics) {
    struct arena scratch = {0};
    struct readers readers = find_readers(&scratch, graph);
    bool *done = ARENA_ARRAY(&scratch, bool, graph->node_count + 1);
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
    arena_free(&scratch);
}
