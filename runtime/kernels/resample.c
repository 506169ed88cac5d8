/* Any picture from any other by tables: each row and column is a weighted run of the input's. */
#include "runtime/kernels/vector.h"

/* One axis of the tables: where each unit's run begins, -1 for the value, and the weights. */
struct runs {
    const int32_t *first;
    const float *weights;
};

/* A vector of channels at x and of the pixels right of it, weighted. */
CNN_INLINE cnn_vector resampled_row(const struct cnn_resample *d, const float *x,
                                    const float *columns, int64_t lanes) {
    enum { UNROLLED = 8 };
    cnn_vector row = splat(0);
    if (d->taps_w <= UNROLLED) {
        CNN_UNROLL
        for (int64_t s = 0; s < d->taps_w; s++)
            row += load_lanes(x + s * d->x.pixel, lanes) * columns[s];
    } else
        for (int64_t s = 0; s < d->taps_w; s++)
            row += load_lanes(x + s * d->x.pixel, lanes) * columns[s];
    return row;
}

CNN_INLINE void resampled_pixel(const struct cnn_resample *d, float *y, const float *x,
                                const float *rows, const float *columns, cnn_epilogue *epilogue,
                                const float *const *operands, int64_t n, int64_t p, int64_t q) {
    CNN_FOR_VECTORS(d->channels, {
        cnn_vector sum = splat(0);
        for (int64_t r = 0; r < d->taps_h; r++)
            sum += resampled_row(d, x + r * d->x.row + i, columns, lanes) * rows[r];
        store_lanes(y + i, epilogue(sum, operands, n, p, q, i, lanes), lanes);
    });
}

CNN_INLINE void constant_pixel(const struct cnn_resample *d, float *y, float value,
                               cnn_epilogue *epilogue, const float *const *operands, int64_t n,
                               int64_t p, int64_t q) {
    CNN_FOR_VECTORS(d->channels, {
        store_lanes(y + i, epilogue(splat(value), operands, n, p, q, i, lanes), lanes);
    });
}

CNN_PRIMITIVE void cnn_resample_part(const struct cnn_resample *d, float *y, const float *x,
                                     const float *tables, cnn_epilogue *epilogue,
                                     const float *const *operands, float value, int64_t first,
                                     int64_t end) {
    const struct runs h = {(const int32_t *)(const void *)tables, tables + d->out_height};
    tables = h.weights + d->out_height * d->taps_h;
    const struct runs w = {(const int32_t *)(const void *)tables, tables + d->out_width};
    for (int64_t row = first; row < end; row++) {
        const int64_t n = row / d->out_height, p = row % d->out_height;
        for (int64_t q = 0; q < d->out_width; q++) {
            float *pixel = y + n * d->y.image + p * d->y.row + q * d->y.pixel;
            if (h.first[p] < 0 || w.first[q] < 0)
                constant_pixel(d, pixel, value, epilogue, operands, n, p, q);
            else
                resampled_pixel(
                    d, pixel, x + n * d->x.image + h.first[p] * d->x.row + w.first[q] * d->x.pixel,
                    h.weights + p * d->taps_h, w.weights + q * d->taps_w, epilogue, operands, n, p,
                    q);
        }
    }
}

CNN_PRIMITIVE void cnn_resample(const struct cnn_resample *d, float *y, const float *x,
                                const float *tables, cnn_epilogue *epilogue,
                                const float *const *operands, float value) {
    cnn_resample_part(d, y, x, tables, epilogue, operands, value, 0, cnn_resample_pieces(d));
}
