/* Kernels whose work is shared: calls of them become tasks, which an executor (runtime/executor.h)
 * runs in parts, each part some of the kernel's pieces. */
#include "codegen/generator.h"
#include "codegen/interface.h"
#include "codegen/predict.h"

/* Cycles that a part should take at least: so long that waking threads and waiting for them is
 * little beside it. */
#ifndef CNNC_PART_CYCLES
#define CNNC_PART_CYCLES 2500
#endif
enum { PART_CYCLES = CNNC_PART_CYCLES };

int64_t most_parts(struct generator *g, const struct kernel *kernel) {
    const struct setting setting = {&g->target, true, steps_cycles(kernel->steps)};
    if (kernel->pieces < 2)
        return 1;
    double parts = kernel_cycles(&setting, kernel) / PART_CYCLES;
    return parts < 2 ? 1 : parts < (double)kernel->pieces ? (int64_t)parts : kernel->pieces;
}

/* A task's arguments: words of 8 bytes. */
enum { KERNEL, PIECES, BEYOND, ADDRESSES };

static LLVMValueRef word(struct generator *g, LLVMBuilderRef b, LLVMValueRef words,
                         unsigned index) {
    LLVMValueRef at = constant_int64(g, index);
    return LLVMBuildGEP2(b, g->int64, words, &at, 1, "");
}

static LLVMValueRef load_pointer(struct generator *g, LLVMBuilderRef b, LLVMValueRef words,
                                 unsigned index) {
    return LLVMBuildLoad2(b, g->pointer, word(g, b, words, index), "");
}

LLVMValueRef memory_of_part(struct generator *g, LLVMBuilderRef b, LLVMValueRef planned,
                            LLVMValueRef beyond, LLVMValueRef part) {
    LLVMValueRef one = constant_int64(g, 1);
    LLVMValueRef floats =
        LLVMBuildMul(b, LLVMBuildSub(b, part, one, ""),
                     constant_int64(g, part_bytes(g->graph) / (int64_t)sizeof(float)), "");
    LLVMValueRef other = LLVMBuildGEP2(b, g->float_type, beyond, &floats, 1, "");
    return LLVMBuildSelect(b, LLVMBuildICmp(b, LLVMIntSLT, part, one, ""), planned, other, "");
}

LLVMValueRef first_piece(LLVMBuilderRef b, LLVMValueRef pieces, LLVMValueRef part,
                         LLVMValueRef parts) {
    return LLVMBuildUDiv(b, LLVMBuildMul(b, pieces, part, ""), parts, "");
}

static void fill_task(struct generator *g, LLVMBuilderRef b, LLVMValueRef task,
                      LLVMTypeRef kernel_type, const struct addresses *addresses) {
    LLVMValueRef words = LLVMGetParam(task, 0), part = LLVMGetParam(task, 1);
    LLVMValueRef parts = LLVMGetParam(task, 2), arguments[MAX_ADDRESSES + 2];
    LLVMValueRef pieces = LLVMBuildLoad2(b, g->int64, word(g, b, words, PIECES), "");
    for (unsigned i = 0; i < addresses->count; i++)
        arguments[i] = load_pointer(g, b, words, ADDRESSES + i);
    if (addresses->scratch)
        arguments[addresses->scratch] = memory_of_part(g, b, arguments[addresses->scratch],
                                                       load_pointer(g, b, words, BEYOND), part);
    LLVMValueRef next = LLVMBuildAdd(b, part, constant_int64(g, 1), "");
    arguments[addresses->count] = first_piece(b, pieces, part, parts);
    arguments[addresses->count + 1] = first_piece(b, pieces, next, parts);
    LLVMBuildCall2(b, kernel_type, load_pointer(g, b, words, KERNEL), arguments,
                   addresses->count + 2, "");
    LLVMBuildRetVoid(b);
}

/* A cnn_task for all kernels with as many addresses and their scratch memory at the same place. */
static LLVMValueRef task_for(struct generator *g, LLVMTypeRef kernel_type,
                             const struct addresses *addresses) {
    const char *name =
        arena_printf(g->arena, "part of %u, %u", addresses->count, addresses->scratch);
    LLVMValueRef task = LLVMGetNamedFunction(g->module, name);
    if (task)
        return task;
    LLVMTypeRef types[] = {g->pointer, g->int64, g->int64};
    task = LLVMAddFunction(g->module, name, LLVMFunctionType(g->void_type, types, 3, 0));
    LLVMSetLinkage(task, LLVMInternalLinkage);
    leave_unoptimised(g, task);
    LLVMBuilderRef b = LLVMCreateBuilderInContext(g->context);
    LLVMPositionBuilderAtEnd(b, LLVMAppendBasicBlockInContext(g->context, task, ""));
    fill_task(g, b, task, kernel_type, addresses);
    LLVMDisposeBuilder(b);
    return task;
}

LLVMValueRef shared_words(struct generator *g) {
    return LLVMBuildArrayAlloca(g->builder, g->int64,
                                LLVMConstInt(g->int32, ADDRESSES + MAX_ADDRESSES, 0), "");
}

void emit_shared_call(struct generator *g, const struct kernel *kernel, int64_t parts,
                      LLVMValueRef function, LLVMTypeRef type, const struct addresses *addresses) {
    LLVMBuilderRef b = g->builder;
    LLVMValueRef beyond =
        address_plus(g, g->workspace, workspace_bytes(g->graph) / (int64_t)sizeof(float));
    LLVMBuildStore(b, function, word(g, b, g->words, KERNEL));
    LLVMBuildStore(b, constant_int64(g, kernel->pieces), word(g, b, g->words, PIECES));
    LLVMBuildStore(b, beyond, word(g, b, g->words, BEYOND));
    for (unsigned i = 0; i < addresses->count; i++)
        LLVMBuildStore(b, addresses->items[i], word(g, b, g->words, ADDRESSES + i));
    LLVMValueRef arguments[] = {g->executor, task_for(g, type, addresses), g->words,
                                constant_int64(g, parts)};
    call_runtime(g, b, "share", arguments, 4);
}
