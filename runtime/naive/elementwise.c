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
    const double alpha = 1.6732632423543772848170429916717;
    const double scale = 1.0507009873554804934193349852946;
    return scale * (x > 0 ? x : alpha * expm1(x));
}
FUNCTION(celu) {
    return x > 0 ? x : a * expm1(x / a);
}
FUNCTION(sigmoid) {
    return logistic(x);
}
FUNCTION(hard_sigmoid) {
    return clipped(x / 6 + 0.5, 0, 1);
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
    };
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++)
        if (strcmp(functions[i].name, name) == 0)
            return functions[i].function;
    return NULL;
}

double naive_binary(const char *name, double a, double b) {
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
