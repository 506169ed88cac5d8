/* `cnnc explain net.cnn [LAYER]`: how a layer's size and its field come about, with the numbers. */
#include "ir/report/explain.h"

#include <inttypes.h>
#include <string.h>

#include "ir/operators.h"
#include "ir/readings.h"
#include "ir/rules.h"
#include "ir/values.h"
#include "lexer/diagnostics.h"

static int64_t size_along(struct shape shape, int axis) {
    return axis ? shape.w : shape.h;
}

/* --- How a field comes about. --- */

static const char not_followed[] = "not followed: what the network asks for is beyond the limits";

static const char *extent_text(struct arena *arena, struct extent extent) {
    if (extent.first > extent.last)
        return "nothing";
    if (extent.first == extent.last)
        return arena_printf(arena, "%" PRId64, extent.first);
    return arena_printf(arena, "%" PRId64 "..%" PRId64, extent.first, extent.last);
}

static const struct sight *sight_of(const struct node *node, const struct node *input) {
    for (const struct sight *s = node->sights; s; s = s->next)
        if (s->input == input)
            return s;
    return NULL;
}

/* A window over a sliding field: the recurrence, where it holds in whole numbers. */
static const char *window_field(struct arena *arena, const struct node *node,
                                const struct sight *sight, int axis) {
    const struct sight *from = sight_of(node->inputs[0], sight->input);
    const struct interior *in = &from->interior[axis];
    struct window w = window_of(&node->attributes, node->inputs[0]->shape, axis);
    int64_t extent = 1, before, size, offset, old_offset, jump, period;
    window_extent(&w, &extent);
    field_size(from, axis, &before);
    field_size(sight, axis, &size);
    field_stride(sight, axis, &jump, &period);
    if (in->period != 1 || period != 1 || !field_offset(from, axis, &old_offset) ||
        !field_offset(sight, axis, &offset))
        return NULL;
    return arena_printf(arena,
                        "field %" PRId64 " + (%" PRId64 " - 1)*%" PRId64 " = %" PRId64
                        ", stride %" PRId64 "*%" PRId64 " = %" PRId64 ", offset %" PRId64
                        " - %" PRId64 "*%" PRId64 " = %" PRId64,
                        before, extent, in->jump, size, in->jump, w.stride, jump, old_offset,
                        w.before, in->jump, offset);
}

/* size, stride and offset as they are. */
static const char *plain_field(struct arena *arena, const struct sight *sight, int axis) {
    int64_t size, jump, period, offset;
    if (!field_size(sight, axis, &size))
        return not_followed;
    if (!field_stride(sight, axis, &jump, &period))
        return arena_printf(arena, "field at most %" PRId64 ", no one stride", size);
    if (!field_offset(sight, axis, &offset))
        return arena_printf(arena, "field %" PRId64 ", stride %s", size,
                            fraction_text(arena, jump, period));
    return arena_printf(arena, "field %" PRId64 ", stride %s, offset %" PRId64, size,
                        fraction_text(arena, jump, period), offset);
}

/* "nothing is read", "reads 4..6 of `pool1`": of the middle unit, for layers without a formula. */
static const char *middle_reads(struct arena *arena, const struct node *node, int axis) {
    struct reading r = reading_of(node, 0, axis);
    int64_t u = size_along(node->shape, axis) / 2, unit;
    struct extent read = {0, -1};
    for (int64_t k = 0; k < r.count && !r.all; k++)
        if (reads_inside(&r, u, k, &unit)) {
            bool none = read.first > read.last;
            read.first = none || unit < read.first ? unit : read.first;
            read.last = none || unit > read.last ? unit : read.last;
        }
    if (r.all)
        return arena_printf(arena, "; reads all %" PRId64, r.input_units);
    return arena_printf(arena, "; unit %" PRId64 " reads %s", u, extent_text(arena, read));
}

static const char *join_parts(struct arena *arena, const struct node *node,
                              const struct sight *sight, int axis) {
    const char *text = "";
    int parts = 0;
    for (int i = 0; i < node->input_count && parts < 4; i++) {
        const struct sight *from = sight_of(node->inputs[i], sight->input);
        int64_t size;
        if (from && field_size(from, axis, &size))
            text =
                arena_printf(arena, "%s%s%" PRId64, text, parts++ ? ", " : "; the hull of ", size);
    }
    return parts > 1 ? text : "";
}

static const char *explain_field(struct arena *arena, const struct node *node,
                                 const struct sight *sight, int axis) {
    bool window = operator_rules[node->op].reading == reading_window && !node->attributes.global;
    const struct sight *from = node->input_count ? sight_of(node->inputs[0], sight->input) : NULL;
    const char *text = NULL;
    if (window && from && from->interior[axis].uniform && !from->interior[axis].fixed)
        text = window_field(arena, node, sight, axis);
    if (text)
        return text;
    text = plain_field(arena, sight, axis);
    if (node->input_count > 1)
        return arena_printf(arena, "%s%s", text, join_parts(arena, node, sight, axis));
    struct reading reading = reading_of(node, 0, axis);
    return reads_same(&reading)
               ? text
               : arena_printf(arena, "%s%s", text, middle_reads(arena, node, axis));
}

/* --- Printing. --- */

static const char *safe(struct arena *arena, const char *text) {
    return printable(arena, text, strlen(text));
}

static void print_line(FILE *stream, const char *word, const char *height, const char *width) {
    if (strcmp(height, width) == 0)
        fprintf(stream, "    %-9s %s\n", word, height);
    else
        fprintf(stream, "    %-9s rows: %s\n    %-9s columns: %s\n", word, height, "", width);
}

static void print_head(FILE *stream, const struct report *report, const struct report_row *row) {
    struct arena *arena = report->arena;
    struct place place = source_place(report->sources, row->node->span);
    fprintf(stream, "%s: %s", safe(arena, row->name), row->layer);
    for (const struct column *c = report_columns(report); c->heading; c++) {
        bool window = strcmp(c->heading, "kernel") == 0 || strcmp(c->heading, "stride") == 0 ||
                      strcmp(c->heading, "padding") == 0;
        const char *text = window ? c->cell(report, row, c->input) : "";
        if (*text)
            fprintf(stream, ", %s %s", c->heading, text);
    }
    fprintf(stream, " (%s:%" PRIu32 ")\n", safe(arena, place.file), place.line);
}

static void print_step(FILE *stream, const struct report *report, const struct report_row *row) {
    struct arena *arena = report->arena;
    const struct node *node = row->node;
    print_head(stream, report, row);
    for (int i = 0; i < node->input_count && i < 4; i++)
        fprintf(stream, "    %-9s %s %s\n", i ? "" : "of",
                safe(arena, report->names[node->inputs[i]->id]),
                shape_text(arena, node->inputs[i]->shape));
    const char *height = explain_size(arena, node, 0), *width = explain_size(arena, node, 1);
    if (height || width)
        print_line(stream, "size", height ? height : "the input's", width ? width : "the input's");
    fprintf(stream, "    %-9s %s\n", "output", shape_text(arena, node->shape));
    for (const struct sight *s = node->sights; s; s = s->next) {
        const char *word = node->sights->next ? safe(arena, s->input->path) : "sees";
        print_line(stream, word, explain_field(arena, node, s, 0),
                   explain_field(arena, node, s, 1));
    }
    if (!node->sights && report->graph->follow.stopped)
        print_line(stream, "sees", not_followed, not_followed);
}

/* The unit behind a run that begins with u: intervals that move in equal steps, or units that see
 * nothing. Two are no run of intervals, but at the end. */
static int64_t run_end(const struct view *view, int64_t u) {
    struct extent last = seen_hull(&view->seen[u]), step = {0, 0};
    bool blind = view->seen[u].count == 0;
    int64_t end = u + 1;
    for (; end < view->units && blind == (view->seen[end].count == 0); end++) {
        struct extent next = seen_hull(&view->seen[end]);
        struct extent by = {next.first - last.first, next.last - last.last};
        if (end > u + 1 && (by.first != step.first || by.last != step.last))
            break;
        step = by;
        last = next;
    }
    return !blind && end - u == 2 && end < view->units ? u + 1 : end;
}

static void print_units(FILE *stream, struct arena *arena, const struct view *view) {
    enum { LINES_MAX = 16 };
    int lines = 0;
    for (int64_t u = 0, end; u < view->units; u = end) {
        end = run_end(view, u);
        const char *first = extent_text(arena, seen_hull(&view->seen[u]));
        const char *last = extent_text(arena, seen_hull(&view->seen[end - 1]));
        if (++lines > LINES_MAX) {
            fprintf(stream, "        ...\n");
            return;
        }
        if (end == u + 1)
            fprintf(stream, "        %" PRId64 ": %s\n", u, first);
        else if (strcmp(first, last) == 0)
            fprintf(stream, "        %" PRId64 "..%" PRId64 ": %s\n", u, end - 1, first);
        else
            fprintf(stream, "        %" PRId64 "..%" PRId64 ": from %s to %s\n", u, end - 1, first,
                    last);
    }
}

/* Rows see what columns see. */
static bool equal_views(const struct view *a, const struct view *b) {
    bool equal = a && b && a->units == b->units;
    for (int64_t u = 0; equal && u < a->units; u++) {
        struct extent x = seen_hull(&a->seen[u]), y = seen_hull(&b->seen[u]);
        equal = x.first == y.first && x.last == y.last;
    }
    return equal;
}

static void print_figures(FILE *stream, const struct report *report, const struct sight *sight) {
    bool alike = sight_extent(sight, 0) == sight_extent(sight, 1) &&
                 equal_views(sight->view[0], sight->view[1]);
    const char *const what[] = {alike ? "row or column" : "row", "column"};
    for (int axis = 0; axis < (alike ? 1 : 2); axis++) {
        int64_t before, after;
        double share, deviation;
        fprintf(stream, "    what each %s sees of the %" PRId64 " of `%s`:\n", what[axis],
                sight_extent(sight, axis), safe(report->arena, sight->input->path));
        if (!sight->view[axis]) {
            fprintf(stream, "        %s\n", not_followed);
            continue;
        }
        print_units(stream, report->arena, sight->view[axis]);
        if (field_borders(sight, axis, &before, &after))
            fprintf(stream,
                    "        cut at the beginning: %" PRId64 " of them; at the end: %" PRId64 "\n",
                    before, after);
        if (field_density(sight, axis, &share) && field_effective(sight, axis, &deviation))
            fprintf(stream,
                    "        the middle one sees %s %% of its interval; effective field %s\n",
                    figure_text(report->arena, 100 * share, 3),
                    figure_text(report->arena, deviation, 3));
    }
}

static void print_costs(FILE *stream, const struct report *report, const struct report_row *row) {
    const struct node *node = row->node;
    for (int i = 0; i < node->parameter_count; i++) {
        const struct tensor *tensor = node->parameters[i];
        if (!tensor || !tensor->name)
            continue;
        fprintf(stream, "    %-9s %s: ", i ? "" : "wants", safe(report->arena, tensor->name));
        for (int d = 0; d < tensor->rank; d++)
            fprintf(stream, "%s%" PRId64, d ? "x" : "", tensor->dimensions[d]);
        fprintf(stream, "%s\n", tensor->learned ? "" : " (not learned)");
    }
    if (row->macs && node->op != OP_DECONV)
        fprintf(stream, "    %-9s %" PRId64 " values, %" PRId64 " each: %s\n", "MACs",
                shape_count(node->shape), row->macs / shape_count(node->shape),
                grouped_text(report->arena, row->macs));
    else if (row->macs)
        fprintf(stream, "    %-9s %" PRId64 " input values, %" PRId64 " each: %s\n", "MACs",
                shape_count(node->inputs[0]->shape),
                row->macs / shape_count(node->inputs[0]->shape),
                grouped_text(report->arena, row->macs));
}

/* Marks the layers that lead to the one at `at`. */
static bool *needed_for(const struct report *report, int at) {
    const struct graph *graph = report->graph;
    bool *needed = ARENA_ARRAY(report->arena, bool, graph->node_count + 1);
    needed[at] = true;
    for (int i = at; i >= 0; i--)
        for (int k = 0; needed[i] && k < graph->nodes[i]->input_count; k++)
            needed[graph->nodes[i]->inputs[k]->id] = true;
    return needed;
}

/* Not only values: activations and the like are no steps. */
static bool changes_something(const struct node *node) {
    bool same = node->input_count == 1 && shape_equal(node->shape, node->inputs[0]->shape);
    for (int axis = 0; axis < 2 && same; axis++) {
        struct reading reading = reading_of(node, 0, axis);
        same = reads_same(&reading);
    }
    return !same;
}

static void explain_layer(FILE *stream, const struct report *report,
                          const struct report_row *layer) {
    const bool *needed = needed_for(report, layer->first);
    for (size_t i = 0; i < report->row_count; i++)
        if (needed[report->rows[i].first] &&
            (&report->rows[i] == layer || changes_something(report->rows[i].node)))
            print_step(stream, report, &report->rows[i]);
    print_costs(stream, report, layer);
    for (const struct sight *s = layer->node->sights; s; s = s->next)
        print_figures(stream, report, s);
}

/* The layers of a block, whose paths begin with its own; false: there are none. */
static bool explain_block(FILE *stream, const struct report *report, const char *path) {
    size_t length = strlen(path), found = 0;
    for (size_t i = 0; i < report->row_count; i++) {
        const struct report_row *row = &report->rows[i];
        if (strncmp(row->name, path, length) != 0 || row->name[length] != '.')
            continue;
        print_step(stream, report, row);
        found++;
    }
    return found > 0;
}

bool explain(FILE *stream, const struct report *report, const char *layer) {
    for (size_t i = 0; i < report->row_count; i++) {
        if (!layer)
            print_step(stream, report, &report->rows[i]);
        else if (strcmp(report->rows[i].name, layer) == 0) {
            explain_layer(stream, report, &report->rows[i]);
            return true;
        }
    }
    return !layer || explain_block(stream, report, layer);
}

const char *nearest_layer(const struct report *report, const char *layer) {
    const char **names = ARENA_ARRAY(report->arena, const char *, report->row_count + 1);
    for (size_t i = 0; i < report->row_count; i++)
        names[i] = report->rows[i].name;
    return nearest_name(layer, names, report->row_count);
}
