/* A planned graph in, what each of its kernel steps is predicted to take out: layers are lowered as
 * for code, but their kernels are noted and not made. */
#include "codegen/predict.h"

#include <string.h>

#include "codegen/algorithms.h"
#include "codegen/codegen.h"
#include "codegen/generator.h"
#include "codegen/integers.h"
#include "codegen/interface.h"

/* Cycles that a step takes of a vector of 8 floats: what is not here is an instruction or two. */
static double step_cycles(const struct step *step) {
    static const struct {
        const char *function;
        double cycles;
    } costs[] = {
        {"div", 5},    {"sqrt", 8},       {"power_3_4", 16}, {"mod", 10},   {"fmod", 10},
        {"elu", 10},   {"selu", 10},      {"celu", 12},      {"exp", 8},    {"sigmoid", 9},
        {"tanh", 14},  {"softplus", 24},  {"softsign", 6},   {"silu", 9},   {"gelu", 20},
        {"log", 12},   {"gelu_tanh", 11}, {"mish", 24},      {"erf", 20},   {"pow", 60},
        {"sin", 16},   {"cos", 16},       {"tan", 24},       {"asin", 16},  {"acos", 16},
        {"atan", 16},  {"sinh", 16},      {"cosh", 14},      {"asinh", 24}, {"acosh", 24},
        {"atanh", 20},
    };
    for (size_t i = 0; step->function && i < sizeof costs / sizeof *costs; i++)
        if (!strcmp(costs[i].function, step->function))
            return costs[i].cycles;
    return step->kind == OPERAND_TENSOR || step->kind == OPERAND_CHANNEL ? 1 : 0.5;
}

double steps_cycles(const struct steps *steps) {
    double cycles = 0;
    for (int i = 0; steps && i < steps->count; i++)
        cycles += step_cycles(&steps->items[i]);
    return cycles;
}

static void note_convolution(struct plan_row *row, int64_t pixels, int64_t channels,
                             int64_t weight_bytes) {
    row->tile[0] = pixels;
    row->tile[1] = channels;
    row->weight_bytes += weight_bytes;
}

/* What there is to tell of those that multiply weights. */
static void note_weights(const struct target *target, const struct kernel *kernel,
                         struct plan_row *row) {
    int64_t width = target->vector_width;
    if (!strcmp(kernel->primitive, "conv")) {
        const struct cnn_conv *d = kernel->descriptor;
        row->algorithm = "direct";
        note_convolution(row, d->tile_pixels, d->tile_vectors * width,
                         conv_weight_bytes(target, d));
    } else if (!strcmp(kernel->primitive, "product")) {
        const struct cnn_product *d = kernel->descriptor;
        note_convolution(row, d->tile_pixels, d->tile_vectors * width,
                         product_weight_bytes(target, d));
    } else if (!strcmp(kernel->primitive, "winograd")) {
        const struct cnn_winograd *d = kernel->descriptor;
        row->algorithm = d->tile == 2   ? "winograd 2x2"
                         : d->tile == 4 ? "winograd 4x4"
                                        : "winograd 6x6";
        note_convolution(row, d->tile_pixels, d->tile_vectors * width,
                         winograd_weight_bytes(target, d));
    } else if (!strcmp(kernel->primitive, "depthwise")) {
        const struct cnn_depthwise *d = kernel->descriptor;
        note_convolution(row, d->tile_pixels, width, depthwise_weight_bytes(target, d));
    }
}

void note_kernel(struct generator *g, const struct kernel *kernel) {
    struct kernel_notes *notes = g->notes;
    struct plan_row *row = notes->row;
    if (!row->algorithm)
        row->algorithm = kernel->primitive;
    notes->setting.steps = steps_cycles(kernel->steps);
    row->cycles += kernel_cycles(&notes->setting, kernel);
    note_weights(&g->target, kernel, row);
}

/* --- the limit --- */

/* Of the best algorithm that there is: (m+2)^2 for a tile of m x m outputs of a 3x3 convolution. */
static double multiplications(const struct node *node) {
    double least = (double)node->macs, outputs = (double)(node->shape.h * node->shape.w);
    if (!may_be_winograd(node))
        return least;
    for (int64_t m = 2; m <= CNN_MAX_WINOGRAD; m += 2) {
        int64_t tiles =
            rounded_up_quotient(node->shape.h, m) * rounded_up_quotient(node->shape.w, m);
        double part = (double)(tiles * (m + 2) * (m + 2)) / (9 * outputs);
        if ((double)node->macs * part < least)
            least = (double)node->macs * part;
    }
    return least;
}

/* Its multiplications at the peak, or reading its weights once. */
static double limit_cycles(const struct setting *s, const struct node *node) {
    const struct machine *m = s->target->facts;
    if (node->macs == 0)
        return 0;
    double peak = m->multiply_adds * s->target->vector_width;
    double bytes = (double)node_weight_count(node) * sizeof(float);
    double products = multiplications(node) / peak;
    double read = weight_cycles(s, bytes);
    return products > read ? products : read;
}

/* --- the rows --- */

static struct plan_row begin_row(struct generator *g, const struct node *node) {
    const struct node *last =
        node->epilogue_count ? node->epilogue[node->epilogue_count - 1] : node;
    return (struct plan_row){
        .node = node,
        .first = node->path,
        .last = last->makes ? last->makes : last->path,
        .layer = node_words(g->arena, node),
        .macs = node->macs,
        .scratch_bytes = node->scratch_floats * (int64_t)sizeof(float),
        .limit = limit_cycles(&g->notes->setting, node),
    };
}

static void note_nodes(struct generator *g, struct plan_report *out) {
    const struct graph *graph = g->graph;
    struct kernel_notes notes = {{&g->target, weights_stay(&g->target, graph), 0}, NULL};
    g->notes = &notes;
    out->rows = ARENA_ARRAY(g->arena, struct plan_row, graph->node_count + 1);
    for (size_t i = 0; i < graph->node_count; i++) {
        notes.row = &out->rows[out->row_count];
        *notes.row = begin_row(g, graph->nodes[i]);
        lower_node(g, graph->nodes[i]);
        notes.row->cycles *= (double)node_passes(graph->nodes[i]);
        if (notes.row->algorithm)
            out->row_count++;
    }
}

bool predict(struct graph *graph, const struct codegen_options *options, struct arena *arena,
             struct plan_report *out, const char **error) {
    struct generator g = {.arena = arena, .graph = graph, .options = options, .weightless = true};
    if (!target_open(&g.target, options->triple, options->cpu, options->optimisation, arena, error))
        return false;
    bool opened = module_open(&g, error);
    if (opened) {
        *out = (struct plan_report){.arena = arena,
                                    .network = graph->name,
                                    .processor = g.target.cpu,
                                    .gigahertz = g.target.facts->gigahertz,
                                    .vector_width = g.target.vector_width,
                                    .workspace_bytes = workspace_bytes(graph)};
        open_layers_function(&g);
        note_nodes(&g, out);
        module_close(&g);
    }
    target_close(&g.target);
    return opened;
}
