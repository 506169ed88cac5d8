/* What local response normalisation (Krizhevsky et al., 2012) divides by a power of: each channel's
 * square and those of its neighbours, summed. The epilogue does the rest. */
#include "runtime/kernels/vector.h"

/* Channels first..first+lanes-1 of `count`; 0 where there is none. */
CNN_INLINE cnn_vector load_existing(const float *x, int64_t first, int64_t count, int64_t lanes) {
    if (first >= 0 && first + lanes <= count)
        return load_lanes(x + first, lanes);
    cnn_vector v = {0};
    for (int64_t i = 0; i < lanes; i++)
        if (first + i >= 0 && first + i < count)
            v[i] = x[first + i];
    return v;
}

CNN_PRIMITIVE void cnn_lrn_part(const struct cnn_lrn *d, float *y, const float *x,
                                cnn_epilogue *epilogue, const float *const *operands, int64_t begin,
                                int64_t end) {
    for (int64_t row = begin; row < end; row++) {
        const int64_t n = row / d->height, h = row % d->height;
        for (int64_t w = 0; w < d->width; w++) {
            const float *in = x + n * d->x.image + h * d->x.row + w * d->x.pixel;
            float *out = y + n * d->y.image + h * d->y.row + w * d->y.pixel;
            CNN_FOR_VECTORS(d->channels, {
                cnn_vector sum = splat(0);
                const int64_t first = larger(-d->before, 1 - i - lanes);
                const int64_t last = smaller(d->after, d->channels - 1 - i);
                for (int64_t k = first; k <= last; k++) {
                    const cnn_vector v = load_existing(in, i + k, d->channels, lanes);
                    sum += v * v;
                }
                store_lanes(out + i, epilogue(sum, operands, n, h, w, i, lanes), lanes);
            });
        }
    }
}

CNN_PRIMITIVE void cnn_lrn(const struct cnn_lrn *d, float *y, const float *x,
                           cnn_epilogue *epilogue, const float *const *operands) {
    cnn_lrn_part(d, y, x, epilogue, operands, 0, cnn_lrn_pieces(d));
}
