/* Depthwise convolution: vectors of channels, a few output pixels of a row at once so that they
 * share the loads of the weights, and of the inputs where their windows overlap. */
#include "runtime/kernels/finish.h"

/* Adds kernel row r to the accumulators of `pixels` outputs. */
CNN_INLINE void add_row(const struct cnn_depthwise *d, cnn_vector *acc, const float *x,
                        const float *w, int64_t r, int64_t pixels, int64_t lanes) {
    const int64_t filter = d->one_filter ? 1 : round_up(d->channels, CNN_VECTOR);
    CNN_UNROLL
    for (int64_t s = 0; s < d->kernel_width; s++) {
        const float *at = w + (r * d->kernel_width + s) * filter;
        const cnn_vector weight = d->one_filter ? splat(*at) : load(at);
        CNN_UNROLL
        for (int64_t i = 0; i < pixels; i++)
            acc[i] +=
                weight * load_lanes(x + r * d->x_tap_h + s * d->x_tap_w + i * d->x_step_w, lanes);
    }
}

/* `pixels` outputs from n, p, q on, channels c..c+lanes-1; x, y and w are at these channels. */
CNN_INLINE void depthwise_tile(const struct cnn_depthwise *d, float *y, const float *x,
                               const float *w, cnn_epilogue *epilogue, const float *const *operands,
                               int64_t n, int64_t p, int64_t q, int64_t c, int64_t pixels,
                               int64_t lanes) {
    enum { UNROLLED = 512 }; /* multiply-adds of a tile up to which its code is one straight line */
    cnn_vector acc[CNN_MAX_TILE_PIXELS];
    CNN_UNROLL
    for (int64_t i = 0; i < pixels; i++)
        acc[i] = splat(0);
    if (d->kernel_height * d->kernel_width * pixels <= UNROLLED) {
        CNN_UNROLL
        for (int64_t r = 0; r < d->kernel_height; r++)
            add_row(d, acc, x, w, r, pixels, lanes);
    } else {
        CNN_ROLLED
        for (int64_t r = 0; r < d->kernel_height; r++)
            add_row(d, acc, x, w, r, pixels, lanes);
    }
    finish_pixels(d->long_epilogue, y, d->y.pixel, acc, epilogue, operands, n, p, q, c, pixels,
                  lanes);
}

/* A run of channels, from c on, of `pixels` outputs. */
CNN_INLINE void depthwise_pixels(const struct cnn_depthwise *d, float *y, const float *x,
                                 const float *w, cnn_epilogue *epilogue,
                                 const float *const *operands, int64_t n, int64_t p, int64_t q,
                                 int64_t c, int64_t pixels) {
    const int64_t weight_step = d->one_filter ? 0 : 1;
    y += c, x += c, w += c * weight_step;
    CNN_FOR_VECTORS(d->run, depthwise_tile(d, y + i, x + i, w + i * weight_step, epilogue, operands,
                                           n, p, q, c + i, pixels, lanes));
}

/* Where a piece begins. One run goes over all rows, whatever the blocks. */
CNN_INLINE void find_piece(const struct cnn_depthwise *d, int64_t piece, int64_t *row, int64_t *c) {
    const int64_t rows = d->batch * d->out_height, runs = d->channels / d->run;
    *row = piece, *c = 0;
    if (runs == 1)
        return;
    const int64_t block = piece / (d->block_rows * runs) * d->block_rows;
    const int64_t block_rows = smaller(d->block_rows, rows - block);
    const int64_t in_block = piece - block * runs;
    *row = block + in_block % block_rows, *c = in_block / block_rows * d->run;
}

CNN_PRIMITIVE void cnn_depthwise_part(const struct cnn_depthwise *d, float *y, const float *x,
                                      const float *w, cnn_epilogue *epilogue,
                                      const float *const *operands, int64_t first, int64_t end) {
    const int64_t pixels = d->tile_pixels, rest = d->out_width % pixels;
    for (int64_t piece = first; piece < end; piece++) {
        int64_t row, c;
        find_piece(d, piece, &row, &c);
        const int64_t n = which_of(d->batch, d->out_height, row), p = row - n * d->out_height;
        const float *x_row = x + n * d->x_image + p * d->x_step_h;
        float *y_row = y + n * d->y.image + p * d->y.row;
        int64_t q = 0;
        for (; q + pixels <= d->out_width; q += pixels)
            depthwise_pixels(d, y_row + q * d->y.pixel, x_row + q * d->x_step_w, w, epilogue,
                             operands, n, p, q, c, pixels);
        if (rest)
            depthwise_pixels(d, y_row + q * d->y.pixel, x_row + q * d->x_step_w, w, epilogue,
                             operands, n, p, q, c, rest);
    }
}

CNN_PRIMITIVE void cnn_depthwise(const struct cnn_depthwise *d, float *y, const float *x,
                                 const float *w, cnn_epilogue *epilogue,
                                 const float *const *operands) {
    cnn_depthwise_part(d, y, x, w, epilogue, operands, 0, cnn_depthwise_pieces(d));
}
