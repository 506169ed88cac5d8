/* The functions that callers see. One looks at the addresses and the executor it is given, and runs
 * the layers; what is wrong with them is told by its result, before anything is read or written.
 * One does so without an executor, and one tells about the network. */
#include <string.h>

#include "codegen/generator.h"
#include "codegen/info.h"
#include "codegen/interface.h"
#include "codegen/weights_file.h"

/* Inputs, outputs, weights where they are apart, workspace: the run function's addresses. */
static const struct cnn_buffer *describe_buffers(struct generator *g, size_t *count) {
    size_t ports = port_count(g->graph), at = 0;
    struct cnn_buffer *buffers = ARENA_ARRAY(g->arena, struct cnn_buffer, ports + 2);
    for (; at < ports; at++) {
        struct port port = graph_port(g->graph, at);
        buffers[at] =
            (struct cnn_buffer){port_bytes(&port), element_bytes(port.element), port.is_output};
    }
    if (g->options->weights_apart)
        buffers[at++] = (struct cnn_buffer){weights_file_bytes(g), BLOCK_ALIGNMENT, false};
    buffers[at++] = (struct cnn_buffer){workspace_bytes(g->graph), BUFFER_ALIGNMENT, true};
    *count = at;
    return buffers;
}

/* A function under construction: the ports' addresses, the workspace's size, and maybe more. */
struct entry {
    LLVMValueRef function, *parameters;
    unsigned addresses, count; /* how many parameters are addresses in front, and in all */
    LLVMBuilderRef b;
};

/* int NAME_WORD(addresses, size_t workspace_bytes, more addresses). */
static struct entry open_entry(struct generator *g, const char *word, unsigned more) {
    unsigned addresses = (unsigned)port_count(g->graph) + g->options->weights_apart + 1;
    unsigned count = addresses + 1 + more;
    LLVMTypeRef *types = ARENA_ARRAY(g->arena, LLVMTypeRef, count);
    for (unsigned i = 0; i < count; i++)
        types[i] = i == addresses ? g->int64 : g->pointer;
    LLVMTypeRef type = LLVMFunctionType(g->int32, types, count, 0);
    const char *plain = arena_printf(g->arena, "%s_%s", g->options->name, word);
    const char *name = arena_printf(g->arena, "%s_%s", plain, g->identity);
    struct entry e = {.function = LLVMAddFunction(g->module, name, type),
                      .parameters = ARENA_ARRAY(g->arena, LLVMValueRef, count + 1),
                      .addresses = addresses,
                      .count = count,
                      .b = LLVMCreateBuilderInContext(g->context)};
    LLVMGetParams(e.function, e.parameters);
    LLVMPositionBuilderAtEnd(e.b, LLVMAppendBasicBlockInContext(g->context, e.function, ""));
    /* for callers that have no header: they look the function up by its plain name */
    LLVMAddAlias2(g->module, type, 0, e.function, plain);
    return e;
}

/* What the parts work with lies beyond the workspace of one. */
static LLVMValueRef wanted_workspace(struct generator *g, const struct entry *e,
                                     LLVMValueRef parts) {
    LLVMValueRef others = LLVMBuildSub(e->b, parts, constant_int64(g, 1), "");
    LLVMValueRef more = LLVMBuildMul(e->b, others, constant_int64(g, part_bytes(g->graph)), "");
    return LLVMBuildAdd(e->b, constant_int64(g, workspace_bytes(g->graph)), more, "");
}

static LLVMValueRef check_buffers(struct generator *g, const struct entry *e, LLVMValueRef parts) {
    size_t count;
    const struct cnn_buffer *buffers = describe_buffers(g, &count);
    LLVMValueRef addresses = store_addresses(g, e->b, e->parameters, count);
    LLVMValueRef arguments[] = {
        constant_int64s(g, (const int64_t *)buffers, count * sizeof *buffers / sizeof(int64_t)),
        constant_int64(g, (int64_t)count), addresses, e->parameters[count],
        wanted_workspace(g, e, parts)};
    return call_runtime(g, e->b, "check_buffers", arguments, 5);
}

static LLVMValueRef check_weights(struct generator *g, const struct entry *e) {
    const struct weights_head head = weights_head(g);
    int64_t words[sizeof head / sizeof(int64_t)];
    memcpy(words, &head, sizeof head);
    size_t count = sizeof words / sizeof *words;
    LLVMValueRef arguments[] = {e->parameters[port_count(g->graph)],
                                constant_int64s(g, words, count),
                                constant_int64(g, (int64_t)count)};
    return call_runtime(g, e->b, "check_weights", arguments, 3);
}

/* Returns `result` unless it is RUN_OK; then goes on in a new basic block. */
static void return_mistakes(struct generator *g, const struct entry *e, LLVMValueRef result) {
    LLVMBasicBlockRef bad = LLVMAppendBasicBlockInContext(g->context, e->function, "");
    LLVMBasicBlockRef good = LLVMAppendBasicBlockInContext(g->context, e->function, "");
    LLVMValueRef ok = LLVMConstInt(g->int32, RUN_OK, 0);
    LLVMBuildCondBr(e->b, LLVMBuildICmp(e->b, LLVMIntEQ, result, ok, ""), good, bad);
    LLVMPositionBuilderAtEnd(e->b, bad);
    LLVMBuildRet(e->b, result);
    LLVMPositionBuilderAtEnd(e->b, good);
}

static void emit_run_parallel(struct generator *g) {
    struct entry e = open_entry(g, "run_parallel", 1);
    LLVMValueRef executor = e.parameters[e.addresses + 1];
    return_mistakes(g, &e, call_runtime(g, e.b, "check_executor", &executor, 1));
    LLVMValueRef parts = call_runtime(g, e.b, "parts", &executor, 1);
    return_mistakes(g, &e, check_buffers(g, &e, parts));
    if (g->options->weights_apart)
        return_mistakes(g, &e, check_weights(g, &e));
    e.parameters[e.addresses] = executor; /* the layers are not told the size */
    LLVMBuildCall2(e.b, LLVMGlobalGetValueType(g->layers), g->layers, e.parameters, e.addresses + 1,
                   "");
    LLVMBuildRet(e.b, LLVMConstInt(g->int32, RUN_OK, 0));
    LLVMDisposeBuilder(e.b);
    leave_unoptimised(g, e.function);
    g->run_parallel = e.function;
}

/* NAME_run_parallel without an executor. */
static void emit_run(struct generator *g) {
    struct entry e = open_entry(g, "run", 0);
    e.parameters[e.count] = LLVMConstNull(g->pointer);
    LLVMBuildRet(e.b, LLVMBuildCall2(e.b, LLVMGlobalGetValueType(g->run_parallel), g->run_parallel,
                                     e.parameters, e.count + 1, ""));
    LLVMDisposeBuilder(e.b);
}

/* const struct cnn_info *NAME_info(void). It and its data have sections of their own, so that a
 * linker leaves them out of programs that do not ask. */
static void emit_info(struct generator *g) {
    const struct cnn_info *info =
        info_complete(g->arena, g->options->info, g->identity, g->target.triple, g->target.cpu,
                      workspace_bytes(g->graph), part_bytes(g->graph),
                      g->options->weights_apart ? weights_file_bytes(g) : 0);
    LLVMValueRef data =
        constant_global(g, constant_bytes(g, (const char *)info, (size_t)info->bytes));
    LLVMSetAlignment(data, BUFFER_ALIGNMENT);
    const char *name = arena_printf(g->arena, "%s_info", g->options->name);
    LLVMValueRef function =
        LLVMAddFunction(g->module, name, LLVMFunctionType(g->pointer, NULL, 0, 0));
    if (g->target.elf) {
        LLVMSetSection(data, arena_printf(g->arena, ".rodata.%s", name));
        LLVMSetSection(function, arena_printf(g->arena, ".text.%s", name));
    }
    LLVMBuilderRef b = LLVMCreateBuilderInContext(g->context);
    LLVMPositionBuilderAtEnd(b, LLVMAppendBasicBlockInContext(g->context, function, ""));
    LLVMBuildRet(b, data);
    LLVMDisposeBuilder(b);
}

void emit_entry(struct generator *g) {
    emit_run_parallel(g);
    emit_run(g);
    emit_info(g);
}
