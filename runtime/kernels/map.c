/* Elementwise layers: everything is in the epilogue. */
#include "runtime/kernels/vector.h"

/* The vector of channels that begins at element `at` of x. */
CNN_INLINE cnn_vector load_element(const struct cnn_map *d, const float *x, int64_t at,
                                   int64_t lanes) {
    if (d->x_bytes)
        return load_bytes((const uint8_t *)x + at, d->x_channel, lanes);
    return load_strided(x + at, d->x_channel, lanes);
}

CNN_PRIMITIVE void cnn_map(const struct cnn_map *d, float *y, const float *x,
                           cnn_epilogue *epilogue, const float *const *operands) {
    for (int64_t n = 0; n < d->batch; n++)
        for (int64_t h = 0; h < d->height; h++)
            for (int64_t w = 0; w < d->width; w++) {
                const int64_t in = n * d->x.image + h * d->x.row + w * d->x.pixel;
                float *out = y + n * d->y.image + h * d->y.row + w * d->y.pixel;
                CNN_FOR_VECTORS(d->channels, {
                    const cnn_vector value = load_element(d, x, in + i * d->x_channel, lanes);
                    store_lanes(out + i, epilogue(value, operands, n, h, w, i, lanes), lanes);
                });
            }
}
