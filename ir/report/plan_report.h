/* The report of a plan: what each kernel step of a compiled network is predicted to take, and what
 * it took. docs/tuning.md defines every figure. */
#ifndef CNNC_IR_REPORT_PLAN_REPORT_H
#define CNNC_IR_REPORT_PLAN_REPORT_H

#include "ir/report/report.h"

/* A node's kernels, with the layers fused behind it. */
struct plan_row {
    const struct node *node;
    const char *first, *last; /* the paths of the layers that it does */
    const char *layer;        /* their words */
    const char *algorithm;    /* of its first kernel */
    int64_t tile[2];          /* output pixels x channels of a register tile; 0: none */
    int64_t macs;             /* of the layer as it is defined */
    int64_t weight_bytes;     /* as they are packed */
    int64_t scratch_bytes;    /* of the workspace, while it runs */
    double cycles;            /* predicted */
    double limit;             /* cycles that no algorithm is known to go below; 0: none */
    double seconds;           /* measured, the best of several; 0: not measured */
};

struct plan_report {
    struct arena *arena;
    const char *network, *processor;
    double gigahertz;
    int64_t vector_width; /* floats */
    int64_t workspace_bytes;
    struct plan_row *rows;
    size_t row_count;
    int64_t runs; /* that were measured; 0: none */
    double whole; /* seconds of a whole run, the best */
};

/* REPORT_DOT has no plan. */
void print_plan_report(FILE *stream, const struct plan_report *report, enum report_form form);

#endif
