/* Elementwise layers: everything is in the epilogue. */
#include "runtime/kernels/vector.h"

/* The vector of channels that begins at element `at` of x. */
CNN_INLINE cnn_vector load_element(const struct cnn_map *d, const float *x, int64_t at,
                                   int64_t lanes) {
    if (d->x_bytes)
        return load_bytes((const uint8_t *)x + at, d->x_channel, lanes);
    return load_strided(x + at, d->x_channel, lanes);
}

/* Channels c..end-1 of the pixel n, h, w. */
CNN_INLINE void map_pixel(const struct cnn_map *d, float *y, const float *x, cnn_epilogue *epilogue,
                          const float *const *operands, int64_t n, int64_t h, int64_t w, int64_t c,
                          int64_t end) {
    const int64_t in = n * d->x.image + h * d->x.row + w * d->x.pixel + c * d->x_channel;
    float *out = y + n * d->y.image + h * d->y.row + w * d->y.pixel + c;
    CNN_FOR_VECTORS(end - c, {
        const cnn_vector value = load_element(d, x, in + i * d->x_channel, lanes);
        store_lanes(out + i, epilogue(value, operands, n, h, w, c + i, lanes), lanes);
    });
}

CNN_INLINE void map_rows(const struct cnn_map *d, float *y, const float *x, cnn_epilogue *epilogue,
                         const float *const *operands, int64_t first, int64_t end) {
    for (int64_t row = first; row < end; row++) {
        const int64_t n = which_of(d->batch, d->height, row), h = row - n * d->height;
        for (int64_t w = 0; w < d->width; w++)
            map_pixel(d, y, x, epilogue, operands, n, h, w, 0, d->channels);
    }
}

/* Pieces of the only row. */
CNN_INLINE void map_channels(const struct cnn_map *d, float *y, const float *x,
                             cnn_epilogue *epilogue, const float *const *operands, int64_t first,
                             int64_t end) {
    const int64_t whole = d->channels / CNN_MAP_PIECE, rest = d->channels % CNN_MAP_PIECE;
    for (int64_t i = first; i < end; i++) {
        const int64_t w = i / (whole + (rest != 0)), c = i % (whole + (rest != 0)) * CNN_MAP_PIECE;
        if (c < whole * CNN_MAP_PIECE)
            map_pixel(d, y, x, epilogue, operands, 0, 0, w, c, c + CNN_MAP_PIECE);
        else
            map_pixel(d, y, x, epilogue, operands, 0, 0, w, c, c + rest);
    }
}

CNN_PRIMITIVE void cnn_map_part(const struct cnn_map *d, float *y, const float *x,
                                cnn_epilogue *epilogue, const float *const *operands, int64_t first,
                                int64_t end) {
    if (d->batch * d->height > 1)
        map_rows(d, y, x, epilogue, operands, first, end);
    else
        map_channels(d, y, x, epilogue, operands, first, end);
}

CNN_PRIMITIVE void cnn_map(const struct cnn_map *d, float *y, const float *x,
                           cnn_epilogue *epilogue, const float *const *operands) {
    map_rows(d, y, x, epilogue, operands, 0, d->batch * d->height);
}
