/* Functions of one value and of two, by their names in the language. */
#include <math.h>
#include <stddef.h>
#include <string.h>

#include "runtime/naive.h"

#define FUNCTION(name)                                                                             \
    static double name(double x, double a __attribute__((unused)), double b __attribute__((unused)))

static double clipped(double x, double low, double high) {
    return x < low ? low : x > high ? high : x;
}

static double logistic(double x) {
    return x < 0 ? exp(x) / (1 + exp(x)) : 1 / (1 + exp(-x));
}

static double log_of_sum(double x) {
    return x > 0 ? x + log1p(exp(-x)) : log1p(exp(x));
}

/* x * factor, with the limit 0 at minus infinity, where every factor here is 0. */
static double gated(double x, double factor) {
    return x == -INFINITY ? 0 : x * factor;
}

FUNCTION(relu) {
    return x < 0 ? 0 : x;
}
FUNCTION(relu6) {
    return clipped(x, 0, 6);
}
FUNCTION(clip) {
    return clipped(x, a, b);
}
FUNCTION(leaky_relu) {
    return x > 0 ? x : a * x;
}
FUNCTION(elu) {
    return x > 0 ? x : a * expm1(x);
}
FUNCTION(selu) {
    return b * (x > 0 ? x : a * expm1(x));
}
FUNCTION(celu) {
    return x > 0 ? x : a * expm1(x / a);
}
FUNCTION(sigmoid) {
    return logistic(x);
}
FUNCTION(hard_sigmoid) {
    return clipped(a * x + b, 0, 1);
}
FUNCTION(hyperbolic_tangent) {
    return tanh(x);
}
FUNCTION(softplus) {
    return log_of_sum(x);
}
FUNCTION(softsign) {
    return isinf(x) ? copysign(1, x) : x / (1 + fabs(x));
}
FUNCTION(silu) {
    return gated(x, logistic(x));
}
FUNCTION(hard_swish) {
    return gated(x, clipped(x / 6 + 0.5, 0, 1));
}
FUNCTION(gelu) {
    return gated(x, 0.5 * erfc(-x / sqrt(2)));
}
FUNCTION(gelu_tanh) { /* (1 + tanh u) / 2 = logistic(2u), which keeps its digits below 0 */
    return gated(x, logistic(2 * sqrt(2 / M_PI) * (x + 0.044715 * x * x * x)));
}
FUNCTION(mish) {
    return gated(x, tanh(log_of_sum(x)));
}
FUNCTION(threshold) {
    return x <= a ? b : x;
}
FUNCTION(square_root) {
    return sqrt(x);
}
FUNCTION(power_3_4) {
    return x < 0 ? NAN : pow(x, 0.75);
}
FUNCTION(absolute) {
    return fabs(x);
}
FUNCTION(exponential) {
    return exp(x);
}
FUNCTION(logarithm) {
    return log(x);
}
FUNCTION(negate) {
    return -x;
}

FUNCTION(floor_of) {
    return floor(x);
}
FUNCTION(ceil_of) {
    return ceil(x);
}
FUNCTION(round_of) {
    return nearbyint(x);
}
FUNCTION(sin_of) {
    return sin(x);
}
FUNCTION(cos_of) {
    return cos(x);
}
FUNCTION(tan_of) {
    return tan(x);
}
FUNCTION(asin_of) {
    return asin(x);
}
FUNCTION(acos_of) {
    return acos(x);
}
FUNCTION(atan_of) {
    return atan(x);
}
FUNCTION(sinh_of) {
    return sinh(x);
}
FUNCTION(cosh_of) {
    return cosh(x);
}
FUNCTION(asinh_of) {
    return asinh(x);
}
FUNCTION(acosh_of) {
    return acosh(x);
}
FUNCTION(atanh_of) {
    return atanh(x);
}
FUNCTION(erf_of) {
    return erf(x);
}
FUNCTION(sign) {
    return x > 0 ? 1 : x < 0 ? -1 : x;
}
FUNCTION(is_nan) {
    return isnan(x) ? 1 : 0;
}
FUNCTION(is_infinite) {
    return isinf(x) ? 1 : 0;
}
FUNCTION(shrink) {
    return x < -a ? x + b : x > a ? x - b : isnan(x) ? x : 0;
}

naive_function *naive_elementwise(const char *name) {
    static const struct {
        const char *name;
        naive_function *function;
    } functions[] = {
        {"relu", relu},
        {"relu6", relu6},
        {"clip", clip},
        {"leaky_relu", leaky_relu},
        {"elu", elu},
        {"selu", selu},
        {"celu", celu},
        {"sigmoid", sigmoid},
        {"hard_sigmoid", hard_sigmoid},
        {"tanh", hyperbolic_tangent},
        {"softplus", softplus},
        {"softsign", softsign},
        {"silu", silu},
        {"hard_swish", hard_swish},
        {"gelu", gelu},
        {"gelu_tanh", gelu_tanh},
        {"mish", mish},
        {"threshold", threshold},
        {"sqrt", square_root},
        {"power_3_4", power_3_4},
        {"abs", absolute},
        {"exp", exponential},
        {"log", logarithm},
        {"negate", negate},
        {"floor", floor_of},
        {"ceil", ceil_of},
        {"round", round_of},
        {"sin", sin_of},
        {"cos", cos_of},
        {"tan", tan_of},
        {"asin", asin_of},
        {"acos", acos_of},
        {"atan", atan_of},
        {"sinh", sinh_of},
        {"cosh", cosh_of},
        {"asinh", asinh_of},
        {"acosh", acosh_of},
        {"atanh", atanh_of},
        {"erf", erf_of},
        {"sign", sign},
        {"isnan", is_nan},
        {"isinf", is_infinite},
        {"shrink", shrink},
    };
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++)
        if (strcmp(functions[i].name, name) == 0)
            return functions[i].function;
    return NULL;
}

/* Of comparisons: 1 or 0; -1 where the name is none. */
static double compared(const char *name, double a, double b) {
    if (strcmp(name, "equal") == 0)
        return a == b;
    if (strcmp(name, "not_equal") == 0)
        return a != b;
    if (strcmp(name, "less") == 0)
        return a < b;
    if (strcmp(name, "less_equal") == 0)
        return a <= b;
    if (strcmp(name, "greater") == 0)
        return a > b;
    return strcmp(name, "greater_equal") == 0 ? a >= b : -1;
}

static double floored_remainder(double a, double b) {
    double rest = fmod(a, b);
    if (rest == 0)
        return copysign(rest, b);
    return (rest < 0) != (b < 0) ? rest + b : rest;
}

double naive_binary(const char *name, double a, double b) {
    if (compared(name, a, b) >= 0)
        return compared(name, a, b);
    if (strcmp(name, "mod") == 0)
        return floored_remainder(a, b);
    if (strcmp(name, "fmod") == 0)
        return fmod(a, b);
    if (strcmp(name, "add") == 0)
        return a + b;
    if (strcmp(name, "sub") == 0)
        return a - b;
    if (strcmp(name, "mul") == 0)
        return a * b;
    if (strcmp(name, "div") == 0)
        return a / b;
    if (strcmp(name, "pow") == 0 || strcmp(name, "power") == 0)
        return pow(a, b);
    if (isnan(a) || isnan(b))
        return NAN;
    if (strcmp(name, "min") == 0)
        return a < b ? a : b;
    if (strcmp(name, "max") == 0)
        return a > b ? a : b;
    return NAN;
}
