/* The extremes and the mean of many values. */
#ifndef CNN_PROGRAM_SUMMARY_H
#define CNN_PROGRAM_SUMMARY_H

#include "runtime/program/tensor.h"

struct summary {
    double minimum, maximum, sum; /* of the finite values */
    int64_t finite, infinite, not_numbers;
};

void summary_add(struct summary *summary, const float *values, int64_t count);

/* Prints the port's name and size and the figures; batch: images, 0 for no batch. */
void summary_print(const struct summary *summary, const struct cnn_port *port, int64_t batch);

#endif
