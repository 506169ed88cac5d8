/* The report as a drawing for Graphviz: boxes are layers, arrows are tensors with their sizes. */
#include <inttypes.h>
#include <string.h>

#include "ir/report/report.h"
#include "lexer/diagnostics.h"

/* Text within a quoted string of the DOT language. */
static void print_escaped(FILE *stream, const struct report *report, const char *text) {
    for (text = printable(report->arena, text, strlen(text)); *text; text++) {
        if (*text == '"' || *text == '\\')
            fputc('\\', stream);
        fputc(*text, stream);
    }
}

static const char *cell(const struct report *report, const struct report_row *row,
                        const char *heading) {
    for (const struct column *c = report_columns(report); c->heading; c++)
        if (strcmp(c->heading, heading) == 0)
            return c->cell(report, row, c->input);
    return "";
}

static void print_box(FILE *stream, const struct report *report, const struct report_row *row) {
    fprintf(stream, "  n%d [label=\"", row->last);
    print_escaped(stream, report, row->name);
    fprintf(stream, "\\n%s", row->layer);
    const char *kernel = cell(report, row, "kernel"), *stride = cell(report, row, "stride");
    const char *field = cell(report, row, "field");
    if (*kernel)
        fprintf(stream, " %s", kernel);
    if (*stride && strcmp(stride, "1") != 0)
        fprintf(stream, ", stride %s", stride);
    if (row->params)
        fprintf(stream, "\\n%s parameters", grouped_text(report->arena, row->params));
    if (*field)
        fprintf(stream, "\\nfield %s", field);
    fputs("\"];\n", stream);
}

/* The row that holds each node, by its last position; an input stands for itself. */
static int *row_of_nodes(const struct report *report) {
    int *rows = ARENA_ARRAY(report->arena, int, report->graph->node_count + 1);
    for (size_t i = 0; i < report->graph->node_count; i++)
        rows[i] = (int)i;
    for (size_t r = 0; r < report->row_count; r++)
        for (int i = report->rows[r].first; i <= report->rows[r].last; i++)
            if (report->graph->nodes[i]->op != OP_INPUT)
                rows[i] = report->rows[r].last;
    return rows;
}

/* One arrow a tensor, however often the row reads it: `drawn` has the last row that each leads to.
 */
static void print_arrows(FILE *stream, const struct report *report, const int *rows, int *drawn,
                         const struct report_row *row) {
    for (int i = row->first; i <= row->last; i++) {
        const struct node *node = report->graph->nodes[i];
        for (int k = 0; k < node->input_count && node->op != OP_INPUT; k++) {
            const struct node *from = node->inputs[k];
            if (rows[from->id] == row->last || drawn[from->id] == row->last)
                continue;
            drawn[from->id] = row->last;
            fprintf(stream, "  n%d -> n%d [label=\"%s\"];\n", rows[from->id], row->last,
                    shape_text(report->arena, from->shape));
        }
    }
}

void print_dot(FILE *stream, const struct report *report) {
    const struct graph *graph = report->graph;
    const int *rows = row_of_nodes(report);
    int *drawn = ARENA_ARRAY(report->arena, int, graph->node_count + 1); /* row 0 is an input's */
    fputs("digraph \"", stream);
    print_escaped(stream, report, graph->name);
    fputs("\" {\n  node [shape=box, fontname=\"sans-serif\"];\n"
          "  edge [fontname=\"sans-serif\"];\n",
          stream);
    for (size_t i = 0; i < graph->input_count; i++) {
        fprintf(stream, "  n%d [shape=ellipse, label=\"", graph->inputs[i].node->id);
        print_escaped(stream, report, graph->inputs[i].name);
        fputs("\"];\n", stream);
    }
    for (size_t r = 0; r < report->row_count; r++)
        print_box(stream, report, &report->rows[r]);
    for (size_t i = 0; i < graph->output_count; i++) {
        fprintf(stream, "  o%zu [shape=ellipse, label=\"", i);
        print_escaped(stream, report, graph->outputs[i].name);
        fputs("\"];\n", stream);
    }
    for (size_t r = 0; r < report->row_count; r++)
        print_arrows(stream, report, rows, drawn, &report->rows[r]);
    for (size_t i = 0; i < graph->output_count; i++)
        fprintf(stream, "  n%d -> o%zu [label=\"%s\"];\n", rows[graph->outputs[i].node->id], i,
                shape_text(report->arena, graph->outputs[i].node->shape));
    fputs("}\n", stream);
}
