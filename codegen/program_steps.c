/* A second function with the same kernels as the layers function, which tells an observer when each
 * node's layers are done, and a table of what they make: so that a program can time them, and write
 * their tensors. */
#include "codegen/generator.h"
#include "runtime/program.h"

/* Emits what the node does, and the call of the observer. */
static void emit_step(struct generator *g, const struct node *node) {
    if (is_given(node))
        return;
    LLVMBasicBlockRef block = LLVMGetInsertBlock(g->builder);
    LLVMValueRef before = LLVMGetLastInstruction(block);
    lower_node(g, node);
    bool runs = LLVMGetLastInstruction(block) != before;
    LLVMValueRef pass = g->pass ? g->pass : constant_int64(g, 0);
    LLVMValueRef arguments[] = {g->observer, constant_int64(g, (int64_t)g->step_count), pass};
    LLVMBuildCall2(g->builder, g->observe_type, g->observe, arguments, 3, "");
    g->steps[g->step_count++] = (struct program_step){node, runs};
}

void emit_program_steps(struct generator *g) {
    const struct graph *graph = g->graph;
    LLVMTypeRef types[] = {g->pointer, g->pointer, g->pointer, g->pointer, g->pointer};
    LLVMTypeRef told[] = {g->pointer, g->int64, g->int64};
    g->run_steps =
        LLVMAddFunction(g->module, "run_steps", LLVMFunctionType(g->void_type, types, 5, 0));
    LLVMSetLinkage(g->run_steps, LLVMInternalLinkage);
    leave_unoptimised(g, g->run_steps);
    LLVMPositionBuilderAtEnd(g->builder,
                             LLVMAppendBasicBlockInContext(g->context, g->run_steps, ""));
    g->inputs = load_addresses(g, g->builder, LLVMGetParam(g->run_steps, 0), graph->input_count);
    g->outputs = load_addresses(g, g->builder, LLVMGetParam(g->run_steps, 1), graph->output_count);
    g->workspace = g->own = LLVMGetParam(g->run_steps, 2);
    g->observe = LLVMGetParam(g->run_steps, 3);
    g->observer = LLVMGetParam(g->run_steps, 4);
    g->observe_type = LLVMFunctionType(g->void_type, told, 3, 0);
    g->steps = ARENA_ARRAY(g->arena, struct program_step, graph->node_count + 1);
    emit_layers(g, emit_step);
}

static LLVMValueRef int64_array(struct generator *g, const int64_t *values, size_t count) {
    LLVMValueRef items[4];
    for (size_t i = 0; i < count; i++)
        items[i] = constant_int64(g, values[i]);
    return LLVMConstArray2(g->int64, items, count);
}

const char *node_words(struct arena *arena, const struct node *node) {
    const char *words = node->words;
    for (int i = 0; i < node->epilogue_count; i++)
        words = arena_printf(arena, "%s+%s", words, node->epilogue[i]->words);
    return words;
}

LLVMValueRef constant_program_step(struct generator *g, const struct program_step *step) {
    const struct node *node = step->node;
    const struct shape *s = &node->shape;
    const struct location *at = &node->location;
    const struct node *last =
        node->epilogue_count ? node->epilogue[node->epilogue_count - 1] : node;
    int64_t memory = at->memory == MEMORY_INPUT    ? CNN_MEMORY_INPUT
                     : at->memory == MEMORY_OUTPUT ? CNN_MEMORY_OUTPUT
                                                   : CNN_MEMORY_WORKSPACE;
    int64_t passes = node_passes(node);
    int64_t strides[] = {at->image, at->row, at->pixel, at->channel};
    int64_t shape[] = {s->n, s->h, s->w, s->c};
    LLVMValueRef fields[] = {
        constant_string(g, node->path),
        constant_string(g, last->makes ? last->makes : last->path),
        constant_string(g, node_words(g->arena, node)),
        constant_int64(g, last->makes != NULL),
        constant_int64(g, step->runs),
        constant_int64(g, node->macs),
        constant_int64(g, passes),
        constant_int64(g, memory),
        constant_int64(g, at->index),
        constant_int64(g, at->offset),
        constant_int64(g, at->images / passes * at->image),
        int64_array(g, strides, 4),
        int64_array(g, shape, 4),
    };
    return LLVMConstStructInContext(g->context, fields, sizeof fields / sizeof *fields, 0);
}
