/* Normalisation of boxes of values, each by itself. With m the mean, n the number of values:
 *
 *     y = (x - m) / sqrt(sum of (x - m)^2 / n + epsilon)      layer norm (Ba et al., 2016),
 * instance norm (Ulyanov et al., 2016), group norm (Wu and He, 2018) y = x / max((sum of
 * |x|^p)^(1/p), epsilon)              p = 1, 2
 *
 * The mean is taken off before anything is squared: the variance of values far from 0 keeps its
 * digits, and is never negative. */
#include "runtime/kernels/gather.h"
#include "runtime/kernels/pieces.h"

/* y = (x - centre) * factor */
struct scaling {
    cnn_vector centre, factor;
};

CNN_INLINE struct scaling scaling_of(const struct cnn_norm *d, const float *x, int64_t channels,
                                     float epsilon) {
    struct scaling s = {splat(0), splat(0)};
    if (d->kind == CNN_NORM_DEVIATION) {
        const float count = box_count(&d->inner);
        s.centre = gathered(CNN_SUM, &d->inner, &d->x, x, splat(0), channels) / count;
        s.factor =
            gathered(CNN_SUM_OF_SQUARES, &d->inner, &d->x, x, s.centre, channels) / count + epsilon;
    } else
        s.factor = gathered(d->kind == CNN_NORM_SIZES ? CNN_SUM_OF_SIZES : CNN_SUM_OF_SQUARES,
                            &d->inner, &d->x, x, s.centre, channels);
    if (d->kind != CNN_NORM_SIZES)
        s.factor = vector_sqrt(s.factor);
    if (d->kind != CNN_NORM_DEVIATION)
        s.factor = at_least(s.factor, epsilon);
    s.factor = 1.0f / s.factor;
    return s;
}

/* The box at a place, or as many as lanes that each have one channel, from channel c on. */
CNN_INLINE void normalize_box(const struct cnn_norm *d, float *y, const float *x,
                              cnn_epilogue *epilogue, const float *const *operands, float epsilon,
                              struct piece at, int64_t c, int64_t channels) {
    const float *box = x + offset_of(at, &d->x) + c;
    float *to = y + offset_of(at, &d->y) + c;
    const struct scaling s = scaling_of(d, box, channels, epsilon);
    for (int64_t a = 0; a < d->inner.batch; a++)
        for (int64_t b = 0; b < d->inner.height; b++)
            for (int64_t e = 0; e < d->inner.width; e++) {
                const float *in = box + a * d->x.image + b * d->x.row + e * d->x.pixel;
                float *out = to + a * d->y.image + b * d->y.row + e * d->y.pixel;
                CNN_FOR_VECTORS(channels, {
                    const cnn_vector v = (load_lanes(in + i, lanes) - s.centre) * s.factor;
                    store_lanes(out + i,
                                epilogue(v, operands, at.n + a, at.h + b, at.w + e, c + i, lanes),
                                lanes);
                });
            }
}

CNN_PRIMITIVE void cnn_norm_part(const struct cnn_norm *d, float *y, const float *x,
                                 cnn_epilogue *epilogue, const float *const *operands,
                                 float epsilon, int64_t first, int64_t end) {
    const int64_t part = d->inner.channels;
    const struct cnn_extent pieces = cnn_norm_pieces(d);
    struct piece at = piece_at(first, &pieces);
    for (int64_t piece = first; piece < end; piece++, at = next_piece(at, &pieces))
        if (part == 1)
            CNN_FOR_VECTORS_OF_RUN(
                at.c, d->outer.channels,
                normalize_box(d, y, x, epilogue, operands, epsilon, at, at.c * CNN_RUN + i, lanes));
        else
            normalize_box(d, y, x, epilogue, operands, epsilon, at, at.c * part, part);
}

CNN_PRIMITIVE void cnn_norm(const struct cnn_norm *d, float *y, const float *x,
                            cnn_epilogue *epilogue, const float *const *operands, float epsilon) {
    cnn_norm_part(d, y, x, epilogue, operands, epsilon, 0, cnn_extent_count(cnn_norm_pieces(d)));
}
