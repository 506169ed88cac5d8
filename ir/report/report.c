/* Turns the elaborated graph into a report's rows and totals. */
#include "ir/report/report.h"

#include <string.h>

#include "ir/operators.h"
#include "ir/rules.h"
#include "ir/table.h"
#include "lexer/checked.h"

static int64_t saturating_add(int64_t a, int64_t b) {
    int64_t sum;
    return checked_add(a, b, &sum) ? sum : INT64_MAX;
}

/* What a node wants that is learned and that no node before it wants. */
static int64_t new_params(struct arena *arena, struct table *seen, const struct node *node) {
    int64_t count = 0;
    for (int i = 0; i < node->parameter_count; i++) {
        const struct tensor *tensor = node->parameters[i];
        if (!tensor || !tensor->learned || table_find(seen, tensor->name))
            continue;
        table_set(seen, arena, tensor->name, (void *)tensor);
        count = saturating_add(count, tensor_count(tensor));
    }
    return count;
}

/* Bytes of a path's first parts; 0 where it has no more than those. */
static size_t folded_length(const char *path, int depth) {
    const char *at = path;
    for (int part = 0; part < depth; part++) {
        at = strchr(at, '.');
        if (!at)
            return 0;
        at++;
    }
    return depth ? (size_t)(at - path) - 1 : 0;
}

static bool same_fold(const char *a, const char *b, int depth) {
    size_t length = folded_length(a, depth);
    return length && folded_length(b, depth) == length && strncmp(a, b, length) == 0;
}

static void add_row(struct report *report, int at, int64_t params, int depth) {
    const struct node *node = report->graph->nodes[at];
    struct report_row *before = report->row_count ? &report->rows[report->row_count - 1] : NULL;
    if (before && same_fold(before->node->path, node->path, depth)) {
        before->name = arena_strndup(report->arena, node->path, folded_length(node->path, depth));
        before->layer = "block";
        before->last = at;
        before->node = node;
        before->params = saturating_add(before->params, params);
        before->macs = saturating_add(before->macs, node->macs);
        return;
    }
    const char *word = operators[node->op].name;
    struct report_row row = {.name = report->names[at],
                             .layer = word ? word : "normalize",
                             .first = at,
                             .last = at,
                             .node = node,
                             .params = params,
                             .macs = node->macs};
    ARENA_PUSH(report->arena, report->rows, report->row_count, report->row_capacity, row);
}

/* What a parameter layer holds is counted with the weights. */
static int64_t bytes_of(const struct node *node) {
    if (node->op == OP_PARAMETER)
        return 0;
    return shape_count(node->shape) * (int64_t)sizeof(float); /* shapes are limited */
}

/* The position of the last layer that reads each node; the end for outputs. */
static int *last_uses(const struct report *report) {
    const struct graph *graph = report->graph;
    int *last = ARENA_ARRAY(report->arena, int, graph->node_count + 1);
    for (size_t i = 0; i < graph->node_count; i++)
        for (int k = 0; k < graph->nodes[i]->input_count; k++)
            last[graph->nodes[i]->inputs[k]->id] = (int)i;
    for (size_t i = 0; i < graph->output_count; i++)
        last[graph->outputs[i].node->id] = (int)graph->node_count;
    return last;
}

/* The layer can write over an input that ends with it: it reads each value by itself, and writes it
 * where it was. */
static bool writes_over(const struct node *node, const int *last) {
    bool by_value = operator_rules[node->op].reading == reading_same || node->op == OP_FLATTEN ||
                    node->op == OP_RESHAPE;
    by_value = by_value && node->op != OP_CHANNEL_SHUFFLE && node->op != OP_LRN;
    for (int k = 0; by_value && k < node->input_count; k++) {
        const struct node *input = node->inputs[k];
        if (last[input->id] == node->id && bytes_of(input) == bytes_of(node))
            return true;
    }
    return false;
}

static bool listed_before(const struct node *node, int k) {
    for (int i = 0; i < k; i++)
        if (node->inputs[i] == node->inputs[k])
            return true;
    return false;
}

/* The most that is alive at one time, layer after layer. */
static int64_t activation_bytes(const struct report *report) {
    const struct graph *graph = report->graph;
    const int *last = last_uses(report);
    int64_t alive = 0, most = 0;
    for (size_t i = 0; i < graph->input_count; i++)
        alive = saturating_add(alive, bytes_of(graph->inputs[i].node));
    most = alive;
    for (size_t i = 0; i < graph->node_count; i++) {
        const struct node *node = graph->nodes[i];
        if (node->op == OP_INPUT)
            continue;
        bool over = writes_over(node, last);
        alive = saturating_add(alive, over ? 0 : bytes_of(node));
        most = alive > most ? alive : most;
        for (int k = 0; k < node->input_count; k++) {
            const struct node *input = node->inputs[k];
            if (last[input->id] != node->id || listed_before(node, k))
                continue;
            if (over && bytes_of(input) == bytes_of(node))
                over = false; /* it became the output */
            else
                alive -= bytes_of(input);
        }
    }
    return most;
}

static void add_up(struct report *report) {
    const struct graph *graph = report->graph;
    struct report_totals *t = &report->totals;
    for (size_t i = 0; i < graph->tensor_count; i++)
        t->weight_bytes = saturating_add(t->weight_bytes, 4 * tensor_count(graph->tensors[i]));
    t->traffic_bytes = t->weight_bytes;
    for (size_t i = 0; i < graph->node_count; i++) {
        const struct node *node = graph->nodes[i];
        if (node->op == OP_INPUT)
            continue;
        t->layers++;
        t->traffic_bytes = saturating_add(t->traffic_bytes, bytes_of(node));
        for (int k = 0; k < node->input_count; k++)
            t->traffic_bytes = saturating_add(t->traffic_bytes, bytes_of(node->inputs[k]));
    }
    t->activation_bytes = activation_bytes(report);
    for (size_t i = 0; i < report->row_count; i++) {
        t->params = saturating_add(t->params, report->rows[i].params);
        t->macs = saturating_add(t->macs, report->rows[i].macs);
    }
    if (t->traffic_bytes)
        t->intensity = 2 * (double)t->macs / (double)t->traffic_bytes;
}

struct report make_report(struct arena *arena, const struct graph *graph,
                          const struct sources *sources, int depth) {
    struct report report = {.arena = arena, .graph = graph, .sources = sources};
    struct table seen = {0};
    report.names = node_names(report.graph, report.arena);
    for (size_t i = 0; i < graph->node_count; i++)
        if (graph->nodes[i]->op != OP_INPUT)
            add_row(&report, (int)i, new_params(arena, &seen, graph->nodes[i]), depth);
    add_up(&report);
    return report;
}

void print_report(FILE *stream, const struct report *report, enum report_form form, bool units) {
    switch (form) {
    case REPORT_NONE:
        return;
    case REPORT_TABLE:
        print_table(stream, report);
        return;
    case REPORT_JSON:
        print_json(stream, report, units);
        return;
    case REPORT_MARKDOWN:
        print_markdown(stream, report);
        return;
    case REPORT_CSV:
        print_csv(stream, report);
        return;
    case REPORT_DOT:
        print_dot(stream, report);
        return;
    }
}
