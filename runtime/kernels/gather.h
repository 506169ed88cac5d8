/* What windows and reductions make of several values: each is taken as it is, by its size or
 * squared, and merged with what there is. */
#ifndef CNN_KERNELS_GATHER_H
#define CNN_KERNELS_GATHER_H

#include "runtime/kernels/math.h"

/* What no values become: merging it changes nothing. */
CNN_INLINE float empty(int64_t kind) {
    return kind == CNN_PRODUCT    ? 1
           : kind == CNN_SMALLEST ? __builtin_inff()
           : kind == CNN_LARGEST  ? -__builtin_inff()
                                  : 0;
}

CNN_INLINE cnn_vector taken(int64_t kind, cnn_vector x) {
    return kind == CNN_SUM_OF_SIZES ? absolute(x) : kind == CNN_SUM_OF_SQUARES ? x * x : x;
}

/* The smallest and the largest are NaN where either is. */
CNN_INLINE cnn_vector merged(int64_t kind, cnn_vector a, cnn_vector b) {
    if (kind == CNN_PRODUCT)
        return a * b;
    if (kind == CNN_SMALLEST)
        return choose(is_nan(b), b, choose(b < a, b, a));
    if (kind == CNN_LARGEST)
        return choose(is_nan(b), b, choose(b > a, b, a));
    return a + b;
}

/* Every lane: all of a, merged. */
CNN_INLINE cnn_vector merged_lanes(int64_t kind, cnn_vector a) {
    cnn_vector all = splat(a[0]);
    CNN_UNROLL
    for (int i = 1; i < CNN_VECTOR; i++)
        all = merged(kind, all, splat(a[i]));
    return all;
}

/* The first lanes of a; beyond them, of no effect. */
CNN_INLINE cnn_vector first_lanes(int64_t kind, cnn_vector a, int64_t lanes) {
    if (lanes == CNN_VECTOR)
        return a;
    cnn_vector v = splat(empty(kind));
    __builtin_memcpy(&v, &a, (size_t)lanes * sizeof(float));
    return v;
}

/* What the pixel at `at`, less `centre`, adds: its `channels` by themselves, or as one. */
CNN_INLINE cnn_vector merged_pixel(int64_t kind, cnn_vector so_far, const float *at,
                                   cnn_vector centre, int64_t part, int64_t channels) {
    if (part == 1)
        return merged(kind, so_far, taken(kind, load_lanes(at, channels) - centre));
    CNN_FOR_VECTORS(part, {
        const cnn_vector v = taken(kind, load_lanes(at + i, lanes) - centre);
        so_far = merged(kind, so_far, first_lanes(kind, v, lanes));
    });
    return so_far;
}

/* What the values of a box at x, less `centre`, become. A box of one channel does so for each of
 * the `channels` from x on by itself, up to a vector of them; one of several for all together, in
 * every lane. Rows are merged by themselves first: so a sum's error grows with their length and
 * number, not with the product. */
CNN_INLINE cnn_vector gathered(int64_t kind, const struct cnn_extent *box,
                               const struct cnn_strides *strides, const float *x, cnn_vector centre,
                               int64_t channels) {
    cnn_vector all = splat(empty(kind));
    for (int64_t n = 0; n < box->batch; n++)
        for (int64_t h = 0; h < box->height; h++) {
            const float *at = x + n * strides->image + h * strides->row;
            cnn_vector row = splat(empty(kind));
            for (int64_t w = 0; w < box->width; w++)
                row = merged_pixel(kind, row, at + w * strides->pixel, centre, box->channels,
                                   channels);
            all = merged(kind, all, row);
        }
    return box->channels == 1 ? all : merged_lanes(kind, all);
}

CNN_INLINE float box_count(const struct cnn_extent *box) {
    return (float)(box->batch * box->height * box->width * box->channels);
}

#endif
