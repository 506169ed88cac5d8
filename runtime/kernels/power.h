/* a^b, in double: the error of b * ln a grows with its size, and floats have no digits to spare. */
#ifndef CNN_KERNELS_POWER_H
#define CNN_KERNELS_POWER_H

#include "runtime/kernels/math.h"

typedef double double_vector __attribute__((vector_size(CNN_VECTOR * sizeof(double))));
typedef int64_t long_mask __attribute__((vector_size(CNN_VECTOR * sizeof(double))));

CNN_INLINE double_vector choose_double(long_mask mask, double_vector a, double_vector b) {
    return (double_vector)((mask & (long_mask)a) | (~mask & (long_mask)b));
}

/* ln x of a positive finite x: s = (m - 1) / (m + 1), ln m = 2 (s + s^3 / 3 + s^5 / 5 ...). */
CNN_INLINE double_vector double_log(double_vector x) {
    const int64_t root = 0x3fe6a09e667f3bcd; /* sqrt(1/2) */
    const long_mask above = (long_mask)x - root;
    const double_vector m = (double_vector)((above & 0xfffffffffffff) + root);
    const double_vector s = (m - 1.0) / (m + 1.0), square = s * s;
    double_vector p = square * (1.0 / 13) + 1.0 / 11;
    p = p * square + 1.0 / 9;
    p = p * square + 1.0 / 7;
    p = p * square + 1.0 / 5;
    p = p * square + 1.0 / 3;
    p = p * square + 1.0;
    return __builtin_convertvector(above >> 52, double_vector) * 0.69314718055994531 +
           p * (s * 2.0);
}

/* e^x for |x| <= 200: e^(r + n ln 2), the series of e^r. */
CNN_INLINE double_vector double_exp(double_vector x) {
    const double round = 0x1.8p52;
    const double_vector shifted = x * 1.4426950408889634 + round;
    const double_vector r = x - (shifted - round) * 0.69314718055994531;
    double_vector p = r * (1.0 / 362880) + 1.0 / 40320;
    p = p * r + 1.0 / 5040;
    p = p * r + 1.0 / 720;
    p = p * r + 1.0 / 120;
    p = p * r + 1.0 / 24;
    p = p * r + 1.0 / 6;
    p = p * r + 0.5;
    p = p * r + 1.0;
    p = p * r + 1.0;
    return p * (double_vector)(((long_mask)shifted + 1023) << 52);
}

/* a^b as C's pow defines it, special values included. 1 ulp. */
CNN_INLINE cnn_vector vector_pow(cnn_vector a, cnn_vector b) {
    const double infinity = __builtin_inf();
    const double_vector size = __builtin_convertvector(absolute(a), double_vector);
    double_vector log = double_log(size);
    log = choose_double(size == 0.0, (double_vector){} - infinity, log);
    log = choose_double(size == infinity, size, log);
    double_vector product = __builtin_convertvector(b, double_vector) * log;
    product = choose_double(product > 200.0, (double_vector){} + 200.0, product);
    product = choose_double(product < -200.0, (double_vector){} - 200.0, product);
    cnn_vector y = __builtin_convertvector(double_exp(product), cnn_vector);
    y = choose(is_nan(a) | is_nan(b), splat(__builtin_nanf("")), y);
    y = choose(absolute(a) == 1.0f, choose(is_nan(b), b, splat(1)), y);

    /* a negative base: the parity of b decides the sign */
    const cnn_mask huge = absolute(b) >= 0x1p24f; /* an even integer, or infinite */
    const cnn_mask whole = __builtin_convertvector(choose(huge | is_nan(b), splat(0), b), cnn_mask);
    const cnn_mask integral = huge | (__builtin_convertvector(whole, cnn_vector) == b);
    const cnn_mask odd = ~huge & integral & -(whole & 1);
    const cnn_mask negative = (cnn_mask)a >> 31;
    const cnn_mask undefined =
        (a < 0.0f) & ~integral & (absolute(a) != __builtin_inff()) & ~is_nan(b);
    y = choose(negative & odd, -y, y);
    y = choose(undefined, splat(__builtin_nanf("")), y);
    return choose((b == 0.0f) | (a == 1.0f), splat(1), y);
}

#endif
