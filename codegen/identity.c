/* The lowered network in, a few digits out: the beginning of a BLAKE3 hash of all that decides what
 * code is made and how it is called. They are part of the run function's symbol, so that a header
 * and an object of different compilations do not link. */
#include "codegen/identity.h"

#include <string.h>

#include "codegen/info.h"

#include <llvm-c/BitWriter.h>
#include <llvm-c/blake3.h>

/* With its NUL, so that neighbouring texts stay apart. */
static void hash_text(llvm_blake3_hasher *hasher, const char *text) {
    llvm_blake3_hasher_update(hasher, text, strlen(text) + 1);
}

static void hash_module(llvm_blake3_hasher *hasher, LLVMModuleRef module) {
    LLVMMemoryBufferRef bitcode = LLVMWriteBitcodeToMemoryBuffer(module);
    llvm_blake3_hasher_update(hasher, LLVMGetBufferStart(bitcode), LLVMGetBufferSize(bitcode));
    LLVMDisposeMemoryBuffer(bitcode);
}

static void hash_pieces(llvm_blake3_hasher *hasher, const struct pieces *pieces) {
    for (size_t i = 0; i < pieces->count; i++)
        llvm_blake3_hasher_update(hasher, pieces->items[i].iov_base, pieces->items[i].iov_len);
}

const char *model_identity(struct generator *g) {
    llvm_blake3_hasher hasher;
    llvm_blake3_hasher_init(&hasher);
    hash_text(&hasher, g->options->name);
    hash_text(&hasher, g->target.cpu);
    hash_text(&hasher, g->target.features);
    hash_text(&hasher, arena_printf(g->arena, "%d", g->options->optimisation));
    llvm_blake3_hasher_update(&hasher, g->options->info, (size_t)g->options->info->bytes);
    struct runtime_bitcode runtime = runtime_bitcode(g->target.vector_width);
    llvm_blake3_hasher_update(&hasher, runtime.bytes, runtime.size);
    hash_module(&hasher, g->module);
    hash_pieces(&hasher, &g->block.content);
    uint8_t digest[IDENTITY_DIGITS / 2];
    llvm_blake3_hasher_finalize(&hasher, digest, sizeof digest);
    const char *digits = "";
    for (size_t i = 0; i < sizeof digest; i++)
        digits = arena_printf(g->arena, "%s%02x", digits, digest[i]);
    return digits;
}
