/* Vectors of CNN_VECTOR floats: what the kernels need beyond the operators that C gives them.
 *
 * CNN_SPECIALISE is defined where this becomes bitcode, to be inlined into calls whose descriptors
 * are constants: then every primitive is inlined, with the stages it is made of, and tile loops are
 * unrolled in full. Where nothing is constant, stages are functions. What is CNN_INLINE is part of
 * its callers before there is a descriptor. */
#ifndef CNN_KERNELS_VECTOR_H
#define CNN_KERNELS_VECTOR_H

#include <stdbool.h>
#include <stddef.h>

#include "runtime/primitives.h"

#define CNN_PRIMITIVE /* what runtime/primitives.h declares */
#define CNN_INLINE    static inline __attribute__((always_inline, unused))

/* CNN_FOR_TILE runs its body for each register of a tile, with `i` its pixel and `v` its vector.
 * Where it is unrolled it is one loop, for each takes LLVM long. */
#ifdef CNN_SPECIALISE
#define CNN_STAGE  static inline
#define CNN_UNROLL _Pragma("clang loop unroll(full)")
#define CNN_ROLLED _Pragma("clang loop unroll(disable)")
#define CNN_FOR_TILE(pixels, vectors, ...)                                                         \
    do {                                                                                           \
        CNN_UNROLL                                                                                 \
        for (int64_t t = 0; t < (pixels) * (vectors); t++) {                                       \
            const int64_t i = t / (vectors), v = t % (vectors);                                    \
            __VA_ARGS__;                                                                           \
        }                                                                                          \
    } while (0)
#else
#define CNN_STAGE static __attribute__((noinline))
#define CNN_UNROLL
#define CNN_ROLLED
#define CNN_FOR_TILE(pixels, vectors, ...)                                                         \
    do {                                                                                           \
        for (int64_t i = 0; i < (pixels); i++)                                                     \
            for (int64_t v = 0; v < (vectors); v++)                                                \
                __VA_ARGS__;                                                                       \
    } while (0)
#endif

enum { LINE_FLOATS = 16 }; /* of a cache line */

typedef cnn_vector cnn_unaligned __attribute__((aligned(sizeof(float)), may_alias));

CNN_INLINE int64_t smaller(int64_t a, int64_t b) {
    return a < b ? a : b;
}

CNN_INLINE int64_t larger(int64_t a, int64_t b) {
    return a > b ? a : b;
}

/* i / size, for i below count * size: a division takes LLVM long, and where count is 1 there is
 * none. */
CNN_INLINE int64_t which_of(int64_t count, int64_t size, int64_t i) {
    return count > 1 ? i / size : 0;
}

/* p, of which LLVM does not know where it comes from. To choose among the ways in which addresses
 * can follow a loop's counter takes it as long as all else that it does to a kernel. */
CNN_INLINE const float *unknown(const float *p) {
    __asm__("" : "+r"(p));
    return p;
}

CNN_INLINE int64_t round_up(int64_t value, int64_t multiple) {
    return (value + multiple - 1) / multiple * multiple;
}

CNN_INLINE cnn_vector splat(float a) {
#if CNN_VECTOR == 4
    return (cnn_vector){a, a, a, a};
#elif CNN_VECTOR == 8
    return (cnn_vector){a, a, a, a, a, a, a, a};
#else
    return (cnn_vector){a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a};
#endif
}

CNN_INLINE cnn_vector load(const float *p) {
    return *(const cnn_unaligned *)p;
}

CNN_INLINE void store(float *p, cnn_vector v) {
    *(cnn_unaligned *)p = v;
}

/* The first `lanes` floats at p; lanes beyond are 0. */
CNN_INLINE cnn_vector load_lanes(const float *p, int64_t lanes) {
    if (lanes == CNN_VECTOR)
        return load(p);
    cnn_vector v = {0};
    __builtin_memcpy(&v, p, (size_t)lanes * sizeof(float));
    return v;
}

CNN_INLINE void store_lanes(float *p, cnn_vector v, int64_t lanes) {
    if (lanes == CNN_VECTOR)
        store(p, v);
    else
        __builtin_memcpy(p, &v, (size_t)lanes * sizeof(float));
}

/* `lanes` floats that lie `stride` apart; lanes beyond are 0. */
CNN_INLINE cnn_vector load_strided(const float *p, int64_t stride, int64_t lanes) {
    if (stride == 1)
        return load_lanes(p, lanes);
    cnn_vector v = {0};
    if (stride == 0)
        return splat(*p);
    CNN_UNROLL
    for (int i = 0; i < CNN_VECTOR; i++)
        if (i < lanes)
            v[i] = p[i * stride];
    return v;
}

/* The same of bytes, as floats. */
CNN_INLINE cnn_vector load_bytes(const uint8_t *p, int64_t stride, int64_t lanes) {
    cnn_vector v = {0};
    CNN_UNROLL
    for (int i = 0; i < CNN_VECTOR; i++)
        if (i < lanes)
            v[i] = (float)p[i * stride];
    return v;
}

/* mask ? a : b by lane. GNU C has ?: on vectors under clang, not under gcc. */
CNN_INLINE cnn_vector choose(cnn_mask mask, cnn_vector a, cnn_vector b) {
    return (cnn_vector)((mask & (cnn_mask)a) | (~mask & (cnn_mask)b));
}

CNN_INLINE cnn_mask is_nan(cnn_vector a) {
    return a != a;
}

/* Each vector of a contiguous run of `count` floats, the last of them with fewer lanes: lets the
 * body use the offset i and the number of lanes, which is a constant wherever count is. */
#define CNN_FOR_VECTORS(count, ...)                                                                \
    do {                                                                                           \
        int64_t i = 0, lanes = CNN_VECTOR;                                                         \
        for (; i + CNN_VECTOR <= (count); i += CNN_VECTOR)                                         \
            __VA_ARGS__;                                                                           \
        lanes = (count) % CNN_VECTOR;                                                              \
        if (lanes)                                                                                 \
            __VA_ARGS__;                                                                           \
    } while (0)

#endif
