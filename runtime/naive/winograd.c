/* Winograd's minimal filtering from its definition: a polynomial of degree m+1, the product of one
 * of degree m-1 and one of degree 2, follows from its values at m+1 points and its leading
 * coefficient; what that says about a product, transposed, is said about a convolution (Toom, Cook;
 * Winograd, Arithmetic Complexity of Computations, 1980; Lavin and Gray, 2015). */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/naive/index.h"

enum { TAPS = 3, MAX_SIDE = NAIVE_WINOGRAD_SIDE };

/* The finite points, in the order of struct cnn_winograd. */
static const double points_2[] = {0, 1, -1}, points_4[] = {0, 0.75, -0.75, 1.5, -1.5},
                    points_6[] = {0, 1, -1, 0.5, -0.5, 2, -2};

/* Coefficients, from the lowest on, of the product of t - points[i] over all i but `left_out`. */
static void product_of_distances(double *coefficients, const double *points, int count,
                                 int left_out) {
    memset(coefficients, 0, MAX_SIDE * sizeof *coefficients);
    coefficients[0] = 1;
    for (int i = 0; i < count; i++) {
        if (i == left_out)
            continue;
        for (int k = MAX_SIDE - 1; k >= 0; k--)
            coefficients[k] = (k ? coefficients[k - 1] : 0) - points[i] * coefficients[k];
    }
}

static double value_at(const double *coefficients, double t) {
    double value = 0;
    for (int k = MAX_SIDE - 1; k >= 0; k--)
        value = value * t + coefficients[k];
    return value;
}

struct naive_winograd_matrices naive_winograd_matrices(int tile) {
    const double *points = tile == 2 ? points_2 : tile == 4 ? points_4 : points_6;
    struct naive_winograd_matrices m = {0};
    int finite = tile + 1;
    for (int i = 0; i < finite; i++) {
        product_of_distances(m.b[i], points, finite, i);
        for (int j = 0; j < tile; j++)
            m.a[i][j] = pow(points[i], j);
        for (int s = 0; s < TAPS; s++)
            m.g[i][s] = pow(points[i], s) / value_at(m.b[i], points[i]);
    }
    product_of_distances(m.b[finite], points, finite, -1);
    m.a[finite][tile - 1] = m.g[finite][TAPS - 1] = 1;
    return m;
}

/* The size of a value where sizes are wanted. */
static double size_if(bool sizes, double value) {
    return sizes ? fabs(value) : value;
}

/* u = G f G^T, or the same of all sizes. */
static void filter(double *u, const struct naive_winograd_matrices *m, int side, const double *f,
                   bool sizes) {
    for (int i = 0; i < side; i++)
        for (int j = 0; j < side; j++) {
            double sum = 0;
            for (int r = 0; r < TAPS; r++)
                for (int s = 0; s < TAPS; s++)
                    sum += size_if(sizes, m->g[i][r] * f[r * TAPS + s] * m->g[j][s]);
            u[i * side + j] = sum;
        }
}

int64_t naive_winograd_roundings(int64_t channels, int tile) {
    return 4 * (tile / 2 + 2) + 1 + channels;
}

void naive_winograd_filter(double *u, const struct naive_winograd_matrices *matrices, int tile,
                           const double g[9]) {
    filter(u, matrices, tile + 2, g, false);
}

/* One value of the input with its padding; zero beyond what any window reads. */
struct picture {
    const double *x;
    const int64_t *shape, *y_shape;
    const struct naive_window *window;
    enum naive_padding mode;
};

static double pixel(const struct picture *p, int64_t n, int64_t h, int64_t w, int64_t c) {
    if (h >= p->y_shape[H] + TAPS - 1 || w >= p->y_shape[W] + TAPS - 1)
        return 0;
    int64_t row = shown(h - p->window->padding[TOP], p->shape[H], p->mode);
    int64_t column = shown(w - p->window->padding[LEFT], p->shape[W], p->mode);
    return row < 0 || column < 0 ? 0 : p->x[at(p->shape, n, row, column, c)];
}

/* v[c] = |B^T| |d| |B| of each channel of the tile whose first output is n, h, w. */
static void input_sizes(double *v, const struct picture *p, const struct naive_winograd_matrices *m,
                        int side, int64_t n, int64_t h, int64_t w) {
    for (int64_t c = 0; c < p->shape[C]; c++)
        for (int i = 0; i < side; i++)
            for (int j = 0; j < side; j++, v++) {
                *v = 0;
                for (int r = 0; r < side; r++)
                    for (int s = 0; s < side; s++)
                        *v += fabs(m->b[i][r] * m->b[j][s] * pixel(p, n, h + r, w + s, c));
            }
}

/* |A^T| r |A| of one tile of channel k, as far as y has outputs there. */
static void output_sizes(double *y, const int64_t *shape, const double *r,
                         const struct naive_winograd_matrices *m, int tile, int64_t n, int64_t h,
                         int64_t w, int64_t k) {
    int side = tile + 2;
    for (int p = 0; p < tile && h + p < shape[H]; p++)
        for (int q = 0; q < tile && w + q < shape[W]; q++) {
            double sum = 0;
            for (int i = 0; i < side; i++)
                for (int j = 0; j < side; j++)
                    sum += fabs(m->a[i][p] * m->a[j][q]) * r[i * side + j];
            y[at(shape, n, h + p, w + q, k)] = sum;
        }
}

void naive_winograd(double *magnitude, const int64_t y_shape[4], const double *x,
                    const int64_t x_shape[4], const double *w, const struct naive_window *window,
                    enum naive_padding mode, int tile) {
    const struct naive_winograd_matrices m = naive_winograd_matrices(tile);
    const struct picture picture = {x, x_shape, y_shape, window, mode};
    int side = tile + 2, points = side * side;
    int64_t channels = x_shape[C];
    double *u = calloc((size_t)(y_shape[C] * channels * points), sizeof *u);
    double *v = calloc((size_t)(channels * points), sizeof *v);
    for (int64_t i = 0; u && i < y_shape[C] * channels; i++)
        filter(u + i * points, &m, side, w + i * TAPS * TAPS, true);
    for (int64_t n = 0; u && v && n < y_shape[N]; n++)
        for (int64_t h = 0; h < y_shape[H]; h += tile)
            for (int64_t q = 0; q < y_shape[W]; q += tile) {
                input_sizes(v, &picture, &m, side, n, h, q);
                for (int64_t k = 0; k < y_shape[C]; k++) {
                    double r[MAX_SIDE * MAX_SIDE] = {0};
                    for (int64_t i = 0; i < channels * points; i++)
                        r[i % points] += u[k * channels * points + i] * v[i];
                    output_sizes(magnitude, y_shape, r, &m, tile, n, h, q, k);
                }
            }
    free(u);
    free(v);
}
