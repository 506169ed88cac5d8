/* The LLVM module: starts with the names of the runtime's primitives, gets those that are called
 * from their bitcode, ends as optimised code. */
#include <string.h>

#include <llvm-c/Analysis.h>
#include <llvm-c/BitReader.h>
#include <llvm-c/BitWriter.h>
#include <llvm-c/Linker.h>
#include <llvm-c/Transforms/PassBuilder.h>

#include "codegen/elf.h"
#include "codegen/generator.h"
#include "runtime/embedded.h"

#define COMBINE "instcombine<no-verify-fixpoint>"
#define CLEAN   "simplifycfg<switch-range-to-icmp;keep-loops>"

/* A diagnostic of LLVM would go to stderr and, for an error, end the process. */
static void ignore_diagnostic(LLVMDiagnosticInfoRef info, void *context) {
    (void)info;
    (void)context;
}

struct runtime_bitcode runtime_bitcode(int vector_width) {
    switch (vector_width) {
    case 16:
        return (struct runtime_bitcode){cnn_bitcode_16, cnn_bitcode_16_size};
    case 8:
        return (struct runtime_bitcode){cnn_bitcode_8, cnn_bitcode_8_size};
    default:
        return (struct runtime_bitcode){cnn_bitcode_4, cnn_bitcode_4_size};
    }
}

/* No function is read before it is linked. */
static bool open_runtime(struct generator *g) {
    struct runtime_bitcode bitcode = runtime_bitcode(g->target.vector_width);
    LLVMMemoryBufferRef buffer = LLVMCreateMemoryBufferWithMemoryRange((const char *)bitcode.bytes,
                                                                       bitcode.size, "runtime", 0);
    if (!LLVMGetBitcodeModuleInContext2(g->context, buffer, &g->runtime))
        return true;
    LLVMDisposeMemoryBuffer(buffer);
    return false;
}

static void set_target(struct generator *g, LLVMModuleRef module) {
    LLVMSetTarget(module, g->target.triple);
    LLVMTargetDataRef layout = LLVMCreateTargetDataLayout(g->target.machine);
    LLVMSetModuleDataLayout(module, layout);
    LLVMDisposeTargetData(layout);
}

static bool has_attribute(LLVMValueRef function, const char *name) {
    unsigned kind = LLVMGetEnumAttributeKindForName(name, strlen(name));
    return LLVMGetEnumAttributeAtIndex(function, (LLVMAttributeIndex)LLVMAttributeFunctionIndex,
                                       kind) != NULL;
}

/* Declares the primitives, and makes the runtime's ones of the kind that is linked only where
 * something refers to it. All are inlined, helpers too, but those that say otherwise: what they
 * compute is constant then, as the bounds of loops are. */
static void declare_primitives(struct generator *g) {
    for (LLVMValueRef f = LLVMGetFirstFunction(g->runtime); f; f = LLVMGetNextFunction(f)) {
        if (LLVMIsDeclaration(f))
            continue;
        if (!has_attribute(f, "noinline"))
            add_attribute(g, f, (LLVMAttributeIndex)LLVMAttributeFunctionIndex, "alwaysinline");
        if (LLVMGetLinkage(f) == LLVMInternalLinkage)
            continue;
        size_t length;
        const char *name = LLVMGetValueName2(f, &length);
        LLVMAddFunction(g->module, name, LLVMGlobalGetValueType(f));
        LLVMSetLinkage(f, LLVMLinkOnceODRLinkage);
    }
}

bool module_open(struct generator *g, const char **error) {
    g->context = LLVMContextCreate();
    LLVMContextSetDiagnosticHandler(g->context, ignore_diagnostic, NULL);
    LLVMContextSetDiscardValueNames(g->context, true);
    if (!open_runtime(g)) {
        LLVMContextDispose(g->context);
        *error = "the runtime's bitcode is not of this LLVM";
        return false;
    }
    g->module = LLVMModuleCreateWithNameInContext(g->options->name, g->context);
    set_target(g, g->runtime);
    set_target(g, g->module);
    declare_primitives(g);

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
 * one. All functions must agree, or LLVM does not inline one into another. None throws, so that the
 * object needs no tables for unwinding. */
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
        add_attribute(g, f, (LLVMAttributeIndex)LLVMAttributeFunctionIndex, "nounwind");
        set_attribute(g, f, "target-cpu", g->target.cpu);
        set_attribute(g, f, "target-features", g->target.features);
        set_attribute(g, f, "prefer-vector-width", bits);
        set_attribute(g, f, "min-legal-vector-width", bits);
    }
}

static void delete_unused_declarations(struct generator *g) {
    for (LLVMValueRef f = LLVMGetFirstFunction(g->module), next; f; f = next) {
        next = LLVMGetNextFunction(f);
        if (LLVMIsDeclaration(f) && !LLVMGetFirstUse(f))
            LLVMDeleteFunction(f);
    }
}

/* Reads the primitives that something calls, and what they call, into the module. */
static bool link_primitives(struct generator *g) {
    delete_unused_declarations(g);
    bool failed = LLVMLinkModules2(g->module, g->runtime);
    for (LLVMValueRef f = LLVMGetFirstFunction(g->module); f; f = LLVMGetNextFunction(f))
        if (LLVMGetLinkage(f) == LLVMLinkOnceODRLinkage)
            LLVMSetLinkage(f, LLVMInternalLinkage);
    g->runtime = NULL; /* gone with linking */
    return !failed;
}

/* What makes a kernel of a primitive: it is inlined, with its epilogue, whose call is known only
 * then; the descriptor's constants decide branches; loops over tiles are unrolled, after which
 * arrays are registers. The loops that stay are left with what they need. LLVM's whole levels do
 * the same for general code, with more than twice the work. */
static const char specialise[] =
    "always-inline,globaldce,always-inline,globaldce,"
    "function<eager-inv>("
    "sroa<modify-cfg>,sccp," CLEAN "," COMBINE ","
    "loop(loop-rotate,loop-unroll-full)," CLEAN ","
    "sroa<modify-cfg>,early-cse<memssa>," COMBINE ","
    "loop-mssa(licm<allowspeculation>),loop(loop-idiom,indvars)," CLEAN "),globaldce";

static const char *passes(int optimisation) {
    return optimisation == 0 ? "default<O0>" : optimisation < 3 ? specialise : "default<O3>";
}

bool module_optimise(struct generator *g, const char **error) {
    if (!link_primitives(g)) {
        *error = "the primitives cannot be linked";
        return false;
    }
    retarget(g);
    LLVMPassBuilderOptionsRef options = LLVMCreatePassBuilderOptions();
    LLVMErrorRef failed =
        LLVMRunPasses(g->module, passes(g->options->optimisation), g->target.machine, options);
    LLVMDisposePassBuilderOptions(options);
    if (!failed)
        return true;
    char *message = LLVMGetErrorMessage(failed);
    *error = arena_printf(g->arena, "LLVM cannot run its passes: %s", message);
    LLVMDisposeErrorMessage(message);
    return false;
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
    if (g->runtime)
        LLVMDisposeModule(g->runtime);
    LLVMContextDispose(g->context);
}
