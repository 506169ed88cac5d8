/* What sums become on their way from registers to the output. */
#ifndef CNN_KERNELS_FINISH_H
#define CNN_KERNELS_FINISH_H

#include "runtime/kernels/vector.h"

/* The epilogue of the sums of `pixels` outputs from n, p, q on, channels c..c+lanes-1, which go to
 * y, y + step, ... A long epilogue runs in a loop, so that its constants stay in registers. */
CNN_INLINE void finish_pixels(bool is_long, float *y, int64_t step, const cnn_vector *sums,
                              cnn_epilogue *epilogue, const float *const *operands, int64_t n,
                              int64_t p, int64_t q, int64_t c, int64_t pixels, int64_t lanes) {
    if (is_long) {
        cnn_vector kept[CNN_MAX_TILE_PIXELS]; /* sums itself is registers */
        CNN_UNROLL
        for (int64_t i = 0; i < pixels; i++)
            kept[i] = sums[i];
        CNN_ROLLED
        for (int64_t i = 0; i < pixels; i++)
            store_lanes(y + i * step, epilogue(kept[i], operands, n, p, q + i, c, lanes), lanes);
    } else {
        CNN_UNROLL
        for (int64_t i = 0; i < pixels; i++)
            store_lanes(y + i * step, epilogue(sums[i], operands, n, p, q + i, c, lanes), lanes);
    }
}

#endif
