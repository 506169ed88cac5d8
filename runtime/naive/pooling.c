/* Pooling. */
#include <math.h>

#include "runtime/naive/index.h"

/* What a window holds. */
struct content {
    double largest, sum;
    int64_t real, padded; /* how many pixels: of the input, and of the input with its padding */
};

static struct content look(const double *x, const int64_t shape[4],
                           const struct naive_window *window, int64_t n, int64_t p, int64_t q,
                           int64_t c) {
    const int64_t *pad = window->padding;
    struct content content = {-INFINITY, 0, 0, 0};
    for (int64_t r = 0; r < window->kernel[0]; r++)
        for (int64_t s = 0; s < window->kernel[1]; s++) {
            int64_t h = p * window->stride[0] + r * window->dilation[0] - pad[TOP];
            int64_t w = q * window->stride[1] + s * window->dilation[1] - pad[LEFT];
            content.padded += h < shape[H] + pad[BOTTOM] && w < shape[W] + pad[RIGHT];
            if (!inside(shape, h, w))
                continue;
            double value = x[at(shape, n, h, w, c)];
            if (isnan(value) || value > content.largest) /* no later value is larger than NaN */
                content.largest = value;
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
