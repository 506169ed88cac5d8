/* Divides a graph of several images into loops, by what their layers are predicted to take: few
 * images at a time, so that values stay in caches, or many, so that weights are read seldom. */
#include "codegen/loops.h"

#include "codegen/algorithms.h"
#include "codegen/integers.h"
#include "ir/rewrite.h"

/* Ways to go through the images: numbers of passes. */
enum { MOST_WAYS = 32, MOST_IMAGES = 1024 };

struct ways {
    int64_t passes[MOST_WAYS];
    int count;
};

bool has_several_images(const struct graph *graph) {
    for (size_t i = 0; i < graph->node_count; i++)
        if (graph->nodes[i]->shape.n > 1)
            return true;
    return false;
}

static void add_way(struct ways *ways, int64_t passes) {
    for (int w = 0; w < ways->count; w++)
        if (ways->passes[w] == passes)
            return;
    if (ways->count < MOST_WAYS)
        ways->passes[ways->count++] = passes;
}

/* One pass, and of each number of images those that divide it by 1, 2, 4, ... images or a little
 * more. */
static struct ways find_ways(const struct graph *graph) {
    struct ways ways = {.passes = {1}, .count = 1};
    int64_t before = 1;
    for (size_t i = 0; i < graph->node_count && ways.count < MOST_WAYS; i++) {
        int64_t all = graph->nodes[i]->shape.n, next = 1;
        for (int64_t images = 1; all != before && images < all && images <= MOST_IMAGES; images++)
            if (all % images == 0 && images >= next) {
                add_way(&ways, all / images);
                next = 2 * images;
            }
        before = all;
    }
    return ways;
}

/* --- costs --- */

static double tensor_bytes(const struct node *tensor, int64_t passes) {
    return (double)shape_count(tensor->shape) / (tensor->shape.n > 1 ? (double)passes : 1) *
           sizeof(float);
}

struct moved {
    double bytes;
    int64_t passes;
};

static void add_read(struct node **read, void *context) {
    struct moved *moved = context;
    moved->bytes += tensor_bytes(*read, moved->passes);
}

/* What all passes over a node take. */
static double node_cycles(const struct setting *setting, struct node *node, bool as_defined,
                          int64_t passes) {
    const double call = 100;
    const struct loop loop = {node->id, node->id, passes};
    struct moved moved = {tensor_bytes(node, passes), passes};
    if (is_given(node))
        return 0;
    visit_reads(node, add_read, &moved);
    node->loop = passes > 1 ? &loop : NULL; /* so that it is asked about the images of a pass */
    double products = least_cycles(setting, node, as_defined);
    node->loop = NULL;
    double transfers = transfer_cycles(setting->target, moved.bytes, moved.bytes);
    return (double)passes * (call + together(products, transfers));
}

/* By node id: bytes of the tensors that it or a node before it makes and a node behind it reads. */
static double *find_live_bytes(const struct graph *graph, struct arena *arena) {
    const int *last = find_last_reads(graph, arena);
    double *live = ARENA_ARRAY(arena, double, graph->node_count + 1), now = 0;
    double *ends = ARENA_ARRAY(arena, double, graph->node_count + 1);
    for (size_t i = 0; i < graph->node_count; i++) {
        const struct node *node = graph->nodes[i];
        double bytes = tensor_bytes(node, 1);
        now -= ends[i];
        if (!is_given(node) && last[i] > (int)i) {
            now += bytes;
            ends[last[i]] += bytes;
        }
        live[i] = now;
    }
    return live;
}

/* --- the choice --- */

/* The least that nodes 0 to `id` take, of which the last goes its way, and the way of the one
 * before. */
struct best {
    double cycles;
    int before;
};

static void choose_last(struct best *best, const struct best *before, int way, int count,
                        double change) {
    for (int w = 0; w < count; w++) {
        double cycles = before[w].cycles + (w == way ? 0 : change);
        if (w == 0 || cycles < best->cycles)
            *best = (struct best){cycles, w};
    }
}

static struct best *find_best(const struct setting *setting, const struct graph *graph,
                              const bool *as_defined, const struct ways *ways,
                              struct arena *arena) {
    const double never = 1e300;
    struct best *all = ARENA_ARRAY(arena, struct best, (graph->node_count + 1) * MOST_WAYS);
    const double *live = find_live_bytes(graph, arena);
    for (size_t i = 0; i < graph->node_count; i++) {
        struct best *now = all + (i + 1) * MOST_WAYS;
        double change = i ? 2 * transfer_cycles(setting->target, live[i - 1], live[i - 1]) : 0;
        for (int w = 0; w < ways->count; w++) {
            struct node *node = graph->nodes[i];
            int64_t passes = ways->passes[w];
            choose_last(&now[w], now - MOST_WAYS, w, ways->count, change);
            now[w].cycles += passes > 1 && !may_be_in_passes(node, passes)
                                 ? never
                                 : node_cycles(setting, node, as_defined[i], passes);
        }
    }
    return all;
}

/* Not of nodes in front that do nothing. */
static void make_loop(struct graph *graph, int first, int last, int64_t passes) {
    while (first <= last && is_given(graph->nodes[first]))
        first++;
    if (first <= last)
        set_loop(graph, first, last, passes);
}

void choose_loops(const struct setting *setting, struct graph *graph, const bool *as_defined,
                  struct arena *arena) {
    const struct ways ways = find_ways(graph);
    if (ways.count < 2 || graph->node_count == 0)
        return;
    const struct best *all = find_best(setting, graph, as_defined, &ways, arena), *last;
    int end = (int)graph->node_count - 1, way = 0;
    last = all + (end + 1) * MOST_WAYS;
    for (int w = 1; w < ways.count; w++)
        way = last[w].cycles < last[way].cycles ? w : way;
    for (int i = end; i >= 0; i--) {
        int before = all[(i + 1) * MOST_WAYS + way].before;
        if (i > 0 && before == way)
            continue;
        make_loop(graph, i, end, ways.passes[way]);
        end = i - 1;
        way = before;
    }
}
