/* Measures how convolutions are computed fastest here. Every way that may be the best is compiled
 * into one function, loaded, and run in turn with the others on the places that the plan gave the
 * layer's tensors; weights come from as far as in the network. */
#include "codegen/algorithms.h"
#include "codegen/costs.h"
#include "codegen/generator.h"
#include "codegen/integers.h"
#include "codegen/load.h"
#include "codegen/stopwatch.h"
#include "codegen/tiles.h"
#include "codegen/tuning.h"
#include "codegen/workbench.h"
#include "ir/exact.h"

struct tuner {
    struct graph *graph;
    struct codegen_options options;
    struct target target;
    struct setting setting;
    const bool *exact; /* by node id */
    struct tuning *tuning;
    struct workbench bench;
};

/* Products of several images have tiles of their own. */
static bool is_tuned(const struct node *node) {
    return (node->op == OP_CONV && !is_product(node)) || node->op == OP_DEPTHWISE;
}

static bool winograd_allowed(const struct tuner *t, const struct node *node) {
    return may_be_winograd(node) && !t->exact[node->id] && !t->options.exact;
}

static int64_t tiles_of(const struct node *node, int64_t side) {
    const struct cnn_winograd d = {.tile = side,
                                   .batch = images_in_pass(node),
                                   .out_height = node->shape.h,
                                   .out_width = node->shape.w};
    return cnn_winograd_tiles(&d);
}

/* --- what is measured --- */

/* Equal texts, equal kernels but for what is fused behind them. */
static const char *descriptor_text(const struct tuner *t, const struct node *node) {
    const struct attributes *a = &node->attributes;
    const struct location *x = &node->inputs[0]->location, *y = &node->location;
    const struct shape in = shape_in_pass(node, node->inputs[0]), out = shape_in_pass(node, node);
    const char *text =
        arena_printf(t->tuning->arena, "-O%d %s %lldx%lldx%lldx%lld to %lldx%lldx%lldx%lld",
                     t->options.optimisation, operators[node->op].name, (long long)in.n,
                     (long long)in.h, (long long)in.w, (long long)in.c, (long long)out.n,
                     (long long)out.h, (long long)out.w, (long long)out.c);
    text = arena_printf(t->tuning->arena,
                        "%s, kernel %lldx%lld/%lldx%lld, stride %lldx%lld, groups %lld", text,
                        (long long)a->kernel[0], (long long)a->kernel[1], (long long)a->dilation[0],
                        (long long)a->dilation[1], (long long)a->stride[0], (long long)a->stride[1],
                        (long long)a->groups);
    return arena_printf(t->tuning->arena, "%s, rows %lld %lld, pixels %lld %lld, %s%s", text,
                        (long long)x->row, (long long)y->row, (long long)x->pixel,
                        (long long)y->pixel, winograd_allowed(t, node) ? "" : "as defined, ",
                        t->setting.weights_stay ? "near" : "far");
}

/* A tile that a file may have. */
static bool is_tile(const struct target *target, int64_t pixels, int64_t vectors) {
    return pixels >= 1 && vectors >= 1 && pixels <= CNN_MAX_TILE_PIXELS &&
           vectors <= CNN_MAX_TILE_VECTORS && tile_fits(target, pixels, vectors);
}

/* Whether a choice, which a file may have, is one that kernels can have. */
static bool is_possible(const struct tuner *t, const struct node *node, const struct way *c) {
    const struct tuned *way = &c->tuned;
    bool winograd = c->winograd >= 2 && c->winograd <= CNN_MAX_WINOGRAD && c->winograd % 2 == 0;
    if (c->winograd && !(winograd && winograd_allowed(t, node)))
        return false;
    if (!way->pixels)
        return !way->vectors && !way->block && !way->fetch;
    bool block = !winograd ? !way->block
                           : way->block >= 1 &&
                                 way->block <= smaller(tiles_of(node, c->winograd), MOST_TILES);
    return block && is_tile(&t->target, way->pixels, way->vectors) &&
           (way->fetch == 0 || (winograd && way->fetch == 1));
}

static void add_trial(struct trials *trials, struct way choice) {
    if (trials->count < MOST_TRIALS)
        trials->items[trials->count++] = (struct trial){.choice = choice};
}

/* Register tiles that may be best: for each number of vectors as many pixels as there are registers
 * for, and some fewer, down to half, of which some number may divide the row. Tiles with more loads
 * than multiply-adds are slower than others, where there are others. */
static void add_tiles(const struct tuner *t, struct trials *trials, struct way base, int64_t pixels,
                      int64_t channels, int64_t least) {
    enum { STEPS = 6 };
    int64_t width = t->target.vector_width, vectors = rounded_up_quotient(channels, width);
    for (int64_t v = 1; v <= smaller(vectors, CNN_MAX_TILE_VECTORS); v++) {
        int64_t most = smaller(pixels, CNN_MAX_TILE_PIXELS);
        while (most > 0 && !tile_fits(&t->target, most, v))
            most--;
        for (int64_t p = most; p >= least && 2 * p > most; p -= rounded_up_quotient(most, STEPS)) {
            if ((p == 1 && pixels > 1) || (v == 1 && vectors > 1))
                continue;
            base.tuned.pixels = p;
            base.tuned.vectors = v;
            add_trial(trials, base);
        }
    }
}

static void add_depthwise(struct trials *trials, const struct node *node) {
    static const int64_t pixels[] = {1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 14};
    for (size_t i = 0; i < sizeof pixels / sizeof *pixels; i++)
        if (pixels[i] <= node->shape.w)
            add_trial(trials, (struct way){.tuned = {.pixels = pixels[i], .vectors = 1}});
}

/* The blocks that the model has, with any register tile. */
static void add_winograd(const struct tuner *t, struct trials *trials, const struct node *node) {
    enum { LEAST = 4 };
    for (int64_t side = 2; side <= CNN_MAX_WINOGRAD; side += 2) {
        struct node untuned = *node;
        untuned.tuned = (struct tuned){0};
        struct cnn_winograd d = winograd_descriptor(&t->target, &untuned, side);
        struct way base = {side, {.block = d.block, .fetch = d.fetch != 0}};
        add_trial(trials, (struct way){.winograd = side});
        add_tiles(t, trials, base, d.block, node->shape.c, smaller(LEAST, d.block));
    }
}

/* The first is what the model has. */
static void first_trials(const struct tuner *t, struct trials *trials, const struct node *node) {
    const struct shape s = shape_in_pass(node, node);
    trials->count = 0;
    add_trial(trials, (struct way){.winograd = node->winograd});
    if (node->op == OP_DEPTHWISE)
        add_depthwise(trials, node);
    else
        add_tiles(t, trials, (struct way){0}, s.n * s.h * s.w, s.c / node->attributes.groups, 1);
    if (winograd_allowed(t, node))
        add_winograd(t, trials, node);
}

/* The best of Winograd's, with other blocks and with weights fetched early and not. */
static void more_trials(struct trials *trials, const struct node *node, struct way best) {
    int64_t tiles = tiles_of(node, best.winograd), pixels = best.tuned.pixels;
    trials->count = 0;
    add_trial(trials, best);
    for (int64_t count = 1, last = 0; pixels && count * pixels <= MOST_TILES + pixels; count *= 2) {
        int64_t size = even_portion(tiles, smaller(smaller(count * pixels, tiles), MOST_TILES));
        if (size == last)
            continue;
        last = best.tuned.block = size;
        for (int64_t fetch = 0; fetch <= 1; fetch++) {
            best.tuned.fetch = fetch;
            add_trial(trials, best);
        }
    }
}

/* --- measuring --- */

static void set_choice(const struct tuner *t, struct node *node, struct way choice) {
    node->winograd = choice.winograd;
    node->tuned = choice.tuned;
    node->scratch_floats = 0;
    node->cycles = node->cycles_as_defined;
    if (!choice.winograd)
        return;
    struct cnn_winograd d = winograd_descriptor(&t->target, node, choice.winograd);
    node->scratch_floats = cnn_winograd_floats(&d, t->target.vector_width);
    node->cycles = node_passes(node) * (int64_t)winograd_cycles(&t->setting, &d);
}

/* void trials(int64_t number, inputs, outputs, workspace, weights): each is a case of a switch. */
static void emit_trials(struct generator *g, const struct tuner *t, struct node *node,
                        const struct trials *trials) {
    LLVMTypeRef types[] = {g->int64, g->pointer, g->pointer, g->pointer, g->pointer};
    LLVMValueRef function =
        LLVMAddFunction(g->module, "trials", LLVMFunctionType(g->void_type, types, 5, 0));
    leave_unoptimised(g, function);
    LLVMBasicBlockRef begin = LLVMAppendBasicBlockInContext(g->context, function, "");
    LLVMBasicBlockRef end = LLVMAppendBasicBlockInContext(g->context, function, "");
    LLVMPositionBuilderAtEnd(g->builder, begin);
    g->inputs = load_addresses(g, g->builder, LLVMGetParam(function, 1), g->graph->input_count);
    g->outputs = load_addresses(g, g->builder, LLVMGetParam(function, 2), g->graph->output_count);
    g->workspace = g->own = LLVMGetParam(function, 3);
    g->weights = LLVMGetParam(function, 4);
    LLVMValueRef choice =
        LLVMBuildSwitch(g->builder, LLVMGetParam(function, 0), end, (unsigned)trials->count);
    for (size_t i = 0; i < trials->count; i++) {
        LLVMBasicBlockRef block = LLVMInsertBasicBlockInContext(g->context, end, "");
        LLVMPositionBuilderAtEnd(g->builder, block);
        set_choice(t, node, trials->items[i].choice);
        lower_node(g, node);
        LLVMBuildBr(g->builder, end);
        LLVMAddCase(choice, constant_int64(g, (int64_t)i), block);
    }
    LLVMPositionBuilderAtEnd(g->builder, end);
    LLVMBuildRetVoid(g->builder);
}

static bool compile_trials(const struct tuner *t, struct arena *arena, struct node *node,
                           const struct trials *trials, struct pieces *object, const char **error) {
    struct generator g = {.arena = arena,
                          .graph = t->graph,
                          .options = &t->options,
                          .target = t->target,
                          .weightless = true};
    if (!module_open(&g, error))
        return false;
    emit_trials(&g, t, node, trials);
    bool emitted = module_optimise(&g, error) && module_emit(&g, EMIT_OBJECT, object, error);
    module_close(&g);
    return emitted;
}

static bool run_trials(struct tuner *t, struct node *node, struct trials *trials,
                       const char **error) {
    struct arena arena = {0};
    struct pieces object = {0};
    struct loaded *loaded;
    void *function;
    const char *failure = NULL;
    bool good = compile_trials(t, &arena, node, trials, &object, &failure) &&
                code_load(&arena, &object, "trials", &loaded, &function, &failure);
    if (good) {
        workbench_measure(&t->bench, (trial_function *)(uintptr_t)function, trials,
                          weight_floats(&t->target, node));
        code_unload(loaded);
    } else {
        *error = arena_printf(t->tuning->arena, "%s", failure);
    }
    arena_free(&arena);
    return good;
}

/* Of those with tiles of `least` to `most` outputs a side: 0 is direct. */
static const struct trial *fastest(const struct trials *trials, int64_t least, int64_t most) {
    const struct trial *best = NULL;
    for (size_t i = 0; i < trials->count; i++) {
        const struct trial *trial = &trials->items[i];
        int64_t side = trial->choice.winograd;
        if (side >= least && side <= most && (!best || trial->seconds < best->seconds))
            best = trial;
    }
    return best;
}

/* Winograd's where it is worth its larger weights and errors, and its largest tiles where they are
 * worth theirs. */
static const struct trial *best_trial(const struct trials *trials) {
    const struct trial *direct = fastest(trials, 0, 0), *best = direct;
    const struct trial *small = fastest(trials, 2, CNN_MAX_WINOGRAD - 2);
    const struct trial *largest = fastest(trials, CNN_MAX_WINOGRAD, CNN_MAX_WINOGRAD);
    if (small && is_worth(CNN_MAX_WINOGRAD - 2, small->seconds, direct->seconds, best->seconds))
        best = small;
    if (largest && is_worth(CNN_MAX_WINOGRAD, largest->seconds, direct->seconds, best->seconds))
        best = largest;
    return best;
}

/* What the model has, where nothing is faster by more than measurements differ. */
static struct way decide(const struct trial *model, const struct trial *best) {
    const double differs = 0.98;
    return best->seconds < differs * model->seconds ||
                   model->choice.winograd != best->choice.winograd
               ? best->choice
               : model->choice;
}

static bool measure(struct tuner *t, struct node *node, struct way *choice, const char **error) {
    struct trials trials, more = {.count = 0};
    if (!t->bench.weights)
        workbench_open(&t->bench, t->graph, &t->target);
    first_trials(t, &trials, node);
    if (!run_trials(t, node, &trials, error))
        return false;
    const struct trial *best = best_trial(&trials);
    if (best->choice.winograd && best->choice.tuned.pixels) {
        more_trials(&more, node, best->choice);
        if (!run_trials(t, node, &more, error))
            return false;
        best = fastest(&more, 2, CNN_MAX_WINOGRAD);
    }
    *choice = decide(&trials.items[0], best);
    t->tuning->measured++;
    return true;
}

/* --- all of them --- */

static bool tune_nodes(struct tuner *t, const char **error) {
    size_t count = 0, done = 0;
    for (size_t i = 0; i < t->graph->node_count; i++)
        count += is_tuned(t->graph->nodes[i]);
    for (size_t i = 0; i < t->graph->node_count; i++) {
        struct node *node = t->graph->nodes[i];
        if (!is_tuned(node))
            continue;
        const char *text = descriptor_text(t, node);
        struct way *known = tuning_find(t->tuning, text), choice;
        if (known && is_possible(t, node, known))
            choice = *known;
        else if (!measure(t, node, &choice, error))
            return false;
        else
            tuning_set(t->tuning, text, choice);
        set_choice(t, node, choice);
        if (t->tuning->progress)
            t->tuning->progress(++done, count);
    }
    return true;
}

bool tune(struct graph *graph, const struct codegen_options *options, struct tuning *tuning,
          struct arena *arena, const char **error) {
    struct tuner t = {.graph = graph, .options = *options, .tuning = tuning};
    if (options->optimisation == 0)
        return true;
    if (!target_open(&t.target, NULL, "native", options->optimisation, arena, error))
        return false;
    t.options.weights_apart = true;
    t.setting = (struct setting){&t.target, weights_stay(&t.target, graph), 0};
    t.exact = find_exact_layers(graph, arena);
    bool good = tune_nodes(&t, error);
    workbench_close(&t.bench);
    target_close(&t.target);
    return good;
}
