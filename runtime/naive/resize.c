/* Pictures of another size: as their definitions read, ONNX's Resize for the general one. */
#include <math.h>
#include <stdlib.h>

#include "runtime/naive/index.h"

/* y[h,w] = x[floor(h * H / P), floor(w * W / Q)] */
void naive_nearest(double *y, const int64_t y_shape[4], const double *x, const int64_t x_shape[4]) {
    FOR_EACH(y_shape)
    y[at(y_shape, n, h, w, c)] =
        x[at(x_shape, n, h * x_shape[H] / y_shape[H], w * x_shape[W] / y_shape[W], c)];
}

/* Where output coordinate i of `out` lies in an input of `in`. */
static double source(int64_t i, int64_t in, int64_t out, bool align_corners) {
    if (align_corners)
        return out == 1 ? 0 : (double)(i * (in - 1)) / (double)(out - 1);
    return fmax(0, ((double)i + 0.5) * (double)in / (double)out - 0.5);
}

/* How much of input coordinate i is in what is shown at position: falls linearly to 0 at distance
 * 1; the last coordinate also stands for all beyond it. */
static double share(int64_t i, int64_t size, double position) {
    if (i == size - 1 && position > (double)i)
        return 1;
    return fmax(0, 1 - fabs(position - (double)i));
}

void naive_bilinear(double *y, const int64_t y_shape[4], const double *x, const int64_t x_shape[4],
                    bool align_corners) {
    FOR_EACH(y_shape) {
        double row = source(h, x_shape[H], y_shape[H], align_corners);
        double column = source(w, x_shape[W], y_shape[W], align_corners);
        double sum = 0;
        for (int64_t r = (int64_t)row; r <= (int64_t)row + 1 && r < x_shape[H]; r++)
            for (int64_t s = (int64_t)column; s <= (int64_t)column + 1 && s < x_shape[W]; s++)
                sum += share(r, x_shape[H], row) * share(s, x_shape[W], column) *
                       x[at(x_shape, n, r, s, c)];
        y[at(y_shape, n, h, w, c)] = sum;
    }
}

/* --- Resize --- */

/* x_original of x_resized, by the table of the operator's specification. */
static double original(const struct naive_resize *r, int axis, double x, double in, double out) {
    double scale = r->scale[axis], start = r->region[axis], end = r->region[2 + axis];
    double resized = scale > 0 ? scale * in : out;
    double half_pixel = (scale > 0 ? (x + 0.5) / scale : (x + 0.5) * in / out) - 0.5;
    switch (r->coordinates) {
    case NAIVE_HALF_PIXEL:
        return half_pixel;
    case NAIVE_ALIGN_CORNERS:
        return resized == 1 ? 0 : x * (in - 1) / (resized - 1);
    case NAIVE_ASYMMETRIC:
        return scale > 0 ? x / scale : x * in / out;
    case NAIVE_PYTORCH_HALF_PIXEL:
        return resized > 1 ? half_pixel : 0;
    case NAIVE_HALF_PIXEL_SYMMETRIC:
        return in / 2 * (1 - out / resized) + half_pixel;
    case NAIVE_TF_HALF_PIXEL:
        return scale > 0 ? (x + 0.5) / scale : (x + 0.5) * in / out;
    case NAIVE_TF_CROP_AND_RESIZE:
        break;
    }
    return (resized == 1 ? (end - start) * (in - 1) / 2
                         : x * (end - start) * (in - 1) / (resized - 1)) +
           start * (in - 1);
}

/* Of a neighbour that far from the position. */
static double coefficient(const struct naive_resize *r, double distance) {
    double x = fabs(distance), a = r->cubic_a;
    if (r->mode == NAIVE_LINEAR)
        return fmax(0, 1 - x);
    if (x <= 1)
        return (a + 2) * x * x * x - (a + 3) * x * x + 1;
    return x < 2 ? a * x * x * x - 5 * a * x * x + 8 * a * x - 4 * a : 0;
}

static double nearest(enum naive_rounding rounding, double x) {
    double fraction = x - floor(x);
    bool up = rounding == NAIVE_ROUND_PREFER_FLOOR  ? fraction > 0.5
              : rounding == NAIVE_ROUND_PREFER_CEIL ? fraction >= 0.5
                                                    : rounding == NAIVE_CEIL && fraction > 0;
    return floor(x) + up;
}

/* How much of each of `in` units is in unit i of `out`; false where it lies outside of a crop. */
static bool find_shares(const struct naive_resize *r, int axis, int64_t i, int64_t in, int64_t out,
                        double *shares) {
    double x = original(r, axis, (double)i, (double)in, (double)out), sum = 0;
    double scale = r->scale[axis] > 0 ? r->scale[axis] : (double)out / (double)in;
    double narrow = r->antialias ? fmin(scale, 1) : 1;
    for (int64_t k = 0; k < in; k++)
        shares[k] = 0;
    if (r->coordinates == NAIVE_TF_CROP_AND_RESIZE && (x < 0 || x > (double)(in - 1)))
        return false;
    if (r->mode == NAIVE_NEAREST) {
        shares[(int64_t)fmin(fmax(nearest(r->rounding, x), 0), (double)(in - 1))] = 1;
        return true;
    }
    int64_t reach = (int64_t)ceil(2 / narrow) + 1;
    for (int64_t k = (int64_t)floor(x) - reach; k <= (int64_t)floor(x) + reach; k++) {
        double share = coefficient(r, ((double)k - x) * narrow);
        bool real = k >= 0 && k < in;
        if (!real && r->exclude_outside)
            continue;
        shares[k < 0 ? 0 : k >= in ? in - 1 : k] += share;
        sum += share;
    }
    for (int64_t k = 0; k < in; k++)
        shares[k] /= sum;
    return true;
}

static double weighted(const double *x, const int64_t shape[4], int64_t n, int64_t c,
                       const double *rows, const double *columns, bool magnitude) {
    double sum = 0;
    for (int64_t h = 0; h < shape[H]; h++)
        for (int64_t w = 0; w < shape[W]; w++) {
            double share = rows[h] * columns[w], value = x[at(shape, n, h, w, c)];
            sum += share == 0 ? 0 : magnitude ? fabs(share * value) : share * value;
        }
    return sum;
}

void naive_resize(double *y, double *magnitude, const int64_t y_shape[4], const double *x,
                  const int64_t x_shape[4], const struct naive_resize *r) {
    double *rows = malloc((size_t)x_shape[H] * sizeof *rows);
    double *columns = malloc((size_t)x_shape[W] * sizeof *columns);
    FOR_EACH(y_shape) {
        bool real = find_shares(r, 0, h, x_shape[H], y_shape[H], rows) &&
                    find_shares(r, 1, w, x_shape[W], y_shape[W], columns);
        int64_t i = at(y_shape, n, h, w, c);
        y[i] = real ? weighted(x, x_shape, n, c, rows, columns, false) : r->extrapolation;
        if (magnitude)
            magnitude[i] = real ? weighted(x, x_shape, n, c, rows, columns, true) : 0;
    }
    free(rows);
    free(columns);
}
