/* 3x3 convolutions by Winograd's minimal filtering: the inputs of a block of tiles are transformed
 * into (m+2)^2 matrices [tiles][C]. Then, panel by panel of output channels, each is multiplied by
 * its matrix of weights [C][B] as a 1x1 convolution, and the products are transformed back into m x
 * m outputs each. A block is chosen so that its matrices stay in a near cache. */
#include "runtime/kernels/vector.h"

enum { MAX_SIDE = CNN_MAX_WINOGRAD + 2 };

/* --- one line of a tile: m + 2 values to as many points, and the products there to m outputs ---
 *
 * A row of B^T has the coefficients of the product of t - s over all finite points s; the row of
 * point p leaves p itself out. What p and -p share, the even and the odd terms, is summed once. */

/* Points 0, 1, -1, infinity: t^2 - 1; t^2 + t, t^2 - t; t^3 - t. */
CNN_INLINE void input_line_2(cnn_vector *to, const cnn_vector *d) {
    to[0] = d[2] - d[0];
    to[1] = d[2] + d[1];
    to[2] = d[2] - d[1];
    to[3] = d[3] - d[1];
}

/* Points 0, a, -a, b, -b, infinity: (t^2 - a^2) (t^2 - b^2); t (t +- a) (t^2 - b^2);
 * t (t +- b) (t^2 - a^2); t (t^2 - a^2) (t^2 - b^2). */
CNN_INLINE void input_line_4(cnn_vector *to, const cnn_vector *d) {
    const float a = (float)CNN_WINOGRAD_POINTS(4)[0], b = (float)CNN_WINOGRAD_POINTS(4)[1];
    const float sum = a * a + b * b, product = a * a * b * b;
    const cnn_vector even_a = d[4] - b * b * d[2], odd_a = d[3] - b * b * d[1];
    const cnn_vector even_b = d[4] - a * a * d[2], odd_b = d[3] - a * a * d[1];
    to[0] = d[4] - sum * d[2] + product * d[0];
    to[1] = even_a + a * odd_a;
    to[2] = even_a - a * odd_a;
    to[3] = even_b + b * odd_b;
    to[4] = even_b - b * odd_b;
    to[5] = d[5] - sum * d[3] + product * d[1];
}

CNN_INLINE void input_line(int64_t m, cnn_vector *to, const cnn_vector *d) {
    if (m == 2)
        input_line_2(to, d);
    else
        input_line_4(to, d);
}

/* Output j is the sum of s^j times the product at s, over all finite points s; the last has the
 * product at infinity too. */
CNN_INLINE void output_line_2(cnn_vector *to, const cnn_vector *r) {
    to[0] = r[0] + (r[1] + r[2]);
    to[1] = r[3] + (r[1] - r[2]);
}

CNN_INLINE void output_line_4(cnn_vector *to, const cnn_vector *r) {
    const float a = (float)CNN_WINOGRAD_POINTS(4)[0], b = (float)CNN_WINOGRAD_POINTS(4)[1];
    const cnn_vector even_a = r[1] + r[2], odd_a = r[1] - r[2];
    const cnn_vector even_b = r[3] + r[4], odd_b = r[3] - r[4];
    to[0] = r[0] + even_a + even_b;
    to[1] = a * odd_a + b * odd_b;
    to[2] = a * a * even_a + b * b * even_b;
    to[3] = r[5] + a * a * a * odd_a + b * b * b * odd_b;
}

CNN_INLINE void output_line(int64_t m, cnn_vector *to, const cnn_vector *r) {
    if (m == 2)
        output_line_2(to, r);
    else
        output_line_4(to, r);
}

/* --- tiles --- */

/* Where a tile's outputs begin, and how many of them there are: fewer at the right and below. */
struct place {
    int64_t n, p, q, rows, columns;
};

CNN_INLINE struct place tile_place(const struct cnn_winograd *d, int64_t index) {
    const int64_t m = d->tile;
    const int64_t down = (d->out_height + m - 1) / m, across = (d->out_width + m - 1) / m;
    struct place at = {index / (down * across), index / across % down * m, index % across * m, 0,
                       0};
    at.rows = smaller(m, d->out_height - at.p);
    at.columns = smaller(m, d->out_width - at.q);
    return at;
}

CNN_INLINE bool is_whole(const struct cnn_winograd *d, const struct place *at) {
    return (d->out_height % d->tile == 0 || at->rows == d->tile) &&
           (d->out_width % d->tile == 0 || at->columns == d->tile);
}

/* Floats of a pixel in the scratch memory. */
CNN_INLINE int64_t whole_vectors(int64_t channels) {
    return round_up(channels, CNN_VECTOR);
}

CNN_INLINE int64_t input_pitch(const struct cnn_winograd *d) {
    return cnn_winograd_pitch(d->block, whole_vectors(d->channels));
}

/* Channels of a panel: B. */
CNN_INLINE int64_t panel_width(const struct cnn_winograd *d) {
    return d->tile_vectors * CNN_VECTOR;
}

CNN_INLINE int64_t output_pitch(const struct cnn_winograd *d) {
    return cnn_winograd_pitch(d->block, panel_width(d));
}

/* `lanes` channels of one tile: B^T d B. What the input has not is zero. */
CNN_STAGE void input_tile(const struct cnn_winograd *d, float *v, const float *x, int64_t rows,
                          int64_t columns, int64_t lanes) {
    const int64_t side = d->tile + 2, pitch = input_pitch(d);
    cnn_vector columns_done[MAX_SIDE][MAX_SIDE], from[MAX_SIDE], to[MAX_SIDE];
    CNN_ROLLED
    for (int64_t j = 0; j < side; j++) {
        if (j >= 2) { /* what the next tile has and this one has not */
            CNN_UNROLL
            for (int64_t i = 0; i < side; i++)
                __builtin_prefetch(x + i * d->x.row + (j + d->tile) * d->x.pixel);
        }
        CNN_UNROLL
        for (int64_t i = 0; i < side; i++)
            from[i] = i < rows && j < columns ? load_lanes(x + i * d->x.row + j * d->x.pixel, lanes)
                                              : splat(0);
        input_line(d->tile, to, from);
        CNN_UNROLL
        for (int64_t i = 0; i < side; i++)
            columns_done[i][j] = to[i];
    }
    CNN_ROLLED
    for (int64_t i = 0; i < side; i++) {
        input_line(d->tile, to, columns_done[i]);
        CNN_UNROLL
        for (int64_t j = 0; j < side; j++)
            store(v + (i * side + j) * pitch, to[j]);
    }
}

/* The same for all channels of `count` tiles. */
CNN_STAGE void input_block(const struct cnn_winograd *d, float *v, const float *x, int64_t first,
                           int64_t count) {
    const int64_t side = d->tile + 2;
    for (int64_t t = 0; t < count; t++, v += whole_vectors(d->channels)) {
        const struct place at = tile_place(d, first + t);
        const float *from = x + at.n * d->x.image + at.p * d->x.row + at.q * d->x.pixel;
        if (is_whole(d, &at))
            CNN_FOR_VECTORS(d->channels, input_tile(d, v + i, from + i, side, side, lanes));
        else
            CNN_FOR_VECTORS(d->channels,
                            input_tile(d, v + i, from + i, at.rows + 2, at.columns + 2, lanes));
    }
}

/* `lanes` output channels from k on of one tile: A^T r A, and what follows. */
CNN_STAGE void output_tile(const struct cnn_winograd *d, float *y, const float *r,
                           cnn_epilogue *epilogue, const float *const *operands,
                           const struct place *at, int64_t k, int64_t lanes) {
    const int64_t m = d->tile, side = m + 2, pitch = output_pitch(d);
    cnn_vector columns_done[CNN_MAX_WINOGRAD][MAX_SIDE], from[MAX_SIDE], to[CNN_MAX_WINOGRAD];
    CNN_ROLLED
    for (int64_t j = 0; j < side; j++) {
        CNN_UNROLL
        for (int64_t i = 0; i < side; i++)
            from[i] = load(r + (i * side + j) * pitch);
        output_line(m, to, from);
        CNN_UNROLL
        for (int64_t i = 0; i < m; i++)
            columns_done[i][j] = to[i];
    }
    CNN_ROLLED
    for (int64_t i = 0; i < at->rows; i++) {
        output_line(m, to, columns_done[i]);
        CNN_UNROLL
        for (int64_t j = 0; j < m; j++)
            if (j < at->columns)
                store_lanes(y + i * d->y.row + j * d->y.pixel,
                            epilogue(to[j], operands, at->n, at->p + i, at->q + j, k, lanes),
                            lanes);
    }
}

/* The `channels` of a panel from k on, of `count` tiles. */
CNN_STAGE void output_block(const struct cnn_winograd *d, float *y, const float *r,
                            cnn_epilogue *epilogue, const float *const *operands, int64_t first,
                            int64_t count, int64_t k, int64_t channels) {
    for (int64_t t = 0; t < count; t++, r += panel_width(d)) {
        const struct place at = tile_place(d, first + t);
        float *to = y + at.n * d->y.image + at.p * d->y.row + at.q * d->y.pixel + k;
        CNN_FOR_VECTORS(channels,
                        output_tile(d, to + i, r + i, epilogue, operands, &at, k + i, lanes));
    }
}

/* --- products --- */

CNN_INLINE cnn_vector as_it_is(cnn_vector acc, const float *const *operands, int64_t n, int64_t h,
                               int64_t w, int64_t c, int64_t lanes) {
    (void)operands, (void)n, (void)h, (void)w, (void)c, (void)lanes;
    return acc;
}

/* r[i] = v[i] u[i] for all (m+2)^2 matrices: rows 0..count-1, where a block has `rows` of them, and
 * the `channels` of one panel. */
CNN_STAGE void block_products(const struct cnn_winograd *d, float *r, const float *v,
                              const float *u, int64_t rows, int64_t count, int64_t channels) {
    const int64_t matrices = (d->tile + 2) * (d->tile + 2);
    const struct cnn_conv product = {
        .batch = 1,
        .groups = 1,
        .out_height = 1,
        .out_width = rows,
        .channels = d->channels,
        .out_channels = whole_vectors(channels),
        .kernel_height = 1,
        .kernel_width = 1,
        .x_step_w = whole_vectors(d->channels),
        .y = {.pixel = panel_width(d)},
        .tile_pixels = d->tile_pixels,
        .tile_vectors = d->tile_vectors,
        .block = rows,
        .fetch = d->fetch,
    };
    CNN_ROLLED
    for (int64_t i = 0; i < matrices; i++)
        conv_pieces(&product, r + i * output_pitch(d), v + i * input_pitch(d),
                    u + i * d->channels * panel_width(d), as_it_is, NULL, 0, 1, 0,
                    (count + d->tile_pixels - 1) / d->tile_pixels);
}

/* One panel of a block: of `channels` channels, from k on. */
CNN_STAGE void winograd_panel(const struct cnn_winograd *d, float *y, float *r, const float *v,
                              const float *u, cnn_epilogue *epilogue, const float *const *operands,
                              int64_t tile, int64_t count, int64_t k, int64_t channels) {
    const int64_t tiles = cnn_winograd_tiles(d);
    if (tile / d->block * d->block + d->block <= tiles)
        block_products(d, r, v, u, d->block, count, channels);
    else
        block_products(d, r, v, u, tiles % d->block, count, channels);
    output_block(d, y, r, epilogue, operands, tile, count, k, channels);
}

/* Panels first_panel..end_panel-1 of tiles first..end-1: each begins at a multiple of tile_pixels
 * of its block, or at its end. */
CNN_STAGE void winograd_tiles(const struct cnn_winograd *d, float *y, const float *x,
                              const float *w, float *scratch, cnn_epilogue *epilogue,
                              const float *const *operands, int64_t first_panel, int64_t end_panel,
                              int64_t first, int64_t end) {
    const int64_t matrices = (d->tile + 2) * (d->tile + 2), width = panel_width(d);
    const int64_t panel = matrices * d->channels * width;
    const int64_t whole = smaller(d->out_channels / width, end_panel);
    float *v = scratch, *r = scratch + matrices * input_pitch(d);
    for (int64_t tile = first, next; tile < end; tile = next) {
        next = smaller(tile / d->block * d->block + d->block, end);
        input_block(d, v, x, tile, next - tile);
        int64_t i = first_panel;
        for (; i < whole; i++)
            winograd_panel(d, y, r, v, w + i * panel, epilogue, operands, tile, next - tile,
                           i * width, width);
        if (d->out_channels % width && i < end_panel)
            winograd_panel(d, y, r, v, w + i * panel, epilogue, operands, tile, next - tile,
                           i * width, d->out_channels % width);
    }
}

CNN_INLINE int64_t winograd_panels(const struct cnn_winograd *d) {
    return (d->out_channels + panel_width(d) - 1) / panel_width(d);
}

/* The first tile of a piece. */
CNN_INLINE int64_t first_tile(const struct cnn_winograd *d, int64_t piece) {
    const int64_t in_block = (d->block + d->tile_pixels - 1) / d->tile_pixels;
    return smaller(piece / in_block * d->block + piece % in_block * d->tile_pixels,
                   cnn_winograd_tiles(d));
}

CNN_PRIMITIVE void cnn_winograd_part(const struct cnn_winograd *d, float *y, const float *x,
                                     const float *w, float *scratch, cnn_epilogue *epilogue,
                                     const float *const *operands, int64_t first, int64_t end) {
    if (d->split_channels)
        winograd_tiles(d, y, x, w, scratch, epilogue, operands, first, end, 0,
                       cnn_winograd_tiles(d));
    else
        winograd_tiles(d, y, x, w, scratch, epilogue, operands, 0, winograd_panels(d),
                       first_tile(d, first), first_tile(d, end));
}

CNN_PRIMITIVE void cnn_winograd(const struct cnn_winograd *d, float *y, const float *x,
                                const float *w, float *scratch, cnn_epilogue *epilogue,
                                const float *const *operands) {
    cnn_winograd_part(d, y, x, w, scratch, epilogue, operands, 0,
                      cnn_winograd_pieces(d, CNN_VECTOR));
}
