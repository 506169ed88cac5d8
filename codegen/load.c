/* Loading by LLVM's ORC: one object file, which has the weights in itself, as a program has. */
#include "codegen/load.h"

#include <string.h>

#include <llvm-c/Core.h>
#include <llvm-c/LLJIT.h>
#include <llvm-c/Orc.h>

struct loaded {
    LLVMOrcLLJITRef jit;
};

/* Takes the error; true if there was one. */
static bool failed(struct arena *arena, LLVMErrorRef problem, const char **error) {
    if (!problem)
        return false;
    char *message = LLVMGetErrorMessage(problem);
    *error = arena_printf(arena, "cannot load the code: %s", message);
    LLVMDisposeErrorMessage(message);
    return true;
}

/* memset, memcpy and what else an object needs. */
static LLVMErrorRef offer_own_symbols(LLVMOrcLLJITRef jit) {
    LLVMOrcDefinitionGeneratorRef generator;
    LLVMErrorRef problem = LLVMOrcCreateDynamicLibrarySearchGeneratorForProcess(
        &generator, LLVMOrcLLJITGetGlobalPrefix(jit), NULL, NULL);
    if (!problem)
        LLVMOrcJITDylibAddGenerator(LLVMOrcLLJITGetMainJITDylib(jit), generator);
    return problem;
}

static LLVMErrorRef add_object(LLVMOrcLLJITRef jit, struct arena *arena,
                               const struct pieces *object) {
    const char *bytes = pieces_join(object, arena);
    LLVMMemoryBufferRef buffer =
        LLVMCreateMemoryBufferWithMemoryRange(bytes, object->length, "network", 0);
    return LLVMOrcLLJITAddObjectFile(jit, LLVMOrcLLJITGetMainJITDylib(jit), buffer);
}

bool code_load(struct arena *arena, const struct pieces *object, const char *symbol,
               struct loaded **loaded, void **address, const char **error) {
    LLVMOrcLLJITRef jit;
    LLVMOrcExecutorAddress found;
    if (failed(arena, LLVMOrcCreateLLJIT(&jit, NULL), error))
        return false;
    if (failed(arena, offer_own_symbols(jit), error) ||
        failed(arena, add_object(jit, arena, object), error) ||
        failed(arena, LLVMOrcLLJITLookup(jit, &found, symbol), error)) {
        LLVMConsumeError(LLVMOrcDisposeLLJIT(jit));
        return false;
    }
    *loaded = ARENA_NEW(arena, struct loaded);
    (*loaded)->jit = jit;
    *address = (void *)(uintptr_t)found;
    return true;
}

void code_unload(struct loaded *loaded) {
    LLVMConsumeError(LLVMOrcDisposeLLJIT(loaded->jit));
}
