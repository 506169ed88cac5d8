/* Chooses how each convolution is computed, by what it is predicted to take: its arithmetic, and
 * the weights, which are read at least once and again for every block that has to do with them. */
#include "codegen/algorithms.h"

#include "codegen/budget.h"
#include "codegen/codegen.h"
#include "codegen/costs.h"
#include "codegen/integers.h"
#include "codegen/loops.h"
#include "codegen/tiles.h"
#include "ir/exact.h"

/* What it takes summed as defined. */
static double direct_cycles(const struct setting *setting, const struct node *node) {
    struct cnn_conv d = {
        .batch = images_in_pass(node),
        .groups = 1,
        .out_height = node->shape.h,
        .out_width = node->shape.w,
        .channels = node->inputs[0]->shape.c,
        .out_channels = node->shape.c,
        .kernel_height = node->attributes.kernel[0],
        .kernel_width = node->attributes.kernel[1],
    };
    choose_tile(setting->target, d.out_width, d.out_channels,
                d.channels * d.kernel_height * d.kernel_width, &d.tile_pixels, &d.tile_vectors);
    return conv_cycles(setting, &d);
}

static void set_fetch(const struct target *target, struct cnn_winograd *d) {
    d->fetch = fetch_for(target, d->tile_vectors, rounded_up_quotient(d->block, d->tile_pixels));
}

/* The block and its register tile; weights are fetched early where they are many. */
static void set_block(const struct target *target, struct cnn_winograd *d, int64_t block) {
    d->block = block;
    choose_tile(target, block, d->out_channels, d->channels, &d->tile_pixels, &d->tile_vectors);
    if (winograd_weight_bytes(target, d) > target->facts->second_cache)
        set_fetch(target, d);
}

/* Threads that share few blocks do better to transform all inputs each than to read all weights
 * each, where these are more. */
static void choose_winograd_pieces(const struct target *target, struct cnn_winograd *d) {
    int64_t tiles = cnn_winograd_tiles(d), side = d->tile + 2;
    int64_t input = tiles * side * side * d->channels * (int64_t)sizeof(float);
    d->split_channels = tiles <= 2 * d->block && winograd_weight_bytes(target, d) > 2 * input;
}

struct cnn_winograd winograd_descriptor(const struct target *target, const struct node *node,
                                        int64_t tile) {
    struct cnn_winograd best = {
        .tile = tile,
        .batch = images_in_pass(node),
        .out_height = node->shape.h,
        .out_width = node->shape.w,
        .channels = node->inputs[0]->shape.c,
        .out_channels = node->shape.c,
    };
    const struct setting setting = {.target = target};
    if (node->tuned.pixels) {
        best.block = node->tuned.block;
        best.tile_pixels = node->tuned.pixels;
        best.tile_vectors = node->tuned.vectors;
        if (node->tuned.fetch)
            set_fetch(target, &best);
        choose_winograd_pieces(target, &best);
        return best;
    }
    int64_t tiles = cnn_winograd_tiles(&best);
    double least = 0;
    int64_t size = tiles < MOST_TILES ? tiles : MOST_TILES;
    for (; size > 0; size--) {
        struct cnn_winograd d = best;
        size = even_portion(tiles, size);
        set_block(target, &d, size);
        double cycles = winograd_cycles(&setting, &d);
        if (least == 0 || cycles < least) {
            least = cycles;
            best = d;
        }
    }
    choose_winograd_pieces(target, &best);
    return best;
}

/* --- the choice --- */

bool may_be_winograd(const struct node *node) {
    enum { FEW_CHANNELS = 16 };
    const struct attributes *a = &node->attributes;
    return node->op == OP_CONV && a->groups == 1 && a->kernel[0] == 3 && a->kernel[1] == 3 &&
           a->stride[0] == 1 && a->stride[1] == 1 && a->dilation[0] == 1 && a->dilation[1] == 1 &&
           node->inputs[0]->shape.c >= FEW_CHANNELS && node->shape.c >= FEW_CHANNELS;
}

bool is_worth(int64_t tile, double time, double defined, double least) {
    return time < 0.9 * defined && (tile < CNN_MAX_WINOGRAD || time < 0.95 * least);
}

/* Ways that are worth their weights and errors. Returns how many. */
static size_t find_candidates(const struct setting *setting, struct node *node,
                              struct candidate *found) {
    size_t count = 0;
    double passes = (double)node_passes(node), defined = passes * direct_cycles(setting, node);
    int64_t given = tensor_count(node->parameters[0]) * (int64_t)sizeof(float);
    double least = defined;
    node->cycles = node->cycles_as_defined = (int64_t)defined;
    for (int64_t tile = 2; tile <= CNN_MAX_WINOGRAD; tile += 2) {
        struct cnn_winograd d = winograd_descriptor(setting->target, node, tile);
        double cycles = passes * winograd_cycles(setting, &d);
        if (is_worth(tile, cycles, defined, least))
            found[count++] = (struct candidate){
                .node = node,
                .tile = tile,
                .cycles = (int64_t)cycles,
                .gain = (int64_t)defined - (int64_t)cycles,
                .bytes = winograd_weight_bytes(setting->target, &d) - given,
                .scratch_floats = cnn_winograd_floats(&d, setting->target->vector_width),
            };
        least = cycles < least ? cycles : least;
    }
    return count;
}

double least_cycles(const struct setting *setting, const struct node *node, bool as_defined) {
    if (is_product(node)) {
        struct cnn_product d = product_descriptor(setting->target, node);
        return matrix_product_cycles(setting, &d);
    }
    if (node->op != OP_CONV || node->attributes.groups != 1)
        return weight_cycles(setting, (double)node_weight_count(node) * sizeof(float));
    double least = direct_cycles(setting, node);
    bool winograd = may_be_winograd(node) && !as_defined;
    for (int64_t tile = 2; winograd && tile <= CNN_MAX_WINOGRAD; tile += 2) {
        struct cnn_winograd d = winograd_descriptor(setting->target, node, tile);
        double cycles = winograd_cycles(setting, &d);
        least = cycles < least ? cycles : least;
    }
    return least;
}

bool weights_stay(const struct target *target, const struct graph *graph) {
    int64_t floats = 0;
    for (size_t i = 0; i < graph->node_count; i++)
        floats += node_weight_count(graph->nodes[i]);
    return floats * (int64_t)sizeof(float) <= target->facts->third_cache;
}

/* By node id: layers that no faster algorithm may sum. */
static bool *find_defined(struct graph *graph, const struct codegen_options *options,
                          struct arena *arena) {
    bool *defined = find_exact_layers(graph, arena);
    for (size_t i = 0; i < graph->node_count; i++)
        defined[i] = defined[i] || options->exact || options->weights_budget == 0;
    return defined;
}

static void choose_ways(const struct setting *setting, struct graph *graph, const bool *as_defined,
                        int64_t weights_budget, struct arena *arena) {
    size_t most = graph->node_count * CNN_MAX_WINOGRAD / 2 + 1, count = 0;
    struct candidate *found = ARENA_ARRAY(arena, struct candidate, most);
    for (size_t i = 0; i < graph->node_count; i++) {
        struct node *node = graph->nodes[i];
        if (is_product(node))
            node->scratch_floats = product_floats(setting->target, node);
        else if (may_be_winograd(node) && !as_defined[i])
            count += find_candidates(setting, node, found + count);
    }
    choose_within(found, count, weights_budget, graph, arena);
}

/* For other processors it takes long to open a target. */
static bool has_choices(const struct graph *graph, const bool *as_defined) {
    bool any = has_several_images(graph);
    for (size_t i = 0; i < graph->node_count && !any; i++)
        any = may_be_winograd(graph->nodes[i]) && !as_defined[i];
    return any;
}

bool choose_algorithms(struct graph *graph, const struct codegen_options *options,
                       struct arena *arena, const char **error) {
    struct target target;
    if (options->optimisation == 0)
        return true;
    const bool *as_defined = find_defined(graph, options, arena);
    if (!has_choices(graph, as_defined))
        return true;
    if (!target_open(&target, options->triple, options->cpu, options->optimisation, arena, error))
        return false;
    const struct setting setting = {&target, weights_stay(&target, graph), 0};
    choose_loops(&setting, graph, as_defined, arena);
    choose_ways(&setting, graph, as_defined, options->weights_budget, arena);
    target_close(&target);
    return true;
}
