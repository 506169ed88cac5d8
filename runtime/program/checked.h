/* Checked arithmetic on sizes: false on overflow, *result is then unspecified. */
#ifndef CNN_PROGRAM_CHECKED_H
#define CNN_PROGRAM_CHECKED_H

#include <stdbool.h>
#include <stdint.h>

static inline bool checked_add(int64_t a, int64_t b, int64_t *result) {
    return !__builtin_add_overflow(a, b, result);
}

static inline bool checked_mul(int64_t a, int64_t b, int64_t *result) {
    return !__builtin_mul_overflow(a, b, result);
}

/* The product of `count` sizes; 1 of none. */
static inline bool checked_product(const int64_t *sizes, int64_t count, int64_t *result) {
    *result = 1;
    for (int64_t i = 0; i < count; i++)
        if (!checked_mul(*result, sizes[i], result))
            return false;
    return true;
}

#endif
