/* A report: what a network is, layer by layer, as the file has it. docs/reports.md defines every
 * figure. */
#ifndef CNNC_IR_REPORT_REPORT_H
#define CNNC_IR_REPORT_REPORT_H

#include <stdio.h>

#include "ir/fields.h"
#include "ir/graph.h"

/* A layer; or, folded, several with the beginning of their paths in common. */
struct report_row {
    const char *name;  /* unique */
    const char *layer; /* the word of the language; "block" for several */
    int first, last;   /* positions in the graph's list */
    const struct node *node;
    int64_t params, macs;
};

struct report_totals {
    int64_t layers, params, macs;
    int64_t weight_bytes, activation_bytes, traffic_bytes;
    double intensity;
};

struct report {
    struct arena *arena;
    const struct graph *graph;
    const struct sources *sources;
    struct report_row *rows;
    size_t row_count, row_capacity;
    const char **names; /* of the nodes, by position in the graph's list */
    struct report_totals totals;
};

/* depth > 0: layers whose paths agree in as many parts, and follow each other, are one row. */
struct report make_report(struct arena *arena, const struct graph *graph,
                          const struct sources *sources, int depth);

enum report_form {
    REPORT_NONE,
    REPORT_TABLE,
    REPORT_JSON,
    REPORT_MARKDOWN,
    REPORT_CSV,
    REPORT_DOT,
};
void print_report(FILE *stream, const struct report *report, enum report_form form, bool units);

void print_table(FILE *stream, const struct report *report);
void print_markdown(FILE *stream, const struct report *report);
void print_csv(FILE *stream, const struct report *report);
void print_json(FILE *stream, const struct report *report, bool units);
void print_dot(FILE *stream, const struct report *report);

/* The cells of the tabular forms. */
struct column {
    const char *heading;
    bool is_text; /* left-aligned */
    const char *(*cell)(const struct report *, const struct report_row *, const struct node *input);
    const struct node *input; /* of which the field is told; NULL for other columns */
};
/* All columns of the report, ended by one without a heading. */
const struct column *report_columns(const struct report *report);
/* Lines under the table, each an array element; ended by NULL. */
const char *const *report_footer(const struct report *report);

const char *grouped_text(struct arena *arena, int64_t number); /* 1,234,567 */
const char *bytes_text(struct arena *arena, int64_t bytes);    /* 12.3 KiB */

#endif
