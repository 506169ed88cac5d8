/* Trigonometric, hyperbolic and error functions, in double: the functions are formulas that lose
 * digits, and of a double's digits enough are left. Series are Taylor's; the term after the last is
 * below a tenth of a float's last place. tests/unit/kernels_steps_test.c measures the errors; the
 * figures are in units of the last place. */
#ifndef CNN_KERNELS_TRIGONOMETRY_H
#define CNN_KERNELS_TRIGONOMETRY_H

#include "runtime/kernels/power.h"

CNN_INLINE double_vector to_double(cnn_vector x) {
    return __builtin_convertvector(x, double_vector);
}

CNN_INLINE cnn_vector to_float(double_vector x) {
    return __builtin_convertvector(x, cnn_vector);
}

CNN_INLINE double_vector double_splat(double a) {
    return (double_vector){} + a;
}

CNN_INLINE double_vector double_absolute(double_vector x) {
    return (double_vector)((long_mask)x & 0x7fffffffffffffff);
}

CNN_INLINE double_vector double_signed(double_vector a, double_vector b) {
    const int64_t value = 0x7fffffffffffffff;
    return (double_vector)(((long_mask)a & value) | ((long_mask)b & ~value));
}

CNN_INLINE double_vector double_sqrt(double_vector x) {
#ifdef __clang__
    return __builtin_elementwise_sqrt(x);
#else
    for (int i = 0; i < CNN_VECTOR; i++)
        x[i] = __builtin_sqrt(x[i]);
    return x;
#endif
}

/* The nearest integer of |x| < 2^51. */
CNN_INLINE double_vector double_nearest(double_vector x) {
    return (x + 0x1.8p52) - 0x1.8p52;
}

/* The sum of terms[i] * x^i. */
CNN_INLINE double_vector double_polynomial(double_vector x, const double *terms, int count) {
    double_vector p = double_splat(terms[count - 1]);
    CNN_UNROLL
    for (int i = count - 2; i >= 0; i--)
        p = p * x + terms[i];
    return p;
}

/* --- sin, cos, tan --- */

/* x = (4 n + quarter) * pi/2 + angle, |angle| <= pi/4. */
struct turn {
    double_vector quarter, angle;
};

/* x * 2/pi modulo 4, of any finite float. 2/pi is cut into pieces of 28 bits, so that each product
 * is exact and loses whole turns without an error; one of 2^53 or more has nothing else. */
CNN_INLINE struct turn turn_of(cnn_vector x) {
    static const double pieces[] = {0x1.45f306cp-1,  0x1.c9c882ap-29,  0x1.4fe13aap-59,
                                    0x1.e8fa9a6p-87, 0x1.dc0db62p-116, 0x1.2b32788p-145,
                                    0x1.c820ff2p-175};
    const double_vector wide = to_double(x);
    double_vector sum = {};
    CNN_UNROLL
    for (int i = 6; i >= 0; i--) {
        const double_vector product = wide * pieces[i];
        const double_vector part =
            choose_double(double_absolute(product) < 0x1p53, product, (double_vector){});
        sum += part - double_nearest(part * 0.25) * 4.0;
    }
    const double_vector quarter = double_nearest(sum);
    return (struct turn){quarter, (sum - quarter) * 0x1.921fb54442d18p0};
}

CNN_INLINE double_vector sine_of_angle(double_vector x) {
    static const double terms[] = {1, -1.0 / 6, 1.0 / 120, -1.0 / 5040, 1.0 / 362880};
    return x * double_polynomial(x * x, terms, 5);
}

CNN_INLINE double_vector cosine_of_angle(double_vector x) {
    static const double terms[] = {1, -1.0 / 2, 1.0 / 24, -1.0 / 720, 1.0 / 40320, -1.0 / 3628800};
    return double_polynomial(x * x, terms, 6);
}

/* sin(x + quarters * pi/2) */
CNN_INLINE double_vector double_sine(cnn_vector x, double quarters) {
    const struct turn turn = turn_of(x);
    /* the bits of an integer lie at the end of its sum with 1.5 * 2^52 */
    const long_mask quarter = (long_mask)(turn.quarter + quarters + 0x1.8p52);
    const double_vector y =
        choose_double(-(quarter & 1), cosine_of_angle(turn.angle), sine_of_angle(turn.angle));
    return choose_double(-(quarter >> 1 & 1), -y, y);
}

CNN_INLINE cnn_vector not_finite(cnn_vector x, cnn_vector y) {
    return choose(absolute(x) < __builtin_inff(), y, splat(__builtin_nanf("")));
}

/* 1 ulp. */
CNN_INLINE cnn_vector vector_sin(cnn_vector x) {
    return choose(x == 0.0f, x, not_finite(x, to_float(double_sine(x, 0))));
}

/* 1 ulp. */
CNN_INLINE cnn_vector vector_cos(cnn_vector x) {
    return not_finite(x, to_float(double_sine(x, 1)));
}

/* 1 ulp. */
CNN_INLINE cnn_vector vector_tan(cnn_vector x) {
    const cnn_vector y = to_float(double_sine(x, 0) / double_sine(x, 1));
    return choose(x == 0.0f, x, not_finite(x, y));
}

/* --- asin, acos, atan --- */

/* Twice by tan(a / 2) = tan a / (1 + sqrt(1 + tan^2 a)), then the series, below 1/5. Of infinity
 * and NaN too. */
CNN_INLINE double_vector double_atan(double_vector x) {
    static const double terms[] = {1, -1.0 / 3, 1.0 / 5, -1.0 / 7, 1.0 / 9, -1.0 / 11};
    const double_vector size = double_absolute(x);
    const long_mask large = size > 1.0;
    double_vector t = choose_double(large, 1.0 / size, size);
    t = t / (double_sqrt(t * t + 1.0) + 1.0);
    t = t / (double_sqrt(t * t + 1.0) + 1.0);
    const double_vector y = t * double_polynomial(t * t, terms, 6) * 4.0;
    return double_signed(choose_double(large, 0x1.921fb54442d18p0 - y, y), x);
}

/* NaN where |x| > 1. */
CNN_INLINE double_vector double_asin(double_vector x) {
    return double_atan(x / double_sqrt((1.0 - x) * (1.0 + x)));
}

/* 1 ulp. */
CNN_INLINE cnn_vector vector_atan(cnn_vector x) {
    return choose(is_nan(x), x, to_float(double_atan(to_double(x))));
}

/* 1 ulp. */
CNN_INLINE cnn_vector vector_asin(cnn_vector x) {
    const cnn_vector y = to_float(double_asin(to_double(x)));
    return choose(absolute(x) <= 1.0f, y, splat(__builtin_nanf("")));
}

/* 1 ulp. */
CNN_INLINE cnn_vector vector_acos(cnn_vector x) {
    const cnn_vector y = to_float(0x1.921fb54442d18p0 - double_asin(to_double(x)));
    return choose(absolute(x) <= 1.0f, y, splat(__builtin_nanf("")));
}

/* --- hyperbolic functions and their inverses --- */

/* y where |x| is large enough for its formula, elsewhere x + third * x^3, its series. */
CNN_INLINE cnn_vector with_series(cnn_vector x, double third, double_vector y) {
    const double_vector wide = to_double(x);
    const long_mask small = double_absolute(wide) < 0x1p-10;
    return choose(is_nan(x), x,
                  to_float(choose_double(small, wide + wide * wide * wide * third, y)));
}

/* e^|x|, up to where its half is no float. */
CNN_INLINE double_vector exponential_of_size(cnn_vector x) {
    return double_exp(to_double(at_most(absolute(x), 100)));
}

/* 1 ulp. */
CNN_INLINE cnn_vector vector_sinh(cnn_vector x) {
    const double_vector e = exponential_of_size(x);
    return with_series(x, 1.0 / 6, double_signed((e - 1.0 / e) * 0.5, to_double(x)));
}

/* 1 ulp. */
CNN_INLINE cnn_vector vector_cosh(cnn_vector x) {
    const double_vector e = exponential_of_size(x);
    return choose(is_nan(x), x, to_float((e + 1.0 / e) * 0.5));
}

/* 1 ulp. */
CNN_INLINE cnn_vector vector_asinh(cnn_vector x) {
    const double_vector size = to_double(absolute(x));
    const double_vector y = double_log(size + double_sqrt(size * size + 1.0));
    const cnn_vector whole = with_series(x, -1.0 / 6, double_signed(y, to_double(x)));
    return choose(absolute(x) == __builtin_inff(), x, whole);
}

/* 1 ulp; NaN below 1. */
CNN_INLINE cnn_vector vector_acosh(cnn_vector x) {
    const double_vector wide = to_double(x);
    const cnn_vector y = to_float(double_log(wide + double_sqrt((wide - 1.0) * (wide + 1.0))));
    return choose(x == __builtin_inff(), x, choose(x >= 1.0f, y, splat(__builtin_nanf(""))));
}

/* 1 ulp; infinite at -1 and 1, NaN beyond. */
CNN_INLINE cnn_vector vector_atanh(cnn_vector x) {
    const double_vector wide = to_double(x);
    const cnn_vector inside =
        with_series(x, 1.0 / 3, double_log((1.0 + wide) / (1.0 - wide)) * 0.5);
    const cnn_vector border = with_sign(splat(__builtin_inff()), x);
    const cnn_vector y = choose(absolute(x) == 1.0f, border, inside);
    return choose(absolute(x) <= 1.0f, y, splat(__builtin_nanf("")));
}

/* --- erf --- */

/* 2 ulp. The series below 1; above, 1 less twice the tail of the normal distribution. */
CNN_INLINE cnn_vector vector_erf(cnn_vector x) {
    static const double terms[] = {
        1,          -1.0 / 3,     1.0 / 10,     -1.0 / 42,      1.0 / 216,     -1.0 / 1320,
        1.0 / 9360, -1.0 / 75600, 1.0 / 685440, -1.0 / 6894720, 1.0 / 76204800};
    const cnn_vector near = at_most(absolute(x), 1);
    const double_vector wide = to_double(near);
    const double_vector series =
        wide * double_polynomial(wide * wide, terms, 11) * 0x1.20dd750429b6dp0;
    const cnn_vector t = at_least(absolute(x) * 1.41421356f, 1);
    const cnn_vector far = 1.0f - normal_tail_product(t) / at_most(t, 14.5f) * 2.0f;
    const cnn_vector y = with_sign(choose(absolute(x) < 1.0f, to_float(series), far), x);
    return choose(is_nan(x), x, y);
}

#endif
