/* Sums, means, products and extremes over any of the axes. */
#include "runtime/kernels/gather.h"

CNN_INLINE cnn_vector reduced(const struct cnn_reduce *d, const float *x, int64_t lanes) {
    const cnn_vector all = gathered(d->kind, &d->inner, &d->x, x, splat(0), lanes);
    return d->kind == CNN_MEAN ? all / box_count(&d->inner) : all;
}

CNN_PRIMITIVE void cnn_reduce(const struct cnn_reduce *d, float *y, const float *x,
                              cnn_epilogue *epilogue, const float *const *operands) {
    const int64_t part = d->inner.channels;
    for (int64_t n = 0; n < d->outer.batch; n++)
        for (int64_t h = 0; h < d->outer.height; h++)
            for (int64_t w = 0; w < d->outer.width; w++) {
                const float *in = x + n * d->x.image + h * d->x.row + w * d->x.pixel;
                float *out = y + n * d->y.image + h * d->y.row + w * d->y.pixel;
                if (part == 1)
                    CNN_FOR_VECTORS(d->outer.channels,
                                    store_lanes(out + i,
                                                epilogue(reduced(d, in + i, lanes), operands, n, h,
                                                         w, i, lanes),
                                                lanes));
                else
                    for (int64_t g = 0; g < d->outer.channels; g++)
                        store_lanes(out + g,
                                    epilogue(reduced(d, in + g * part, CNN_VECTOR), operands, n, h,
                                             w, g, 1),
                                    1);
            }
}
