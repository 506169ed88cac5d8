/* Steps of epilogues: each turns the vector so far, and what else it needs, into the next. NaN goes
 * through every one. */
#include "runtime/kernels/power.h"
#include "runtime/kernels/remainder.h"
#include "runtime/kernels/trigonometry.h"

/* Steps have one signature, whether they use their parameters or not. */
#define STEP(name)                                                                                 \
    CNN_PRIMITIVE cnn_vector cnn_##name(cnn_vector x, float a __attribute__((unused)),             \
                                        float b __attribute__((unused)))

/* Stands for minus infinity in x * f(x) where f falls faster than x grows: the limit is 0, while
 * -infinity * 0 would be NaN. All such products are 0 here already. */
static const float FAR_BELOW = -200;

CNN_PRIMITIVE cnn_vector cnn_load(const float *p, int64_t lanes) {
    return load_lanes(p, lanes);
}

CNN_PRIMITIVE cnn_vector cnn_splat(float a) {
    return splat(a);
}

CNN_PRIMITIVE cnn_vector cnn_add(cnn_vector a, cnn_vector b) {
    return a + b;
}

CNN_PRIMITIVE cnn_vector cnn_sub(cnn_vector a, cnn_vector b) {
    return a - b;
}

CNN_PRIMITIVE cnn_vector cnn_mul(cnn_vector a, cnn_vector b) {
    return a * b;
}

CNN_PRIMITIVE cnn_vector cnn_div(cnn_vector a, cnn_vector b) {
    return a / b;
}

CNN_PRIMITIVE cnn_vector cnn_min(cnn_vector a, cnn_vector b) {
    return choose(is_nan(a), a, choose(a < b, a, b));
}

CNN_PRIMITIVE cnn_vector cnn_max(cnn_vector a, cnn_vector b) {
    return choose(is_nan(a), a, choose(a > b, a, b));
}

CNN_PRIMITIVE cnn_vector cnn_pow(cnn_vector a, cnn_vector b) {
    return vector_pow(a, b);
}

CNN_PRIMITIVE cnn_vector cnn_mod(cnn_vector a, cnn_vector b) {
    return vector_mod(a, b);
}

CNN_PRIMITIVE cnn_vector cnn_fmod(cnn_vector a, cnn_vector b) {
    return vector_fmod(a, b);
}

/* 1 where the mask is set, else 0. */
CNN_INLINE cnn_vector truth(cnn_mask mask) {
    return choose(mask, splat(1), splat(0));
}

#define COMPARISON(name, operator)                                                                 \
    CNN_PRIMITIVE cnn_vector cnn_##name(cnn_vector a, cnn_vector b) {                              \
        return truth(a operator b);                                                                \
    }
COMPARISON(equal, ==)
COMPARISON(not_equal, !=)
COMPARISON(less, <)
COMPARISON(less_equal, <=)
COMPARISON(greater, >)
COMPARISON(greater_equal, >=)
#undef COMPARISON

CNN_PRIMITIVE cnn_vector cnn_where(cnn_vector condition, cnn_vector a, cnn_vector b) {
    return choose(condition != 0.0f, a, b);
}

CNN_PRIMITIVE cnn_vector cnn_prelu(cnn_vector x, cnn_vector slope) {
    return choose(x > 0.0f, x, slope * x);
}

STEP(relu) {
    return at_least(x, 0);
}

STEP(clip) {
    return at_most(at_least(x, a), b);
}

STEP(leaky_relu) {
    return choose(x > 0.0f, x, x * a);
}

STEP(elu) {
    return choose(x > 0.0f, x, vector_expm1(at_most(x, 0)) * a);
}

STEP(selu) {
    return choose(x > 0.0f, x * b, vector_expm1(at_most(x, 0)) * (a * b));
}

/* a > 0 */
STEP(celu) {
    return choose(x > 0.0f, x, vector_expm1(at_most(x, 0) / a) * a);
}

STEP(sigmoid) {
    return times_sigmoid(splat(1), at_least(x, CNN_SIGMOID_FROM));
}

STEP(hard_sigmoid) {
    return at_most(at_least(x * a + b, 0), 1);
}

STEP(tanh) {
    return vector_tanh(x);
}

STEP(softplus) {
    return at_least(x, 0) + vector_log1p(vector_exp(-absolute(x)));
}

STEP(softsign) {
    const cnn_vector finite = at_most(at_least(x, -__FLT_MAX__), __FLT_MAX__);
    return finite / (absolute(finite) + 1.0f);
}

STEP(silu) {
    x = at_least(x, CNN_SIGMOID_FROM);
    return times_sigmoid(x, x);
}

STEP(hard_swish) {
    x = at_least(x, -3);
    return x * (at_most(x + 3.0f, 6) * (1.0f / 6));
}

STEP(gelu) {
    return at_least(x, 0) - normal_tail_product(absolute(x));
}

/* x/2 * (1 + tanh u) = x * sigmoid(2u), u = sqrt(2/pi) * (x + 0.044715 x^3) */
STEP(gelu_tanh) {
    x = at_least(x, FAR_BELOW);
    const cnn_vector u = x * 1.5957691216f * (x * x * 0.044715f + 1.0f);
    return times_sigmoid(x, at_least(u, CNN_SIGMOID_FROM));
}

/* tanh(softplus(x)) = ((1 + e^x)^2 - 1) / ((1 + e^x)^2 + 1), above 0 in e^-x. */
STEP(mish) {
    x = at_least(x, FAR_BELOW);
    const struct exponential parts = exponential_parts(at_least(-absolute(x), -106), CNN_NOTHING);
    const cnn_vector e = exponential_times(parts, splat(1));
    const cnn_vector above = x * (e * 2.0f + 1.0f) / (e * (e * 2.0f + 2.0f) + 1.0f);
    const cnn_vector below = x * (e + 2.0f) / (e * (e + 2.0f) + 2.0f);
    return choose(x < 0.0f, exponential_times(parts, below), above);
}

STEP(threshold) {
    return choose(x <= a, splat(b), x);
}

STEP(sqrt) {
    return vector_sqrt(x);
}

STEP(power_3_4) {
    const cnn_vector root = vector_sqrt(x);
    return root * vector_sqrt(root);
}

STEP(abs) {
    return absolute(x);
}

STEP(exp) {
    return vector_exp(x);
}

STEP(log) {
    return vector_log(x);
}

STEP(negate) {
    return -x;
}

STEP(floor) {
    return integer_below(x);
}

STEP(ceil) {
    return -integer_below(-x);
}

STEP(round) {
    return nearest_integer(x);
}

STEP(sign) {
    return choose((x == 0.0f) | is_nan(x), x, with_sign(splat(1), x));
}

STEP(isnan) {
    return truth(is_nan(x));
}

STEP(isinf) {
    return truth(absolute(x) == __builtin_inff());
}

STEP(shrink) {
    return choose(x < -a, x + b, choose(x > a, x - b, choose(is_nan(x), x, splat(0))));
}

STEP(sin) {
    return vector_sin(x);
}

STEP(cos) {
    return vector_cos(x);
}

STEP(tan) {
    return vector_tan(x);
}

STEP(asin) {
    return vector_asin(x);
}

STEP(acos) {
    return vector_acos(x);
}

STEP(atan) {
    return vector_atan(x);
}

STEP(sinh) {
    return vector_sinh(x);
}

STEP(cosh) {
    return vector_cosh(x);
}

STEP(asinh) {
    return vector_asinh(x);
}

STEP(acosh) {
    return vector_acosh(x);
}

STEP(atanh) {
    return vector_atanh(x);
}

STEP(erf) {
    return vector_erf(x);
}

#undef STEP
