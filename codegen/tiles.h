/* Register tiles of convolutions. */
#ifndef CNNC_CODEGEN_TILES_H
#define CNNC_CODEGEN_TILES_H

#include "codegen/target.h"

/* Chooses the register tile for `pixels` output pixels in a row and `channels` output channels,
 * each a sum of `products`. Returns the cycles that a row takes for one of its products. */
double choose_tile(const struct target *target, int64_t pixels, int64_t channels, int64_t products,
                   int64_t *tile_pixels, int64_t *tile_vectors);

#endif
