/* How convolutions are cut: tiles that registers hold, blocks that caches do. */
#ifndef CNNC_CODEGEN_TILES_H
#define CNNC_CODEGEN_TILES_H

#include "codegen/target.h"
#include "runtime/descriptors.h"

/* Whether registers hold a tile's sums, the weights of one step, and one broadcast pixel. */
bool tile_fits(const struct target *target, int64_t pixels, int64_t vectors);
/* Chooses the register tile for `pixels` output pixels in a row and `channels` output channels,
 * each a sum of `products`. Returns the cycles that a row takes for one of its products. */
double choose_tile(const struct target *target, int64_t pixels, int64_t channels, int64_t products,
                   int64_t *tile_pixels, int64_t *tile_vectors);

/* The same of a tile that is chosen already. */
double tile_cycles_of_row(const struct target *target, int64_t pixels, int64_t channels,
                          int64_t products, int64_t tile_pixels, int64_t tile_vectors);
/* Chooses d->block and d->fetch of a convolution whose tile is chosen; apart: input pixels for each
 * output pixel, the product of its strides. */
void choose_order(const struct target *target, int64_t apart, struct cnn_conv *d);
/* Floats of the next panel to ask for with each product, so that it has come when `tiles` tiles
 * have used this one of so many vectors. */
int64_t fetch_for(const struct target *target, int64_t vectors, int64_t tiles);
/* Output pixels of a depthwise convolution that are summed at a time, of so many in a row. */
int64_t choose_depthwise_tile(int64_t pixels);

/* Fills in run and block_rows: `row` pixels of an input's row are read for a row of outputs. */
void choose_depthwise_order(const struct target *target, int64_t row, struct cnn_depthwise *d);

#endif
