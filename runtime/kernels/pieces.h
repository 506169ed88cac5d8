/* The pieces of layers over axes, in the order of images, rows, columns and channels, from any of
 * them on. */
#ifndef CNN_KERNELS_PIECES_H
#define CNN_KERNELS_PIECES_H

#include "runtime/kernels/vector.h"

struct piece {
    int64_t n, h, w, c;
};

/* The i-th of them. */
CNN_INLINE struct piece piece_at(int64_t i, const struct cnn_extent *of) {
    const int64_t pixel = i / of->channels, row = pixel / of->width;
    return (struct piece){row / of->height, row % of->height, pixel % of->width, i % of->channels};
}

CNN_INLINE struct piece next_piece(struct piece p, const struct cnn_extent *of) {
    if (++p.c < of->channels)
        return p;
    p.c = 0;
    if (++p.w < of->width)
        return p;
    p.w = 0;
    if (++p.h < of->height)
        return p;
    p.h = 0;
    p.n++;
    return p;
}

CNN_INLINE int64_t offset_of(struct piece p, const struct cnn_strides *strides) {
    return p.n * strides->image + p.h * strides->row + p.w * strides->pixel;
}

/* Each vector of the run, from its first channel on, which the body is to add to i. `channels` is
 * how many all runs have: where that is a constant, lanes are. */
#define CNN_FOR_VECTORS_OF_RUN(run, channels, ...)                                                 \
    do {                                                                                           \
        if (((run) + 1) * CNN_RUN <= (channels))                                                   \
            CNN_FOR_VECTORS(CNN_RUN, __VA_ARGS__);                                                 \
        else                                                                                       \
            CNN_FOR_VECTORS((channels) % CNN_RUN, __VA_ARGS__);                                    \
    } while (0)

#endif
