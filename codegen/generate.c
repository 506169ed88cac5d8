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
    g->workspace = parameters[count - 2];
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

/* --- all layers --- */

/* Where a value is kept. */
static LLVMValueRef keep(struct generator *g, LLVMValueRef value) {
    LLVMValueRef place = LLVMBuildAlloca(g->builder, LLVMTypeOf(value), "");
    LLVMBuildStore(g->builder, value, place);
    return place;
}

static LLVMValueRef kept(struct generator *g, LLVMValueRef place) {
    return LLVMBuildLoad2(g->builder, LLVMGetAllocatedType(place), place, "");
}

static LLVMBasicBlockRef append_block(struct generator *g) {
    LLVMBasicBlockRef here = LLVMGetInsertBlock(g->builder);
    return LLVMAppendBasicBlockInContext(g->context, LLVMGetBasicBlockParent(here), "");
}

static LLVMBasicBlockRef begin_block(struct generator *g) {
    LLVMBasicBlockRef block = append_block(g);
    LLVMBuildBr(g->builder, block);
    LLVMPositionBuilderAtEnd(g->builder, block);
    return block;
}

/* Back to the first block of the loop, but after the last pass. */
static void end_pass(struct generator *g, LLVMValueRef place, int64_t passes,
                     LLVMBasicBlockRef first) {
    LLVMBasicBlockRef behind = append_block(g);
    LLVMValueRef next = LLVMBuildAdd(g->builder, g->pass, constant_int64(g, 1), "");
    LLVMBuildStore(g->builder, next, place);
    LLVMValueRef more = LLVMBuildICmp(g->builder, LLVMIntSLT, next, constant_int64(g, passes), "");
    LLVMBuildCondBr(g->builder, more, first, behind);
    LLVMPositionBuilderAtEnd(g->builder, behind);
}

/* A basic block for each, which reads for itself what all use: what LLVM does to a block, or to a
 * value, takes time that grows faster than the block or the value's uses. */
void emit_layers(struct generator *g, lower_function *emit_node) {
    LLVMValueRef executor = g->executor ? keep(g, g->executor) : NULL;
    LLVMValueRef workspace = keep(g, g->workspace);
    LLVMValueRef pass = keep(g, constant_int64(g, 0));
    LLVMBasicBlockRef begin = NULL;
    for (size_t i = 0; i < g->graph->node_count; i++) {
        const struct node *node = g->graph->nodes[i];
        const struct loop *loop = node->loop;
        bool first = loop && loop->first == node->id, last = loop && loop->last == node->id;
        if (first)
            LLVMBuildStore(g->builder, constant_int64(g, 0), pass);
        LLVMBasicBlockRef block = begin_block(g);
        begin = first ? block : begin;
        g->executor = executor ? kept(g, executor) : NULL;
        g->workspace = kept(g, workspace);
        g->pass = loop ? kept(g, pass) : NULL;
        emit_node(g, node);
        if (last)
            end_pass(g, pass, loop->passes, begin);
    }
    LLVMBuildRetVoid(g->builder);
    g->executor = g->pass = NULL;
}

static bool emit(struct generator *g, enum emit_kind kind, struct generated *out,
                 const char **error) {
    if (!module_open(g, error))
        return false;
    open_layers_function(g);
    emit_layers(g, lower_node);
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
