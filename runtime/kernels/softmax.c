/* e^(x - m) / sum of e^(x - m), m the largest x along the axis; or the logarithm of it. */
#include "runtime/kernels/math.h"
#include "runtime/kernels/pieces.h"

CNN_INLINE cnn_vector larger_vector(cnn_vector a, cnn_vector b) {
    return choose(b > a, b, a);
}

/* `count` values `step` apart, for each of the lanes by itself. */
CNN_INLINE void softmax_lanes(int64_t kind, float *y, int64_t y_step, const float *x,
                              int64_t x_step, int64_t count, int64_t lanes) {
    cnn_vector most = load_lanes(x, lanes), sum = splat(0);
    for (int64_t j = 1; j < count; j++)
        most = larger_vector(most, load_lanes(x + j * x_step, lanes));
    for (int64_t j = 0; j < count; j++) {
        const cnn_vector e = vector_exp(load_lanes(x + j * x_step, lanes) - most);
        sum += e;
        if (kind == CNN_SOFTMAX)
            store_lanes(y + j * y_step, e, lanes);
    }
    const cnn_vector log = vector_log(sum);
    for (int64_t j = 0; j < count; j++) {
        const cnn_vector value = kind == CNN_SOFTMAX
                                     ? load_lanes(y + j * y_step, lanes) / sum
                                     : load_lanes(x + j * x_step, lanes) - most - log;
        store_lanes(y + j * y_step, value, lanes);
    }
}

/* The first `lanes` values at x; the lanes beyond count for nothing. */
CNN_INLINE cnn_vector load_or_nothing(const float *x, int64_t lanes) {
    cnn_vector v = splat(-__builtin_inff());
    if (lanes == CNN_VECTOR)
        v = load(x);
    else
        __builtin_memcpy(&v, x, (size_t)lanes * sizeof(float));
    return v;
}

/* One row of `count` contiguous values. */
CNN_INLINE void softmax_row(int64_t kind, float *y, const float *x, int64_t count) {
    cnn_vector mosts = splat(-__builtin_inff()), sums = splat(0);
    CNN_FOR_VECTORS(count, mosts = larger_vector(mosts, load_or_nothing(x + i, lanes)));
    float most = mosts[0];
    for (int i = 1; i < CNN_VECTOR; i++)
        most = mosts[i] > most ? mosts[i] : most;
    CNN_FOR_VECTORS(count, {
        const cnn_vector e = vector_exp(load_or_nothing(x + i, lanes) - most);
        sums += e;
        if (kind == CNN_SOFTMAX)
            store_lanes(y + i, e, lanes);
    });
    float sum = 0;
    for (int i = 0; i < CNN_VECTOR; i++)
        sum += sums[i];
    const cnn_vector log = vector_log(splat(sum));
    CNN_FOR_VECTORS(count, {
        const cnn_vector value = kind == CNN_SOFTMAX ? load_lanes(y + i, lanes) / sum
                                                     : load_lanes(x + i, lanes) - most - log;
        store_lanes(y + i, value, lanes);
    });
}

CNN_PRIMITIVE void cnn_softmax_part(const struct cnn_softmax *d, float *y, const float *x,
                                    int64_t first, int64_t end) {
    const bool of_rows = d->axis == CNN_AXIS_HEIGHT, of_channels = d->axis == CNN_AXIS_CHANNELS;
    const int64_t count = of_rows ? d->height : d->width;
    const int64_t y_step = of_rows ? d->y.row : d->y.pixel;
    const int64_t x_step = of_rows ? d->x.row : d->x.pixel;
    const struct cnn_extent pieces = cnn_softmax_pieces(d);
    struct piece at = piece_at(first, &pieces);
    for (int64_t piece = first; piece < end; piece++, at = next_piece(at, &pieces)) {
        const float *in = x + offset_of(at, &d->x) + at.c * CNN_RUN;
        float *out = y + offset_of(at, &d->y) + at.c * CNN_RUN;
        if (of_channels)
            softmax_row(d->kind, out, in, d->channels);
        else
            CNN_FOR_VECTORS_OF_RUN(
                at.c, d->channels,
                softmax_lanes(d->kind, out + i, y_step, in + i, x_step, count, lanes));
    }
}

CNN_PRIMITIVE void cnn_softmax(const struct cnn_softmax *d, float *y, const float *x) {
    cnn_softmax_part(d, y, x, 0, cnn_extent_count(cnn_softmax_pieces(d)));
}
