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

/* Each position of a tensor as n, h, w, c. */
#define FOR_EACH(shape)                                                                            \
    for (int64_t n = 0; n < (shape)[N]; n++)                                                       \
        for (int64_t h = 0; h < (shape)[H]; h++)                                                   \
            for (int64_t w = 0; w < (shape)[W]; w++)                                               \
                for (int64_t c = 0; c < (shape)[C]; c++)

#endif
