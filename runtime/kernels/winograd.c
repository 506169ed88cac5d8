/* 3x3 convolutions by Winograd's minimal filtering: the inputs of a block of tiles are transformed
 * into (m+2)^2 matrices [tiles][C]. Then, panel by panel of output channels, each is multiplied by
 * its matrix of weights [C][B] as a 1x1 convolution, and the products are transformed back into m x
 * m outputs each. A block is chosen so that its matrices stay in a near cache. */
#include "runtime/kernels/vector.h"

enum { MAX_SIDE = CNN_MAX_WINOGRAD + 2 };

/* --- one line of a tile: m + 2 values to as many points, and the products there to m outputs ---
 *
 * A row of B^T has the coefficients of the product of t - s over all finite points s; the row of
 * point p leaves p itself out. That of p and -p is t^2 - p^2, so all but these two make a
 * polynomial in t^2, whose even and odd multiples p and -p share. */

enum { MAX_PAIRS = CNN_MAX_WINOGRAD / 2 };

/* (T - a) (T - b) (T - c), or as many of these factors as `pairs`, where T^i stands for d[2 i]. */
CNN_INLINE cnn_vector product_of_squares(int64_t pairs, const cnn_vector *d, float a, float b,
                                         float c) {
    if (pairs == 0)
        return d[0];
    if (pairs == 1)
        return d[2] - a * d[0];
    if (pairs == 2)
        return d[4] - (a + b) * d[2] + a * b * d[0];
    return d[6] - (a + b + c) * d[4] + (a * b + b * c + c * a) * d[2] - a * b * c * d[0];
}

CNN_INLINE void input_line(int64_t m, cnn_vector *to, const cnn_vector *d) {
    const int64_t pairs = m / 2;
    float point[MAX_PAIRS] = {0}, square[MAX_PAIRS] = {0};
    CNN_UNROLL
    for (int64_t i = 0; i < pairs; i++) {
        point[i] = (float)CNN_WINOGRAD_POINTS(m)[i];
        square[i] = point[i] * point[i];
    }
    to[0] = product_of_squares(pairs, d, square[0], square[1], square[2]);
    CNN_UNROLL
    for (int64_t i = 0; i < pairs; i++) {
        const float next = square[(i + 1) % pairs], last = square[(i + 2) % pairs];
        const cnn_vector even = product_of_squares(pairs - 1, d + 2, next, last, 0);
        const cnn_vector odd = product_of_squares(pairs - 1, d + 1, next, last, 0);
        to[2 * i + 1] = even + point[i] * odd;
        to[2 * i + 2] = even - point[i] * odd;
    }
    to[m + 1] = product_of_squares(pairs, d + 1, square[0], square[1], square[2]);
}

/* Output j is the sum of s^j times the product at s, over all finite points s; the last has the
 * product at infinity too. */
CNN_INLINE void output_line(int64_t m, cnn_vector *to, const cnn_vector *r) {
    CNN_UNROLL
    for (int64_t i = 0; i < m / 2; i++) {
        const cnn_vector even = r[2 * i + 1] + r[2 * i + 2], odd = r[2 * i + 1] - r[2 * i + 2];
        float power = 1; /* of the point: j */
        CNN_UNROLL
        for (int64_t j = 0; j < m; j++) {
            const cnn_vector term = power * (j % 2 ? odd : even);
            to[j] = i > 0 ? to[j] + term : j == 0 ? r[0] + term : term;
            power *= (float)CNN_WINOGRAD_POINTS(m)[i];
        }
    }
    to[m - 1] += r[m + 1];
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

/* Channels k..k+channels-1, those of a panel, of tiles first..first+count-1, those of a block. */
struct portion {
    int64_t first, count, k, channels;
};

CNN_STAGE void output_block(const struct cnn_winograd *d, float *y, const float *r,
                            cnn_epilogue *epilogue, const float *const *operands,
                            const struct portion *of) {
    for (int64_t t = 0; t < of->count; t++, r += panel_width(d)) {
        const struct place at = tile_place(d, of->first + t);
        float *to = y + at.n * d->y.image + at.p * d->y.row + at.q * d->y.pixel + of->k;
        CNN_FOR_VECTORS(of->channels,
                        output_tile(d, to + i, r + i, epilogue, operands, &at, of->k + i, lanes));
    }
}

/* --- products --- */

CNN_INLINE cnn_vector as_it_is(cnn_vector acc, const float *const *operands, int64_t n, int64_t h,
                               int64_t w, int64_t c, int64_t lanes) {
    (void)operands, (void)n, (void)h, (void)w, (void)c, (void)lanes;
    return acc;
}

/* Asks for one part of the memory that a portion's outputs will be written to: it comes while
 * there is much to multiply, and not when it is waited for. */
CNN_STAGE void fetch_outputs(const struct cnn_winograd *d, const float *y, const struct portion *of,
                             int64_t part, int64_t parts) {
    const int64_t m = d->tile, rows = of->count * m;
    for (int64_t i = rows * part / parts; i < rows * (part + 1) / parts; i++) {
        const struct place at = tile_place(d, of->first + i / m);
        const float *row =
            y + at.n * d->y.image + (at.p + i % m) * d->y.row + at.q * d->y.pixel + of->k;
        for (int64_t j = 0; i % m < at.rows && j < at.columns; j++)
            for (int64_t c = 0; c < of->channels; c += LINE_FLOATS)
                __builtin_prefetch(row + j * d->y.pixel + c, 1, 2);
    }
}

/* r[i] = v[i] u[i] for all (m+2)^2 matrices: a portion of those of a block, which has `rows` tiles.
 * y is only fetched. */
CNN_STAGE void block_products(const struct cnn_winograd *d, const float *y, float *r,
                              const float *v, const float *u, int64_t rows,
                              const struct portion *of) {
    const int64_t matrices = (d->tile + 2) * (d->tile + 2);
    const struct cnn_conv product = {
        .batch = 1,
        .groups = 1,
        .out_height = 1,
        .out_width = rows,
        .channels = d->channels,
        .out_channels = whole_vectors(of->channels),
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
    for (int64_t i = 0; i < matrices; i++) {
        fetch_outputs(d, y, of, i, matrices);
        conv_pieces(&product, r + i * output_pitch(d), v + i * input_pitch(d),
                    u + i * d->channels * panel_width(d), as_it_is, NULL, 0, 1, 0,
                    (of->count + d->tile_pixels - 1) / d->tile_pixels);
    }
}

CNN_STAGE void winograd_portion(const struct cnn_winograd *d, float *y, float *r, const float *v,
                                const float *u, cnn_epilogue *epilogue,
                                const float *const *operands, const struct portion *of) {
    const int64_t tiles = cnn_winograd_tiles(d);
    if (of->first / d->block * d->block + d->block <= tiles)
        block_products(d, y, r, v, u, d->block, of);
    else
        block_products(d, y, r, v, u, tiles % d->block, of);
    output_block(d, y, r, epilogue, operands, of);
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
        struct portion portion = {tile, next - tile, first_panel * width, width};
        int64_t i = first_panel;
        for (; i < whole; i++, portion.k += width)
            winograd_portion(d, y, r, v, w + i * panel, epilogue, operands, &portion);
        portion.channels = d->out_channels % width;
        if (portion.channels && i < end_panel)
            winograd_portion(d, y, r, v, w + i * panel, epilogue, operands, &portion);
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
