/* What becomes of the values over some axes, against the naive twins. */
#include "tests/unit/kernels.h"

static int64_t random_gap(struct random *random) {
    return between(random, 0, 1) * between(random, 0, 5);
}

static struct tensor random_input(struct random *random, bool whole, bool at_end) {
    struct tensor t =
        new_tensor(between(random, 1, 3), between(random, 1, 5), between(random, 1, 5),
                   between(random, 1, 2 * CNN_RUN + 3), random_gap(random), at_end);
    fill_tensor(&t, random, whole);
    return t;
}

/* Of a tensor of `shape` the boxes over `axes`. */
static void split(const int64_t shape[4], const bool axes[4], struct cnn_extent *outer,
                  struct cnn_extent *inner) {
    *inner = (struct cnn_extent){axes[0] ? shape[0] : 1, axes[1] ? shape[1] : 1,
                                 axes[2] ? shape[2] : 1, axes[3] ? shape[3] : 1};
    *outer = (struct cnn_extent){shape[0] / inner->batch, shape[1] / inner->height,
                                 shape[2] / inner->width, shape[3] / inner->channels};
}

static int64_t reduce_case(struct random *random, bool whole, bool at_end) {
    static const char *const names[] = {
        [CNN_MEAN] = "mean",           [CNN_SUM] = "sum",
        [CNN_PRODUCT] = "reduce_prod", [CNN_SUM_OF_SQUARES] = "reduce_sum_square",
        [CNN_LARGEST] = "reduce_max",  [CNN_SUM_OF_SIZES] = "reduce_l1",
        [CNN_SMALLEST] = "reduce_min"};
    struct tensor x = random_input(random, whole, at_end);
    bool axes[4], extreme;
    for (int axis = 0; axis < 4; axis++)
        axes[axis] = between(random, 0, 1);
    struct cnn_reduce d = {.kind = between(random, CNN_MEAN, CNN_LARGEST), .x = x.strides};
    split(x.shape, axes, &d.outer, &d.inner);
    struct tensor y = new_tensor(d.outer.batch, d.outer.height, d.outer.width, d.outer.channels,
                                 random_gap(random), at_end);
    d.y = y.strides;
    extreme = d.kind == CNN_SMALLEST || d.kind == CNN_LARGEST;
    if (extreme && between(random, 0, 1))
        x.memory.data[position(&x, 0, x.shape[1] / 2, x.shape[2] / 2, 0)] = NAN;

    double *values = dense(&x), *expected = new_doubles(y.shape), *sizes = new_doubles(y.shape);
    int64_t terms = d.inner.batch * d.inner.height * d.inner.width * d.inner.channels;
    naive_reduce(names[d.kind], expected, values, x.shape, axes);
    for (int64_t i = 0; i < x.shape[0] * x.shape[1] * x.shape[2] * x.shape[3]; i++)
        values[i] = fabs(values[i]);
    naive_reduce(names[d.kind], sizes, values, x.shape, axes);
    bool exact = extreme || (whole && d.kind != CNN_MEAN && d.kind != CNN_PRODUCT);
    struct tensor residual = add_to_expected(&y, random, whole || extreme, at_end, expected, sizes);
    const float *operands[] = {residual.memory.data, (const float *)(const void *)y.shape};
    WHOLE_OR_PARTS(
        random, cnn_extent_count(cnn_reduce_pieces(&d)),
        cnn_reduce(&d, y.memory.data, x.memory.data, add_residual, operands),
        cnn_reduce_part(&d, y.memory.data, x.memory.data, add_residual, operands, first, end));
    int64_t wrong = wrong_values(&y, expected, sizes, exact && whole ? 0 : gamma_bound(terms + 1));
    free(values), free(expected), free(sizes);
    unguard(&x.memory), unguard(&y.memory), unguard(&residual.memory);
    return wrong;
}

/* With a mean of `level`: x by itself may be exact, but not its variance. */
static int64_t norm_case(struct random *random, bool whole, bool at_end) {
    struct tensor x = random_input(random, whole, at_end);
    const float level = (float)between(random, 0, 3) * 100, epsilon = whole ? 1 : 1e-5f;
    bool axes[4];
    for (int axis = 0; axis < 4; axis++)
        axes[axis] = between(random, 0, 1);
    struct cnn_norm d = {.kind = between(random, CNN_NORM_DEVIATION, CNN_NORM_SQUARES),
                         .x = x.strides};
    split(x.shape, axes, &d.outer, &d.inner);
    for (int64_t groups = 2; d.inner.channels > 1 && groups < 5; groups++)
        if (d.inner.channels % groups == 0 && between(random, 0, 1)) { /* parts of the channels */
            d.outer.channels *= groups;
            d.inner.channels /= groups;
        }
    FOR_EACH_POSITION(x.shape) x.memory.data[position(&x, n, h, w, c)] += level;
    struct tensor y =
        new_tensor(x.shape[0], x.shape[1], x.shape[2], x.shape[3], random_gap(random), at_end);
    d.y = y.strides;
    const int64_t box[4] = {d.inner.batch, d.inner.height, d.inner.width, d.inner.channels};
    double *values = dense(&x), *expected = new_doubles(y.shape), *sizes = new_doubles(y.shape);
    if (d.kind == CNN_NORM_DEVIATION)
        naive_norm(expected, values, x.shape, box, (double)epsilon);
    else
        naive_lp_norm(expected, values, x.shape, box, d.kind == CNN_NORM_SIZES ? 1 : 2,
                      (double)epsilon);
    /* the mean is off by gamma(terms) of the level, and that is divided by the root of epsilon */
    double root = sqrt((double)epsilon), off = d.kind == CNN_NORM_DEVIATION ? (double)level + 4 : 0;
    for (int64_t i = 0; i < x.shape[0] * x.shape[1] * x.shape[2] * x.shape[3]; i++)
        sizes[i] = 3 * fabs(expected[i]) + off / root * (1 + fabs(expected[i]));
    struct tensor residual = add_to_expected(&y, random, whole, at_end, expected, sizes);
    const float *operands[] = {residual.memory.data, (const float *)(const void *)y.shape};
    WHOLE_OR_PARTS(random, cnn_extent_count(cnn_norm_pieces(&d)),
                   cnn_norm(&d, y.memory.data, x.memory.data, add_residual, operands, epsilon),
                   cnn_norm_part(&d, y.memory.data, x.memory.data, add_residual, operands, epsilon,
                                 first, end));
    int64_t terms = box[0] * box[1] * box[2] * box[3];
    int64_t wrong = wrong_values(&y, expected, sizes, gamma_bound(terms + 4));
    free(values), free(expected), free(sizes);
    unguard(&x.memory), unguard(&y.memory), unguard(&residual.memory);
    return wrong;
}

static int64_t lrn_case(struct random *random, bool whole, bool at_end) {
    struct tensor x = random_input(random, whole, at_end);
    struct tensor y =
        new_tensor(x.shape[0], x.shape[1], x.shape[2], x.shape[3], random_gap(random), at_end);
    int64_t size = between(random, 0, 9) ? between(random, 1, 9) : between(random, 1, 99);
    struct cnn_lrn d = {
        .batch = x.shape[0],
        .height = x.shape[1],
        .width = x.shape[2],
        .channels = x.shape[3],
        .before = (size - 1) / 2,
        .after = size / 2,
        .x = x.strides,
        .y = y.strides,
    };
    double *values = dense(&x), *expected = new_doubles(y.shape), *sizes = new_doubles(y.shape);
    naive_near_squares(expected, values, x.shape, size);
    naive_near_squares(sizes, values, x.shape, size);
    struct tensor residual = add_to_expected(&y, random, whole, at_end, expected, sizes);
    const float *operands[] = {residual.memory.data, (const float *)(const void *)y.shape};
    WHOLE_OR_PARTS(
        random, cnn_lrn_pieces(&d),
        cnn_lrn(&d, y.memory.data, x.memory.data, add_residual, operands),
        cnn_lrn_part(&d, y.memory.data, x.memory.data, add_residual, operands, first, end));
    int64_t wrong = wrong_values(&y, expected, sizes, whole ? 0 : gamma_bound(size + 1));
    free(values), free(expected), free(sizes);
    unguard(&x.memory), unguard(&y.memory), unguard(&residual.memory);
    return wrong;
}

static int64_t topk_case(struct random *random, bool whole, bool at_end) {
    struct tensor x = random_input(random, whole, at_end);
    int axis = (int)between(random, CNN_AXIS_HEIGHT, CNN_AXIS_CHANNELS);
    int64_t k = between(random, 1, x.shape[axis]), s[4];
    memcpy(s, x.shape, sizeof s);
    s[axis] = k;
    struct tensor y = new_tensor(s[0], s[1], s[2], s[3], random_gap(random), at_end);
    for (int i = 0; i < 3 && between(random, 0, 1); i++)
        x.memory.data[position(&x, 0, x.shape[1] / 2, x.shape[2] / 2, i % x.shape[3])] =
            i == 1 ? -INFINITY : NAN;
    struct cnn_topk d = {
        .k = k,
        .axis = axis,
        .indices = between(random, 0, 1),
        .smallest = between(random, 0, 1),
        .last = between(random, 0, 1),
        .batch = x.shape[0],
        .height = x.shape[1],
        .width = x.shape[2],
        .channels = x.shape[3],
        .x = x.strides,
        .y = y.strides,
    };
    double *values = dense(&x), *expected = new_doubles(y.shape);
    naive_topk(expected, y.shape, values, x.shape, axis, d.smallest, d.indices, d.last);
    WHOLE_OR_PARTS(random, cnn_extent_count(cnn_topk_pieces(&d)),
                   cnn_topk(&d, y.memory.data, x.memory.data, unchanged, NULL),
                   cnn_topk_part(&d, y.memory.data, x.memory.data, unchanged, NULL, first, end));
    int64_t wrong = wrong_values(&y, expected, NULL, 0);
    free(values), free(expected);
    unguard(&x.memory), unguard(&y.memory);
    return wrong;
}

int main(void) {
    static const struct kernel_test tests[] = {{"reduce", reduce_case, 600},
                                               {"norm", norm_case, 600},
                                               {"topk", topk_case, 600},
                                               {"lrn", lrn_case, 400},
                                               {.name = NULL}};
    return run_tests(tests);
}
