/* The functions that callers see. One looks at the addresses it is given, and runs the layers; what
 * is wrong with them is told by its result, before anything is read or written. The other tells
 * about the network. */
#include <string.h>

#include "codegen/generator.h"
#include "codegen/info.h"
#include "codegen/interface.h"
#include "codegen/weights_file.h"

/* One parameter: an address, and the memory there that is used. */
struct buffer {
    LLVMValueRef address; /* as an integer */
    int64_t bytes, alignment;
    bool written;
};

struct entry {
    struct generator *g;
    LLVMBuilderRef b;
    struct buffer *buffers; /* inputs, outputs, weights, workspace */
    size_t count;
    LLVMValueRef result; /* RUN_OK so far, or the first mistake */
};

/* Later mistakes are found first, so that earlier ones win. */
static void fail_if(struct entry *e, LLVMValueRef condition, enum run_result mistake) {
    LLVMValueRef value = LLVMConstInt(e->g->int32, mistake, 0);
    e->result = LLVMBuildSelect(e->b, condition, value, e->result, "");
}

static LLVMValueRef end_of(struct entry *e, const struct buffer *buffer) {
    return LLVMBuildAdd(e->b, buffer->address, constant_int64(e->g, buffer->bytes), "");
}

static LLVMValueRef overlap(struct entry *e, const struct buffer *a, const struct buffer *b) {
    return LLVMBuildAnd(e->b, LLVMBuildICmp(e->b, LLVMIntULT, a->address, end_of(e, b), ""),
                        LLVMBuildICmp(e->b, LLVMIntULT, b->address, end_of(e, a), ""), "");
}

static void check_overlaps(struct entry *e) {
    for (size_t i = 0; i < e->count; i++)
        for (size_t j = i + 1; j < e->count; j++)
            if (e->buffers[i].written || e->buffers[j].written)
                fail_if(e, overlap(e, &e->buffers[i], &e->buffers[j]), RUN_OVERLAP);
}

static void check_alignments(struct entry *e) {
    LLVMValueRef zero = constant_int64(e->g, 0);
    for (size_t i = 0; i < e->count; i++) {
        LLVMValueRef mask = constant_int64(e->g, e->buffers[i].alignment - 1);
        LLVMValueRef rest = LLVMBuildAnd(e->b, e->buffers[i].address, mask, "");
        fail_if(e, LLVMBuildICmp(e->b, LLVMIntNE, rest, zero, ""), RUN_MISALIGNED);
    }
}

static void check_nulls(struct entry *e) {
    LLVMValueRef zero = constant_int64(e->g, 0);
    for (size_t i = 0; i < e->count; i++)
        fail_if(e, LLVMBuildICmp(e->b, LLVMIntEQ, e->buffers[i].address, zero, ""),
                RUN_NULL_ADDRESS);
}

static void check_workspace(struct entry *e, LLVMValueRef bytes) {
    LLVMValueRef wanted = constant_int64(e->g, e->buffers[e->count - 1].bytes);
    fail_if(e, LLVMBuildICmp(e->b, LLVMIntULT, bytes, wanted, ""), RUN_SHORT_WORKSPACE);
}

static void add_buffer(struct entry *e, LLVMValueRef address, int64_t bytes, int64_t alignment,
                       bool written) {
    e->buffers[e->count++] = (struct buffer){LLVMBuildPtrToInt(e->b, address, e->g->int64, ""),
                                             bytes, alignment, written};
}

static void add_buffers(struct entry *e, const LLVMValueRef *parameters) {
    struct generator *g = e->g;
    size_t ports = port_count(g->graph);
    e->buffers = ARENA_ARRAY(g->arena, struct buffer, ports + 2);
    for (size_t i = 0; i < ports; i++) {
        struct port port = graph_port(g->graph, i);
        add_buffer(e, parameters[i], port_bytes(&port), element_bytes(port.element),
                   port.is_output);
    }
    if (g->options->weights_apart)
        add_buffer(e, parameters[ports], weights_file_bytes(g), BLOCK_ALIGNMENT, false);
    add_buffer(e, parameters[ports + g->options->weights_apart], workspace_bytes(g->graph),
               BUFFER_ALIGNMENT, true);
}

/* The head of the weights file, word by word. Only addresses that passed may be read. */
static LLVMValueRef check_weights(struct entry *e, LLVMValueRef weights, LLVMValueRef result) {
    struct generator *g = e->g;
    const struct weights_head head = weights_head(g);
    int64_t words[sizeof head / sizeof(int64_t)];
    memcpy(words, &head, sizeof head);
    LLVMValueRef differ = constant_int64(g, 0);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        LLVMValueRef index = constant_int64(g, (int64_t)i);
        LLVMValueRef word = LLVMBuildLoad2(
            e->b, g->int64, LLVMBuildGEP2(e->b, g->int64, weights, &index, 1, ""), "");
        word = LLVMBuildXor(e->b, word, constant_int64(g, words[i]), "");
        differ = LLVMBuildOr(e->b, differ, word, "");
    }
    LLVMValueRef wrong = LLVMBuildICmp(e->b, LLVMIntNE, differ, constant_int64(g, 0), "");
    return LLVMBuildSelect(e->b, wrong, LLVMConstInt(g->int32, RUN_WRONG_WEIGHTS, 0), result, "");
}

/* Returns `result` unless it is RUN_OK; then goes on in a new basic block. */
static void return_mistakes(struct entry *e, LLVMValueRef function, LLVMValueRef result) {
    struct generator *g = e->g;
    LLVMBasicBlockRef bad = LLVMAppendBasicBlockInContext(g->context, function, "");
    LLVMBasicBlockRef good = LLVMAppendBasicBlockInContext(g->context, function, "");
    LLVMValueRef ok = LLVMConstInt(g->int32, RUN_OK, 0);
    LLVMBuildCondBr(e->b, LLVMBuildICmp(e->b, LLVMIntEQ, result, ok, ""), good, bad);
    LLVMPositionBuilderAtEnd(e->b, bad);
    LLVMBuildRet(e->b, result);
    LLVMPositionBuilderAtEnd(e->b, good);
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

    struct entry e = {.g = g, .b = LLVMCreateBuilderInContext(g->context)};
    LLVMPositionBuilderAtEnd(e.b, LLVMAppendBasicBlockInContext(g->context, g->run, ""));
    e.result = LLVMConstInt(g->int32, RUN_OK, 0);
    add_buffers(&e, parameters);
    check_overlaps(&e);
    check_workspace(&e, parameters[addresses]);
    check_alignments(&e);
    check_nulls(&e);
    return_mistakes(&e, g->run, e.result);
    if (g->options->weights_apart)
        return_mistakes(&e, g->run,
                        check_weights(&e, parameters[ports], LLVMConstInt(g->int32, RUN_OK, 0)));
    LLVMBuildCall2(e.b, LLVMGlobalGetValueType(g->layers), g->layers, parameters, addresses, "");
    LLVMBuildRet(e.b, LLVMConstInt(g->int32, RUN_OK, 0));
    LLVMDisposeBuilder(e.b);
    add_plain_name(g);
    emit_info(g);
}
