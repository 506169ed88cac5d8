/* Making one node: defaults, the operator's rules, limits, the weights' path, notes under errors.
 */
#include <inttypes.h>
#include <string.h>

#include "ir/elaborator.h"
#include "ir/fields.h"
#include "lexer/checked.h"
#include "lexer/limits.h"

void begin_layer(struct elaborator *e, struct frame *f, struct layer *layer, enum op op,
                 struct span span, const char *path, struct node *const *inputs, int input_count) {
    struct node *node = ARENA_NEW(e->arena, struct node);
    node->op = op;
    node->span = span;
    node->path = path;
    node->call = f->call;
    node->input_count = input_count;
    node->inputs = ARENA_ARRAY(e->arena, struct node *, input_count ? input_count : 1);
    if (input_count)
        memcpy(node->inputs, inputs, (size_t)input_count * sizeof *inputs);
    *layer = (struct layer){.arena = e->arena,
                            .diagnostics = e->diagnostics,
                            .node = node,
                            .table = operator_rules[op].attributes};
    attributes_default(layer);
}

/* "image 28x28x1 -> conv1 24x24x6 -> maxpool 12x12x6": the sizes that led to `node`. */
static const char *sizes_chain(struct elaborator *e, const struct node *node, struct span *first) {
    enum { SHOWN = 8 };
    const char *chain = NULL;
    int shown = 0;
    for (; node && shown < SHOWN; node = node->input_count ? node->inputs[0] : NULL) {
        if (node->input_count && shape_equal(node->shape, node->inputs[0]->shape))
            continue;
        const char *dot = strrchr(node->path, '.');
        const char *name = node->labelled ? (dot ? dot + 1 : node->path) : operators[node->op].name;
        const char *shape = shape_text(e->arena, node->shape);
        chain = chain ? arena_printf(e->arena, "%s %s -> %s", name, shape, chain)
                      : arena_printf(e->arena, "%s %s", name, shape);
        *first = node->span;
        shown++;
    }
    return node ? arena_printf(e->arena, "... -> %s", chain) : chain;
}

/* Puts the notes under the error a rule has reported. */
void explain_failure(struct elaborator *e, const struct layer *layer, bool sizes) {
    struct diagnostic *error = layer->failure;
    if (!error)
        return;
    const struct node *node = layer->node;
    for (int i = 0; sizes && i < node->input_count; i++) {
        struct span first = node->span;
        const char *chain = sizes_chain(e, node->inputs[i], &first);
        if (i == 0 || (i < 3 && node->inputs[i] != node->inputs[0]))
            add_note(e->diagnostics, error, first, "%s", chain);
    }
    if (sizes && node->input_count > 1)
        explain_remainder(e, layer);
    note_calls(e->diagnostics, node->call, error);
    if (layer->help)
        add_help(e->diagnostics, error, "%s", layer->help);
}

static bool check_size(struct layer *layer) {
    struct shape s = layer->node->shape;
    const int64_t sizes[4] = {s.n, s.h, s.w, s.c};
    int64_t count = 1;
    for (int axis = 0; axis < 4; axis++)
        if (sizes[axis] > LIMIT_DIMENSION || !checked_mul(count, sizes[axis], &count) ||
            count > LIMIT_VALUES)
            return layer_error(layer, NULL, E0904_TENSOR_TOO_LARGE, "a tensor of %s is too large",
                               shape_text(layer->arena, s));
    return true;
}

static bool check_parameters(struct layer *layer) {
    for (int i = 0; i < layer->node->parameter_count; i++) {
        const struct tensor *tensor = layer->node->parameters[i];
        int64_t count = 1;
        for (int d = 0; tensor && d < tensor->rank; d++)
            if (!checked_mul(count, tensor->dimensions[d], &count) || count > LIMIT_VALUES)
                return layer_error(layer, NULL, E0904_TENSOR_TOO_LARGE,
                                   "weights of this layer are too large");
    }
    return true;
}

static bool same_dimensions(const struct tensor *a, const struct tensor *b) {
    if (!a || !b)
        return a == b;
    return a->rank == b->rank && memcmp(a->dimensions, b->dimensions, sizeof a->dimensions) == 0;
}

/* No tensor of the weights file is wanted by layers of two paths: one may have the path that is the
 * name of the other's tensor. */
static bool claim_tensors(struct elaborator *e, struct layer *layer) {
    const struct node *node = layer->node;
    for (int i = 0; i < node->parameter_count; i++) {
        const char *name = node->parameters[i] ? node->parameters[i]->name : NULL;
        name = name ? intern(e->names, name, strlen(name)) : NULL;
        const struct node *first = name ? table_find(&e->tensors, name) : NULL;
        if (first) {
            layer_error(layer, NULL, E0313_PATH_TAKEN, "two layers want the tensor `%s`", name);
            if (layer->failure)
                add_note(e->diagnostics, layer->failure, first->span, "the first is here");
            return false;
        }
        if (name)
            table_set(&e->tensors, e->arena, name, layer->node);
    }
    return true;
}

/* Layers with weights have paths of their own, or share them. */
static bool claim_path(struct elaborator *e, struct layer *layer) {
    struct node *node = layer->node;
    if (!node->parameter_count || !node->parameters[0] || !node->parameters[0]->name)
        return true;
    struct node *first = table_find(&e->paths, node->path);
    if (!first) {
        table_set(&e->paths, e->arena, node->path, node);
        return claim_tensors(e, layer);
    }
    bool alike = first->op == node->op && first->parameter_count == node->parameter_count;
    for (int i = 0; alike && i < node->parameter_count; i++)
        alike = same_dimensions(first->parameters[i], node->parameters[i]);
    if (first->attributes.shared && node->attributes.shared && alike) {
        node->parameters = first->parameters;
        return true;
    }
    if (first->attributes.shared && node->attributes.shared)
        layer_error(layer, NULL, E0313_PATH_TAKEN,
                    "layers of the path `%s` share weights but want different ones", node->path);
    else {
        layer_error(layer, NULL, E0313_PATH_TAKEN, "two layers have the path `%s`", node->path);
        layer->help = "a label makes paths differ; shared = true on both shares the weights";
    }
    if (layer->failure)
        add_note(e->diagnostics, layer->failure, first->span, "the first is here");
    return false;
}

struct node *finish_layer(struct elaborator *e, struct frame *f, struct layer *layer) {
    struct node *node = layer->node;
    struct graph *graph = e->graph;
    const struct operator_rules *rules = &operator_rules[node->op];
    if (!rules->shape(layer) || !check_size(layer)) {
        explain_failure(e, layer, true);
        return NULL;
    }
    if (!rules->parameters(layer) || !check_parameters(layer) || !claim_path(e, layer)) {
        explain_failure(e, layer, false);
        return NULL;
    }
    if (graph->node_count >= LIMIT_LAYERS) {
        elaborate_error(e, f, node->span, E0903_TOO_MANY_LAYERS,
                        "the network has more than %d layers", LIMIT_LAYERS);
        e->stopped = true;
        return NULL;
    }
    follow_fields(graph, node);
    node->macs = rules->cost(node);
    node->id = (int)graph->node_count;
    ARENA_PUSH(graph->arena, graph->nodes, graph->node_count, graph->node_capacity, node);
    if ((node->op == OP_FLATTEN || node->op == OP_RESHAPE) && !layer_given(layer, "order"))
        ARENA_PUSH(e->arena, e->unordered, e->unordered_count, e->unordered_capacity, node);
    return node;
}
