/* The extremes and the mean of many values. */
#ifndef CNN_PROGRAM_SUMMARY_H
#define CNN_PROGRAM_SUMMARY_H

#include <stdint.h>

struct summary {
    double minimum, maximum, sum; /* of the finite values */
    int64_t finite, infinite, not_numbers;
};

void summary_add(struct summary *summary, const float *values, int64_t count);

/* Of the finite values; not a number where there is none. */
double summary_mean(const struct summary *summary);

#endif
