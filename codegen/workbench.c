/* Buffers for a planned graph in, times of kernels out. */
#include "codegen/workbench.h"

#include "codegen/algorithms.h"
#include "codegen/integers.h"
#include "codegen/interface.h"
#include "codegen/stopwatch.h"
#include "runtime/descriptors.h"

int64_t weight_floats(const struct target *target, const struct node *node) {
    enum { LINE_FLOATS = 16, WINOGRAD = (CNN_MAX_WINOGRAD + 2) * (CNN_MAX_WINOGRAD + 2) };
    const struct attributes *a = &node->attributes;
    int64_t widest = CNN_MAX_TILE_VECTORS * target->vector_width;
    /* panels have at most `widest` channels each, so that the last adds fewer than that */
    int64_t filters = (node->shape.c / a->groups + widest) * a->groups;
    int64_t taps = node->parameters[0]->dimensions[2] * node->parameters[0]->dimensions[3];
    if (may_be_winograd(node))
        taps = larger(taps, WINOGRAD);
    int64_t channels = node->op == OP_DEPTHWISE ? 1 : node->parameters[0]->dimensions[1];
    return round_up(filters * taps * channels, LINE_FLOATS);
}

/* What Winograd's blocks may want at most. */
static int64_t most_scratch(const struct target *target, const struct node *node) {
    if (!may_be_winograd(node))
        return 0;
    int64_t most = 0;
    for (int64_t side = 2; side <= CNN_MAX_WINOGRAD; side += 2) {
        const struct cnn_winograd d = {.tile = side,
                                       .channels = node->inputs[0]->shape.c,
                                       .out_channels = node->shape.c,
                                       .block = MOST_TILES,
                                       .tile_vectors = CNN_MAX_TILE_VECTORS};
        most = larger(most, cnn_winograd_floats(&d, target->vector_width));
    }
    return most;
}

/* Numbers that are neither zero, which memory need not hold, nor denormal. */
static float *make_floats(struct arena *arena, int64_t count) {
    float *values = ARENA_ARRAY(arena, float, count);
    for (int64_t i = 0; i < count; i++)
        values[i] = (float)(i * 37 % 101 - 50) / 1000;
    return values;
}

static void make_ports(struct workbench *bench, const struct graph *graph) {
    bench->inputs = ARENA_ARRAY(&bench->arena, const void *, graph->input_count + 1);
    bench->outputs = ARENA_ARRAY(&bench->arena, void *, graph->output_count + 1);
    for (size_t i = 0; i < port_count(graph); i++) {
        struct port port = graph_port(graph, i);
        int64_t floats = port_bytes(&port) / (int64_t)sizeof(float) + 1;
        if (port.is_output)
            bench->outputs[i - graph->input_count] = make_floats(&bench->arena, floats);
        else
            bench->inputs[i] = make_floats(&bench->arena, floats);
    }
}

/* As much as all weights of the network, since so much is read between two reads of one; of more
 * than caches hold it does not matter how much. */
static int64_t weights_to_walk(const struct graph *graph, int64_t most) {
    enum { BEYOND_CACHES = 16 << 20 };
    int64_t all = 0;
    for (size_t i = 0; i < graph->node_count; i++)
        all += node_weight_count(graph->nodes[i]);
    return larger(smaller(all, BEYOND_CACHES), most);
}

void workbench_open(struct workbench *bench, struct graph *graph, const struct target *target) {
    int64_t scratch = 0, weights = 0;
    *bench = (struct workbench){.clock = stopwatch_seconds()};
    for (size_t i = 0; i < graph->node_count; i++) {
        struct node *node = graph->nodes[i];
        if (node->op != OP_CONV && node->op != OP_DEPTHWISE)
            continue;
        node->scratch = round_up(graph->workspace_floats, BUFFER_ALIGNMENT);
        scratch = larger(scratch, most_scratch(target, node));
        weights = larger(weights, weight_floats(target, node));
    }
    make_ports(bench, graph);
    bench->workspace =
        make_floats(&bench->arena, round_up(graph->workspace_floats, BUFFER_ALIGNMENT) + scratch);
    bench->weight_floats = weights_to_walk(graph, weights);
    bench->weights = make_floats(&bench->arena, bench->weight_floats);
}

static double run_once(struct workbench *bench, trial_function *function, size_t trial,
                       int64_t floats) {
    if (bench->at + floats > bench->weight_floats)
        bench->at = 0;
    const float *weights = bench->weights + bench->at;
    bench->at += floats;
    struct moment start = moment_now();
    function((int64_t)trial, bench->inputs, bench->outputs, bench->workspace, weights);
    return seconds_since(start) - bench->clock;
}

static double best_of(const struct trials *trials) {
    double best = trials->items[0].seconds;
    for (size_t i = 1; i < trials->count; i++)
        if (trials->items[i].seconds < best)
            best = trials->items[i].seconds;
    return best;
}

/* Runs those once more that are not `beyond` times as slow as the best. */
static void one_round(struct workbench *bench, trial_function *function, struct trials *trials,
                      int64_t floats, double beyond) {
    double most = beyond * best_of(trials);
    for (size_t i = 0; i < trials->count; i++) {
        struct trial *trial = &trials->items[i];
        if (trial->seconds > most)
            continue;
        double seconds = run_once(bench, function, i, floats);
        if (seconds < trial->seconds)
            trial->seconds = seconds;
    }
}

/* In turn, since the machine may be busy for a while; the more rounds the shorter they are. After
 * some rounds of all only those go on that may be the best. */
void workbench_measure(struct workbench *bench, trial_function *function, struct trials *trials,
                       int64_t floats) {
    enum { OF_ALL = 4, LEAST_ROUNDS = 8, MOST_ROUNDS = 1000 };
    const double enough = 0.4; /* seconds */
    const double start = moment_now().processor;
    for (size_t i = 0; i < trials->count; i++)
        trials->items[i].seconds = 1e9;
    for (int round = 0; round < MOST_ROUNDS; round++) {
        double spent = moment_now().processor - start;
        if (round >= LEAST_ROUNDS && spent > enough)
            break;
        bool all = round < OF_ALL || spent < enough / 3;
        one_round(bench, function, trials, floats, all ? 1e9 : 1.3);
    }
}

void workbench_close(struct workbench *bench) {
    arena_free(&bench->arena);
}
