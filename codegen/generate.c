/* The passes of this folder in order: target, module, one function that runs the layers, code. */
#include "codegen/generator.h"

#include "codegen/header.h"
#include "codegen/identity.h"
#include "codegen/interface.h"
#include "codegen/weights_file.h"

/* Rows that a pass rewrites before, or that elaboration refuses, never arrive here. */
#define lower_absent NULL

static lower_function *const lower_functions[OP_COUNT] = {
#define OP(id, keyword, attributes, inputs, shape, field, cost, parameters, lower, summary)        \
    [OP_##id] = lower_##lower,
#include "ir/ops.def"
#undef OP
};

/* Only calls, as many as the network is deep. */
void open_layers_function(struct generator *g) {
    unsigned ports = (unsigned)port_count(g->graph), apart = g->options->weights_apart;
    unsigned count = ports + apart + 2;
    LLVMTypeRef *types = ARENA_ARRAY(g->arena, LLVMTypeRef, count);
    for (unsigned i = 0; i < count; i++)
        types[i] = g->pointer;
    g->layers =
        LLVMAddFunction(g->module, "layers", LLVMFunctionType(g->void_type, types, count, 0));
    LLVMSetLinkage(g->layers, LLVMInternalLinkage);
    leave_unoptimised(g, g->layers);
    LLVMPositionBuilderAtEnd(g->builder, LLVMAppendBasicBlockInContext(g->context, g->layers, ""));

    LLVMValueRef *parameters = ARENA_ARRAY(g->arena, LLVMValueRef, count);
    LLVMGetParams(g->layers, parameters);
    g->inputs = parameters;
    g->outputs = parameters + g->graph->input_count;
    g->workspace = g->own = parameters[count - 2];
    g->executor = parameters[count - 1];
    g->words = shared_words(g);
    if (apart)
        g->weights = address_plus(g, parameters[ports],
                                  (int64_t)(sizeof(struct weights_head) / sizeof(float)));
    else
        block_open(g);
}

void lower_node(struct generator *g, const struct node *node) {
    g->passes = node_passes(node);
    lower_functions[node->op](g, node);
}

static bool emit(struct generator *g, enum emit_kind kind, struct generated *out,
                 const char **error) {
    if (!module_open(g, error))
        return false;
    open_layers_function(g);
    emit_layers(g, lower_node);
    emit_loop_tasks(g);
    if (g->options->program)
        emit_program_steps(g);
    if (!g->options->weights_apart)
        block_close(g);
    g->identity = model_identity(g);
    emit_entry(g);
    out->header = header_text(g);
    if (g->options->weights_apart)
        out->weights = weights_file(g);
    if (g->options->program)
        emit_program(g);
    bool emitted = kind == EMIT_HEADER;
    if (!emitted)
        emitted = module_optimise(g, error) && module_emit(g, kind, &out->code, error);
    module_close(g);
    return emitted;
}

bool generate(struct graph *graph, const struct codegen_options *options, enum emit_kind kind,
              struct arena *arena, struct generated *out, const char **error) {
    struct generator g = {.arena = arena, .graph = graph, .options = options};
    g.weights_symbol = arena_printf(arena, "%s_weights", options->name);
    if (!target_open(&g.target, options->triple, options->cpu, options->optimisation, arena, error))
        return false;
    bool emitted = emit(&g, kind, out, error);
    target_close(&g.target);
    return emitted;
}
