/* Parameters in, one block out. The block does not pass through LLVM, which would hold it several
 * times over: code refers to it as to a symbol of another file, and elf.c puts it into the object.
 */
#include "codegen/block.h"

#include <string.h>

#include "codegen/generator.h"

struct packed_tensor {
    const struct tensor *tensor;
    pack_function *pack;
    const int64_t *layout;
    size_t layout_words;
    size_t offset; /* in the block */
};

static const struct packed_tensor *find(const struct block *block,
                                        const struct packed_tensor *wanted) {
    for (size_t i = 0; i < block->tensor_count; i++) {
        const struct packed_tensor *p = &block->tensors[i];
        if (p->tensor == wanted->tensor && p->pack == wanted->pack &&
            p->layout_words == wanted->layout_words &&
            memcmp(p->layout, wanted->layout, p->layout_words * sizeof *p->layout) == 0)
            return p;
    }
    return NULL;
}

static size_t pack_once(struct block *block, struct arena *arena, struct packed_tensor packed) {
    const struct packed_tensor *known = find(block, &packed);
    if (known)
        return known->offset;
    int64_t count, *layout = ARENA_ARRAY(arena, int64_t, packed.layout_words);
    memcpy(layout, packed.layout, packed.layout_words * sizeof *layout);
    packed.layout = layout;
    const float *values = packed.pack(arena, packed.tensor, layout, &count);
    pieces_align(&block->content, arena, BLOCK_ALIGNMENT);
    packed.offset = block->content.length;
    pieces_add(&block->content, arena, values, (size_t)count * sizeof *values);
    ARENA_PUSH(arena, block->tensors, block->tensor_count, block->tensor_capacity, packed);
    return packed.offset;
}

LLVMValueRef packed_weights(struct generator *g, const struct tensor *tensor, pack_function *pack,
                            const int64_t *layout, size_t layout_words) {
    if (g->weightless)
        return g->weights;
    size_t offset = pack_once(&g->block, g->arena,
                              (struct packed_tensor){tensor, pack, layout, layout_words, 0});
    return address_plus(g, g->weights, (int64_t)(offset / sizeof(float)));
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

/* Its values are constant, which LLVM may know, but not what they are. */
static LLVMValueRef declare(struct generator *g, size_t bytes) {
    LLVMTypeRef type = LLVMArrayType2(LLVMInt8TypeInContext(g->context), bytes);
    LLVMValueRef symbol = LLVMAddGlobal(g->module, type, "");
    LLVMSetGlobalConstant(symbol, 1);
    LLVMSetVisibility(symbol, LLVMHiddenVisibility);
    LLVMSetAlignment(symbol, BLOCK_ALIGNMENT);
    return symbol;
}

void block_open(struct generator *g) {
    g->weights = declare(g, 0);
}

void block_close(struct generator *g) {
    LLVMValueRef unsized = g->weights;
    g->weights = declare(g, g->block.content.length);
    LLVMReplaceAllUsesWith(unsized, g->weights);
    LLVMDeleteGlobal(unsized);
    LLVMSetValueName2(g->weights, g->weights_symbol, strlen(g->weights_symbol));
}

void block_define(struct generator *g) {
    const char *bytes = pieces_join(&g->block.content, g->arena);
    if (!g->block.content.length)
        return;
    LLVMSetInitializer(g->weights, constant_bytes(g, bytes, g->block.content.length));
    LLVMSetVisibility(g->weights, LLVMDefaultVisibility);
    LLVMSetLinkage(g->weights, LLVMInternalLinkage);
}
