/* Chooses register tiles: how many output pixels times channel vectors a convolution keeps in
 * registers; and in which order they are computed, so that caches keep what comes again. */
#include "codegen/tiles.h"

#include "codegen/integers.h"

/* What the choice depends on besides the tile. */
struct sums {
    int64_t length; /* products in one output: input channels times kernel positions */
    int64_t vector_width;
};

static double longer(double a, double b) {
    return a > b ? a : b;
}

/* Cycles that a tile spends on one of its products. The constants are fitted to some 600 times that
 * --tune took with AVX2: a step of the sum takes two multiply-adds a cycle, three loads of an
 * operand in two, as many instructions as are decoded, and no less than an addition lasts; weights
 * that do not stay in the first cache come a little late. To begin, finish and store a vector of
 * the tile costs some cycles, which long sums spread. */
static double tile_cycles(int64_t pixels, int64_t vectors, const struct sums *sums) {
    enum { FIRST_CACHE_BYTES = 32 << 10, LOOP = 2 };
    const double latency = 4, decoded = 3.6, late_weights = 0.16, finished = 8;
    double multiplies = (double)(pixels * vectors), loads = (double)(pixels + vectors);
    double cycles = longer(multiplies / 2, loads / 1.5);
    cycles = longer(cycles, (multiplies + loads + LOOP) / decoded);
    cycles = longer(cycles, latency);
    double panel_bytes =
        (double)sums->length * (double)(vectors * sums->vector_width) * sizeof(float);
    if (panel_bytes > FIRST_CACHE_BYTES)
        cycles += late_weights * (double)vectors;
    return cycles + finished * multiplies / longer(1, (double)sums->length);
}

/* The same for a whole row: full tiles and the remainders at its end and in the last channels. */
static double row_cycles(int64_t row, int64_t row_vectors, int64_t pixels, int64_t vectors,
                         const struct sums *sums) {
    int64_t rest_pixels = row % pixels, rest_vectors = row_vectors % vectors;
    double blocks = (double)(row_vectors / vectors), tiles = (double)(row / pixels);
    double cycles = blocks * tiles * tile_cycles(pixels, vectors, sums);
    if (rest_pixels)
        cycles += blocks * tile_cycles(rest_pixels, vectors, sums);
    if (rest_vectors)
        cycles += tiles * tile_cycles(pixels, rest_vectors, sums);
    if (rest_pixels && rest_vectors)
        cycles += tile_cycles(rest_pixels, rest_vectors, sums);
    return cycles;
}

bool tile_fits(const struct target *target, int64_t pixels, int64_t vectors) {
    return pixels * vectors + vectors + 1 <= target->vector_registers;
}

double tile_cycles_of_row(const struct target *target, int64_t pixels, int64_t channels,
                          int64_t products, int64_t tile_pixels, int64_t tile_vectors) {
    const struct sums sums = {products, target->vector_width};
    int64_t vectors = rounded_up_quotient(channels, target->vector_width);
    return row_cycles(pixels, vectors, tile_pixels, tile_vectors, &sums) * 2 /
           target->facts->multiply_adds;
}

double choose_tile(const struct target *target, int64_t pixels, int64_t channels, int64_t products,
                   int64_t *tile_pixels, int64_t *tile_vectors) {
    const struct sums sums = {products, target->vector_width};
    int64_t vectors = rounded_up_quotient(channels, target->vector_width);
    double best = -1;
    *tile_pixels = *tile_vectors = 1;
    for (int64_t v = 1; v <= smaller(vectors, CNN_MAX_TILE_VECTORS); v++)
        for (int64_t p = 1; p <= smaller(pixels, CNN_MAX_TILE_PIXELS); p++) {
            if (!tile_fits(target, p, v))
                break;
            double cycles = row_cycles(pixels, vectors, p, v, &sums);
            if (best < 0 || cycles < best) {
                best = cycles;
                *tile_pixels = p;
                *tile_vectors = v;
            }
        }
    return best * 2 / target->facts->multiply_adds;
}

int64_t fetch_for(const struct target *target, int64_t vectors, int64_t tiles) {
    return rounded_up_quotient(vectors * target->vector_width, tiles);
}

/* Sums so short that to write their outputs takes time: side by side, those of one pixel go out at
 * once. */
static bool is_short(const struct target *target, int64_t products, int64_t weight_bytes) {
    enum { SHORT = 64 };
    return products <= SHORT && weight_bytes <= target->facts->second_cache / 2;
}

/* Blocks of pixels stay in the second cache for all panels of weights. Where these do not stay
 * there too, a block is of as many tiles as its panels take to come. Of a single tile all weights
 * are one stream, which processors fetch by themselves. */
void choose_order(const struct target *target, int64_t apart, struct cnn_conv *d) {
    enum { ENOUGH_TILES = 16 };
    int64_t cache = target->facts->second_cache, taps = d->kernel_height * d->kernel_width;
    int64_t products = taps * d->channels, float_bytes = (int64_t)sizeof(float);
    int64_t weights = products * d->out_channels * float_bytes;
    int64_t tiles = cnn_conv_tiles(d);
    int64_t input = d->tile_pixels * smaller(apart, taps) * d->channels * float_bytes;
    if (is_short(target, products, weights))
        return;
    int64_t least = weights <= cache / 2 ? 1 : ENOUGH_TILES;
    d->block = even_portion(tiles, larger(cache / 4 / larger(input, 1), least));
    if (d->block > 1 && weights > cache / 8)
        d->fetch = fetch_for(target, d->tile_vectors, d->block);
}

/* As many pixels as share a load of the weights well: of the numbers up to MOST, beyond which it
 * took longer, that which leaves the least over. */
int64_t choose_depthwise_tile(int64_t pixels) {
    enum { LEAST = 4, MOST = 8 };
    int64_t best = smaller(pixels, MOST);
    for (int64_t p = best; p >= LEAST; p--)
        if (rounded_up_quotient(pixels, p) * p < rounded_up_quotient(pixels, best) * best)
            best = p;
    return best;
}

/* All channels, or as many as have a window's rows and their weights stay in the nearest cache,
 * with room for the outputs, from one row of outputs to the next. */
static int64_t run_that_stays(const struct target *target, int64_t row,
                              const struct cnn_depthwise *d) {
    enum { WORTH = 400 }; /* multiply-adds of a run's pixel; with fewer, runs took longer */
    int64_t taps = d->kernel_height * d->kernel_width, floats = d->kernel_height * row + taps;
    int64_t most = target->facts->first_cache * 3 / 4 / (int64_t)sizeof(float) / floats;
    if (d->one_filter || most >= d->channels)
        return d->channels;
    int64_t run = most / CNN_RUN * CNN_RUN;
    while (run > 0 && d->channels % run != 0)
        run -= CNN_RUN;
    return taps * run < WORTH ? d->channels : run;
}

/* Shorter runs where rows are few, so that there are enough pieces to share them evenly. A block is
 * half of the rows: two threads then read rows that they wrote, and rows at a border that are read
 * twice are few. */
void choose_depthwise_order(const struct target *target, int64_t row, struct cnn_depthwise *d) {
    enum { ENOUGH_PIECES = 12 };
    int64_t rows = d->batch * d->out_height;
    d->run = run_that_stays(target, row, d);
    while (rows * (d->channels / d->run) < ENOUGH_PIECES && d->run % (2 * CNN_RUN) == 0)
        d->run /= 2;
    d->block_rows = rounded_up_quotient(rows, 2);
}
