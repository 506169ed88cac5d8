/* What is wrong with the buffers and the executor that a caller passes: before anything is
 * computed, by addresses and sizes alone. Loops, for networks have hundreds of outputs, and every
 * pair may overlap. */
#include "runtime/kernels/vector.h"

enum {
#define RESULT(word, value, meaning) CNN_##word = value,
#include "runtime/results.def"
#undef RESULT
};

CNN_INLINE bool overlap(const struct cnn_buffer *a, uintptr_t a_begin, const struct cnn_buffer *b,
                        uintptr_t b_begin, uint64_t b_bytes) {
    return (a->written || b->written) && a_begin < b_begin + b_bytes &&
           b_begin < a_begin + (uintptr_t)a->bytes;
}

CNN_PRIMITIVE int32_t cnn_check_buffers(const struct cnn_buffer *buffers, int64_t count,
                                        const void *const *addresses, uint64_t given,
                                        uint64_t wanted) {
    const uintptr_t *at = (const uintptr_t *)addresses;
    for (int64_t i = 0; i < count; i++)
        if (!at[i])
            return CNN_NULL_ADDRESS;
    for (int64_t i = 0; i < count; i++)
        if (at[i] & (uintptr_t)(buffers[i].alignment - 1))
            return CNN_MISALIGNED;
    if (given < wanted)
        return CNN_SHORT_WORKSPACE;
    for (int64_t i = 0; i < count; i++)
        for (int64_t k = i + 1; k < count; k++)
            if (overlap(&buffers[i], at[i], &buffers[k], at[k],
                        k == count - 1 ? wanted : (uint64_t)buffers[k].bytes))
                return CNN_OVERLAP;
    return CNN_OK;
}

CNN_PRIMITIVE int64_t cnn_parts(const struct cnn_executor *executor) {
    return executor ? executor->parts : 1;
}

CNN_PRIMITIVE int32_t cnn_check_executor(const struct cnn_executor *executor) {
    const int64_t parts = cnn_parts(executor);
    return parts < 1 || parts > CNN_MAX_PARTS || (executor && !executor->run) ? CNN_BAD_EXECUTOR
                                                                              : CNN_OK;
}

CNN_PRIMITIVE int32_t cnn_check_weights(const int64_t *weights, const int64_t *head,
                                        int64_t count) {
    for (int64_t i = 0; i < count; i++)
        if (weights[i] != head[i])
            return CNN_WRONG_WEIGHTS;
    return CNN_OK;
}
