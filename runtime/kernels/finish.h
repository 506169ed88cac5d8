/* What sums become on their way from registers to the output. */
#ifndef CNN_KERNELS_FINISH_H
#define CNN_KERNELS_FINISH_H

#include "runtime/kernels/vector.h"

/* Each of the first `count` sums of a tile: lets the body use its number i and its value `sum`. A
 * long epilogue runs in a loop, so that its constants stay in registers; then the sums, which are
 * registers themselves, are kept in memory. */
#define CNN_FOR_SUMS(is_long, sums, count, ...)                                                    \
    do {                                                                                           \
        if (is_long) {                                                                             \
            cnn_vector kept[CNN_MAX_TILE_PIXELS];                                                  \
            CNN_UNROLL                                                                             \
            for (int64_t i = 0; i < (count); i++)                                                  \
                kept[i] = (sums)[i];                                                               \
            CNN_ROLLED                                                                             \
            for (int64_t i = 0; i < (count); i++) {                                                \
                const cnn_vector sum = kept[i];                                                    \
                __VA_ARGS__;                                                                       \
            }                                                                                      \
        } else {                                                                                   \
            CNN_UNROLL                                                                             \
            for (int64_t i = 0; i < (count); i++) {                                                \
                const cnn_vector sum = (sums)[i];                                                  \
                __VA_ARGS__;                                                                       \
            }                                                                                      \
        }                                                                                          \
    } while (0)

/* The epilogue of the sums of `pixels` outputs from n, p, q on, channels c..c+lanes-1, which go to
 * y, y + step, ... */
CNN_INLINE void finish_pixels(bool is_long, float *y, int64_t step, const cnn_vector *sums,
                              cnn_epilogue *epilogue, const float *const *operands, int64_t n,
                              int64_t p, int64_t q, int64_t c, int64_t pixels, int64_t lanes) {
    CNN_FOR_SUMS(is_long, sums, pixels,
                 store_lanes(y + i * step, epilogue(sum, operands, n, p, q + i, c, lanes), lanes));
}

#endif
