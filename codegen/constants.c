/* Small constant data of the object: descriptors, strings. */
#include <string.h>

#include "codegen/generator.h"

LLVMValueRef constant_int64(struct generator *g, int64_t value) {
    return LLVMConstInt(g->int64, (unsigned long long)value, 1);
}

LLVMValueRef constant_float(struct generator *g, double value) {
    return LLVMConstReal(g->float_type, (float)value);
}

LLVMValueRef constant_global(struct generator *g, LLVMValueRef initialiser) {
    LLVMValueRef global = LLVMAddGlobal(g->module, LLVMTypeOf(initialiser), "");
    LLVMSetInitializer(global, initialiser);
    LLVMSetGlobalConstant(global, 1);
    LLVMSetLinkage(global, LLVMPrivateLinkage);
    LLVMSetUnnamedAddress(global, LLVMGlobalUnnamedAddr);
    return global;
}

LLVMValueRef constant_int64s(struct generator *g, const int64_t *values, size_t count) {
    LLVMValueRef *words = ARENA_ARRAY(g->arena, LLVMValueRef, count);
    for (size_t i = 0; i < count; i++)
        words[i] = constant_int64(g, values[i]);
    return constant_global(g, LLVMConstArray2(g->int64, words, count));
}

LLVMValueRef constant_bytes(struct generator *g, const char *bytes, size_t length) {
    return LLVMConstStringInContext2(g->context, bytes, length, /* no NUL */ 1);
}

LLVMValueRef constant_string(struct generator *g, const char *text) {
    return constant_global(
        g, LLVMConstStringInContext2(g->context, text, strlen(text), /* no NUL */ 0));
}
