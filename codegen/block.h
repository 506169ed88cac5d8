/* The network's parameters as one block of constant bytes, each tensor packed in the order that its
 * kernels read it and 64-byte aligned. */
#ifndef CNNC_CODEGEN_BLOCK_H
#define CNNC_CODEGEN_BLOCK_H

#include <llvm-c/Types.h>

#include "codegen/pieces.h"
#include "ir/graph.h"

enum { BLOCK_ALIGNMENT = 64 };

struct generator;
struct packed_tensor;

struct block {
    struct pieces content;
    struct packed_tensor *tensors; /* packed so far */
    size_t tensor_count, tensor_capacity;
};

/* Returns the packed values, and how many there are. */
typedef float *pack_function(struct arena *arena, const struct tensor *tensor,
                             const int64_t *layout, int64_t *count);

/* The address of the packed tensor. A tensor is packed once for each way in which it is used. */
LLVMValueRef packed_weights(struct generator *g, const struct tensor *tensor, pack_function *pack,
                            const int64_t *layout, size_t layout_words);
/* A channel vector with a vector's width of zeros behind it, so that any load from it is whole. */
LLVMValueRef channel_vector(struct generator *g, const struct tensor *tensor);

/* A symbol for the block, which layers can refer to. */
void block_open(struct generator *g);
/* The symbol gets the block's size, once all layers are emitted. */
void block_close(struct generator *g);
/* The block becomes data of the module, as assembly and LLVM's text have it. */
void block_define(struct generator *g);

#endif
