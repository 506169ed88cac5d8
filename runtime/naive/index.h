/* Addressing of dense [N, H, W, C] tensors. */
#ifndef CNN_NAIVE_INDEX_H
#define CNN_NAIVE_INDEX_H

#include "runtime/naive.h"

enum { N, H, W, C };
enum { TOP, LEFT, BOTTOM, RIGHT };

static inline int64_t at(const int64_t shape[4], int64_t n, int64_t h, int64_t w, int64_t c) {
    return ((n * shape[H] + h) * shape[W] + w) * shape[C] + c;
}

static inline bool inside(const int64_t shape[4], int64_t h, int64_t w) {
    return h >= 0 && h < shape[H] && w >= 0 && w < shape[W];
}

/* The coordinate in 0..size-1 that coordinate i of the padded axis shows; -1 where that is zero. */
static inline int64_t shown(int64_t i, int64_t size, enum naive_padding mode) {
    if (i >= 0 && i < size)
        return i;
    if (mode == NAIVE_ZEROS)
        return -1;
    if (mode == NAIVE_REPLICATE)
        return i < 0 ? 0 : size - 1;
    if (mode == NAIVE_WRAP)
        return ((i % size) + size) % size;
    return i < 0 ? -i : 2 * (size - 1) - i;
}

/* Each position of a tensor as n, h, w, c. */
#define FOR_EACH(shape)                                                                            \
    for (int64_t n = 0; n < (shape)[N]; n++)                                                       \
        for (int64_t h = 0; h < (shape)[H]; h++)                                                   \
            for (int64_t w = 0; w < (shape)[W]; w++)                                               \
                for (int64_t c = 0; c < (shape)[C]; c++)

#endif
