/* Arithmetic of counts. Those from files are limited before they come here. */
#ifndef CNNC_CODEGEN_INTEGERS_H
#define CNNC_CODEGEN_INTEGERS_H

#include <stdint.h>

static inline int64_t smaller(int64_t a, int64_t b) {
    return a < b ? a : b;
}

static inline int64_t larger(int64_t a, int64_t b) {
    return a > b ? a : b;
}

/* Of a >= 0, b > 0. */
static inline int64_t rounded_up_quotient(int64_t a, int64_t b) {
    return (a + b - 1) / b;
}

/* The least multiple of b that is not below a. */
static inline int64_t round_up(int64_t a, int64_t b) {
    return rounded_up_quotient(a, b) * b;
}

/* The size of the fewest portions of at most `most` each that `total` makes evenly. */
static inline int64_t even_portion(int64_t total, int64_t most) {
    return rounded_up_quotient(total, rounded_up_quotient(total, most));
}

#endif
