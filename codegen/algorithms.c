/* Chooses how each convolution is computed, by what it is predicted to take: its arithmetic, and
 * the weights, which are read at least once and again for every block that has to do with them. */
#include "codegen/algorithms.h"

#include "codegen/codegen.h"
#include "codegen/tiles.h"
#include "ir/exact.h"

enum { TAPS = 9, MOST_TILES = 96 };

static int64_t rounded_up_quotient(int64_t a, int64_t b) {
    return (a + b - 1) / b;
}

static int64_t vectors_of(const struct target *target, int64_t channels) {
    return rounded_up_quotient(channels, target->vector_width);
}

/* --- memory --- */

/* Cycles to read `bytes` of weights `times` times: at first from where a network's weights lie,
 * then from the cache that holds them. */
static double weight_cycles(const struct target *target, double bytes, double times, bool cached) {
    const struct machine *m = target->facts;
    double first = bytes / (cached ? m->third_rate : m->memory_rate);
    double again = bytes <= (double)m->second_cache  ? 0
                   : bytes <= (double)m->third_cache ? bytes / m->third_rate
                                                     : bytes / m->memory_rate;
    return first + (times - 1) * again;
}

/* --- direct --- */

static double direct_cycles(const struct target *target, const struct node *node, bool cached) {
    int64_t channels = node->inputs[0]->shape.c, pixels, vectors;
    double row =
        choose_tile(target, node->shape.w, node->shape.c, TAPS * channels, &pixels, &vectors);
    double bytes = (double)(TAPS * channels * node->shape.c) * sizeof(float);
    return row * (double)(node->shape.n * node->shape.h * TAPS * channels) +
           weight_cycles(target, bytes, 1, cached);
}

/* --- Winograd --- */

static int64_t tile_count(const struct cnn_winograd *d) {
    return d->batch * rounded_up_quotient(d->out_height, d->tile) *
           rounded_up_quotient(d->out_width, d->tile);
}

static int64_t weight_bytes(const struct cnn_winograd *d) {
    return (d->tile + 2) * (d->tile + 2) * d->channels * d->out_channels * (int64_t)sizeof(float);
}

/* Of one vector of channels of one tile there and back, with two multiply-adds a cycle: what the
 * transforms took in measurements, most of it loads and stores. */
static double transform_cycles(const struct target *target, const struct cnn_winograd *d) {
    double in = d->tile == 2 ? 40 : 100, out = d->tile == 2 ? 30 : 75;
    double vectors = in * (double)vectors_of(target, d->channels) +
                     out * (double)vectors_of(target, d->out_channels);
    return vectors * 2 / target->facts->multiply_adds;
}

/* The products of `tiles` tiles; each vector of them is stored once. */
static double product_cycles(const struct target *target, const struct cnn_winograd *d,
                             int64_t tiles) {
    int64_t pixels, vectors;
    double row =
        tiles ? choose_tile(target, tiles, d->out_channels, d->channels, &pixels, &vectors) : 0;
    double stores = (double)(tiles * vectors_of(target, d->out_channels));
    return (double)((d->tile + 2) * (d->tile + 2)) * (row * (double)d->channels + stores);
}

/* What a block's matrices that find no room in the nearest caches cost: they go and come back. */
static double spill_cycles(const struct target *target, const struct cnn_winograd *d) {
    int64_t bytes = cnn_winograd_floats(d, target->vector_width) * (int64_t)sizeof(float);
    int64_t over = bytes - target->facts->second_cache;
    return over > 0 ? 2 * (double)over / target->facts->third_rate : 0;
}

static double winograd_cycles(const struct target *target, const struct cnn_winograd *d,
                              bool cached) {
    int64_t tiles = tile_count(d), blocks = tiles / d->block, rest = tiles % d->block;
    double times = (double)(blocks + (rest != 0));
    return (double)blocks * product_cycles(target, d, d->block) + product_cycles(target, d, rest) +
           (double)tiles * transform_cycles(target, d) + times * spill_cycles(target, d) +
           weight_cycles(target, (double)weight_bytes(d), times, cached);
}

struct cnn_winograd winograd_descriptor(const struct target *target, const struct node *node,
                                        int64_t tile) {
    struct cnn_winograd best = {
        .tile = tile,
        .batch = node->shape.n,
        .out_height = node->shape.h,
        .out_width = node->shape.w,
        .channels = node->inputs[0]->shape.c,
        .out_channels = node->shape.c,
    };
    int64_t tiles = tile_count(&best);
    double least = 0;
    int64_t size = tiles < MOST_TILES ? tiles : MOST_TILES;
    for (; size > 0; size--) {
        struct cnn_winograd d = best;
        int64_t blocks = rounded_up_quotient(tiles, size);
        d.block = size = rounded_up_quotient(tiles, blocks); /* evenly */
        double cycles = winograd_cycles(target, &d, false);
        if (least == 0 || cycles < least) {
            least = cycles;
            best.block = size;
        }
    }
    choose_tile(target, best.block, best.out_channels, best.channels, &best.tile_pixels,
                &best.tile_vectors);
    if (weight_bytes(&best) > target->facts->second_cache)
        best.fetch =
            fetch_for(target, best.tile_vectors, rounded_up_quotient(best.block, best.tile_pixels));
    return best;
}

/* --- the choice --- */

static bool may_be_winograd(const struct node *node) {
    enum { FEW_CHANNELS = 16 };
    const struct attributes *a = &node->attributes;
    return node->op == OP_CONV && a->groups == 1 && a->kernel[0] == 3 && a->kernel[1] == 3 &&
           a->stride[0] == 1 && a->stride[1] == 1 && a->dilation[0] == 1 && a->dilation[1] == 1 &&
           node->inputs[0]->shape.c >= FEW_CHANNELS && node->shape.c >= FEW_CHANNELS;
}

/* The least by so much that it is worth its larger weights and errors. */
static void choose_for(const struct target *target, struct node *node, bool cached) {
    const double worth = 0.9;
    double defined = direct_cycles(target, node, cached), least = worth * defined;
    node->cycles = node->cycles_as_defined = (int64_t)defined;
    for (int64_t tile = 2; tile <= CNN_MAX_WINOGRAD; tile += 2) {
        struct cnn_winograd d = winograd_descriptor(target, node, tile);
        double cycles = winograd_cycles(target, &d, cached);
        if (cycles >= least)
            continue;
        least = cycles;
        node->winograd = tile;
        node->cycles = (int64_t)cycles;
        node->scratch_floats = cnn_winograd_floats(&d, target->vector_width);
    }
}

/* Whether all weights of the network stay in the last cache from one run to the next. */
static bool weights_stay(const struct target *target, const struct graph *graph) {
    int64_t bytes = 0;
    for (size_t i = 0; i < graph->node_count; i++)
        for (int k = 0; k < graph->nodes[i]->parameter_count; k++)
            if (graph->nodes[i]->parameters[k])
                bytes += tensor_count(graph->nodes[i]->parameters[k]) * (int64_t)sizeof(float);
    return bytes <= target->facts->third_cache;
}

bool choose_algorithms(struct graph *graph, const struct codegen_options *options,
                       struct arena *arena, const char **error) {
    struct node **open = ARENA_ARRAY(arena, struct node *, graph->node_count + 1);
    size_t count = 0;
    struct target target;
    if (options->optimisation == 0 || options->exact)
        return true;
    const bool *exact = find_exact_layers(graph, arena);
    for (size_t i = 0; i < graph->node_count; i++)
        if (may_be_winograd(graph->nodes[i]) && !exact[i])
            open[count++] = graph->nodes[i];
    if (count == 0) /* to open a target takes as long as to compile a small network */
        return true;
    if (!target_open(&target, options->triple, options->cpu, options->optimisation, arena, error))
        return false;
    bool cached = weights_stay(&target, graph);
    for (size_t i = 0; i < count; i++)
        choose_for(&target, open[i], cached);
    target_close(&target);
    return true;
}
