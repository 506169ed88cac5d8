/* The kernels of a network, noted while layers are lowered to them, in place of code. */
#ifndef CNNC_CODEGEN_PREDICT_H
#define CNNC_CODEGEN_PREDICT_H

#include "codegen/costs.h"
#include "ir/report/plan_report.h"

struct generator;
struct steps;

struct kernel_notes {
    struct setting setting;
    struct plan_row *row; /* what the kernels are added to */
};

/* What the steps take of a vector. */
double steps_cycles(const struct steps *steps);
void note_kernel(struct generator *g, const struct kernel *kernel);

#endif
