/* Convolution, transposed convolution and fully connected layers. */
#include <math.h>
#include <stddef.h>

#include "runtime/naive/index.h"

/* A sum and the sum of the absolute values of its terms. */
struct sum {
    double value, magnitude;
};

static void add_product(struct sum *sum, double a, double b) {
    sum->value += a * b;
    sum->magnitude += fabs(a * b);
}

static void put(const struct sum *sum, double *y, double *magnitude, int64_t index) {
    y[index] = sum->value;
    if (magnitude)
        magnitude[index] = sum->magnitude;
}

/* y[n,h,w,k] = bias[k] + sum over c, r, s of x[n, h*S + r*D - pad, w*S + s*D - pad, c] w[k,c,r,s]
 */
void naive_conv(double *y, double *magnitude, const int64_t y_shape[4], const double *x,
                const int64_t x_shape[4], const double *weights, const double *bias,
                const struct naive_window *window, int64_t groups, enum naive_padding mode) {
    const int64_t *kernel = window->kernel;
    int64_t group_in = x_shape[C] / groups, group_out = y_shape[C] / groups;
    FOR_EACH(y_shape) {
        struct sum sum = {0, 0};
        if (bias)
            add_product(&sum, bias[c], 1);
        for (int64_t i = 0; i < group_in; i++)
            for (int64_t r = 0; r < kernel[0]; r++)
                for (int64_t s = 0; s < kernel[1]; s++) {
                    int64_t row = shown(h * window->stride[0] + r * window->dilation[0] -
                                            window->padding[TOP],
                                        x_shape[H], mode);
                    int64_t column = shown(w * window->stride[1] + s * window->dilation[1] -
                                               window->padding[LEFT],
                                           x_shape[W], mode);
                    if (row < 0 || column < 0)
                        continue;
                    add_product(&sum, x[at(x_shape, n, row, column, c / group_out * group_in + i)],
                                weights[((c * group_in + i) * kernel[0] + r) * kernel[1] + s]);
                }
        put(&sum, y, magnitude, at(y_shape, n, h, w, c));
    }
}

/* y[n,o,k] = bias[k] + sum over c and all i, r with o = i*S + r*D - pad of x[n,i,c] w[c,k,r] */
void naive_deconv(double *y, double *magnitude, const int64_t y_shape[4], const double *x,
                  const int64_t x_shape[4], const double *weights, const double *bias,
                  const struct naive_window *window, int64_t groups) {
    const int64_t *kernel = window->kernel, *stride = window->stride;
    int64_t group_in = x_shape[C] / groups, group_out = y_shape[C] / groups;
    FOR_EACH(y_shape) {
        struct sum sum = {0, 0};
        if (bias)
            add_product(&sum, bias[c], 1);
        for (int64_t r = 0; r < kernel[0]; r++)
            for (int64_t s = 0; s < kernel[1]; s++) {
                int64_t row = h + window->padding[TOP] - r * window->dilation[0];
                int64_t column = w + window->padding[LEFT] - s * window->dilation[1];
                if (row % stride[0] != 0 || column % stride[1] != 0 ||
                    !inside(x_shape, row / stride[0], column / stride[1]))
                    continue;
                for (int64_t i = 0; i < group_in; i++) {
                    int64_t in = c / group_out * group_in + i;
                    int64_t tap =
                        ((in * group_out + c % group_out) * kernel[0] + r) * kernel[1] + s;
                    add_product(&sum, x[at(x_shape, n, row / stride[0], column / stride[1], in)],
                                weights[tap]);
                }
            }
        put(&sum, y, magnitude, at(y_shape, n, h, w, c));
    }
}

/* y[n,k] = bias[k] + sum over c of x[n,c] w[k,c] */
void naive_dense(double *y, double *magnitude, int64_t batch, int64_t in, int64_t out,
                 const double *x, const double *w, const double *bias) {
    for (int64_t n = 0; n < batch; n++)
        for (int64_t k = 0; k < out; k++) {
            struct sum sum = {0, 0};
            if (bias)
                add_product(&sum, bias[k], 1);
            for (int64_t c = 0; c < in; c++)
                add_product(&sum, x[n * in + c], w[k * in + c]);
            put(&sum, y, magnitude, n * out + k);
        }
}
