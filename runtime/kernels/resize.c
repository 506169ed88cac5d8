/* Enlarging and shrinking: every output position is a quotient of integers in the input. */
#include "runtime/kernels/vector.h"

/* Between input rows (or columns) `low` and `high`, `part` of the way. */
struct position {
    int64_t low, high;
    float part;
};

/* Of output row (or column) i of `out`, in an input of `in`. */
CNN_INLINE struct position bilinear_position(int64_t align, int64_t i, int64_t in, int64_t out) {
    const bool corners = align == CNN_ALIGN_CORNERS;
    const int64_t numerator =
        corners ? (out == 1 ? 0 : i * (in - 1)) : larger((2 * i + 1) * in - out, 0);
    const int64_t denominator = corners ? larger(out - 1, 1) : 2 * out;
    const int64_t low = numerator / denominator;
    return (struct position){low, smaller(low + 1, in - 1),
                             (float)(numerator % denominator) / (float)denominator};
}

CNN_INLINE cnn_vector mixed(cnn_vector a, cnn_vector b, float part) {
    return a * (1 - part) + b * part;
}

CNN_INLINE void bilinear_pixel(const struct cnn_resize *d, float *y, const float *x,
                               cnn_epilogue *epilogue, const float *const *operands, int64_t n,
                               int64_t p, int64_t q, struct position h) {
    const struct position w = bilinear_position(d->align, q, d->width, d->out_width);
    const float *low = x + h.low * d->x.row, *high = x + h.high * d->x.row;
    const int64_t left = w.low * d->x.pixel, right = w.high * d->x.pixel;
    CNN_FOR_VECTORS(d->channels, {
        const cnn_vector above =
            mixed(load_lanes(low + left + i, lanes), load_lanes(low + right + i, lanes), w.part);
        const cnn_vector below =
            mixed(load_lanes(high + left + i, lanes), load_lanes(high + right + i, lanes), w.part);
        const cnn_vector value = mixed(above, below, h.part);
        store_lanes(y + i, epilogue(value, operands, n, p, q, i, lanes), lanes);
    });
}

CNN_INLINE void nearest_pixel(const struct cnn_resize *d, float *y, const float *x,
                              cnn_epilogue *epilogue, const float *const *operands, int64_t n,
                              int64_t p, int64_t q) {
    x += p * d->height / d->out_height * d->x.row + q * d->width / d->out_width * d->x.pixel;
    CNN_FOR_VECTORS(d->channels, {
        const cnn_vector value = load_lanes(x + i, lanes);
        store_lanes(y + i, epilogue(value, operands, n, p, q, i, lanes), lanes);
    });
}

CNN_PRIMITIVE void cnn_resize_part(const struct cnn_resize *d, float *y, const float *x,
                                   cnn_epilogue *epilogue, const float *const *operands,
                                   int64_t first, int64_t end) {
    for (int64_t piece = first; piece < end; piece++) {
        const int64_t n = piece / d->out_height, p = piece % d->out_height;
        const float *image = x + n * d->x.image;
        float *row = y + n * d->y.image + p * d->y.row;
        const struct position h = bilinear_position(d->align, p, d->height, d->out_height);
        for (int64_t q = 0; q < d->out_width; q++)
            if (d->mode == CNN_RESIZE_NEAREST)
                nearest_pixel(d, row + q * d->y.pixel, image, epilogue, operands, n, p, q);
            else
                bilinear_pixel(d, row + q * d->y.pixel, image, epilogue, operands, n, p, q, h);
    }
}

CNN_PRIMITIVE void cnn_resize(const struct cnn_resize *d, float *y, const float *x,
                              cnn_epilogue *epilogue, const float *const *operands) {
    cnn_resize_part(d, y, x, epilogue, operands, 0, cnn_resize_pieces(d));
}
