/* The LLVM module: starts as the bitcode of the runtime's primitives, ends as optimised code. */
#include <string.h>

#include <llvm-c/Analysis.h>
#include <llvm-c/BitReader.h>
#include <llvm-c/BitWriter.h>
#include <llvm-c/Transforms/PassBuilder.h>

#include "codegen/elf.h"
#include "codegen/generator.h"
#include "runtime/embedded.h"

/* A diagnostic of LLVM would go to stderr and, for an error, end the process. */
static void ignore_diagnostic(LLVMDiagnosticInfoRef info, void *context) {
    (void)info;
    (void)context;
}

static LLVMMemoryBufferRef runtime_bitcode(int vector_width) {
    const unsigned char *bytes = vector_width == 16  ? cnn_bitcode_16
                                 : vector_width == 8 ? cnn_bitcode_8
                                                     : cnn_bitcode_4;
    size_t size = vector_width == 16  ? cnn_bitcode_16_size
                  : vector_width == 8 ? cnn_bitcode_8_size
                                      : cnn_bitcode_4_size;
    return LLVMCreateMemoryBufferWithMemoryRange((const char *)bytes, size, "runtime", 0);
}

bool module_open(struct generator *g, const char **error) {
    g->context = LLVMContextCreate();
    LLVMContextSetDiagnosticHandler(g->context, ignore_diagnostic, NULL);
    LLVMMemoryBufferRef bitcode = runtime_bitcode(g->target.vector_width);
    bool broken = LLVMParseBitcodeInContext2(g->context, bitcode, &g->module);
    LLVMDisposeMemoryBuffer(bitcode);
    if (broken) {
        *error = "the runtime's bitcode is not of this LLVM";
        return false;
    }
    /* where cnnc was built must not matter */
    LLVMSetSourceFileName(g->module, g->options->name, strlen(g->options->name));
    LLVMSetTarget(g->module, g->target.triple);
    LLVMTargetDataRef layout = LLVMCreateTargetDataLayout(g->target.machine);
    LLVMSetModuleDataLayout(g->module, layout);
    LLVMDisposeTargetData(layout);
    for (LLVMValueRef f = LLVMGetFirstFunction(g->module); f; f = LLVMGetNextFunction(f))
        if (!LLVMIsDeclaration(f))
            LLVMSetLinkage(f, LLVMInternalLinkage);

    g->builder = LLVMCreateBuilderInContext(g->context);
    g->void_type = LLVMVoidTypeInContext(g->context);
    g->int32 = LLVMInt32TypeInContext(g->context);
    g->int64 = LLVMInt64TypeInContext(g->context);
    g->float_type = LLVMFloatTypeInContext(g->context);
    g->vector = LLVMVectorType(g->float_type, (unsigned)g->target.vector_width);
    g->pointer = LLVMPointerTypeInContext(g->context, 0);
    return true;
}

static void set_attribute(struct generator *g, LLVMValueRef function, const char *name,
                          const char *value) {
    LLVMAddAttributeAtIndex(function, (LLVMAttributeIndex)LLVMAttributeFunctionIndex,
                            LLVMCreateStringAttribute(g->context, name, (unsigned)strlen(name),
                                                      value, (unsigned)strlen(value)));
}

/* The bitcode was compiled for some processor with vectors as wide; now it becomes code for this
 * one. All functions must agree, or LLVM does not inline one into another. */
static void retarget(struct generator *g) {
    static const char *const stale[] = {"target-cpu", "target-features", "tune-cpu",
                                        "min-legal-vector-width", "prefer-vector-width"};
    const char *bits = arena_printf(g->arena, "%d", 32 * g->target.vector_width);
    for (LLVMValueRef f = LLVMGetFirstFunction(g->module); f; f = LLVMGetNextFunction(f)) {
        if (LLVMIsDeclaration(f))
            continue;
        for (size_t i = 0; i < sizeof stale / sizeof *stale; i++)
            LLVMRemoveStringAttributeAtIndex(f, (LLVMAttributeIndex)LLVMAttributeFunctionIndex,
                                             stale[i], (unsigned)strlen(stale[i]));
        set_attribute(g, f, "target-cpu", g->target.cpu);
        set_attribute(g, f, "target-features", g->target.features);
        set_attribute(g, f, "prefer-vector-width", bits);
        set_attribute(g, f, "min-legal-vector-width", bits);
    }
}

/* Primitives that no layer called: deleted before the passes spend time on them. A callee may
 * become unused when its caller goes, hence the repetition. */
static void delete_unused(struct generator *g) {
    for (bool deleted = true; deleted;) {
        deleted = false;
        for (LLVMValueRef f = LLVMGetFirstFunction(g->module), next; f; f = next) {
            next = LLVMGetNextFunction(f);
            if (LLVMGetLinkage(f) == LLVMInternalLinkage && !LLVMGetFirstUse(f)) {
                LLVMDeleteFunction(f);
                deleted = true;
            }
        }
    }
}

void module_optimise(struct generator *g) {
    delete_unused(g);
    retarget(g);
    LLVMPassBuilderOptionsRef options = LLVMCreatePassBuilderOptions();
    const char *passes = arena_printf(g->arena, "default<O%d>", g->options->optimisation);
    LLVMErrorRef failed = LLVMRunPasses(g->module, passes, g->target.machine, options);
    LLVMConsumeError(failed);
    LLVMDisposePassBuilderOptions(options);
}

static void take_text(struct generator *g, char *text, struct pieces *out) {
    size_t length = strlen(text);
    pieces_add(out, g->arena, arena_strndup(g->arena, text, length), length);
    LLVMDisposeMessage(text);
}

static void take_buffer(struct generator *g, LLVMMemoryBufferRef buffer, struct pieces *out) {
    size_t length = LLVMGetBufferSize(buffer);
    char *bytes = arena_alloc(g->arena, length + 1, 1);
    memcpy(bytes, LLVMGetBufferStart(buffer), length);
    pieces_add(out, g->arena, bytes, length);
    LLVMDisposeMemoryBuffer(buffer);
}

static bool is_sound(struct generator *g, const char **error) {
    char *message = NULL;
    bool broken = LLVMVerifyModule(g->module, LLVMReturnStatusAction, &message);
    if (broken)
        *error = arena_printf(g->arena, "the emitted module is broken: %s", message);
    LLVMDisposeMessage(message);
    return !broken;
}

static bool emit_machine_code(struct generator *g, LLVMCodeGenFileType type, struct pieces *out,
                              const char **error) {
    char *message = NULL;
    LLVMMemoryBufferRef buffer;
    if (LLVMTargetMachineEmitToMemoryBuffer(g->target.machine, g->module, type, &message,
                                            &buffer)) {
        *error = arena_printf(g->arena, "LLVM cannot emit this module: %s", message);
        LLVMDisposeMessage(message);
        return false;
    }
    take_buffer(g, buffer, out);
    return true;
}

bool module_emit(struct generator *g, enum emit_kind kind, struct pieces *out, const char **error) {
    bool beside = kind == EMIT_OBJECT && g->target.elf;
    if (!beside && !g->options->weights_apart)
        block_define(g);
    if (!is_sound(g, error))
        return false;
    switch (kind) {
    case EMIT_LLVM:
        take_text(g, LLVMPrintModuleToString(g->module), out);
        return true;
    case EMIT_BITCODE:
        take_buffer(g, LLVMWriteBitcodeToMemoryBuffer(g->module), out);
        return true;
    case EMIT_ASSEMBLY:
        return emit_machine_code(g, LLVMAssemblyFile, out, error);
    case EMIT_OBJECT:
    case EMIT_HEADER:
        break;
    }
    if (!emit_machine_code(g, LLVMObjectFile, out, error))
        return false;
    if (!beside || g->options->weights_apart)
        return true;
    *error = "LLVM's object file is not the ELF that weights can be put into";
    return elf_define(out, g->arena, g->weights_symbol, &g->block.content);
}

void module_close(struct generator *g) {
    LLVMDisposeBuilder(g->builder);
    LLVMDisposeModule(g->module);
    LLVMContextDispose(g->context);
}
