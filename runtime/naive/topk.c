/* The largest values along an axis, by sorting. */
#include <math.h>
#include <stdlib.h>

#include "runtime/naive/index.h"

struct entry {
    double value;
    int64_t place, rank;
};

/* NaN first, then from the largest value on; of equals the lesser rank. */
static int in_order(const void *left, const void *right) {
    const struct entry *a = left, *b = right;
    if (isnan(a->value) != isnan(b->value))
        return isnan(a->value) ? -1 : 1;
    if (!isnan(a->value) && a->value != b->value)
        return a->value > b->value ? -1 : 1;
    return a->rank < b->rank ? -1 : 1;
}

void naive_topk(double *y, const int64_t y_shape[4], const double *x, const int64_t x_shape[4],
                int axis, bool smallest, bool indices, bool last) {
    struct entry *line = malloc((size_t)x_shape[axis] * sizeof *line);
    FOR_EACH(y_shape) {
        int64_t place[4] = {n, h, w, c};
        const int64_t j = place[axis];
        for (int64_t i = 0; i < x_shape[axis]; i++) {
            place[axis] = i;
            double value = x[at(x_shape, place[N], place[H], place[W], place[C])];
            line[i] = (struct entry){smallest ? -value : value, i, last ? -i : i};
        }
        qsort(line, (size_t)x_shape[axis], sizeof *line, in_order);
        y[at(y_shape, n, h, w, c)] = indices    ? (double)line[j].place
                                     : smallest ? -line[j].value
                                                : line[j].value;
    }
    free(line);
}
