/* The functions that callers see. One looks at the addresses it is given, and runs the layers; what
 * is wrong with them is told by its result, before anything is read or written. The other tells
 * about the network. */
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

static LLVMValueRef check_buffers(struct generator *g, LLVMBuilderRef b,
                                  const LLVMValueRef *parameters) {
    size_t count;
    const struct cnn_buffer *buffers = describe_buffers(g, &count);
    LLVMValueRef addresses =
        LLVMBuildArrayAlloca(b, g->pointer, LLVMConstInt(g->int32, count, 0), "");
    for (size_t i = 0; i < count; i++) {
        LLVMValueRef index = constant_int64(g, (int64_t)i);
        LLVMBuildStore(b, parameters[i], LLVMBuildGEP2(b, g->pointer, addresses, &index, 1, ""));
    }
    LLVMValueRef arguments[] = {
        constant_int64s(g, (const int64_t *)buffers, count * sizeof *buffers / sizeof(int64_t)),
        constant_int64(g, (int64_t)count), addresses, parameters[count]};
    return call_runtime(g, b, "check_buffers", arguments, 4);
}

static LLVMValueRef check_weights(struct generator *g, LLVMBuilderRef b, LLVMValueRef weights) {
    const struct weights_head head = weights_head(g);
    int64_t words[sizeof head / sizeof(int64_t)];
    memcpy(words, &head, sizeof head);
    size_t count = sizeof words / sizeof *words;
    LLVMValueRef arguments[] = {weights, constant_int64s(g, words, count),
                                constant_int64(g, (int64_t)count)};
    return call_runtime(g, b, "check_weights", arguments, 3);
}

/* Returns `result` unless it is RUN_OK; then goes on in a new basic block. */
static void return_mistakes(struct generator *g, LLVMBuilderRef b, LLVMValueRef result) {
    LLVMBasicBlockRef bad = LLVMAppendBasicBlockInContext(g->context, g->run, "");
    LLVMBasicBlockRef good = LLVMAppendBasicBlockInContext(g->context, g->run, "");
    LLVMValueRef ok = LLVMConstInt(g->int32, RUN_OK, 0);
    LLVMBuildCondBr(b, LLVMBuildICmp(b, LLVMIntEQ, result, ok, ""), good, bad);
    LLVMPositionBuilderAtEnd(b, bad);
    LLVMBuildRet(b, result);
    LLVMPositionBuilderAtEnd(b, good);
}

static LLVMValueRef add_function(struct generator *g, unsigned addresses) {
    LLVMTypeRef *types = ARENA_ARRAY(g->arena, LLVMTypeRef, addresses + 1);
    for (unsigned i = 0; i < addresses; i++)
        types[i] = g->pointer;
    types[addresses] = g->int64;
    const char *name = arena_printf(g->arena, "%s_run_%s", g->options->name, g->identity);
    return LLVMAddFunction(g->module, name, LLVMFunctionType(g->int32, types, addresses + 1, 0));
}

/* const struct cnn_info *NAME_info(void). It and its data have sections of their own, so that a
 * linker leaves them out of programs that do not ask. */
static void emit_info(struct generator *g) {
    const struct cnn_info *info = info_complete(
        g->arena, g->options->info, g->identity, g->target.triple, g->target.cpu,
        workspace_bytes(g->graph), g->options->weights_apart ? weights_file_bytes(g) : 0);
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

/* For callers that have no header: they look the function up by its plain name. */
static void add_plain_name(struct generator *g) {
    const char *name = arena_printf(g->arena, "%s_run", g->options->name);
    LLVMAddAlias2(g->module, LLVMGlobalGetValueType(g->run), 0, g->run, name);
}

void emit_entry(struct generator *g) {
    unsigned ports = (unsigned)port_count(g->graph);
    unsigned addresses = ports + g->options->weights_apart + 1;
    g->run = add_function(g, addresses);
    LLVMValueRef *parameters = ARENA_ARRAY(g->arena, LLVMValueRef, addresses + 1);
    LLVMGetParams(g->run, parameters);

    LLVMBuilderRef b = LLVMCreateBuilderInContext(g->context);
    LLVMPositionBuilderAtEnd(b, LLVMAppendBasicBlockInContext(g->context, g->run, ""));
    return_mistakes(g, b, check_buffers(g, b, parameters));
    if (g->options->weights_apart)
        return_mistakes(g, b, check_weights(g, b, parameters[ports]));
    LLVMBuildCall2(b, LLVMGlobalGetValueType(g->layers), g->layers, parameters, addresses, "");
    LLVMBuildRet(b, LLVMConstInt(g->int32, RUN_OK, 0));
    LLVMDisposeBuilder(b);
    add_plain_name(g);
    emit_info(g);
}
