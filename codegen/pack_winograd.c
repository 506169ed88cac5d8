/* Filters become what Winograd's minimal filtering multiplies with: see struct cnn_winograd. */
#include "codegen/pack.h"
#include "runtime/descriptors.h"

enum { TAPS = 3, MAX_SIDE = CNN_MAX_WINOGRAD + 2 };

/* One row of G: a filter's value at the point t, over the product of t's distances from the other
 * points. */
static void filter_row(double *row, double t, double distances) {
    row[0] = 1 / distances;
    row[1] = t / distances;
    row[2] = t * t / distances;
}

/* The product of t - other over all finite points but t itself, which may be 0 or one of p, -p. */
static double distances_from(double t, const double *points, int64_t pairs) {
    double product = t == 0 ? 1 : t;
    for (int64_t i = 0; i < pairs; i++)
        product *= points[i] * points[i] == t * t ? 2 * t : t * t - points[i] * points[i];
    return product;
}

/* G: the points 0, p and -p of each pair, infinity. */
static void filter_matrix(double g[MAX_SIDE][TAPS], int64_t tile) {
    const double *points = CNN_WINOGRAD_POINTS(tile);
    int64_t pairs = tile / 2;
    filter_row(g[0], 0, distances_from(0, points, pairs));
    for (int64_t i = 0; i < 2 * pairs; i++) {
        double t = i % 2 ? -points[i / 2] : points[i / 2];
        filter_row(g[1 + i], t, distances_from(t, points, pairs));
    }
    g[tile + 1][0] = g[tile + 1][1] = 0;
    g[tile + 1][2] = 1;
}

/* to = G f G^T, each value `pitch` floats behind the one before. */
static void transform_filter(float *to, int64_t pitch, const double g[MAX_SIDE][TAPS],
                             const float *f, int64_t side) {
    for (int64_t i = 0; i < side; i++) {
        double row[TAPS];
        for (int s = 0; s < TAPS; s++)
            row[s] = g[i][0] * (double)f[s] + g[i][1] * (double)f[TAPS + s] +
                     g[i][2] * (double)f[2 * TAPS + s];
        for (int64_t j = 0; j < side; j++, to += pitch)
            *to = (float)(g[j][0] * row[0] + g[j][1] * row[1] + g[j][2] * row[2]);
    }
}

float *pack_winograd(struct arena *arena, const struct tensor *tensor, const int64_t *layout,
                     int64_t *count) {
    const struct winograd_packing *p = (const struct winograd_packing *)layout;
    int64_t filters = tensor->dimensions[0], channels = tensor->dimensions[1];
    int64_t side = p->tile + 2, panels = (filters + p->block - 1) / p->block;
    int64_t pitch = channels * p->block;
    double g[MAX_SIDE][TAPS];
    filter_matrix(g, p->tile);
    *count = panels * side * side * pitch;
    float *packed = ARENA_ARRAY(arena, float, *count);
    for (int64_t k = 0; k < filters; k++)
        for (int64_t c = 0; c < channels; c++) {
            int64_t at = k / p->block * side * side * pitch + c * p->block + k % p->block;
            transform_filter(packed + at, pitch, g, tensor->data + (k * channels + c) * TAPS * TAPS,
                             side);
        }
    return packed;
}
