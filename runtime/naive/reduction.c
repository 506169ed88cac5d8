/* What all values over some axes become. */
#include <math.h>
#include <string.h>

#include "runtime/naive/index.h"

/* The values that become one. */
struct content {
    double count, sum, sizes, squares, powers, product, smallest, largest;
};

static struct content look(const double *x, const int64_t shape[4], const int64_t first[4],
                           const int64_t end[4]) {
    struct content seen = {0, 0, 0, 0, 0, 1, INFINITY, -INFINITY};
    for (int64_t n = first[N]; n < end[N]; n++)
        for (int64_t h = first[H]; h < end[H]; h++)
            for (int64_t w = first[W]; w < end[W]; w++)
                for (int64_t c = first[C]; c < end[C]; c++) {
                    double value = x[at(shape, n, h, w, c)];
                    seen.count++;
                    seen.sum += value;
                    seen.sizes += fabs(value);
                    seen.squares += value * value;
                    seen.powers += exp(value);
                    seen.product *= value;
                    if (isnan(value) || value < seen.smallest) /* what is NaN stays so */
                        seen.smallest = value;
                    if (isnan(value) || value > seen.largest)
                        seen.largest = value;
                }
    return seen;
}

static double result(const char *name, const struct content *seen) {
    const struct {
        const char *name;
        double value;
    } results[] = {
        {"mean", seen->sum / seen->count},  {"sum", seen->sum},
        {"reduce_max", seen->largest},      {"reduce_min", seen->smallest},
        {"reduce_prod", seen->product},     {"reduce_l1", seen->sizes},
        {"reduce_l2", sqrt(seen->squares)}, {"reduce_sum_square", seen->squares},
        {"reduce_log_sum", log(seen->sum)}, {"reduce_log_sum_exp", log(seen->powers)},
    };
    for (size_t i = 0; i < sizeof results / sizeof *results; i++)
        if (strcmp(results[i].name, name) == 0)
            return results[i].value;
    return NAN;
}

void naive_reduce(const char *name, double *y, const double *x, const int64_t shape[4],
                  const bool axes[4]) {
    int64_t y_shape[4];
    for (int axis = 0; axis < 4; axis++)
        y_shape[axis] = axes[axis] ? 1 : shape[axis];
    FOR_EACH(y_shape) {
        int64_t first[4] = {n, h, w, c}, end[4] = {n + 1, h + 1, w + 1, c + 1};
        for (int axis = 0; axis < 4; axis++)
            if (axes[axis])
                end[axis] = shape[axis];
        struct content seen = look(x, shape, first, end);
        y[at(y_shape, n, h, w, c)] = result(name, &seen);
    }
}
