/* The cells of tables: figures as text, in the units of docs/reports.md. */
#include <inttypes.h>
#include <string.h>

#include "ir/operators.h"
#include "ir/report/report.h"
#include "ir/values.h"

enum { INPUTS_SHOWN = 4 }; /* of more, the first ones have columns */

static const char *pair_text(struct arena *arena, int64_t height, int64_t width) {
    return height == width ? arena_printf(arena, "%" PRId64, height)
                           : arena_printf(arena, "%" PRId64 "x%" PRId64, height, width);
}

static const char *name_cell(const struct report *report, const struct report_row *row,
                             const struct node *input) {
    (void)report, (void)input;
    return row->name;
}

static const char *layer_cell(const struct report *report, const struct report_row *row,
                              const struct node *input) {
    (void)report, (void)input;
    return row->layer;
}

static bool has_window(const struct report_row *row) {
    return row->first == row->last && operator_takes(row->node->op, "kernel");
}

static const char *kernel_cell(const struct report *report, const struct report_row *row,
                               const struct node *input) {
    (void)input;
    const struct attributes *a = &row->node->attributes;
    if (!has_window(row))
        return "";
    const char *kernel = pair_text(report->arena, a->kernel[0], a->kernel[1]);
    if (a->dilation[0] == 1 && a->dilation[1] == 1)
        return kernel;
    return arena_printf(report->arena, "%s/%s", kernel,
                        pair_text(report->arena, a->dilation[0], a->dilation[1]));
}

static const char *stride_cell(const struct report *report, const struct report_row *row,
                               const struct node *input) {
    (void)input;
    const int64_t *stride = row->node->attributes.stride;
    return has_window(row) ? pair_text(report->arena, stride[0], stride[1]) : "";
}

static const char *padding_cell(const struct report *report, const struct report_row *row,
                                const struct node *input) {
    (void)input;
    const int64_t *p = row->node->attributes.padding;
    if (!has_window(row) && row->node->op != OP_PAD)
        return "";
    if (p[TOP] == p[LEFT] && p[LEFT] == p[BOTTOM] && p[BOTTOM] == p[RIGHT])
        return arena_printf(report->arena, "%" PRId64, p[TOP]);
    return arena_printf(report->arena, "%" PRId64 " %" PRId64 " %" PRId64 " %" PRId64, p[TOP],
                        p[LEFT], p[BOTTOM], p[RIGHT]);
}

static const char *output_cell(const struct report *report, const struct report_row *row,
                               const struct node *input) {
    (void)input;
    return shape_text(report->arena, row->node->shape);
}

static const char *params_cell(const struct report *report, const struct report_row *row,
                               const struct node *input) {
    (void)input;
    return row->params ? arena_printf(report->arena, "%" PRId64, row->params) : "";
}

static const char *macs_cell(const struct report *report, const struct report_row *row,
                             const struct node *input) {
    (void)input;
    return row->macs ? arena_printf(report->arena, "%" PRId64, row->macs) : "";
}

static const struct sight *sight_of(const struct report_row *row, const struct node *input) {
    const struct sight *sight = row->node->sights;
    while (sight && sight->input != input)
        sight = sight->next;
    return sight;
}

static const char *field_cell(const struct report *report, const struct report_row *row,
                              const struct node *input) {
    const struct sight *sight = sight_of(row, input);
    int64_t size[2];
    if (!sight)
        return "";
    if (!field_size(sight, 0, &size[0]) || !field_size(sight, 1, &size[1]))
        return "?";
    return pair_text(report->arena, size[0], size[1]);
}

static const char *jump_cell(const struct report *report, const struct report_row *row,
                             const struct node *input) {
    const struct sight *sight = sight_of(row, input);
    const char *text[2];
    if (!sight)
        return "";
    for (int axis = 0; axis < 2; axis++) {
        int64_t jump, period;
        if (!field_stride(sight, axis, &jump, &period))
            return "?";
        text[axis] = jump % period ? figure_text(report->arena, (double)jump / (double)period, 6)
                                   : arena_printf(report->arena, "%" PRId64, jump / period);
    }
    return strcmp(text[0], text[1]) == 0 ? text[0]
                                         : arena_printf(report->arena, "%sx%s", text[0], text[1]);
}

static const char *offset_cell(const struct report *report, const struct report_row *row,
                               const struct node *input) {
    const struct sight *sight = sight_of(row, input);
    int64_t offset[2];
    if (!sight)
        return "";
    if (!field_offset(sight, 0, &offset[0]) || !field_offset(sight, 1, &offset[1]))
        return "?";
    return pair_text(report->arena, offset[0], offset[1]);
}

const struct column *report_columns(const struct report *report) {
    static const struct column fixed[] = {
        {"name", true, name_cell, NULL},        {"layer", true, layer_cell, NULL},
        {"kernel", false, kernel_cell, NULL},   {"stride", false, stride_cell, NULL},
        {"padding", false, padding_cell, NULL}, {"output", false, output_cell, NULL},
        {"params", false, params_cell, NULL},   {"MACs", false, macs_cell, NULL}};
    static const struct column fields[] = {{"field", false, field_cell, NULL},
                                           {"jump", false, jump_cell, NULL},
                                           {"offset", false, offset_cell, NULL}};
    enum { FIXED = sizeof fixed / sizeof *fixed, FIELDS = sizeof fields / sizeof *fields };
    const struct graph *graph = report->graph;
    size_t inputs = graph->input_count < INPUTS_SHOWN ? graph->input_count : INPUTS_SHOWN;
    struct column *columns = ARENA_ARRAY(report->arena, struct column, FIXED + inputs * FIELDS + 1);
    memcpy(columns, fixed, sizeof fixed);
    for (size_t i = 0; i < inputs; i++)
        for (size_t k = 0; k < FIELDS; k++) {
            struct column *column = &columns[FIXED + i * FIELDS + k];
            *column = fields[k];
            column->input = graph->inputs[i].node;
            if (graph->input_count > 1)
                column->heading = arena_printf(report->arena, "%s of %s", fields[k].heading,
                                               graph->inputs[i].name);
        }
    return columns;
}

const char *grouped_text(struct arena *arena, int64_t number) {
    const char *digits = arena_printf(arena, "%" PRId64, number);
    size_t length = strlen(digits), written = 0;
    char *text = ARENA_ARRAY(arena, char, length + length / 3 + 1);
    for (size_t i = 0; i < length; i++) {
        if (i && (length - i) % 3 == 0)
            text[written++] = ',';
        text[written++] = digits[i];
    }
    return text;
}

const char *bytes_text(struct arena *arena, int64_t bytes) {
    static const char *const units[] = {"bytes", "KiB", "MiB", "GiB", "TiB"};
    double number = (double)bytes;
    int unit = 0;
    for (; number >= 1024 && unit < 4; unit++)
        number /= 1024;
    return arena_printf(arena, unit ? "%.1f %s" : "%.0f %s", number, units[unit]);
}

const char *const *report_footer(const struct report *report) {
    struct arena *arena = report->arena;
    const struct report_totals *t = &report->totals;
    const char **lines = ARENA_ARRAY(arena, const char *, 4);
    lines[0] =
        arena_printf(arena, "%" PRId64 " layers, %s parameters, %s multiply-accumulates", t->layers,
                     grouped_text(arena, t->params), grouped_text(arena, t->macs));
    lines[1] =
        arena_printf(arena, "weights %s, activations at most %s at one time",
                     bytes_text(arena, t->weight_bytes), bytes_text(arena, t->activation_bytes));
    lines[2] = arena_printf(arena, "arithmetic intensity %.1f operations per byte of %s traffic",
                            t->intensity, bytes_text(arena, t->traffic_bytes));
    return lines;
}
