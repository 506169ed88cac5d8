/* Constant data of the object: weights packed for the kernels, descriptors, strings. */
#include <string.h>

#include <llvm/Config/llvm-config.h>

#include "codegen/generator.h"

enum { DATA_ALIGNMENT = 64 };

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

/* LLVM before 21 has no C function for an array of floats out of memory; its bytes are as good. */
static LLVMValueRef float_array(struct generator *g, const float *values, size_t count) {
#if LLVM_VERSION_MAJOR >= 21
    return LLVMConstDataArray(g->float_type, (const char *)values, count * sizeof *values);
#else
    return LLVMConstStringInContext2(g->context, (const char *)values, count * sizeof *values, 1);
#endif
}

LLVMValueRef constant_floats(struct generator *g, const float *values, int64_t count) {
    LLVMValueRef global = constant_global(g, float_array(g, values, (size_t)count));
    LLVMSetAlignment(global, DATA_ALIGNMENT);
    return global;
}

LLVMValueRef constant_int64s(struct generator *g, const int64_t *values, size_t count) {
    LLVMValueRef *words = ARENA_ARRAY(g->arena, LLVMValueRef, count);
    for (size_t i = 0; i < count; i++)
        words[i] = constant_int64(g, values[i]);
    return constant_global(g, LLVMConstArray2(g->int64, words, count));
}

LLVMValueRef constant_string(struct generator *g, const char *text) {
    return constant_global(
        g, LLVMConstStringInContext2(g->context, text, strlen(text), /* no NUL */ 0));
}

struct packed_tensor {
    const struct tensor *tensor;
    pack_function *pack;
    const int64_t *layout;
    size_t layout_words;
    LLVMValueRef global;
};

LLVMValueRef packed_weights(struct generator *g, const struct tensor *tensor, pack_function *pack,
                            const int64_t *layout, size_t layout_words) {
    for (size_t i = 0; i < g->packed_count; i++) {
        const struct packed_tensor *p = &g->packed[i];
        if (p->tensor == tensor && p->pack == pack && p->layout_words == layout_words &&
            memcmp(p->layout, layout, layout_words * sizeof *layout) == 0)
            return p->global;
    }
    int64_t count;
    float *values = pack(g->arena, tensor, layout, &count);
    int64_t *kept = ARENA_ARRAY(g->arena, int64_t, layout_words);
    memcpy(kept, layout, layout_words * sizeof *layout);
    struct packed_tensor packed = {tensor, pack, kept, layout_words,
                                   constant_floats(g, values, count)};
    ARENA_PUSH(g->arena, g->packed, g->packed_count, g->packed_capacity, packed);
    return packed.global;
}

/* layout: the vector width. */
static float *pack_channels(struct arena *arena, const struct tensor *tensor, const int64_t *layout,
                            int64_t *count) {
    *count = tensor->dimensions[0] + layout[0];
    float *values = ARENA_ARRAY(arena, float, *count);
    memcpy(values, tensor->data, (size_t)tensor->dimensions[0] * sizeof(float));
    return values;
}

LLVMValueRef channel_vector(struct generator *g, const struct tensor *tensor) {
    int64_t width = g->target.vector_width;
    return packed_weights(g, tensor, pack_channels, &width, 1);
}
