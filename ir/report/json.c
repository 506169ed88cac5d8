/* The report as JSON, a line for each layer. docs/reports.md describes every key. */
#include <math.h>

#include "ir/operators.h"
#include "ir/report/json_values.h"
#include "ir/report/report.h"
#include "ir/weights/wanted.h"

enum { DIGITS = 9 }; /* of numbers */

static json_t *decimal(double number) {
    double whole = floor(number);
    if (number == whole && fabs(number) < 0x1p53)
        return json_integer((json_int_t)number);
    return json_real(number);
}

static json_t *shape_list(struct shape shape) {
    return json_integers((int64_t[4]){shape.n, shape.h, shape.w, shape.c}, 4);
}

/* [height, width] of a figure, null where it is not known. */
static json_t *decimals(const struct sight *sight,
                        bool (*figure)(const struct sight *, int, double *)) {
    json_t *list = json_array();
    for (int axis = 0; axis < 2; axis++) {
        double number;
        json_array_append_new(list, figure(sight, axis, &number) ? decimal(number) : json_null());
    }
    return list;
}

static bool size_figure(const struct sight *sight, int axis, double *number) {
    int64_t size;
    bool known = field_size(sight, axis, &size);
    *number = (double)size;
    return known;
}

static bool stride_figure(const struct sight *sight, int axis, double *number) {
    int64_t jump, period;
    if (!field_stride(sight, axis, &jump, &period))
        return false;
    *number = (double)jump / (double)period;
    return true;
}

static bool offset_figure(const struct sight *sight, int axis, double *number) {
    int64_t offset;
    if (!field_offset(sight, axis, &offset))
        return false;
    *number = (double)offset;
    return true;
}

static json_t *borders(const struct sight *sight) {
    int64_t before[2], after[2];
    bool known[2];
    json_t *list = json_array();
    for (int axis = 0; axis < 2; axis++)
        known[axis] = field_borders(sight, axis, &before[axis], &after[axis]);
    for (int side = 0; side < 4; side++) { /* top, left, bottom, right */
        int axis = side % 2;
        const int64_t *count = side < 2 ? before : after;
        json_array_append_new(list, known[axis] ? json_integer(count[axis]) : json_null());
    }
    return list;
}

/* [first, last] of every unit along the axis. */
static json_t *unit_list(const struct view *view) {
    if (!view)
        return json_null();
    json_t *list = json_array();
    for (int64_t u = 0; u < view->units; u++) {
        struct extent seen = seen_hull(&view->seen[u]);
        bool blind = seen.first > seen.last;
        json_array_append_new(list, blind ? json_null()
                                          : json_integers((int64_t[2]){seen.first, seen.last}, 2));
    }
    return list;
}

static json_t *field_object(const struct report *report, const struct sight *sight, bool units) {
    json_t *object = json_object();
    json_object_set_new(object, "input", json_text(report->arena, sight->input->path));
    json_object_set_new(object, "size", decimals(sight, size_figure));
    json_object_set_new(object, "stride", decimals(sight, stride_figure));
    json_object_set_new(object, "offset", decimals(sight, offset_figure));
    json_object_set_new(object, "center", decimals(sight, field_centre));
    json_object_set_new(object, "border", borders(sight));
    json_object_set_new(object, "seen", decimals(sight, field_density));
    json_object_set_new(object, "effective", decimals(sight, field_effective));
    if (units) {
        json_t *both = json_array();
        for (int axis = 0; axis < 2; axis++)
            json_array_append_new(both, unit_list(sight->view[axis]));
        json_object_set_new(object, "units", both);
    }
    return object;
}

static json_t *window_figure(const struct node *node, const int64_t *pair) {
    return operator_takes(node->op, "kernel") ? json_integers(pair, 2) : json_null();
}

static void add_window(json_t *object, const struct node *node) {
    const struct attributes *a = &node->attributes;
    bool window = operator_takes(node->op, "kernel"), grouped = window && a->groups > 0;
    json_object_set_new(object, "kernel", window_figure(node, a->kernel));
    json_object_set_new(object, "stride", window_figure(node, a->stride));
    json_object_set_new(object, "dilation", window_figure(node, a->dilation));
    json_object_set_new(object, "groups",
                        grouped  ? json_integer(a->groups)
                        : window ? json_integer(1)
                                 : json_null());
    json_object_set_new(object, "padding",
                        window || node->op == OP_PAD ? json_integers(a->padding, 4) : json_null());
}

static json_t *parameter_list(const struct report *report, const struct node *node) {
    json_t *list = json_array();
    for (int i = 0; i < node->parameter_count; i++) {
        const struct tensor *tensor = node->parameters[i];
        if (!tensor || !tensor->name)
            continue;
        int64_t dimensions[4];
        json_t *object = json_object();
        stored_dimensions(report->graph, node, tensor, dimensions);
        json_object_set_new(object, "name", json_text(report->arena, tensor->name));
        json_object_set_new(object, "shape", json_integers(dimensions, tensor->rank));
        json_object_set_new(object, "learned", json_boolean(tensor->learned));
        json_array_append_new(list, object);
    }
    return list;
}

static json_t *layer_object(const struct report *report, const struct report_row *row, bool units) {
    const struct node *node = row->node;
    json_t *object = json_object(), *inputs = json_array(), *fields = json_array();
    json_object_set_new(object, "name", json_text(report->arena, row->name));
    json_object_set_new(object, "layer", json_string(row->layer));
    for (int i = 0; i < node->input_count; i++)
        json_array_append_new(inputs, json_text(report->arena, report->names[node->inputs[i]->id]));
    json_object_set_new(object, "inputs", inputs);
    json_object_set_new(object, "output", shape_list(node->shape));
    json_object_set_new(object, "line",
                        json_integer(source_place(report->sources, node->span).line));
    add_window(object, node);
    json_object_set_new(object, "params", json_integer(row->params));
    json_object_set_new(object, "macs", json_integer(row->macs));
    json_object_set_new(object, "parameters", parameter_list(report, node));
    for (const struct sight *s = node->sights; s; s = s->next)
        json_array_append_new(fields, field_object(report, s, units));
    json_object_set_new(object, "receptive_field",
                        node->sights ? field_object(report, node->sights, false) : json_null());
    json_object_set_new(object, "receptive_fields", fields);
    return object;
}

static const char *layout_word(enum layout layout) {
    return layout == LAYOUT_CHW ? "chw" : "hwc";
}

static json_t *input_object(const struct report *report, const struct input *input) {
    json_t *object = json_object(), *range = json_null();
    json_object_set_new(object, "name", json_text(report->arena, input->name));
    json_object_set_new(object, "shape", shape_list(input->node->shape));
    json_object_set_new(object, "layout", json_string(layout_word(input->layout)));
    json_object_set_new(object, "type", json_string(input->element == ELEMENT_U8 ? "u8" : "f32"));
    if (input->has_range) {
        range = json_array();
        json_array_append_new(range, decimal(input->range_low));
        json_array_append_new(range, decimal(input->range_high));
    }
    json_object_set_new(object, "range", range);
    return object;
}

static json_t *output_object(const struct report *report, const struct output *output) {
    json_t *object = json_object();
    json_object_set_new(object, "name", json_text(report->arena, output->name));
    json_object_set_new(object, "layer", json_text(report->arena, report->names[output->node->id]));
    json_object_set_new(object, "shape", shape_list(output->node->shape));
    json_object_set_new(object, "layout", json_string(layout_word(output->layout)));
    return object;
}

static json_t *totals_object(const struct report_totals *t) {
    json_t *object = json_object();
    json_object_set_new(object, "layers", json_integer(t->layers));
    json_object_set_new(object, "params", json_integer(t->params));
    json_object_set_new(object, "macs", json_integer(t->macs));
    json_object_set_new(object, "weight_bytes", json_integer(t->weight_bytes));
    json_object_set_new(object, "activation_bytes", json_integer(t->activation_bytes));
    json_object_set_new(object, "traffic_bytes", json_integer(t->traffic_bytes));
    json_object_set_new(object, "intensity", decimal(t->intensity));
    return object;
}

void print_json(FILE *stream, const struct report *report, bool units) {
    const struct graph *graph = report->graph;
    print_json_value(stream, DIGITS, json_string(graph->name),
                     "{\n  \"network\": ", ",\n  \"inputs\": [");
    for (size_t i = 0; i < graph->input_count; i++)
        print_json_value(stream, DIGITS, input_object(report, &graph->inputs[i]),
                         i ? ",\n    " : "\n    ", "");
    fputs("\n  ],\n  \"outputs\": [", stream);
    for (size_t i = 0; i < graph->output_count; i++)
        print_json_value(stream, DIGITS, output_object(report, &graph->outputs[i]),
                         i ? ",\n    " : "\n    ", "");
    fputs("\n  ],\n  \"layers\": [", stream);
    for (size_t i = 0; i < report->row_count; i++)
        print_json_value(stream, DIGITS, layer_object(report, &report->rows[i], units),
                         i ? ",\n    " : "\n    ", "");
    fputs("\n  ],\n", stream);
    print_json_value(stream, DIGITS, totals_object(&report->totals), "  \"totals\": ", "\n}\n");
}
