/* Functions of float vectors that no processor has an instruction for.
 *
 * Polynomials are minimax fits by Remez' exchange over the reduced range named beside them, in the
 * relative error of the result. Infinities, NaN, zeros and denormal numbers give what the
 * function's limit is. tests/unit/kernels_steps_test.c measures and asserts every error; the
 * figures here are in units of the last place, for normal results. */
#ifndef CNN_KERNELS_MATH_H
#define CNN_KERNELS_MATH_H

#include "runtime/kernels/vector.h"

CNN_INLINE cnn_vector absolute(cnn_vector x) {
    return (cnn_vector)((cnn_mask)x & 0x7fffffff);
}

/* The value of a with the sign of b. */
CNN_INLINE cnn_vector with_sign(cnn_vector a, cnn_vector b) {
    return (cnn_vector)(((cnn_mask)a & 0x7fffffff) | ((cnn_mask)b & ~0x7fffffff));
}

/* x, at least low, and at most high; NaN stays. */
CNN_INLINE cnn_vector at_least(cnn_vector x, float low) {
    return choose(splat(low) > x, splat(low), x);
}

CNN_INLINE cnn_vector at_most(cnn_vector x, float high) {
    return choose(splat(high) < x, splat(high), x);
}

CNN_INLINE cnn_vector vector_sqrt(cnn_vector x) {
#ifdef __clang__
    return __builtin_elementwise_sqrt(x);
#else
    for (int i = 0; i < CNN_VECTOR; i++)
        x[i] = __builtin_sqrtf(x[i]);
    return x;
#endif
}

/* 2^n for n in -126..127. */
CNN_INLINE cnn_vector power_of_two(cnn_mask n) {
    return (cnn_vector)((n + 127) << 23);
}

/* Adding it changes nothing; adding 0 would turn -0 into 0. */
#define CNN_NOTHING splat(-0.0f)

/* x = exponent * ln 2 + rest, |rest| < 0.35. */
struct reduced {
    cnn_mask exponent;
    cnn_vector rest;
};

/* Of the sum hi + lo, |hi| <= 106, |lo| far below 1, after Cody and Waite: ln 2 in two parts, the
 * first so short that its multiples are exact. */
CNN_INLINE struct reduced reduced_by_ln2(cnn_vector hi, cnn_vector lo) {
    const float round = 0x1.8p23f; /* adding it leaves the nearest integer in the low bits */
    const cnn_vector shifted = hi * 0x1.715476p0f + round;
    const cnn_vector n = shifted - round;
    return (struct reduced){(cnn_mask)shifted - (cnn_mask)splat(round),
                            hi - n * 0x1.63p-1f + n * 0x1.bd0106p-13f + lo};
}

/* e^r - 1 for |r| <= ln(2) / 2. */
CNN_INLINE cnn_vector near_expm1(cnn_vector r) {
    cnn_vector p = splat(0x1.6a2178p-10f); /* (e^r - 1 - r) / r^2: 3.2e-9 */
    p = p * r + 0x1.123b8ap-7f;
    p = p * r + 0x1.5558fcp-5f;
    p = p * r + 0x1.55549p-3f;
    p = p * r + 0x1.fffffcp-2f;
    return p * (r * r) + r;
}

/* e^x = 2^exponent * (1 + fraction), |fraction| < 0.42. */
struct exponential {
    cnn_mask exponent;
    cnn_vector fraction;
};

/* Of the sum hi + lo, in the ranges of reduced_by_ln2(). */
CNN_INLINE struct exponential exponential_parts(cnn_vector hi, cnn_vector lo) {
    const struct reduced x = reduced_by_ln2(hi, lo);
    return (struct exponential){x.exponent, near_expm1(x.rest)};
}

/* e^x * factor, in two steps at the end: 2^exponent alone may be too small for a normal float. */
CNN_INLINE cnn_vector exponential_times(struct exponential e, cnn_vector factor) {
    const cnn_mask half = e.exponent >> 1;
    return (e.fraction + 1.0f) * factor * power_of_two(half) * power_of_two(e.exponent - half);
}

/* e^x. 1 ulp. */
CNN_INLINE cnn_vector vector_exp(cnn_vector x) {
    x = at_least(at_most(x, 89), -104.5f); /* beyond, e^x is no float */
    return exponential_times(exponential_parts(x, CNN_NOTHING), splat(1));
}

/* e^x - 1 for x <= 0. 2 ulp. */
CNN_INLINE cnn_vector vector_expm1(cnn_vector x) {
    const struct exponential e = exponential_parts(at_least(x, -30), CNN_NOTHING);
    const cnn_vector power = power_of_two(e.exponent);
    return power * e.fraction + (power - 1.0f);
}

/* x = 2^exponent * (1 + fraction), 1 + fraction in sqrt(1/2)..sqrt(2), for positive normal x. */
struct logarithm {
    cnn_vector exponent, fraction;
};

CNN_INLINE struct logarithm logarithm_parts(cnn_vector x) {
    const int32_t root = 0x3f3504f3; /* sqrt(1/2) */
    const cnn_mask above = (cnn_mask)x - root;
    const cnn_mask mantissa = (above & 0x7fffff) + root;
    return (struct logarithm){__builtin_convertvector(above >> 23, cnn_vector),
                              (cnn_vector)mantissa - 1.0f};
}

CNN_INLINE cnn_vector logarithm_value(struct logarithm l, cnn_vector correction) {
    const cnn_vector f = l.fraction, square = f * f;
    /* (ln(1 + f) - f + f^2 / 2) / f^3 on the range of f: 5.9e-9 */
    cnn_vector p = splat(-0.076402954f);
    p = p * f + 0.127703358f;
    p = p * f - 0.131621831f;
    p = p * f + 0.142007304f;
    p = p * f - 0.166230619f;
    p = p * f + 0.200012596f;
    p = p * f - 0.250008295f;
    p = p * f + 0.333333315f;
    const cnn_vector tail = p * (square * f) - square * 0.5f + correction;
    return l.exponent * 0x1.63p-1f + (f + (tail - l.exponent * 0x1.bd0106p-13f));
}

/* ln x; NaN below 0. 1 ulp. */
CNN_INLINE cnn_vector vector_log(cnn_vector x) {
    const cnn_mask denormal = x < 0x1p-126f;
    const cnn_vector normal = choose(denormal, x * 0x1p23f, x);
    struct logarithm l = logarithm_parts(absolute(normal));
    l.exponent -= choose(denormal, splat(23), splat(0));
    cnn_vector y = logarithm_value(l, splat(0));
    y = choose(x == __builtin_inff(), x, y);
    y = choose(x == 0.0f, splat(-__builtin_inff()), y);
    return choose((x < 0.0f) | is_nan(x), splat(__builtin_nanf("")), y);
}

/* ln(1 + x) for x in 0..1, relative error kept for small x by adding what 1 + x lost. 2 ulp. */
CNN_INLINE cnn_vector vector_log1p(cnn_vector x) {
    const cnn_vector sum = x + 1.0f;
    const cnn_vector lost = x - (sum - 1.0f);
    const cnn_vector y = logarithm_value(logarithm_parts(sum), lost / sum);
    return choose(is_nan(x), x, y);
}

/* tanh x = (1 - e^-2|x|) / (1 + e^-2|x|) with the sign of x. 3 ulp. */
CNN_INLINE cnn_vector vector_tanh(cnn_vector x) {
    const cnn_vector t = vector_expm1(absolute(x) * -2.0f);
    return choose(is_nan(x), x, with_sign(t / (t + 2.0f), x));
}

/* e^-r for |r| <= ln(2) / 2, with fewer operations than near_expm1() and 1 ulp more. */
CNN_INLINE cnn_vector near_exp_of_minus(cnn_vector r) {
    cnn_vector p = splat(-0x1.0fa7fp-7f); /* 9.2e-8 */
    p = p * r + 0x1.573aaep-5f;
    p = p * r - 0x1.555a6cp-3f;
    p = p * r + 0x1.fffdc4p-2f;
    p = p * r - 0x1.fffff6p-1f;
    return p * r + 1.0f;
}

/* Below it 1 / (1 + e^-x) is less than 2^-127, and taken for 0. */
#define CNN_SIGMOID_FROM (-89)

/* a / (1 + e^-x) for x >= CNN_SIGMOID_FROM. 4 ulp more than a; 0 where 1 / (1 + e^-x) is below
 * 2^-127. Networks of SiLU spend as long here as in some of their convolutions. */
CNN_INLINE cnn_vector times_sigmoid(cnn_vector a, cnn_vector x) {
    const struct reduced of = reduced_by_ln2(at_most(x, 88), CNN_NOTHING);
    const cnn_vector power = (cnn_vector)((127 - of.exponent) << 23); /* 0 to infinity */
    return a / (near_exp_of_minus(of.rest) * power + 1.0f);
}

/* t * P(X > t) for 0 <= t and X of the normal distribution: t * erfc(t / sqrt(2)) / 2. 6 ulp.
 *
 * P(X > t) = e^(-t^2 / 2) * R(t), where R is smooth: s times a polynomial in s = 1 / (1 + 0.3 t),
 * fitted on 0 <= t <= 14.5, beyond which floats hold no such product. t^2 is taken as a sum of two
 * floats, as an error in the exponent is an error in all digits of the result. */
CNN_INLINE cnn_vector normal_tail_product(cnn_vector t) {
    t = at_most(t, 14.5f);
    const cnn_vector high = (cnn_vector)((cnn_mask)t & ~0xfff); /* its square is exact */
    const cnn_vector low = t - high;
    const struct exponential e = exponential_parts(high * high * -0.5f, (low * (t + high)) * -0.5f);
    const cnn_vector s = 1.0f / (t * 0.3f + 1.0f);
    cnn_vector p = splat(-0.0206233382f);
    p = p * s + 0.112434938f;
    p = p * s - 0.2282121f;
    p = p * s + 0.191782662f;
    p = p * s - 0.0794220457f;
    p = p * s + 0.0961561198f;
    p = p * s + 0.0783898733f;
    p = p * s + 0.110235382f;
    p = p * s + 0.119571818f;
    p = p * s + 0.11968669f;
    return exponential_times(e, t * (s * p));
}

#endif
