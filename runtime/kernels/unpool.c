/* Values put where indices say, one after the other: an index is data, so nothing is written before
 * it was seen to lie in the picture. */
#include "runtime/kernels/math.h"

CNN_INLINE void clear_image(const struct cnn_unpool *d, float *y) {
    for (int64_t p = 0; p < d->out_height; p++)
        for (int64_t q = 0; q < d->out_width; q++) {
            float *pixel = y + p * d->y.row + q * d->y.pixel;
            CNN_FOR_VECTORS(d->channels, store_lanes(pixel + i, splat(0), lanes););
        }
}

CNN_INLINE void put_pixel(const struct cnn_unpool *d, float *y, const float *x,
                          const float *indices) {
    const float end = (float)(d->out_height * d->out_width);
    for (int64_t c = 0; c < d->channels; c++) {
        const float index = indices[c];
        if (!(index >= 0 && index < end)) /* nor NaN */
            continue;
        const int64_t place = (int64_t)index;
        if ((float)place == index)
            y[place / d->out_width * d->y.row + place % d->out_width * d->y.pixel + c] = x[c];
    }
}

CNN_PRIMITIVE void cnn_unpool(const struct cnn_unpool *d, float *y, const float *x,
                              const float *indices) {
    for (int64_t n = 0; n < d->batch; n++) {
        clear_image(d, y + n * d->y.image);
        for (int64_t h = 0; h < d->height; h++)
            for (int64_t w = 0; w < d->width; w++)
                put_pixel(d, y + n * d->y.image, x + n * d->x.image + h * d->x.row + w * d->x.pixel,
                          indices + n * d->indices.image + h * d->indices.row +
                              w * d->indices.pixel);
    }
}
