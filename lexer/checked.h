/* Checked 64-bit arithmetic: the only way sizes that come from files are multiplied or added.
 * Each returns false on overflow and leaves *result unspecified. */
#ifndef CNNC_LEXER_CHECKED_H
#define CNNC_LEXER_CHECKED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

static inline bool checked_add(int64_t a, int64_t b, int64_t *result) {
    return !__builtin_add_overflow(a, b, result);
}

static inline bool checked_sub(int64_t a, int64_t b, int64_t *result) {
    return !__builtin_sub_overflow(a, b, result);
}

static inline bool checked_mul(int64_t a, int64_t b, int64_t *result) {
    return !__builtin_mul_overflow(a, b, result);
}

static inline bool checked_size_mul(size_t a, size_t b, size_t *result) {
    return !__builtin_mul_overflow(a, b, result);
}

#endif
