/* The functions of one value that epilogues are made of, cnn_NAME of runtime/primitives.h. NaN goes
 * through every one but isnan and isinf. Short ones are a few instructions; of the long ones a
 * loop's body is better not made of several. */
#ifndef CNN_STEPS_H
#define CNN_STEPS_H

#define CNN_SHORT_STEPS(STEP)                                                                      \
    STEP(relu)         /* max(x, 0) */                                                             \
    STEP(clip)         /* min(max(x, a), b) */                                                     \
    STEP(leaky_relu)   /* x > 0 ? x : a*x */                                                       \
    STEP(hard_sigmoid) /* clip(a*x + b, 0, 1) */                                                   \
    STEP(softsign)     /* x / (1 + |x|) */                                                         \
    STEP(hard_swish)   /* x * clip(x + 3, 0, 6) / 6 */                                             \
    STEP(threshold)    /* x > a ? x : b */                                                         \
    STEP(sqrt)                                                                                     \
    STEP(abs)                                                                                      \
    STEP(negate)                                                                                   \
    STEP(floor)                                                                                    \
    STEP(ceil)                                                                                     \
    STEP(round) /* halves to even */                                                               \
    STEP(sign)  /* -1, 0 or 1 */                                                                   \
    STEP(isnan) /* 1 or 0 */                                                                       \
    STEP(isinf)                                                                                    \
    STEP(shrink) /* x < -a ? x + b : x > a ? x - b : 0 */
#define CNN_LONG_STEPS(STEP)                                                                       \
    STEP(elu)     /* x > 0 ? x : a*(e^x - 1) */                                                    \
    STEP(selu)    /* b * (x > 0 ? x : a*(e^x - 1)) */                                              \
    STEP(celu)    /* max(x,0) + min(0, a*(e^(x/a) - 1)) */                                         \
    STEP(sigmoid) /* 1 / (1 + e^-x) */                                                             \
    STEP(tanh)                                                                                     \
    STEP(softplus)  /* log(1 + e^x) */                                                             \
    STEP(silu)      /* x * sigmoid(x) */                                                           \
    STEP(gelu)      /* x * Phi(x), by erf */                                                       \
    STEP(gelu_tanh) /* its tanh approximation */                                                   \
    STEP(mish)      /* x * tanh(softplus(x)) */                                                    \
    STEP(power_3_4) /* x^(3/4) */                                                                  \
    STEP(exp)                                                                                      \
    STEP(log)                                                                                      \
    STEP(erf)                                                                                      \
    STEP(sin)                                                                                      \
    STEP(cos)                                                                                      \
    STEP(tan)                                                                                      \
    STEP(asin)                                                                                     \
    STEP(acos)                                                                                     \
    STEP(atan)                                                                                     \
    STEP(sinh)                                                                                     \
    STEP(cosh)                                                                                     \
    STEP(asinh)                                                                                    \
    STEP(acosh)                                                                                    \
    STEP(atanh)
#define CNN_UNARY_STEPS(STEP) CNN_SHORT_STEPS(STEP) CNN_LONG_STEPS(STEP)

#endif
