/* Batch normalisation and softmax. */
#include <math.h>

#include "runtime/naive/index.h"

/* (x - mean) / sqrt(variance + epsilon) * weight + bias, by channel. */
void naive_batchnorm(double *y, const double *x, const int64_t shape[4], const double *weight,
                     const double *bias, const double *mean, const double *variance,
                     double epsilon) {
    FOR_EACH(shape) {
        int64_t i = at(shape, n, h, w, c);
        y[i] = (x[i] - mean[c]) / sqrt(variance[c] + epsilon) * weight[c] + bias[c];
    }
}

/* e^x over its sum along the axis, or ln of that; the largest x is taken off first, which changes
 * nothing but keeps e^x finite. */
void naive_softmax(double *y, const double *x, const int64_t shape[4], int axis, bool logarithm) {
    int64_t step = 1;
    for (int later = axis + 1; later < 4; later++)
        step *= shape[later];
    FOR_EACH(shape) {
        const int64_t coordinates[4] = {n, h, w, c}, i = at(shape, n, h, w, c);
        const double *line = x + i - coordinates[axis] * step;
        double largest = -INFINITY, sum = 0;
        for (int64_t j = 0; j < shape[axis]; j++)
            largest = fmax(largest, line[j * step]);
        for (int64_t j = 0; j < shape[axis]; j++)
            sum += exp(line[j * step] - largest);
        y[i] = logarithm ? x[i] - largest - log(sum) : exp(x[i] - largest) / sum;
    }
}
