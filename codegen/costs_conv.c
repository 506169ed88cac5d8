/* Predicts the cycles of convolutions: their multiply-adds by register tiles, their weights, which
 * come from far at first and from the next cache again and again, and what Winograd's transforms
 * add. Algorithms are chosen by it. */
#include "codegen/costs.h"

#include "codegen/integers.h"
#include "codegen/tiles.h"

static int64_t vectors_of(const struct target *target, int64_t channels) {
    return rounded_up_quotient(channels, target->vector_width);
}

double weight_cycles(const struct setting *s, double bytes) {
    const struct machine *m = s->target->facts;
    return bytes / (s->weights_stay ? m->third_rate : m->memory_rate);
}

/* The same when they were read before. */
static double weight_cycles_again(const struct setting *s, double bytes) {
    return bytes <= (double)s->target->facts->second_cache
               ? 0
               : transfer_cycles(s->target, bytes, bytes);
}

/* --- direct --- */

int64_t conv_weight_bytes(const struct target *target, const struct cnn_conv *d) {
    int64_t block = d->tile_vectors * target->vector_width;
    return d->groups * round_up(d->out_channels, block) * d->kernel_height * d->kernel_width *
           d->channels * (int64_t)sizeof(float);
}

double conv_cycles(const struct setting *s, const struct cnn_conv *d) {
    int64_t products = d->channels * d->kernel_height * d->kernel_width;
    double row = tile_cycles_of_row(s->target, d->out_width, d->out_channels, products,
                                    d->tile_pixels, d->tile_vectors);
    double rows = (double)(d->batch * d->out_height * d->groups);
    double results = rows * (double)(d->out_width * vectors_of(s->target, d->out_channels));
    return rows * row * (double)products + results * s->steps +
           weight_cycles(s, (double)conv_weight_bytes(s->target, d));
}

/* --- products of several rows --- */

int64_t product_weight_bytes(const struct target *target, const struct cnn_product *d) {
    int64_t block = d->tile_vectors * target->vector_width;
    return round_up(d->out_channels, block) * d->channels * (int64_t)sizeof(float);
}

/* Each block of weights is read once for a block of rows, while it is near. */
double matrix_product_cycles(const struct setting *s, const struct cnn_product *d) {
    double row = tile_cycles_of_row(s->target, cnn_product_rows(d), d->out_channels, d->block_terms,
                                    d->tile_pixels, d->tile_vectors);
    double results = (double)(cnn_product_rows(d) * vectors_of(s->target, d->out_channels));
    return row * (double)d->channels + results * s->steps +
           weight_cycles(s, (double)product_weight_bytes(s->target, d));
}

/* --- Winograd --- */

int64_t winograd_weight_bytes(const struct target *target, const struct cnn_winograd *d) {
    int64_t block = d->tile_vectors * target->vector_width;
    return (d->tile + 2) * (d->tile + 2) * d->channels * round_up(d->out_channels, block) *
           (int64_t)sizeof(float);
}

/* Of one vector of channels of one tile there and back, with two multiply-adds a cycle: what the
 * transforms took in measurements, most of it loads and stores. */
static double transform_cycles(const struct setting *s, const struct cnn_winograd *d) {
    double in = d->tile == 2 ? 40 : d->tile == 4 ? 100 : 215;
    double out = d->tile == 2 ? 30 : d->tile == 4 ? 75 : 160;
    double vectors = in * (double)vectors_of(s->target, d->channels) +
                     out * (double)vectors_of(s->target, d->out_channels);
    return vectors * 2 / s->target->facts->multiply_adds;
}

/* The products of `tiles` tiles. */
static double product_cycles(const struct setting *s, const struct cnn_winograd *d, int64_t tiles) {
    double row = tiles ? tile_cycles_of_row(s->target, tiles, d->out_channels, d->channels,
                                            d->tile_pixels, d->tile_vectors)
                       : 0;
    return (double)((d->tile + 2) * (d->tile + 2)) * row * (double)d->channels;
}

/* What a block's matrices cost that find no room in the second cache, half of which weights pass
 * through: each panel reads them, which is half hidden behind what it multiplies. */
static double spill_cycles(const struct setting *s, const struct cnn_winograd *d) {
    const struct machine *m = s->target->facts;
    int64_t panels = rounded_up_quotient(vectors_of(s->target, d->out_channels), d->tile_vectors);
    int64_t bytes = cnn_winograd_floats(d, s->target->vector_width) * (int64_t)sizeof(float);
    int64_t over = bytes - m->second_cache / 2;
    return over > 0 ? (double)(over * panels) / 2 / m->third_rate : 0;
}

/* Fitted to some 280 times of pairs of layers with AVX2, of 19 shapes and blocks of up to 96 tiles.
 */
double winograd_cycles(const struct setting *s, const struct cnn_winograd *d) {
    int64_t tiles = cnn_winograd_tiles(d), blocks = tiles / d->block, rest = tiles % d->block;
    double times = (double)(blocks + (rest != 0));
    double bytes = (double)winograd_weight_bytes(s->target, d);
    double products = (double)blocks * product_cycles(s, d, d->block) + product_cycles(s, d, rest);
    double results =
        (double)(d->batch * d->out_height * d->out_width * vectors_of(s->target, d->out_channels));
    return weight_cycles(s, bytes) +
           together(products, (times - 1) * weight_cycles_again(s, bytes)) +
           (double)tiles * transform_cycles(s, d) + times * spill_cycles(s, d) + results * s->steps;
}

/* --- depthwise --- */

int64_t depthwise_weight_bytes(const struct target *target, const struct cnn_depthwise *d) {
    int64_t filter = d->one_filter ? 1 : round_up(d->channels, target->vector_width);
    return d->kernel_height * d->kernel_width * filter * (int64_t)sizeof(float);
}

/* A multiply-add has a load of its own, so there are no more of those than of the others. */
double depthwise_cycles(const struct setting *s, const struct cnn_depthwise *d) {
    const struct target *target = s->target;
    const double store = 2;
    double taps = (double)(d->kernel_height * d->kernel_width);
    double pixels = (double)(d->batch * d->out_height * d->out_width);
    double vectors = pixels * (double)vectors_of(target, d->channels);
    double each = taps * (1 + 1 / (double)d->tile_pixels) / target->facts->multiply_adds;
    double bytes = pixels * (double)d->channels * sizeof(float) * 2;
    return together(vectors * (each + store + s->steps), transfer_cycles(target, bytes, bytes)) +
           weight_cycles(s, (double)depthwise_weight_bytes(target, d));
}
