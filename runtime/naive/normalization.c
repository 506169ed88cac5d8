/* Normalisation: by given figures, by those of the values themselves, by near channels. */
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

/* One of the boxes that a tensor is cut into, box[axis] long along each axis. */
struct part {
    int64_t first[4], end[4];
};

#define FOR_EACH_IN(part)                                                                          \
    for (int64_t n = (part)->first[N]; n < (part)->end[N]; n++)                                    \
        for (int64_t h = (part)->first[H]; h < (part)->end[H]; h++)                                \
            for (int64_t w = (part)->first[W]; w < (part)->end[W]; w++)                            \
                for (int64_t c = (part)->first[C]; c < (part)->end[C]; c++)

/* The number-th of them; false where there are no more. */
static bool take_part(struct part *part, const int64_t shape[4], const int64_t box[4],
                      int64_t number) {
    for (int axis = 3; axis >= 0; axis--) {
        int64_t along = shape[axis] / box[axis];
        part->first[axis] = number % along * box[axis];
        part->end[axis] = part->first[axis] + box[axis];
        number /= along;
    }
    return number == 0;
}

/* (x - m) / sqrt(v + epsilon), m the mean and v the variance of the box that x lies in. */
void naive_norm(double *y, const double *x, const int64_t shape[4], const int64_t box[4],
                double epsilon) {
    struct part part;
    double count = (double)(box[N] * box[H] * box[W] * box[C]);
    for (int64_t i = 0; take_part(&part, shape, box, i); i++) {
        double mean = 0, variance = 0;
        FOR_EACH_IN(&part) mean += x[at(shape, n, h, w, c)] / count;
        FOR_EACH_IN(&part) variance += pow(x[at(shape, n, h, w, c)] - mean, 2) / count;
        FOR_EACH_IN(&part)
        y[at(shape, n, h, w, c)] = (x[at(shape, n, h, w, c)] - mean) / sqrt(variance + epsilon);
    }
}

/* x over the p-norm of its box, or over epsilon where that is more. */
void naive_lp_norm(double *y, const double *x, const int64_t shape[4], const int64_t box[4],
                   double p, double epsilon) {
    struct part part;
    for (int64_t i = 0; take_part(&part, shape, box, i); i++) {
        double sum = 0;
        FOR_EACH_IN(&part) sum += pow(fabs(x[at(shape, n, h, w, c)]), p);
        FOR_EACH_IN(&part)
        y[at(shape, n, h, w, c)] = x[at(shape, n, h, w, c)] / fmax(pow(sum, 1 / p), epsilon);
    }
}

/* The sum of x^2 over channels c - floor((size - 1) / 2) .. c + ceil((size - 1) / 2). */
void naive_near_squares(double *y, const double *x, const int64_t shape[4], int64_t size) {
    FOR_EACH(shape) {
        double sum = 0;
        for (int64_t k = 0; k < shape[C]; k++)
            if (k - c >= -((size - 1) / 2) && k - c <= size / 2)
                sum += pow(x[at(shape, n, h, w, k)], 2);
        y[at(shape, n, h, w, c)] = sum;
    }
}
