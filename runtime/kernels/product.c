/* Convolutions whose windows are runs of floats, as matrix products: rows, one for each output
 * pixel, share each block of weights while it is in the nearest cache, and the next block is
 * fetched meanwhile. */
#include "runtime/kernels/finish.h"

/* Sums of so many terms, for rows from `row` on and channels from k on; `lanes` of the last
 * vector's are wanted. With the last terms, sums are whole. */
struct part {
    int64_t terms, row, k, rows, vectors, lanes;
    bool whole;
};

/* The output pixel of a row. */
struct pixel {
    int64_t n, p, q;
};

CNN_INLINE struct pixel pixel_of(const struct cnn_product *d, int64_t row) {
    struct pixel at = {0, 0, row};
    if (d->out_height > 1 || d->batch > 1)
        at = (struct pixel){row / (d->out_height * d->out_width),
                            row / d->out_width % d->out_height, row % d->out_width};
    return at;
}

CNN_INLINE int64_t product_width(const struct cnn_product *d) {
    return d->tile_vectors * CNN_VECTOR;
}

/* How many tiles go over a block of weights, at most 8: each fetches that part of the next. */
CNN_INLINE int64_t fetching_tiles(const struct cnn_product *d) {
    const int64_t rows = smaller(d->block_rows, cnn_product_rows(d));
    return smaller((rows + d->tile_pixels - 1) / d->tile_pixels, 8);
}

/* Asks for the cache lines of `floats` floats, which may lie beyond the last weights. */
CNN_INLINE void fetch_floats(const float *p, int64_t floats) {
    CNN_UNROLL
    for (int64_t i = 0; i < floats; i += LINE_FLOATS)
        __builtin_prefetch(p + i);
}

CNN_INLINE void add_term(const struct part *part, cnn_vector (*acc)[CNN_MAX_TILE_PIXELS],
                         const float *const *x, const float *w, int64_t c) {
    CNN_FOR_TILE(part->rows, part->vectors, acc[v][i] += splat(x[i][c]) * load(w + v * CNN_VECTOR));
}

/* x is at the first row's first term, w at that of the panel's block, next at the block after it.
 */
CNN_INLINE void add_terms(const struct cnn_product *d, const struct part *part,
                          cnn_vector (*acc)[CNN_MAX_TILE_PIXELS], const float *x, const float *w,
                          const float *next) {
    const int64_t tiles = fetching_tiles(d), tile = part->row % d->block_rows / d->tile_pixels;
    const float *rows[CNN_MAX_TILE_PIXELS];
    CNN_UNROLL
    for (int64_t i = 0; i < part->rows; i++) {
        const struct pixel at = pixel_of(d, part->row + i);
        rows[i] = x + at.n * d->x_image + at.p * d->x_step_h + at.q * d->x_step_w;
    }
    const int64_t share = (product_width(d) + tiles - 1) / tiles;
    next += tile * part->terms * share;
    for (int64_t c = 0; c < part->terms; c++) {
        fetch_floats(next + c * share, share);
        add_term(part, acc, rows, w + c * product_width(d), c);
    }
}

/* The output of a whole sum of row `row`, channels k..k+lanes-1. */
CNN_INLINE void put_output(const struct cnn_product *d, float *y, cnn_vector sum,
                           cnn_epilogue *epilogue, const float *const *operands, int64_t row,
                           int64_t k, int64_t lanes) {
    const struct pixel at = pixel_of(d, row);
    store_lanes(y + at.n * d->y.image + at.p * d->y.row + at.q * d->y.pixel + k,
                epilogue(sum, operands, at.n, at.p, at.q, k, lanes), lanes);
}

CNN_STAGE void product_tile(const struct cnn_product *d, const struct part *part, float *y,
                            const float *x, const float *w, const float *next, float *sums,
                            cnn_epilogue *epilogue, const float *const *operands) {
    cnn_vector acc[CNN_MAX_TILE_VECTORS][CNN_MAX_TILE_PIXELS];
    CNN_FOR_TILE(part->rows, part->vectors,
                 acc[v][i] = d->block_terms < d->channels
                                 ? load(sums + i * product_width(d) + v * CNN_VECTOR)
                                 : splat(0));
    add_terms(d, part, acc, x, w, next);
    if (part->whole) {
        CNN_UNROLL
        for (int64_t v = 0; v < part->vectors; v++) {
            const int64_t lanes = v == part->vectors - 1 ? part->lanes : CNN_VECTOR;
            CNN_FOR_SUMS(d->long_epilogue, acc[v], part->rows,
                         put_output(d, y, sum, epilogue, operands, part->row + i,
                                    part->k + v * CNN_VECTOR, lanes));
        }
        return;
    }
    CNN_FOR_TILE(part->rows, part->vectors,
                 store(sums + i * product_width(d) + v * CNN_VECTOR, acc[v][i]));
}

/* A block of rows. */
CNN_STAGE void product_rows(const struct cnn_product *d, struct part part, float *y, const float *x,
                            const float *w, const float *next, float *sums, cnn_epilogue *epilogue,
                            const float *const *operands) {
    const int64_t end = smaller(part.row + d->block_rows, cnn_product_rows(d));
    const int64_t rest = cnn_product_rows(d) % d->tile_pixels;
    part.rows = d->tile_pixels;
    for (; part.row + part.rows <= end; part.row += part.rows, sums += part.rows * product_width(d))
        product_tile(d, &part, y, x, w, next, sums, epilogue, operands);
    part.rows = rest;
    if (rest && part.row < end)
        product_tile(d, &part, y, x, w, next, sums, epilogue, operands);
}

/* The same for one panel, of which the last may be narrower. */
CNN_STAGE void product_panel(const struct cnn_product *d, struct part part, float *y,
                             const float *x, const float *w, const float *next, float *sums,
                             cnn_epilogue *epilogue, const float *const *operands) {
    const int64_t rest = d->out_channels % product_width(d);
    part.vectors = d->tile_vectors;
    part.lanes = CNN_VECTOR;
    if (part.k + product_width(d) <= d->out_channels)
        product_rows(d, part, y, x, w, next, sums, epilogue, operands);
    else if (rest) {
        part.vectors = (rest + CNN_VECTOR - 1) / CNN_VECTOR;
        part.lanes = rest - (part.vectors - 1) * CNN_VECTOR;
        product_rows(d, part, y, x, w, next, sums, epilogue, operands);
    }
}

/* A block of rows for panels begin..end-1 and terms c..c+terms-1; `after` is where the weights go
 * on.
 */
CNN_STAGE void product_terms(const struct cnn_product *d, struct part part, int64_t c,
                             int64_t begin, int64_t end, float *y, const float *x, const float *w,
                             const float *after, float *scratch, cnn_epilogue *epilogue,
                             const float *const *operands) {
    const int64_t width = product_width(d), panel_size = d->channels * width;
    for (int64_t panel = begin; panel < end; panel++) {
        const float *from = w + panel * panel_size + c * width;
        part.k = panel * width;
        product_panel(d, part, y, x + c, from, panel + 1 < end ? from + panel_size : after,
                      scratch + (panel - begin) * d->block_rows * width, epilogue, operands);
    }
}

/* The same for all terms. */
CNN_STAGE void product_panels(const struct cnn_product *d, int64_t row, int64_t begin, int64_t end,
                              float *y, const float *x, const float *w, float *scratch,
                              cnn_epilogue *epilogue, const float *const *operands) {
    const int64_t width = product_width(d), panel_size = d->channels * width;
    const int64_t last = (d->channels - 1) / d->block_terms * d->block_terms;
    const float *first_panel = w + begin * panel_size, *next_panels = w + end * panel_size;
    struct part part = {.terms = d->block_terms, .row = row};
    if (last > 0)
        __builtin_memset(scratch, 0,
                         (size_t)((end - begin) * d->block_rows * width) * sizeof *scratch);
    for (int64_t c = 0; c < last; c += d->block_terms)
        product_terms(d, part, c, begin, end, y, x, w, first_panel + (c + d->block_terms) * width,
                      scratch, epilogue, operands);
    part.terms = d->channels - last;
    part.whole = true;
    product_terms(d, part, last, begin, end, y, x, w, next_panels, scratch, epilogue, operands);
}

CNN_PRIMITIVE void cnn_product_part(const struct cnn_product *d, float *y, const float *x,
                                    const float *w, float *scratch, cnn_epilogue *epilogue,
                                    const float *const *operands, int64_t first, int64_t end) {
    const int64_t panels = (d->out_channels + product_width(d) - 1) / product_width(d);
    const int64_t groups = (panels + d->panels - 1) / d->panels;
    for (int64_t piece = first; piece < end; piece++) {
        const int64_t begin = piece % groups * d->panels;
        product_panels(d, piece / groups * d->block_rows, begin, smaller(begin + d->panels, panels),
                       y, x, w, scratch, epilogue, operands);
    }
}

CNN_PRIMITIVE void cnn_product(const struct cnn_product *d, float *y, const float *x,
                               const float *w, float *scratch, cnn_epilogue *epilogue,
                               const float *const *operands) {
    cnn_product_part(d, y, x, w, scratch, epilogue, operands, 0, cnn_product_pieces(d, CNN_VECTOR));
}
