/* A second function with the same kernels as the layers function, which runs one node's layers, and
 * a table of what they make: so that a program can time them, and write their tensors. One function
 * for all, for LLVM takes a millisecond for each. */
#include "codegen/generator.h"
#include "runtime/program.h"

/* Emits what the node does into a block of its own. False where that is nothing. */
static bool emit_step(struct generator *g, const struct node *node, LLVMValueRef choice,
                      LLVMBasicBlockRef end, size_t number) {
    LLVMBasicBlockRef block = LLVMInsertBasicBlockInContext(g->context, end, "");
    LLVMPositionBuilderAtEnd(g->builder, block);
    lower_node(g, node);
    bool runs = LLVMGetFirstInstruction(block);
    if (runs) {
        LLVMBuildBr(g->builder, end);
        LLVMAddCase(choice, constant_int64(g, (int64_t)number), block);
    } else {
        LLVMDeleteBasicBlock(block);
    }
    return runs;
}

void emit_program_steps(struct generator *g) {
    const struct graph *graph = g->graph;
    LLVMTypeRef types[] = {g->int64, g->pointer, g->pointer, g->pointer};
    g->run_step =
        LLVMAddFunction(g->module, "run_step", LLVMFunctionType(g->void_type, types, 4, 0));
    LLVMSetLinkage(g->run_step, LLVMInternalLinkage);
    leave_unoptimised(g, g->run_step);
    LLVMBasicBlockRef begin = LLVMAppendBasicBlockInContext(g->context, g->run_step, "");
    LLVMBasicBlockRef end = LLVMAppendBasicBlockInContext(g->context, g->run_step, "");
    LLVMPositionBuilderAtEnd(g->builder, begin);
    g->inputs = load_addresses(g, g->builder, LLVMGetParam(g->run_step, 1), graph->input_count);
    g->outputs = load_addresses(g, g->builder, LLVMGetParam(g->run_step, 2), graph->output_count);
    g->workspace = LLVMGetParam(g->run_step, 3);
    LLVMValueRef choice =
        LLVMBuildSwitch(g->builder, LLVMGetParam(g->run_step, 0), end, (unsigned)graph->node_count);
    g->steps = ARENA_ARRAY(g->arena, struct program_step, graph->node_count + 1);
    for (size_t i = 0; i < graph->node_count; i++) {
        const struct node *node = graph->nodes[i];
        if (node->op == OP_INPUT || node->op == OP_PARAMETER)
            continue;
        bool runs = emit_step(g, node, choice, end, g->step_count);
        g->steps[g->step_count++] = (struct program_step){node, runs};
    }
    LLVMPositionBuilderAtEnd(g->builder, end);
    LLVMBuildRetVoid(g->builder);
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
    int64_t strides[] = {at->image, at->row, at->pixel, at->channel};
    int64_t shape[] = {s->n, s->h, s->w, s->c};
    LLVMValueRef fields[] = {
        constant_string(g, node->path),
        constant_string(g, last->makes ? last->makes : last->path),
        constant_string(g, node_words(g->arena, node)),
        constant_int64(g, last->makes != NULL),
        constant_int64(g, step->runs),
        constant_int64(g, node->macs),
        constant_int64(g, memory),
        constant_int64(g, at->index),
        constant_int64(g, at->offset),
        int64_array(g, strides, 4),
        int64_array(g, shape, 4),
    };
    return LLVMConstStructInContext(g->context, fields, sizeof fields / sizeof *fields, 0);
}
