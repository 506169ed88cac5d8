/* Rounding to integers, and what division by another float leaves. Both are exact. */
#ifndef CNN_KERNELS_REMAINDER_H
#define CNN_KERNELS_REMAINDER_H

#include "runtime/kernels/power.h"

/* The nearest integer, the even one of two; with the sign of x. From 2^23 on floats are integers.
 */
CNN_INLINE cnn_vector nearest_integer(cnn_vector x) {
    const cnn_vector size = absolute(x), rounded = (size + 0x1p23f) - 0x1p23f;
    return choose(size < 0x1p23f, with_sign(rounded, x), x);
}

CNN_INLINE cnn_vector integer_below(cnn_vector x) {
    const cnn_vector near = nearest_integer(x);
    return choose(near > x, near - 1.0f, near);
}

CNN_INLINE bool any_lane(long_mask mask) {
    int64_t any = 0;
    for (int i = 0; i < CNN_VECTOR; i++)
        any |= mask[i];
    return any != 0;
}

/* |a| modulo |b|, of finite a and b that is not 0: takes away multiples of b whose factors have 28
 * bits, so that in double each product is exact, until less than b is left. */
CNN_INLINE double_vector remainder_of_sizes(double_vector a, double_vector b) {
    for (long_mask more = a >= b; any_lane(more); more = a >= b) {
        double_vector factor = (double_vector)((long_mask)(a / b) & ~0x1ffffff);
        const double_vector whole = (factor + 0x1p52) - 0x1p52;
        factor = choose_double(factor < 0x1p51, choose_double(whole > factor, whole - 1.0, whole),
                               factor);
        factor = choose_double(factor * b > a, factor - 1.0, factor);
        a = choose_double(more, a - factor * b, a);
    }
    return a;
}

/* a - b * trunc(a / b), with the sign of a; NaN of an infinite a, or where b is 0. */
CNN_INLINE cnn_vector vector_fmod(cnn_vector a, cnn_vector b) {
    const float infinity = __builtin_inff();
    const cnn_mask defined = (absolute(a) < infinity) & (absolute(b) > 0.0f);
    const cnn_mask plain = defined & (absolute(b) < infinity);
    const double_vector rest = remainder_of_sizes(
        __builtin_convertvector(choose(plain, absolute(a), splat(0)), double_vector),
        __builtin_convertvector(choose(plain, absolute(b), splat(1)), double_vector));
    const cnn_vector y = with_sign(__builtin_convertvector(rest, cnn_vector), a);
    return choose(defined, choose(plain, y, a), splat(__builtin_nanf("")));
}

/* a - b * floor(a / b), with the sign of b. */
CNN_INLINE cnn_vector vector_mod(cnn_vector a, cnn_vector b) {
    const cnn_vector rest = vector_fmod(a, b);
    const cnn_mask apart = (rest != 0.0f) & ((rest < 0.0f) != (b < 0.0f));
    return choose(rest == 0.0f, with_sign(rest, b), choose(apart, rest + b, rest));
}

#endif
