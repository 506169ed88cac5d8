/* Resampling: along one axis, which units of the input make each unit of a resized picture, and how
 * much of each. */
#ifndef CNNC_IR_RESAMPLING_H
#define CNNC_IR_RESAMPLING_H

#include "ir/graph.h"

/* Unit u of the result is the sum of weights[u * taps + k] times unit first[u] + k of the input,
 * for k = 0 .. taps - 1, all of them inside; or, where first[u] is -1, the layer's `value`. */
struct resampling {
    int64_t units, taps;
    int64_t *first;
    double *weights;
};

/* Along height (axis 0) or width (axis 1), from `in` units to `out`, by the formulas of ONNX's
 * Resize. NULL where the table would be too large. */
const struct resampling *make_resampling(struct arena *arena, const struct attributes *attributes,
                                         int axis, int64_t in, int64_t out);
/* The most that a table may take: weights computed, and numbers kept. */
enum { LIMIT_RESAMPLING = 1 << 22 };

#endif
