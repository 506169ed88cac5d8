/* Pooling. */
#include <math.h>

#include "runtime/naive/index.h"

/* What a window holds. */
struct content {
    double largest, sum;
    int64_t place;        /* of the largest, in the picture */
    int64_t real, padded; /* how many pixels: of the input, and of the input with its padding */
};

static struct content look(const double *x, const int64_t shape[4],
                           const struct naive_window *window, int64_t n, int64_t p, int64_t q,
                           int64_t c) {
    const int64_t *pad = window->padding;
    struct content content = {-INFINITY, 0, -1, 0, 0};
    for (int64_t r = 0; r < window->kernel[0]; r++)
        for (int64_t s = 0; s < window->kernel[1]; s++) {
            int64_t h = p * window->stride[0] + r * window->dilation[0] - pad[TOP];
            int64_t w = q * window->stride[1] + s * window->dilation[1] - pad[LEFT];
            content.padded += h < shape[H] + pad[BOTTOM] && w < shape[W] + pad[RIGHT];
            if (!inside(shape, h, w))
                continue;
            double value = x[at(shape, n, h, w, c)];
            bool first = content.place < 0;
            if (first || (isnan(value) && !isnan(content.largest)) || value > content.largest) {
                content.largest = value; /* no later value is larger than NaN */
                content.place = h * shape[W] + w;
            }
            content.sum += value;
            content.real++;
        }
    return content;
}

/* The largest value of each window; NaN where it has one. */
void naive_maxpool(double *y, const int64_t y_shape[4], const double *x, const int64_t x_shape[4],
                   const struct naive_window *window) {
    FOR_EACH(y_shape)
    y[at(y_shape, n, h, w, c)] = look(x, x_shape, window, n, h, w, c).largest;
}

/* Where the first of them is: row * width + column. */
void naive_maxpool_indices(double *y, const int64_t y_shape[4], const double *x,
                           const int64_t x_shape[4], const struct naive_window *window) {
    FOR_EACH(y_shape)
    y[at(y_shape, n, h, w, c)] = (double)look(x, x_shape, window, n, h, w, c).place;
}

/* Each value of x where its index says; what no place has is ignored, and the last of several with
 * one place is there. */
void naive_unpool(double *y, const int64_t y_shape[4], const double *x, const double *indices,
                  const int64_t x_shape[4]) {
    FOR_EACH(y_shape)
    y[at(y_shape, n, h, w, c)] = 0;
    FOR_EACH(x_shape) {
        double index = indices[at(x_shape, n, h, w, c)];
        for (int64_t i = 0; i < y_shape[H] * y_shape[W]; i++)
            if (index == (double)i)
                y[at(y_shape, n, i / y_shape[W], i % y_shape[W], c)] = x[at(x_shape, n, h, w, c)];
    }
}

/* The sum of each window over the number of its pixels, real ones or those of the padding too. */
void naive_avgpool(double *y, const int64_t y_shape[4], const double *x, const int64_t x_shape[4],
                   const struct naive_window *window, bool count_padding) {
    FOR_EACH(y_shape) {
        struct content content = look(x, x_shape, window, n, h, w, c);
        y[at(y_shape, n, h, w, c)] =
            content.sum / (double)(count_padding ? content.padded : content.real);
    }
}

/* Of the values that each window holds: padding holds none. */
void naive_lppool(double *y, const int64_t y_shape[4], const double *x, const int64_t x_shape[4],
                  const struct naive_window *window, double p, double root) {
    FOR_EACH(y_shape) {
        double sum = 0;
        for (int64_t r = 0; r < window->kernel[0]; r++)
            for (int64_t s = 0; s < window->kernel[1]; s++) {
                int64_t i = h * window->stride[0] + r * window->dilation[0] - window->padding[TOP];
                int64_t j = w * window->stride[1] + s * window->dilation[1] - window->padding[LEFT];
                if (inside(x_shape, i, j))
                    sum += pow(fabs(x[at(x_shape, n, i, j, c)]), p);
            }
        y[at(y_shape, n, h, w, c)] = pow(sum, root / p);
    }
}
