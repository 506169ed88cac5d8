/* Winograd convolution against the definition of convolution: within the bound of its roundings,
 * and equal for small integers where the matrices are of halves; its matrices against the identity
 * that makes them a convolution. */
#include "tests/unit/kernels.h"

static int64_t round_up(int64_t value, int64_t multiple) {
    return (value + multiple - 1) / multiple * multiple;
}

/* sum over the points of a[.][j] g[.][s] b[.][i] is 1 where i = j + s, else 0: output j is the sum
 * over s of input j + s times tap s. */
static int64_t matrices_case(struct random *random, bool whole UNUSED, bool at_end UNUSED) {
    int tile = (int)between(random, 1, 3) * 2;
    const struct naive_winograd_matrices m = naive_winograd_matrices(tile);
    for (int j = 0; j < tile; j++)
        for (int s = 0; s < 3; s++)
            for (int i = 0; i < tile + 2; i++) {
                double sum = 0;
                for (int t = 0; t < tile + 2; t++)
                    sum += m.a[t][j] * m.g[t][s] * m.b[t][i];
                if (fabs(sum - (i == j + s)) > 0x1p-48) {
                    printf("  tile %d: output %d has input %d times %g of tap %d\n", tile, j, i,
                           sum, s);
                    return 1;
                }
            }
    return 0;
}

static struct guarded packed_winograd(const struct cnn_winograd *d, const double *weights,
                                      bool at_end) {
    const struct naive_winograd_matrices m = naive_winograd_matrices((int)d->tile);
    int64_t block = d->tile_vectors * CNN_VECTOR, padded = round_up(d->out_channels, block);
    int64_t points = (d->tile + 2) * (d->tile + 2);
    struct guarded packed = guard(points * padded * d->channels, at_end);
    for (int64_t k = 0; k < padded; k++)
        for (int64_t c = 0; c < d->channels; c++) {
            double u[NAIVE_WINOGRAD_SIDE * NAIVE_WINOGRAD_SIDE] = {0};
            if (k < d->out_channels)
                naive_winograd_filter(u, &m, (int)d->tile, weights + (k * d->channels + c) * 9);
            float *to =
                packed.data + k / block * points * d->channels * block + c * block + k % block;
            for (int64_t i = 0; i < points; i++)
                to[i * d->channels * block] = (float)u[i];
        }
    return packed;
}

static int64_t winograd_case(struct random *random, bool whole, bool at_end) {
    int64_t gap = between(random, 0, 1) * between(random, 0, 5);
    struct cnn_winograd d = {
        .tile = between(random, 1, 3) * 2,
        .batch = between(random, 1, 2),
        .out_height = between(random, 1, 14),
        .out_width = between(random, 1, 14),
        .channels = between(random, 1, 2 * CNN_VECTOR + 3),
        .out_channels = between(random, 1, 3 * CNN_VECTOR + 5),
        .block = between(random, 1, 9),
        .tile_pixels = between(random, 1, 6),
        .tile_vectors = between(random, 1, 4),
        .fetch = between(random, 0, 2),
        .split_channels = between(random, 0, 1),
    };
    const struct naive_window window = {{3, 3}, {1, 1}, {1, 1}, {0, 0, 0, 0}};
    struct tensor x =
        new_tensor(d.batch, d.out_height + 2, d.out_width + 2, d.channels, gap, at_end);
    struct tensor y = new_tensor(d.batch, d.out_height, d.out_width, d.out_channels, gap, at_end);
    d.x = x.strides;
    d.y = y.strides;
    fill_tensor(&x, random, whole);
    int64_t terms = 9 * d.channels;
    double *weights = malloc((size_t)(d.out_channels * terms) * sizeof *weights);
    for (int64_t i = 0; i < d.out_channels * terms; i++)
        weights[i] = random_value(random, whole);
    struct guarded packed = packed_winograd(&d, weights, at_end);
    struct guarded scratch = guard(cnn_winograd_floats(&d, CNN_VECTOR), true);

    double *values = dense(&x), *expected = new_doubles(y.shape), *sizes = new_doubles(y.shape);
    naive_conv(expected, NULL, y.shape, values, x.shape, weights, NULL, &window, 1, NAIVE_ZEROS);
    naive_winograd(sizes, y.shape, values, x.shape, weights, &window, NAIVE_ZEROS, (int)d.tile);
    struct tensor residual = add_to_expected(&y, random, whole, at_end, expected, sizes);
    const float *operands[] = {residual.memory.data, (const float *)(const void *)y.shape};
    int64_t pieces = cnn_winograd_pieces(&d, CNN_VECTOR), cut = random_cut(random, pieces);
    if (cut == WHOLE)
        cnn_winograd(&d, y.memory.data, x.memory.data, packed.data, scratch.data, add_residual,
                     operands);
    else
        FOR_PARTS(cut, pieces,
                  cnn_winograd_part(&d, y.memory.data, x.memory.data, packed.data, scratch.data,
                                    add_residual, operands, first, end));
    bool exact = whole && d.tile == 2; /* quarters of integers far below 2^24 */
    double bound = gamma_bound(naive_winograd_roundings(d.channels, (int)d.tile));
    int64_t wrong = wrong_values(&y, expected, sizes, exact ? 0 : bound);

    free(weights), free(values), free(expected), free(sizes);
    unguard(&packed), unguard(&scratch), unguard(&x.memory), unguard(&y.memory);
    unguard(&residual.memory);
    return wrong;
}

int main(void) {
    static const struct kernel_test tests[] = {
        {"winograd matrices", matrices_case, 20}, {"winograd", winograd_case, 600}, {.name = NULL}};
    return run_tests(tests);
}
