/* Layers that move values: padding, slices, joins, copies, shuffles, reshapes. */
#include "runtime/naive/index.h"

/* x inside a frame: `value`, or x mirrored about its edges, its edges repeated, or x again. */
void naive_pad(double *y, const double *x, const int64_t x_shape[4], const int64_t before[4],
               const int64_t after[4], enum naive_padding mode, double value) {
    int64_t y_shape[4], source[4];
    for (int axis = 0; axis < 4; axis++)
        y_shape[axis] = before[axis] + x_shape[axis] + after[axis];
    FOR_EACH(y_shape) {
        const int64_t position[4] = {n, h, w, c};
        bool real = true;
        for (int axis = 0; axis < 4; axis++) {
            source[axis] = shown(position[axis] - before[axis], x_shape[axis], mode);
            real = real && source[axis] >= 0;
        }
        y[at(y_shape, n, h, w, c)] =
            real ? x[at(x_shape, source[N], source[H], source[W], source[C])] : value;
    }
}

/* Every step-th value from start on, along each axis. */
void naive_slice(double *y, const int64_t y_shape[4], const double *x, const int64_t x_shape[4],
                 const int64_t start[4], const int64_t step[4]) {
    FOR_EACH(y_shape)
    y[at(y_shape, n, h, w, c)] = x[at(x_shape, start[N] + n * step[N], start[H] + h * step[H],
                                      start[W] + w * step[W], start[C] + c * step[C])];
}

void naive_place(double *y, const int64_t y_shape[4], const double *x, const int64_t x_shape[4],
                 int axis, int64_t start) {
    FOR_EACH(x_shape) {
        int64_t to[4] = {n, h, w, c};
        to[axis] += start;
        y[at(y_shape, to[N], to[H], to[W], to[C])] = x[at(x_shape, n, h, w, c)];
    }
}

void naive_repeat(double *y, const int64_t y_shape[4], const double *x, const int64_t x_shape[4]) {
    FOR_EACH(y_shape)
    y[at(y_shape, n, h, w, c)] =
        x[at(x_shape, n % x_shape[N], h % x_shape[H], w % x_shape[W], c % x_shape[C])];
}

/* y[h*f + i, w*f + j, c] = x[h, w, (c*f + i)*f + j] */
void naive_pixel_shuffle(double *y, const double *x, const int64_t x_shape[4], int64_t factor_h,
                         int64_t factor_w) {
    const int64_t y_shape[4] = {x_shape[N], x_shape[H] * factor_h, x_shape[W] * factor_w,
                                x_shape[C] / (factor_h * factor_w)};
    FOR_EACH(y_shape) {
        int64_t channel = (c * factor_h + h % factor_h) * factor_w + w % factor_w;
        y[at(y_shape, n, h, w, c)] = x[at(x_shape, n, h / factor_h, w / factor_w, channel)];
    }
}

/* y[h, w, (c*f0 + i)*f1 + j] = x[h*f0 + i, w*f1 + j, c] */
void naive_pixel_unshuffle(double *y, const double *x, const int64_t x_shape[4], int64_t factor_h,
                           int64_t factor_w) {
    const int64_t y_shape[4] = {x_shape[N], x_shape[H] / factor_h, x_shape[W] / factor_w,
                                x_shape[C] * factor_h * factor_w};
    FOR_EACH(x_shape) {
        int64_t channel = (c * factor_h + h % factor_h) * factor_w + w % factor_w;
        y[at(y_shape, n, h / factor_h, w / factor_w, channel)] = x[at(x_shape, n, h, w, c)];
    }
}

/* y[c] = x[(c mod G) * C/G + floor(c / G)] */
void naive_channel_shuffle(double *y, const double *x, const int64_t shape[4], int64_t groups) {
    FOR_EACH(shape) {
        int64_t channel = c % groups * (shape[C] / groups) + c / groups;
        y[at(shape, n, h, w, c)] = x[at(shape, n, h, w, channel)];
    }
}

/* y[i0, i1, i2, i3] = x[j], where j[of[k]] = ik */
void naive_permute(double *y, const int64_t y_shape[4], const double *x, const int64_t x_shape[4],
                   const int of[4]) {
    FOR_EACH(y_shape) {
        int64_t in_y[4] = {n, h, w, c}, in_x[4];
        for (int axis = 0; axis < 4; axis++)
            in_x[of[axis]] = in_y[axis];
        y[at(y_shape, n, h, w, c)] = x[at(x_shape, in_x[N], in_x[H], in_x[W], in_x[C])];
    }
}

/* The position of a value in linear order. */
static int64_t linear(const int64_t shape[4], int64_t n, int64_t h, int64_t w, int64_t c,
                      bool chw) {
    return chw ? ((n * shape[C] + c) * shape[H] + h) * shape[W] + w : at(shape, n, h, w, c);
}

void naive_reshape(double *y, const int64_t y_shape[4], const double *x, const int64_t x_shape[4],
                   bool chw) {
    FOR_EACH(y_shape) {
        int64_t i = linear(y_shape, n, h, w, c, chw), image, row, column, channel;
        if (chw) {
            column = i % x_shape[W];
            row = i / x_shape[W] % x_shape[H];
            channel = i / x_shape[W] / x_shape[H] % x_shape[C];
        } else {
            channel = i % x_shape[C];
            column = i / x_shape[C] % x_shape[W];
            row = i / x_shape[C] / x_shape[W] % x_shape[H];
        }
        image = i / (x_shape[H] * x_shape[W] * x_shape[C]);
        y[at(y_shape, n, h, w, c)] = x[at(x_shape, image, row, column, channel)];
    }
}
