/* Pooling: a vector of channels at a time, each window clipped to the input beforehand, so that the
 * loops over it test nothing. What the window becomes, or where its largest value is. */
#include "runtime/kernels/gather.h"

/* One axis of a window: its taps first..end-1 lie in the input. */
struct taps {
    int64_t first, end;
};

/* The taps of a window of `kernel` taps from `start` on that lie in low..high-1. */
CNN_INLINE struct taps clipped_taps(int64_t start, int64_t kernel, int64_t dilation, int64_t low,
                                    int64_t high) {
    const int64_t first = start >= low ? 0 : (low - start + dilation - 1) / dilation;
    const int64_t end = high > start ? (high - start + dilation - 1) / dilation : 0;
    return (struct taps){first, smaller(end, kernel)};
}

/* One output pixel n, p, q: all channels of the window rows x columns. */
CNN_INLINE void pool_pixel(const struct cnn_pool *d, float *y, const float *x, struct taps rows,
                           struct taps columns, float divisor, cnn_epilogue *epilogue,
                           const float *const *operands, int64_t n, int64_t p, int64_t q) {
    const int64_t step_h = d->dilation_h * d->x.row, step_w = d->dilation_w * d->x.pixel;
    CNN_FOR_VECTORS(d->channels, {
        cnn_vector acc = splat(empty(d->kind));
        for (int64_t r = rows.first; r < rows.end; r++) {
            cnn_vector row = splat(empty(d->kind)); /* by itself: sums of sums round less */
            for (int64_t s = columns.first; s < columns.end; s++) {
                const cnn_vector value = load_lanes(x + r * step_h + s * step_w + i, lanes);
                row = merged(d->kind, row, taken(d->kind, value));
            }
            acc = merged(d->kind, acc, row);
        }
        if (d->kind == CNN_MEAN)
            acc /= divisor;
        store_lanes(y + i, epilogue(acc, operands, n, p, q, i, lanes), lanes);
    });
}

/* How many taps the average divides by. */
CNN_INLINE int64_t counted(int64_t start, int64_t kernel, int64_t dilation, int64_t low,
                           int64_t high) {
    const struct taps taps = clipped_taps(start, kernel, dilation, low, high);
    return taps.end - taps.first;
}

CNN_PRIMITIVE void cnn_pool_part(const struct cnn_pool *d, float *y, const float *x,
                                 cnn_epilogue *epilogue, const float *const *operands,
                                 int64_t first, int64_t end) {
    const int64_t margin_h = d->count_padding ? d->pad_top : 0;
    const int64_t margin_w = d->count_padding ? d->pad_left : 0;
    const int64_t end_h = d->height + (d->count_padding ? d->pad_bottom : 0);
    const int64_t end_w = d->width + (d->count_padding ? d->pad_right : 0);
    const struct taps all_rows = {0, d->kernel_height}, all_columns = {0, d->kernel_width};
    const float whole = (float)(d->kernel_height * d->kernel_width);
    for (int64_t row = first; row < end; row++) {
        const int64_t n = which_of(d->batch, d->out_height, row), p = row - n * d->out_height;
        const int64_t top = p * d->stride_h - d->pad_top;
        const struct taps rows = clipped_taps(top, d->kernel_height, d->dilation_h, 0, d->height);
        const int64_t count_h = counted(top, d->kernel_height, d->dilation_h, -margin_h, end_h);
        for (int64_t q = 0; q < d->out_width; q++) {
            const int64_t left = q * d->stride_w - d->pad_left;
            const struct taps columns =
                clipped_taps(left, d->kernel_width, d->dilation_w, 0, d->width);
            const float *window = x + n * d->x.image + top * d->x.row + left * d->x.pixel;
            float *out = y + n * d->y.image + p * d->y.row + q * d->y.pixel;
            if (rows.end - rows.first == d->kernel_height &&
                columns.end - columns.first == d->kernel_width)
                pool_pixel(d, out, window, all_rows, all_columns, whole, epilogue, operands, n, p,
                           q);
            else
                pool_pixel(d, out, window, rows, columns,
                           (float)(count_h *
                                   counted(left, d->kernel_width, d->dilation_w, -margin_w, end_w)),
                           epilogue, operands, n, p, q);
        }
    }
}

CNN_PRIMITIVE void cnn_pool(const struct cnn_pool *d, float *y, const float *x,
                            cnn_epilogue *epilogue, const float *const *operands) {
    cnn_pool_part(d, y, x, epilogue, operands, 0, cnn_pool_pieces(d));
}

/* One output pixel n, p, q: where the largest value of the window rows x columns from `start` on
 * is; `place` is that of its first tap, which may lie outside. */
CNN_INLINE void pool_indices_pixel(const struct cnn_pool *d, float *y, const float *start,
                                   struct taps rows, struct taps columns, int64_t place,
                                   cnn_epilogue *epilogue, const float *const *operands, int64_t n,
                                   int64_t p, int64_t q) {
    const int64_t step_h = d->dilation_h * d->x.row, step_w = d->dilation_w * d->x.pixel;
    const int64_t place_h = d->dilation_h * d->width, place_w = d->dilation_w;
    const bool empty = rows.first >= rows.end || columns.first >= columns.end;
    const int64_t first = empty ? -1 : place + rows.first * place_h + columns.first * place_w;
    CNN_FOR_VECTORS(d->channels, {
        cnn_vector largest = splat(-__builtin_inff()), found = splat((float)first);
        for (int64_t r = rows.first; r < rows.end; r++)
            for (int64_t s = columns.first; s < columns.end; s++) {
                const cnn_vector value = load_lanes(start + r * step_h + s * step_w + i, lanes);
                const cnn_mask better = (value > largest) | (is_nan(value) & ~is_nan(largest));
                largest = choose(better, value, largest);
                found = choose(better, splat((float)(place + r * place_h + s * place_w)), found);
            }
        store_lanes(y + i, epilogue(found, operands, n, p, q, i, lanes), lanes);
    });
}

CNN_PRIMITIVE void cnn_pool_indices_part(const struct cnn_pool *d, float *y, const float *x,
                                         cnn_epilogue *epilogue, const float *const *operands,
                                         int64_t first, int64_t end) {
    for (int64_t row = first; row < end; row++) {
        const int64_t n = row / d->out_height, p = row % d->out_height;
        const int64_t top = p * d->stride_h - d->pad_top;
        const struct taps rows = clipped_taps(top, d->kernel_height, d->dilation_h, 0, d->height);
        for (int64_t q = 0; q < d->out_width; q++) {
            const int64_t left = q * d->stride_w - d->pad_left;
            const struct taps columns =
                clipped_taps(left, d->kernel_width, d->dilation_w, 0, d->width);
            pool_indices_pixel(d, y + n * d->y.image + p * d->y.row + q * d->y.pixel,
                               x + n * d->x.image + top * d->x.row + left * d->x.pixel, rows,
                               columns, top * d->width + left, epilogue, operands, n, p, q);
        }
    }
}

CNN_PRIMITIVE void cnn_pool_indices(const struct cnn_pool *d, float *y, const float *x,
                                    cnn_epilogue *epilogue, const float *const *operands) {
    cnn_pool_indices_part(d, y, x, epilogue, operands, 0, cnn_pool_pieces(d));
}
