/* Copies between any two arrangements of up to six dimensions. */
#include "runtime/kernels/vector.h"

enum { COPY_DIMENSIONS = 6 };

/* The dimensions from `outer` on. */
CNN_INLINE void copy_inner(const struct cnn_copy *d, float *y, const float *x, int outer) {
    /* the last dimensions, as far as they are contiguous on both sides, are copied as one run */
    int64_t count[COPY_DIMENSIONS], run = 1;
    bool contiguous = true;
    CNN_UNROLL
    for (int i = COPY_DIMENSIONS - 1; i >= 0; i--) {
        count[i] = i < outer ? 1 : d->dimensions[i];
        contiguous =
            contiguous && (count[i] == 1 || (d->x_strides[i] == run && d->y_strides[i] == run));
        if (contiguous) {
            run *= count[i];
            count[i] = 1;
        }
    }
    const int64_t *xs = d->x_strides, *ys = d->y_strides;
    for (int64_t a = 0; a < count[0]; a++)
        for (int64_t b = 0; b < count[1]; b++)
            for (int64_t c = 0; c < count[2]; c++)
                for (int64_t e = 0; e < count[3]; e++)
                    for (int64_t f = 0; f < count[4]; f++)
                        for (int64_t g = 0; g < count[5]; g++) {
                            const float *from = x + a * xs[0] + b * xs[1] + c * xs[2] + e * xs[3] +
                                                f * xs[4] + g * xs[5];
                            float *to = y + a * ys[0] + b * ys[1] + c * ys[2] + e * ys[3] +
                                        f * ys[4] + g * ys[5];
                            CNN_FOR_VECTORS(
                                run, store_lanes(to + i, load_lanes(from + i, lanes), lanes));
                        }
}

CNN_PRIMITIVE void cnn_copy_part(const struct cnn_copy *d, float *y, const float *x, int64_t first,
                                 int64_t end) {
    enum { OUTER = 4 };
    for (int64_t piece = first; piece < end; piece++) {
        int64_t rest = piece, from = 0, to = 0;
        CNN_UNROLL
        for (int i = OUTER - 1; i >= 0; i--) {
            const int64_t at = rest % d->dimensions[i];
            from += at * d->x_strides[i];
            to += at * d->y_strides[i];
            rest /= d->dimensions[i];
        }
        copy_inner(d, y + to, x + from, OUTER);
    }
}

CNN_PRIMITIVE void cnn_copy(const struct cnn_copy *d, float *y, const float *x) {
    copy_inner(d, y, x, 0);
}
