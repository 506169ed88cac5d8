/* Finds out what a processor can do by asking LLVM, not by a table of names: what this machine has
 * LLVM says; for another processor it compiles one addition of 16 floats, and a look at the code
 * tells which registers it uses. */
#include "codegen/target.h"

#include <errno.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <llvm-c/Core.h>
#include <llvm-c/Target.h>

#include "lexer/diagnostics.h"

/* A function that adds 16 floats, in a module of its own. */
static LLVMModuleRef probe_module(LLVMContextRef context) {
    LLVMModuleRef module = LLVMModuleCreateWithNameInContext("probe", context);
    LLVMBuilderRef builder = LLVMCreateBuilderInContext(context);
    LLVMTypeRef vector = LLVMVectorType(LLVMFloatTypeInContext(context), 16);
    LLVMTypeRef pointer = LLVMPointerTypeInContext(context, 0);
    LLVMTypeRef type = LLVMFunctionType(LLVMVoidTypeInContext(context), &pointer, 1, 0);
    LLVMValueRef function = LLVMAddFunction(module, "probe", type);
    static const char wide[] = "prefer-vector-width", legal[] = "min-legal-vector-width";
    LLVMAddAttributeAtIndex(function, (LLVMAttributeIndex)LLVMAttributeFunctionIndex,
                            LLVMCreateStringAttribute(context, wide, sizeof wide - 1, "512", 3));
    LLVMAddAttributeAtIndex(function, (LLVMAttributeIndex)LLVMAttributeFunctionIndex,
                            LLVMCreateStringAttribute(context, legal, sizeof legal - 1, "512", 3));
    LLVMPositionBuilderAtEnd(builder, LLVMAppendBasicBlockInContext(context, function, ""));
    LLVMValueRef value = LLVMBuildLoad2(builder, vector, LLVMGetParam(function, 0), "");
    LLVMBuildStore(builder, LLVMBuildFAdd(builder, value, value, ""), LLVMGetParam(function, 0));
    LLVMBuildRetVoid(builder);
    LLVMDisposeBuilder(builder);
    return module;
}

/* Its assembly; NULL where it cannot be compiled. */
static LLVMMemoryBufferRef compile_probe(LLVMTargetMachineRef machine) {
    LLVMContextRef context = LLVMContextCreate();
    LLVMModuleRef module = probe_module(context);
    char *message = NULL;
    LLVMMemoryBufferRef code = NULL;
    if (LLVMTargetMachineEmitToMemoryBuffer(machine, module, LLVMAssemblyFile, &message, &code))
        code = NULL;
    LLVMDisposeMessage(message);
    LLVMDisposeModule(module);
    LLVMContextDispose(context);
    return code;
}

/* The widest vectors the code for a 16-float addition uses; 0 where it cannot be compiled. */
static int probe_vector_width(LLVMTargetMachineRef machine) {
    LLVMMemoryBufferRef text = compile_probe(machine);
    if (!text)
        return 0;
    const char *code = LLVMGetBufferStart(text); /* LLVM ends it with a NUL */
    int width = strstr(code, "%zmm") ? 16 : strstr(code, "%ymm") ? 8 : 4;
    LLVMDisposeMemoryBuffer(text);
    return width;
}

/* Every other feature that begins so implies the one. */
static int native_vector_width(const char *features) {
    return strstr(features, "+avx512f") ? 16 : strstr(features, "+avx") ? 8 : 4;
}

static const char *take_message(struct arena *arena, char *message) {
    const char *copy = arena_strndup(arena, message, strlen(message));
    LLVMDisposeMessage(message);
    return copy;
}

/* LLVM has no C function that says whether it knows a processor: it warns on stderr and goes on,
 * and for one without 64-bit code it aborts. So the question is put in a child process: what it
 * prints on stderr, or its death, is the answer. Returns the probed width, 0 where the processor
 * will not do. */
static int probe_in_child(LLVMTargetRef llvm_target, const struct target *target) {
    int channel[2];
    if (pipe(channel) != 0)
        return 0;
    pid_t child = fork();
    if (child < 0) {
        close(channel[0]);
        close(channel[1]);
        return 0;
    }
    if (child == 0) {
        dup2(channel[1], STDERR_FILENO);
        LLVMTargetMachineRef machine =
            LLVMCreateTargetMachine(llvm_target, target->triple, target->cpu, target->features,
                                    LLVMCodeGenLevelNone, LLVMRelocPIC, LLVMCodeModelDefault);
        _exit(probe_vector_width(machine));
    }
    close(channel[1]);
    char complaint;
    ssize_t complained;
    do
        complained = read(channel[0], &complaint, 1);
    while (complained < 0 && errno == EINTR);
    close(channel[0]);
    int status;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
        continue;
    return complained == 0 && WIFEXITED(status) ? WEXITSTATUS(status) : 0;
}

static const char *wrong_system(struct arena *arena, const char *triple) {
    return arena_printf(arena,
                        "'%s' is not a system with a 64-bit x86 processor\n"
                        "help: x86_64-unknown-linux-gnu, x86_64-unknown-none-elf or "
                        "x86_64-pc-windows-gnu, for example",
                        printable(arena, triple, strlen(triple)));
}

struct system {
    bool wide; /* addresses of 64 bits: Linux has an x32, with 32 */
    bool elf;
};

static struct system system_of(LLVMTargetMachineRef machine) {
    LLVMTargetDataRef layout = LLVMCreateTargetDataLayout(machine);
    char *text = LLVMCopyStringRepOfTargetData(layout); /* m:e: symbols are mangled as in ELF */
    struct system system = {LLVMPointerSize(layout) == 8, strstr(text, "m:e") != NULL};
    LLVMDisposeMessage(text);
    LLVMDisposeTargetData(layout);
    return system;
}

/* LLVM knows many systems; code is made for those with this processor. */
static const char *choose_triple(struct arena *arena, const char *wanted, const char **error) {
    if (!wanted)
        return take_message(arena, LLVMGetDefaultTargetTriple());
    const char *triple = take_message(arena, LLVMNormalizeTargetTriple(wanted));
    if (strncmp(triple, "x86_64-", strlen("x86_64-")) == 0)
        return triple;
    *error = wrong_system(arena, wanted);
    return NULL;
}

bool target_open(struct target *target, const char *triple, const char *cpu, int optimisation,
                 struct arena *arena, const char **error) {
    LLVMInitializeX86TargetInfo();
    LLVMInitializeX86Target();
    LLVMInitializeX86TargetMC();
    LLVMInitializeX86AsmPrinter();
    LLVMInitializeX86AsmParser();
    bool native = strcmp(cpu, "native") == 0;
    target->triple = choose_triple(arena, triple, error);
    target->cpu = native ? take_message(arena, LLVMGetHostCPUName()) : cpu;
    target->features = native ? take_message(arena, LLVMGetHostCPUFeatures()) : "";
    if (!target->triple)
        return false;

    LLVMTargetRef llvm_target;
    char *message = NULL;
    if (LLVMGetTargetFromTriple(target->triple, &llvm_target, &message)) {
        *error = take_message(arena, message);
        return false;
    }
    target->vector_width =
        native ? native_vector_width(target->features) : probe_in_child(llvm_target, target);
    if (target->vector_width == 0) {
        *error = arena_printf(arena, "'%s' is not a processor that LLVM makes 64-bit code for",
                              printable(arena, cpu, strlen(cpu)));
        return false;
    }
    LLVMCodeGenOptLevel level =
        optimisation == 0 ? LLVMCodeGenLevelNone : LLVMCodeGenLevelAggressive;
    target->machine =
        LLVMCreateTargetMachine(llvm_target, target->triple, target->cpu, target->features, level,
                                LLVMRelocPIC, LLVMCodeModelDefault);
    struct system system = system_of(target->machine);
    if (!system.wide) {
        *error = wrong_system(arena, triple);
        LLVMDisposeTargetMachine(target->machine);
        return false;
    }
    target->vector_registers = target->vector_width == 16 ? 32 : 16;
    target->facts = machine_of(target->cpu);
    target->elf = system.elf;
    return true;
}

void target_close(struct target *target) {
    LLVMDisposeTargetMachine(target->machine);
}
