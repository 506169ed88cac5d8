/* Convolution: a tile of output pixels x channel vectors stays in registers while the loop over
 * kernel rows, columns and input channels streams through one panel of packed weights. */
#include "runtime/kernels/finish.h"

/* One run of the innermost sum: `rows` rows of `taps` taps, each over `channels` contiguous input
 * channels. */
struct extent {
    int64_t rows, taps, channels;
};

/* Where the taps of a row, or the rows too, lie side by side in memory they are one run: the inner
 * loop is longer and the loops around it vanish. */
CNN_INLINE struct extent merged_extent(const struct cnn_conv *d) {
    struct extent e = {d->kernel_height, d->kernel_width, d->channels};
    if (d->x_tap_w == e.channels || e.taps == 1) {
        e.channels *= e.taps;
        e.taps = 1;
        if (d->x_tap_h == e.channels || e.rows == 1) {
            e.channels *= e.rows;
            e.rows = 1;
        }
    }
    return e;
}

/* What of the next panel of weights a tile asks for while it uses this one. */
struct ahead {
    const float *next, *end;
};

/* How many channels are one turn of the innermost loop: as many as make its own instructions few
 * beside the multiply-adds of a tile, and leave no rest. */
CNN_INLINE int64_t channels_together(int64_t channels, int64_t tile) {
    enum { FEW = 12 };
    return tile > FEW          ? 1
           : channels % 4 == 0 ? 4
           : channels % 3 == 0 ? 3
           : channels % 2 == 0 ? 2
                               : 1;
}

/* Adds the products of `count` channels to a tile's sums; tap and w are at the first of them. */
CNN_INLINE void add_products(const struct cnn_conv *d, cnn_vector (*acc)[CNN_MAX_TILE_PIXELS],
                             const float *tap, const float *w, int64_t pixels, int64_t vectors,
                             int64_t count) {
    CNN_UNROLL
    for (int64_t c = 0; c < count; c++, tap++, w += d->tile_vectors * CNN_VECTOR) {
        cnn_vector weights[CNN_MAX_TILE_VECTORS];
        CNN_UNROLL
        for (int64_t v = 0; v < vectors; v++)
            weights[v] = load(w + v * CNN_VECTOR);
        CNN_FOR_TILE(pixels, vectors, acc[v][i] += splat(tap[i * d->x_step_w]) * weights[v]);
    }
}

/* Asks for the lines of the next `floats` weights. */
CNN_INLINE void fetch_ahead(const float *weights, int64_t floats) {
    enum { SECOND_CACHE = 2 };
    CNN_UNROLL
    for (int64_t i = 0; i < floats; i += LINE_FLOATS)
        __builtin_prefetch(weights + i, 0, SECOND_CACHE);
}

/* Asks for the lines of a tile's outputs, to write to: they come while it is summed. */
CNN_INLINE void fetch_tile(const struct cnn_conv *d, const float *y, int64_t pixels,
                           int64_t vectors) {
    const int64_t lines = (vectors * CNN_VECTOR + LINE_FLOATS - 1) / LINE_FLOATS;
    CNN_FOR_TILE(pixels, lines, __builtin_prefetch(y + i * d->y.pixel + v * LINE_FLOATS, 1));
}

/* The tile of `pixels` outputs from q on and `vectors` channel vectors from channel k on, counted
 * over all groups; the last vector has `lanes` lanes. x is at the tile's first tap, y at its first
 * output, w at its panel. */
CNN_STAGE void conv_tile(const struct cnn_conv *d, float *y, const float *x, const float *w,
                         cnn_epilogue *epilogue, const float *const *operands, int64_t n, int64_t p,
                         int64_t q, int64_t k, int64_t pixels, int64_t vectors, int64_t lanes,
                         const float *ahead) {
    const struct extent extent = merged_extent(d);
    const int64_t block = d->tile_vectors * CNN_VECTOR;
    const int64_t together = channels_together(extent.channels, pixels * vectors);
    cnn_vector acc[CNN_MAX_TILE_VECTORS][CNN_MAX_TILE_PIXELS];
    CNN_FOR_TILE(pixels, vectors, acc[v][i] = splat(0));
    fetch_tile(d, y, pixels, vectors);
    for (int64_t r = 0; r < extent.rows; r++)
        for (int64_t s = 0; s < extent.taps; s++) {
            const float *tap = x + r * d->x_tap_h + s * d->x_tap_w;
            for (int64_t turn = extent.channels / together; turn != 0; turn--) {
                tap = unknown(tap);
                w = unknown(w);
                add_products(d, acc, tap, w, pixels, vectors, together);
                fetch_ahead(ahead, together * d->fetch);
                tap += together;
                w += together * block;
                ahead += together * d->fetch;
            }
        }
    CNN_UNROLL
    for (int64_t v = 0; v < vectors; v++)
        finish_pixels(d->long_epilogue, y + v * CNN_VECTOR, d->y.pixel, acc[v], epilogue, operands,
                      n, p, q, k + v * CNN_VECTOR, pixels, v == vectors - 1 ? lanes : CNN_VECTOR);
}

/* Floats of one panel of weights. */
CNN_INLINE int64_t panel_size(const struct cnn_conv *d) {
    return d->kernel_height * d->kernel_width * d->channels * d->tile_vectors * CNN_VECTOR;
}

/* One tile of pixels for panels first..end-1 of group g; the last panel of all may be narrower. */
CNN_STAGE void conv_panels(const struct cnn_conv *d, float *y, const float *x, const float *w,
                           cnn_epilogue *epilogue, const float *const *operands, int64_t n,
                           int64_t p, int64_t q, int64_t g, int64_t first, int64_t end,
                           int64_t pixels, struct ahead *ahead) {
    const int64_t block = d->tile_vectors * CNN_VECTOR;
    const int64_t whole = d->out_channels / block, rest = d->out_channels % block;
    const int64_t rest_vectors = (rest + CNN_VECTOR - 1) / CNN_VECTOR;
    int64_t panel = first, k = g * d->out_channels + first * block;
    for (; panel < smaller(end, whole); panel++, k += block)
        conv_tile(d, y + k, x, w + panel * panel_size(d), epilogue, operands, n, p, q, k, pixels,
                  d->tile_vectors, CNN_VECTOR, ahead->next);
    if (rest && end > whole)
        conv_tile(d, y + k, x, w + panel * panel_size(d), epilogue, operands, n, p, q, k, pixels,
                  rest_vectors, rest - (rest_vectors - 1) * CNN_VECTOR, ahead->next);
    if (d->fetch && ahead->next < ahead->end)
        ahead->next += panel_size(d) / block * d->fetch;
}

/* How many panels the channels of one group are. */
CNN_INLINE int64_t group_panels(const struct cnn_conv *d) {
    const int64_t block = d->tile_vectors * CNN_VECTOR;
    return (d->out_channels + block - 1) / block;
}

/* Outputs q..end-1 of row p of image n, for panels first..last-1 of group g; x and w are at the
 * group's. q is a multiple of tile_pixels, and so is end but at the end of the row. */
CNN_STAGE void conv_row(const struct cnn_conv *d, float *y, const float *x, const float *w,
                        cnn_epilogue *epilogue, const float *const *operands, int64_t n, int64_t p,
                        int64_t q, int64_t end, int64_t g, int64_t first, int64_t last,
                        struct ahead *ahead) {
    const int64_t pixels = d->tile_pixels, rest = d->out_width % pixels;
    const float *from = x + n * d->x_image + p * d->x_step_h;
    float *to = y + n * d->y.image + p * d->y.row;
    for (; q + pixels <= end; q += pixels)
        conv_panels(d, to + q * d->y.pixel, from + q * d->x_step_w, w, epilogue, operands, n, p, q,
                    g, first, last, pixels, ahead);
    if (rest && q < end)
        conv_panels(d, to + q * d->y.pixel, from + q * d->x_step_w, w, epilogue, operands, n, p, q,
                    g, first, last, rest, ahead);
}

/* The first output of a piece, counted through all rows and images. */
CNN_INLINE int64_t first_output(const struct cnn_conv *d, int64_t piece) {
    const int64_t in_row = (d->out_width + d->tile_pixels - 1) / d->tile_pixels;
    return piece / in_row * d->out_width + piece % in_row * d->tile_pixels;
}

/* Pieces first..end-1 for panels first_panel..end_panel-1 of group g. */
CNN_STAGE void conv_block(const struct cnn_conv *d, float *y, const float *x, const float *w,
                          cnn_epilogue *epilogue, const float *const *operands, int64_t g,
                          int64_t first_panel, int64_t end_panel, int64_t first, int64_t end) {
    const int64_t last = first_output(d, end);
    const float *group = w + g * group_panels(d) * panel_size(d);
    struct ahead ahead = {group + end_panel * panel_size(d),
                          group + (end_panel + 1) * panel_size(d)};
    for (int64_t at = first_output(d, first), row_end; at < last; at = row_end) {
        const int64_t row = at / d->out_width, q = at % d->out_width;
        row_end = smaller(at - q + d->out_width, last);
        const int64_t n = which_of(d->batch, d->out_height, row);
        conv_row(d, y, x + g * d->channels, group, epilogue, operands, n, row - n * d->out_height,
                 q, q + row_end - at, g, first_panel, end_panel, &ahead);
    }
}

/* The same, of panels counted through all groups. */
CNN_STAGE void conv_pieces(const struct cnn_conv *d, float *y, const float *x, const float *w,
                           cnn_epilogue *epilogue, const float *const *operands,
                           int64_t first_panel, int64_t end_panel, int64_t first, int64_t end) {
    const int64_t panels = group_panels(d), block = d->block ? d->block : end - first;
    for (int64_t at = first; at < end; at += block)
        for (int64_t k = first_panel, next; k < end_panel; k = next) {
            const int64_t g = which_of(d->groups, panels, k), low = k - g * panels;
            next = d->block ? k + 1 : smaller(k - low + panels, end_panel);
            conv_block(d, y, x, w, epilogue, operands, g, low, low + next - k, at,
                       smaller(at + block, end));
        }
}

CNN_PRIMITIVE void cnn_conv_part(const struct cnn_conv *d, float *y, const float *x, const float *w,
                                 cnn_epilogue *epilogue, const float *const *operands,
                                 int64_t first, int64_t end) {
    if (d->split_channels)
        conv_pieces(d, y, x, w, epilogue, operands, first, end, 0, cnn_conv_tiles(d));
    else
        conv_pieces(d, y, x, w, epilogue, operands, 0, d->groups * group_panels(d), first, end);
}

CNN_PRIMITIVE void cnn_conv(const struct cnn_conv *d, float *y, const float *x, const float *w,
                            cnn_epilogue *epilogue, const float *const *operands) {
    cnn_conv_part(d, y, x, w, epilogue, operands, 0, cnn_conv_pieces(d, CNN_VECTOR));
}
