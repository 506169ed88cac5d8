/* The passes of this folder in order: target, module, one function that runs the layers, code. */
#include "codegen/generator.h"

#include <string.h>

/* Rows that a pass rewrites before, or that elaboration refuses, never arrive here. */
#define lower_absent NULL
#define lower_later  NULL

static lower_function *const lower_functions[OP_COUNT] = {
#define OP(id, keyword, attributes, inputs, shape, field, cost, parameters, lower, summary)        \
    [OP_##id] = lower_##lower,
#include "ir/ops.def"
#undef OP
};

/* int NAME_run(inputs..., outputs..., workspace), positioned to emit its layers. */
static void open_run_function(struct generator *g) {
    unsigned count = (unsigned)(g->graph->input_count + g->graph->output_count + 1);
    LLVMTypeRef *types = ARENA_ARRAY(g->arena, LLVMTypeRef, count);
    for (unsigned i = 0; i < count; i++)
        types[i] = g->pointer;
    LLVMTypeRef type = LLVMFunctionType(g->int32, types, count, 0);
    const char *name = arena_printf(g->arena, "%s_run", g->options->name);
    g->run = LLVMAddFunction(g->module, name, type);
    LLVMPositionBuilderAtEnd(g->builder, LLVMAppendBasicBlockInContext(g->context, g->run, ""));

    LLVMValueRef *parameters = ARENA_ARRAY(g->arena, LLVMValueRef, count);
    LLVMGetParams(g->run, parameters);
    g->inputs = parameters;
    g->outputs = parameters + g->graph->input_count;
    g->workspace = parameters[count - 1];
}

static void emit_layers(struct generator *g) {
    for (size_t i = 0; i < g->graph->node_count; i++) {
        const struct node *node = g->graph->nodes[i];
        lower_functions[node->op](g, node);
    }
    LLVMBuildRet(g->builder, LLVMConstInt(g->int32, 0, 0));
}

static bool emit(struct generator *g, enum emit_kind kind, struct pieces *out, const char **error) {
    if (!module_open(g, error))
        return false;
    open_run_function(g);
    emit_layers(g);
    block_close(g);
    if (g->options->program)
        emit_program(g);
    module_optimise(g);
    bool emitted = module_emit(g, kind, out, error);
    module_close(g);
    return emitted;
}

bool generate(struct graph *graph, const struct codegen_options *options, enum emit_kind kind,
              struct arena *arena, struct pieces *out, const char **error) {
    struct generator g = {.arena = arena, .graph = graph, .options = options};
    g.weights_symbol = arena_printf(arena, "%s_weights", options->name);
    if (!target_open(&g.target, options->cpu, options->optimisation, arena, error))
        return false;
    bool emitted = emit(&g, kind, out, error);
    target_close(&g.target);
    return emitted;
}
