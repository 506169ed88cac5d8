/* The extremes and the mean of many values. */
#ifndef CNN_PROGRAM_SUMMARY_H
#define CNN_PROGRAM_SUMMARY_H

#include "runtime/program/tensor.h"

struct summary {
    double minimum, maximum, sum; /* of the finite values */
    int64_t finite, infinite, not_numbers;
};

void summary_add(struct summary *summary, const float *values, int64_t count);

/* Prints the port's name and size, the figures, and how to write it to a file. batch: images, 0 for
 * no batch; named: one output of several, which -o must name. */
void summary_print(const struct summary *summary, const struct cnn_port *port, int64_t batch,
                   bool named);

#endif
