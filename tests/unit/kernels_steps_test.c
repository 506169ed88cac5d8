/* The steps of epilogues against the naive functions in double: the error over the whole range of
 * floats, in units of the last place, is printed and must stay below a limit; infinities, NaN and
 * the smallest numbers must come out right. */
#include "tests/unit/kernels.h"

typedef cnn_vector unary_step(cnn_vector x, float a, float b);
typedef cnn_vector binary_step(cnn_vector a, cnn_vector b);

/* ulps: how far a normal result may be off; spread: more of it for each unit of |x * f'(x) / f(x)|,
 * the factor by which f grows a rounding of x or of what is computed from it first. */
static const struct {
    const char *name;
    unary_step *step;
    float a, b;
    double ulps, spread;
} steps[] = {
    {"relu", cnn_relu, 0, 0, 0, 0},
    {"clip", cnn_clip, -1.5f, 2.25f, 0, 0},
    {"leaky_relu", cnn_leaky_relu, 0.01f, 0, 0.51, 0},
    {"elu", cnn_elu, 1, 0, 2, 0},
    {"elu", cnn_elu, 0.7f, 0, 2.5, 0},
    {"selu", cnn_selu, 1.67326324f, 1.05070099f, 3, 0},
    {"selu", cnn_selu, 2, 3, 3, 0},
    {"celu", cnn_celu, 1, 0, 2.5, 0},
    {"celu", cnn_celu, 0.7f, 0, 3, 1},
    {"sigmoid", cnn_sigmoid, 0, 0, 4, 0},
    {"hard_sigmoid", cnn_hard_sigmoid, 0.2f, 0.5f, 1, 1},
    {"hard_sigmoid", cnn_hard_sigmoid, 0.166666667f, 0.5f, 1, 1},
    {"tanh", cnn_tanh, 0, 0, 3, 0},
    {"softplus", cnn_softplus, 0, 0, 3, 0},
    {"softsign", cnn_softsign, 0, 0, 1.5, 0},
    {"silu", cnn_silu, 0, 0, 4, 0},
    {"hard_swish", cnn_hard_swish, 0, 0, 2.5, 0},
    {"gelu", cnn_gelu, 0, 0, 7, 0},
    {"gelu_tanh", cnn_gelu_tanh, 0, 0, 4, 2},
    {"mish", cnn_mish, 0, 0, 4, 0},
    {"threshold", cnn_threshold, 0.5f, -3, 0, 0},
    {"sqrt", cnn_sqrt, 0, 0, 0.5, 0},
    {"power_3_4", cnn_power_3_4, 0, 0, 2.5, 0},
    {"abs", cnn_abs, 0, 0, 0, 0},
    {"exp", cnn_exp, 0, 0, 1, 0},
    {"log", cnn_log, 0, 0, 1, 0},
    {"negate", cnn_negate, 0, 0, 0, 0},
    {"floor", cnn_floor, 0, 0, 0, 0},
    {"ceil", cnn_ceil, 0, 0, 0, 0},
    {"round", cnn_round, 0, 0, 0, 0},
    {"sign", cnn_sign, 0, 0, 0, 0},
    {"isnan", cnn_isnan, 0, 0, 0, 0},
    {"isinf", cnn_isinf, 0, 0, 0, 0},
    {"erf", cnn_erf, 0, 0, 2, 0},
    {"sin", cnn_sin, 0, 0, 0.6, 0},
    {"cos", cnn_cos, 0, 0, 0.6, 0},
    {"tan", cnn_tan, 0, 0, 0.6, 0},
    {"asin", cnn_asin, 0, 0, 0.6, 0},
    {"acos", cnn_acos, 0, 0, 0.6, 0},
    {"atan", cnn_atan, 0, 0, 0.6, 0},
    {"sinh", cnn_sinh, 0, 0, 0.6, 0},
    {"cosh", cnn_cosh, 0, 0, 0.6, 0},
    {"asinh", cnn_asinh, 0, 0, 0.6, 0},
    {"acosh", cnn_acosh, 0, 0, 0.6, 0},
    {"atanh", cnn_atanh, 0, 0, 0.6, 0},
    {"shrink", cnn_shrink, 0.5f, 0.25f, 0.5, 0},
    {"shrink", cnn_shrink, 1.5f, 1.5f, 0.5, 0},
};

/* Results below the normal floats may be off by this: their last place says nothing of relative
 * error. */
static const double DENORMAL_ERROR = 0x1p-142;

/* What may become 0: where a sigmoid below 2^-126 is a factor. */
static double flushed(const char *step, double x) {
    if (strcmp(step, "sigmoid") == 0)
        return x < -87 ? 0x1p-126 : 0;
    if (strcmp(step, "silu") == 0)
        return x < -87 ? 0x1p-126 * fabs(x) : 0;
    return strcmp(step, "gelu_tanh") == 0 && x < -10 ? 0x1p-126 * fabs(x) : 0;
}

static double unit_of_last_place(double value) {
    int exponent;
    frexp(value, &exponent);
    return ldexp(1, exponent < -125 ? -149 : exponent - 24);
}

static float from_bits(uint32_t bits) {
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* |x f'(x) / f(x)| from a difference quotient. */
static double condition(naive_function *f, double x, double a, double b) {
    double h = fabs(x) * 1e-6 + 1e-300, y = f(x, a, b);
    double slope = (f(x + h, a, b) - f(x - h, a, b)) / (2 * h);
    return y == 0 || !isfinite(slope) ? 0 : fabs(x * slope / y);
}

/* How far y is from the exact value, over what is allowed; above 1 is wrong. *ulps becomes the
 * error of a normal result. */
static double excess(int s, float x, float y, double *ulps) {
    naive_function *f = naive_elementwise(steps[s].name);
    double a = (double)steps[s].a, b = (double)steps[s].b;
    double want = f((double)x, a, b), error = fabs((double)y - want);
    *ulps = 0;
    if (y == 0 && error <= flushed(steps[s].name, (double)x))
        return 0;
    if (isnan(want) || isnan(y))
        return isnan(want) && isnan(y) ? 0 : INFINITY;
    if (isinf((float)want)) /* the largest float is as near as infinity */
        return y == (float)want || (fabsf(y) == 0x1.fffffep127f && isfinite(want)) ? 0 : INFINITY;
    if (fabs(want) < 0x1p-126)
        return error / DENORMAL_ERROR;
    *ulps = error / unit_of_last_place(want);
    double allowed = steps[s].ulps;
    if (*ulps > allowed && steps[s].spread > 0)
        allowed += steps[s].spread * condition(f, (double)x, a, b);
    return *ulps == 0 ? 0 : *ulps / allowed;
}

struct worst {
    double excess, ulps;
    float at;
};

static void check_vector(int s, const float *x, struct worst *worst) {
    float y[CNN_VECTOR];
    cnn_vector result = steps[s].step(cnn_load(x, CNN_VECTOR), steps[s].a, steps[s].b);
    memcpy(y, &result, sizeof y);
    for (int i = 0; i < CNN_VECTOR; i++) {
        double ulps, over = excess(s, x[i], y[i], &ulps);
        if (ulps > worst->ulps)
            worst->ulps = ulps;
        if (over > worst->excess) {
            worst->excess = over;
            worst->at = x[i];
        }
    }
}

static int check_step(int s) {
    enum { STRIDE = 4801 }; /* prime: every size of number, all low bits */
    struct worst worst = {0, 0, 0};
    float x[CNN_VECTOR];
    int filled = 0;
    for (uint64_t bits = 0; bits < 0x100000000; bits += STRIDE) {
        x[filled++] = from_bits((uint32_t)bits);
        if (filled == CNN_VECTOR) {
            check_vector(s, x, &worst);
            filled = 0;
        }
    }
    for (int i = 0; i < 400000; i++) { /* where most values are */
        x[filled++] = ((float)i - 200000) * 0.0005f;
        if (filled == CNN_VECTOR) {
            check_vector(s, x, &worst);
            filled = 0;
        }
    }
    static const float special[] = {
        0.0f,      -0.0f,      INFINITY,        -INFINITY,        NAN,     0x1p-149f, -0x1p-149f,
        0x1p-126f, -0x1p-126f, 0x1.fffffep127f, -0x1.fffffep127f, 1.0f,    -1.0f,     88.72284f,
        88.7229f,  -87.33655f, -103.97f,        -103.98f,         -104.5f, -150.0f};
    for (size_t i = 0; i < sizeof special / sizeof *special; i++) {
        for (int lane = 0; lane < CNN_VECTOR; lane++)
            x[lane] = special[i];
        check_vector(s, x, &worst);
    }
    bool failed = worst.excess > 1;
    printf("%s %s: %.3f ulp", failed ? "FAILED" : "ok", steps[s].name, worst.ulps);
    if (failed)
        printf(", %.3g times what is allowed at %.9g", worst.excess, (double)worst.at);
    printf("\n");
    return failed;
}

/* --- steps of two vectors --- */

static bool same(float a, float b) {
    return (isnan(a) && isnan(b)) || (a == b && signbit(a) == signbit(b));
}

static float power(float a, float b) {
    cnn_vector y = cnn_pow(cnn_splat(a), cnn_splat(b));
    return y[CNN_VECTOR - 1];
}

/* Against pow of the C library in double, which defines the special values. */
static int check_power(void) {
    static const float values[] = {
        0.0f,           -0.0f,          1.0f,  -1.0f,           0.5f,        -0.5f,
        2.0f,           -2.0f,          3.0f,  -3.0f,           2.5f,        -2.5f,
        INFINITY,       -INFINITY,      NAN,   0x1p-149f,       -0x1p-140f,  0x1p24f,
        0x1.000002p24f, 0x1.fffffep23f, -7.0f, 0x1.fffffep127f, 0.99999994f, 1.0000001f};
    int failed = 0, count = sizeof values / sizeof *values;
    for (int i = 0; i < count; i++)
        for (int j = 0; j < count; j++) {
            float got = power(values[i], values[j]);
            double want = pow((double)values[i], (double)values[j]);
            double error = fabs((double)got - want) / unit_of_last_place(want);
            if (!same(got, (float)want) && !(error < 0.51) && failed++ == 0)
                printf("  pow(%g, %g) is %.9g, not %.9g\n", (double)values[i], (double)values[j],
                       (double)got, want);
        }
    struct random random = {88172645463325252u};
    double worst = 0;
    for (int i = 0; i < 300000; i++) {
        float a = ldexpf((float)random_bits(&random), (int)between(&random, -60, 20));
        float b = random_value(&random, false) * (float)between(&random, 1, 20);
        double want = pow((double)a, (double)b);
        if (want < 0x1p-126 || want > 0x1p127)
            continue;
        worst = fmax(worst, fabs((double)power(a, b) - want) / unit_of_last_place(want));
    }
    failed += worst > 0.51;
    printf("%s pow: %.3f ulp\n", failed ? "FAILED" : "ok", worst);
    return failed != 0;
}

static int check_binary(const char *name, binary_step *step) {
    static const float values[] = {0.0f,     1.0f,      -1.0f, 0.1f,      3.5f,           -7.25f,
                                   INFINITY, -INFINITY, NAN,   0x1p-149f, 0x1.fffffep127f};
    int failed = 0, count = sizeof values / sizeof *values;
    for (int i = 0; i < count; i++)
        for (int j = 0; j < count; j++) {
            cnn_vector y = step(cnn_splat(values[i]), cnn_splat(values[j]));
            float want = (float)naive_binary(name, (double)values[i], (double)values[j]);
            float got = y[CNN_VECTOR - 1];
            if (got != want && !(isnan(got) && isnan(want)) && failed++ == 0)
                printf("  %s(%g, %g) is %.9g, not %.9g\n", name, (double)values[i],
                       (double)values[j], (double)got, (double)want);
        }
    printf("%s %s\n", failed ? "FAILED" : "ok", name);
    return failed != 0;
}

/* fmod is exact, whatever the sizes; mod adds b to some of it. */
static int check_remainders(void) {
    struct random random = {88172645463325252u};
    int failed = 0;
    for (int i = 0; i < 100000; i++) {
        float a = ldexpf(random_value(&random, false), (int)between(&random, -149, 126));
        float b =
            ldexpf(random_value(&random, false), (int)between(&random, i % 2 ? -149 : 20, 126));
        if (b == 0)
            continue;
        double want = fmod((double)a, (double)b),
               floored = naive_binary("mod", (double)a, (double)b);
        float got = cnn_fmod(cnn_splat(a), cnn_splat(b))[0];
        float got_mod = cnn_mod(cnn_splat(a), cnn_splat(b))[CNN_VECTOR - 1];
        if (((double)got != want || got_mod != (float)floored) && failed++ == 0)
            printf("  fmod(%a, %a) is %a, mod %a\n", (double)a, (double)b, (double)got,
                   (double)got_mod);
    }
    printf("%s remainders\n", failed ? "FAILED" : "ok");
    return failed != 0;
}

static int check_where(void) {
    cnn_vector condition = cnn_splat(0), a = cnn_splat(NAN), b = cnn_splat(2);
    condition[0] = NAN;
    condition[1] = -0.0f;
    condition[2] = 0x1p-149f;
    cnn_vector y = cnn_where(condition, a, b);
    int failed = !isnan(y[0]) || y[1] != 2 || !isnan(y[2]) || y[3] != 2;
    printf("%s where\n", failed ? "FAILED" : "ok");
    return failed;
}

/* x > 0 ? x : slope * x, a slope for each lane. */
static int check_prelu(void) {
    int failed = 0;
    for (int i = 0; i < 64; i++) {
        cnn_vector x = cnn_splat(0), slope = x;
        for (int lane = 0; lane < CNN_VECTOR; lane++) {
            x[lane] = (float)((i * 7 + lane * 5) % 23 - 11) / 4;
            slope[lane] = (float)(lane - 2) / 8;
        }
        cnn_vector y = cnn_prelu(x, slope);
        for (int lane = 0; lane < CNN_VECTOR; lane++) {
            double want = (double)x[lane] * (x[lane] > 0 ? 1 : (double)slope[lane]);
            failed += (double)y[lane] != want;
        }
    }
    failed += !isnan(cnn_prelu(cnn_splat(NAN), cnn_splat(0))[0]);
    printf("%s prelu\n", failed ? "FAILED" : "ok");
    return failed != 0;
}

/* Lanes beyond are 0 and nothing beyond is touched. */
static int check_load(void) {
    int failed = 0;
    for (int64_t lanes = 0; lanes <= CNN_VECTOR; lanes++) {
        struct guarded memory = guard(lanes, true);
        cnn_vector v = cnn_load(memory.data, lanes);
        for (int lane = 0; lane < CNN_VECTOR; lane++)
            failed += v[lane] != (lane < lanes ? CANARY : 0);
        unguard(&memory);
    }
    printf("%s load\n", failed ? "FAILED" : "ok");
    return failed != 0;
}

int main(void) {
    if (!supported()) {
        printf("skipped: no vectors of %d floats here\n", CNN_VECTOR);
        return SKIPPED;
    }
    int failed = 0;
    for (int s = 0; s < (int)(sizeof steps / sizeof *steps); s++)
        failed += check_step(s);
    failed += check_power();
    failed += check_binary("add", cnn_add) + check_binary("sub", cnn_sub);
    failed += check_binary("mul", cnn_mul) + check_binary("div", cnn_div);
    failed += check_binary("min", cnn_min) + check_binary("max", cnn_max);
    failed += check_binary("equal", cnn_equal) + check_binary("not_equal", cnn_not_equal);
    failed += check_binary("less", cnn_less) + check_binary("less_equal", cnn_less_equal);
    failed += check_binary("greater", cnn_greater);
    failed += check_binary("greater_equal", cnn_greater_equal);
    failed += check_binary("mod", cnn_mod) + check_binary("fmod", cnn_fmod) + check_remainders();
    failed += check_where() + check_prelu() + check_load();
    return failed != 0;
}
