/* The body of a function that does all nodes in order, loop after loop and pass after pass. With an
 * executor, the passes of a loop are shared: each part does some of them, in memory of its own. */
#include "codegen/generator.h"
#include "codegen/interface.h"

/* Where a function keeps what each of its blocks reads for itself. */
struct places {
    LLVMValueRef executor, workspace, own, pass;
};

static LLVMValueRef keep(struct generator *g, LLVMValueRef value) {
    if (!value)
        return NULL;
    LLVMValueRef place = LLVMBuildAlloca(g->builder, LLVMTypeOf(value), "");
    LLVMBuildStore(g->builder, value, place);
    return place;
}

static LLVMValueRef kept(struct generator *g, LLVMValueRef place) {
    return place ? LLVMBuildLoad2(g->builder, LLVMGetAllocatedType(place), place, "") : NULL;
}

static struct places keep_all(struct generator *g) {
    return (struct places){keep(g, g->executor), keep(g, g->workspace), keep(g, g->own),
                           keep(g, constant_int64(g, 0))};
}

static LLVMBasicBlockRef append_block(struct generator *g) {
    LLVMBasicBlockRef here = LLVMGetInsertBlock(g->builder);
    return LLVMAppendBasicBlockInContext(g->context, LLVMGetBasicBlockParent(here), "");
}

static void begin_block(struct generator *g, LLVMBasicBlockRef block) {
    LLVMBuildBr(g->builder, block);
    LLVMPositionBuilderAtEnd(g->builder, block);
}

/* A basic block for each, which reads for itself what all use: what LLVM does to a block, or to a
 * value, takes time that grows faster than the block or the value's uses. */
static void emit_block(struct generator *g, const struct places *places, const struct node *node,
                       lower_function *emit_node) {
    begin_block(g, append_block(g));
    g->executor = kept(g, places->executor);
    g->workspace = kept(g, places->workspace);
    g->own = kept(g, places->own);
    g->pass = node->loop ? kept(g, places->pass) : NULL;
    emit_node(g, node);
}

/* Passes `first` to the one before `end`, which are one at least. */
static void emit_passes(struct generator *g, const struct places *places, const struct loop *loop,
                        LLVMValueRef first, LLVMValueRef end, lower_function *emit_node) {
    LLVMBasicBlockRef pass = append_block(g), behind = append_block(g);
    LLVMBuildStore(g->builder, first, places->pass);
    begin_block(g, pass);
    for (int i = loop->first; i <= loop->last; i++)
        emit_block(g, places, g->graph->nodes[i], emit_node);
    LLVMValueRef next = LLVMBuildAdd(g->builder, g->pass, constant_int64(g, 1), "");
    LLVMBuildStore(g->builder, next, places->pass);
    LLVMValueRef more = LLVMBuildICmp(g->builder, LLVMIntSLT, next, end, "");
    LLVMBuildCondBr(g->builder, more, pass, behind);
    LLVMPositionBuilderAtEnd(g->builder, behind);
}

/* --- shared loops --- */

static const char *task_name(struct generator *g, const struct loop *loop) {
    return arena_printf(g->arena, "passes of %d", loop->first);
}

/* What tasks are told: inputs, outputs, weights where they are apart, workspace. */
static unsigned address_count(const struct generator *g) {
    return (unsigned)port_count(g->graph) + g->options->weights_apart + 1;
}

static LLVMValueRef task_addresses(struct generator *g) {
    size_t inputs = g->graph->input_count, ports = port_count(g->graph);
    unsigned count = address_count(g);
    LLVMValueRef *addresses = ARENA_ARRAY(g->arena, LLVMValueRef, count);
    for (size_t i = 0; i < ports; i++)
        addresses[i] = i < inputs ? g->inputs[i] : g->outputs[i - inputs];
    if (g->options->weights_apart)
        addresses[ports] = g->weights;
    addresses[count - 1] = g->workspace;
    return store_addresses(g, g->builder, addresses, count);
}

/* Asks the executor to do the passes; goes on in a block that does them where it does not. */
static void emit_sharing(struct generator *g, const struct loop *loop, LLVMValueRef addresses,
                         LLVMBasicBlockRef behind) {
    LLVMTypeRef types[] = {g->pointer, g->int64, g->int64};
    LLVMValueRef task =
        LLVMAddFunction(g->module, task_name(g, loop), LLVMFunctionType(g->void_type, types, 3, 0));
    LLVMValueRef arguments[] = {g->executor, task, addresses, constant_int64(g, loop->passes)};
    LLVMValueRef shared = call_runtime(g, g->builder, "share_passes", arguments, 4);
    LLVMBasicBlockRef alone = append_block(g);
    LLVMValueRef done = LLVMBuildICmp(g->builder, LLVMIntNE, shared, constant_int64(g, 0), "");
    LLVMBuildCondBr(g->builder, done, behind, alone);
    LLVMPositionBuilderAtEnd(g->builder, alone);
}

static void emit_loop(struct generator *g, const struct places *places, const struct loop *loop,
                      LLVMValueRef addresses, lower_function *emit_node) {
    LLVMBasicBlockRef behind = append_block(g);
    if (addresses) {
        begin_block(g, append_block(g));
        g->executor = kept(g, places->executor);
        emit_sharing(g, loop, addresses, behind);
    }
    emit_passes(g, places, loop, constant_int64(g, 0), constant_int64(g, loop->passes), emit_node);
    begin_block(g, behind);
}

/* The body of the task that `emit_sharing` named. */
static void emit_task(struct generator *g, const struct loop *loop, LLVMValueRef task) {
    unsigned ports = (unsigned)port_count(g->graph), count = address_count(g);
    LLVMValueRef part = LLVMGetParam(task, 1), parts = LLVMGetParam(task, 2);
    LLVMSetLinkage(task, LLVMInternalLinkage);
    leave_unoptimised(g, task);
    LLVMPositionBuilderAtEnd(g->builder, LLVMAppendBasicBlockInContext(g->context, task, ""));
    LLVMValueRef *addresses = load_addresses(g, g->builder, LLVMGetParam(task, 0), count);
    g->inputs = addresses;
    g->outputs = addresses + g->graph->input_count;
    g->weights = g->options->weights_apart ? addresses[ports] : g->weights;
    g->workspace = addresses[count - 1];
    /* what is planned at its end begins, for other parts, behind it: all is so much further */
    LLVMValueRef beyond = address_plus(g, g->workspace, g->graph->pass_floats);
    g->own = memory_of_part(g, g->builder, g->workspace, beyond, part);
    struct places places = keep_all(g);
    LLVMValueRef passes = constant_int64(g, loop->passes);
    LLVMValueRef next = LLVMBuildAdd(g->builder, part, constant_int64(g, 1), "");
    emit_passes(g, &places, loop, first_piece(g->builder, passes, part, parts),
                first_piece(g->builder, passes, next, parts), lower_node);
    LLVMBuildRetVoid(g->builder);
}

void emit_loop_tasks(struct generator *g) {
    for (size_t i = 0; i < g->graph->node_count; i++) {
        const struct loop *loop = g->graph->nodes[i]->loop;
        LLVMValueRef task = loop ? LLVMGetNamedFunction(g->module, task_name(g, loop)) : NULL;
        if (task && loop->first == (int)i)
            emit_task(g, loop, task);
    }
}

/* --- all layers --- */

static bool has_loops(const struct graph *graph) {
    for (size_t i = 0; i < graph->node_count; i++)
        if (graph->nodes[i]->loop)
            return true;
    return false;
}

void emit_layers(struct generator *g, lower_function *emit_node) {
    const struct places places = keep_all(g);
    LLVMValueRef addresses = g->executor && has_loops(g->graph) ? task_addresses(g) : NULL;
    for (size_t i = 0; i < g->graph->node_count; i++) {
        const struct node *node = g->graph->nodes[i];
        if (!node->loop)
            emit_block(g, &places, node, emit_node);
        else if (node->loop->first == node->id)
            emit_loop(g, &places, node->loop, addresses, emit_node);
    }
    LLVMBuildRetVoid(g->builder);
    g->executor = g->pass = NULL;
}
