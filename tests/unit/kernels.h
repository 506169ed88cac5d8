/* What the tests of the primitives share: guarded tensors, random cases, comparison with the naive
 * twins. A tensor's memory lies between two pages that cannot be touched, flush with the one before
 * it or the one behind it; floats between its rows and pixels must stay as they were. */
#ifndef CNNC_TESTS_UNIT_KERNELS_H
#define CNNC_TESTS_UNIT_KERNELS_H

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "runtime/naive.h"
#include "runtime/primitives.h"

#define UNUSED __attribute__((unused))

enum { SKIPPED = 77 };
static const float CANARY = 12345.678f;
static const double EPSILON = 0x1p-24;

/* Whether this processor has the vectors this test was compiled for. */
UNUSED static bool supported(void) {
#if CNN_VECTOR == 16
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
           __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw");
#elif CNN_VECTOR == 8
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
#else
    return true;
#endif
}

/* --- random numbers --- */

struct random {
    uint64_t state;
};

static uint64_t random_bits(struct random *random) {
    random->state ^= random->state << 13;
    random->state ^= random->state >> 7;
    random->state ^= random->state << 17;
    return random->state * 0x2545f4914f6cdd1d >> 32;
}

UNUSED static int64_t between(struct random *random, int64_t low, int64_t high) {
    return low + (int64_t)(random_bits(random) % (uint64_t)(high - low + 1));
}

/* A small integer, or a real number of -1..1. */
static float random_value(struct random *random, bool whole) {
    if (whole)
        return (float)between(random, -4, 4);
    return (float)random_bits(random) * 0x1p-31f - 1;
}

/* --- guarded memory --- */

struct guarded {
    char *pages;
    size_t bytes;
    float *data;
    int64_t count;
};

/* At the end of its pages, or at their start. */
static struct guarded guard(int64_t count, bool at_end) {
    size_t page = (size_t)sysconf(_SC_PAGESIZE), size = (size_t)count * sizeof(float);
    size_t inner = (size + page - 1) / page * page;
    struct guarded g = {.bytes = inner + 2 * page, .count = count};
    g.pages = mmap(NULL, g.bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (g.pages == MAP_FAILED || (inner && mprotect(g.pages + page, inner, PROT_READ | PROT_WRITE)))
        exit(1);
    g.data = (float *)(void *)(g.pages + page + (at_end ? inner - size : 0));
    for (int64_t i = 0; i < count; i++)
        g.data[i] = CANARY;
    return g;
}

static void unguard(struct guarded *g) {
    munmap(g->pages, g->bytes);
}

/* --- tensors --- */

struct tensor {
    int64_t shape[4]; /* N, H, W, C */
    struct cnn_strides strides;
    struct guarded memory;
};

static int64_t position(const struct tensor *t, int64_t n, int64_t h, int64_t w, int64_t c) {
    return n * t->strides.image + h * t->strides.row + w * t->strides.pixel + c;
}

#define FOR_EACH_POSITION(shape)                                                                   \
    for (int64_t n = 0; n < (shape)[0]; n++)                                                       \
        for (int64_t h = 0; h < (shape)[1]; h++)                                                   \
            for (int64_t w = 0; w < (shape)[2]; w++)                                               \
                for (int64_t c = 0; c < (shape)[3]; c++)

/* With `gap` floats after each pixel, row and image; none after the last. */
UNUSED static struct tensor new_tensor(int64_t n, int64_t h, int64_t w, int64_t c, int64_t gap,
                                       bool at_end) {
    struct tensor t = {.shape = {n, h, w, c}};
    t.strides.pixel = c + gap;
    t.strides.row = w * t.strides.pixel + gap;
    t.strides.image = h * t.strides.row + gap;
    t.memory = guard(position(&t, n - 1, h - 1, w - 1, c), at_end);
    return t;
}

UNUSED static void fill_tensor(struct tensor *t, struct random *random, bool whole) {
    FOR_EACH_POSITION(t->shape)
    t->memory.data[position(t, n, h, w, c)] = random_value(random, whole);
}

/* Its values in double, dense; to be freed. */
UNUSED static double *dense(const struct tensor *t) {
    int64_t count = t->shape[0] * t->shape[1] * t->shape[2] * t->shape[3], i = 0;
    double *values = malloc((size_t)count * sizeof *values);
    FOR_EACH_POSITION(t->shape)
    values[i++] = t->memory.data[position(t, n, h, w, c)];
    return values;
}

UNUSED static double *new_doubles(const int64_t shape[4]) {
    return calloc((size_t)(shape[0] * shape[1] * shape[2] * shape[3]), sizeof(double));
}

/* --- comparison --- */

/* How far `bound * magnitude` allows a value to be off; a bound of 0 wants the same bits (but for
 * the sign of zero). Returns the number of wrong values and of floats written that are none. */
UNUSED static int64_t wrong_values(const struct tensor *t, const double *expected,
                                   const double *magnitude, double bound) {
    int64_t wrong = 0, i = 0;
    bool *inside = calloc((size_t)t->memory.count, sizeof *inside);
    FOR_EACH_POSITION(t->shape) {
        int64_t at = position(t, n, h, w, c);
        double value = t->memory.data[at], want = expected[i];
        double allowed = bound * (magnitude ? magnitude[i] : 1);
        bool same = bound == 0 ? value == (float)want : fabs(value - want) <= allowed;
        if (!same && !(isnan(value) && isnan(want))) {
            if (wrong++ == 0)
                printf("  [%d,%d,%d,%d] is %.9g, not %.9g (off %.3g, allowed %.3g)\n", (int)n,
                       (int)h, (int)w, (int)c, value, want, fabs(value - want), allowed);
        }
        inside[at] = true;
        i++;
    }
    for (int64_t at = 0; at < t->memory.count; at++)
        if (!inside[at] && t->memory.data[at] != CANARY && wrong++ == 0)
            printf("  float %d, which lies in a gap, was written\n", (int)at);
    free(inside);
    return wrong;
}

/* The rounding bound of a sum of `terms` products: gamma(terms + 2). */
UNUSED static double gamma_bound(int64_t terms) {
    double n = (double)(terms + 2);
    return n * EPSILON / (1 - n * EPSILON);
}

/* Adds a dense tensor of the output's shape: operands[0] its data, operands[1] its shape, so that a
 * wrong n, h, w, c or number of lanes shows. */
UNUSED static cnn_vector add_residual(cnn_vector acc, const float *const *operands, int64_t n,
                                      int64_t h, int64_t w, int64_t c, int64_t lanes) {
    const int64_t *shape = (const int64_t *)(const void *)operands[1];
    return cnn_add(
        acc, cnn_load(operands[0] + ((n * shape[1] + h) * shape[2] + w) * shape[3] + c, lanes));
}

/* A residual tensor of y's shape for the epilogue, added to `expected` and `magnitude` too. */
UNUSED static struct tensor add_to_expected(const struct tensor *y, struct random *random,
                                            bool whole, bool at_end, double *expected,
                                            double *magnitude) {
    struct tensor residual =
        new_tensor(y->shape[0], y->shape[1], y->shape[2], y->shape[3], 0, at_end);
    fill_tensor(&residual, random, whole);
    double *values = dense(&residual);
    for (int64_t i = 0; i < residual.memory.count; i++) {
        expected[i] += values[i];
        if (magnitude)
            magnitude[i] += fabs(values[i]);
    }
    free(values);
    return residual;
}

UNUSED static cnn_vector unchanged(cnn_vector acc, const float *const *operands UNUSED,
                                   int64_t n UNUSED, int64_t h UNUSED, int64_t w UNUSED,
                                   int64_t c UNUSED, int64_t lanes UNUSED) {
    return acc;
}

/* Where a kernel's pieces are cut into two parts; WHOLE: nowhere. */
enum { WHOLE = -1 };
UNUSED static int64_t random_cut(struct random *random, int64_t pieces) {
    return between(random, WHOLE, pieces);
}

/* A call for each part, the last one first, with its pieces first..end-1. */
#define FOR_PARTS(cut, pieces, call)                                                               \
    do {                                                                                           \
        int64_t first = (cut), end = (pieces);                                                     \
        call;                                                                                      \
        end = first, first = 0;                                                                    \
        call;                                                                                      \
    } while (0)

/* A kernel as a whole or in two parts. */
#define WHOLE_OR_PARTS(random, count, whole_call, part_call)                                       \
    do {                                                                                           \
        int64_t pieces = (count), cut = random_cut(random, pieces);                                \
        if (cut == WHOLE)                                                                          \
            whole_call;                                                                            \
        else                                                                                       \
            FOR_PARTS(cut, pieces, part_call);                                                     \
    } while (0)

/* Runs a test over many random cases; both the seed and the case decide the numbers. */
typedef int64_t test_case(struct random *random, bool whole, bool at_end);

UNUSED static int run_cases(const char *name, test_case *test, int cases) {
    for (int i = 0; i < cases; i++) {
        struct random random = {0x9e3779b97f4a7c15u * (uint64_t)(i + 1)};
        random_bits(&random);
        if (test(&random, i % 2, i / 2 % 2)) {
            printf("FAILED %s, %d lanes, case %d\n", name, CNN_VECTOR, i);
            return 1;
        }
    }
    printf("ok %s, %d lanes, %d cases\n", name, CNN_VECTOR, cases);
    return 0;
}

struct kernel_test {
    const char *name; /* NULL ends a list */
    test_case *test;
    int cases;
};

/* The result of main: of the tests that failed, or that there are no such vectors here. */
UNUSED static int run_tests(const struct kernel_test *tests) {
    int failed = 0;
    if (!supported()) {
        printf("skipped: no vectors of %d floats here\n", CNN_VECTOR);
        return SKIPPED;
    }
    for (; tests->name; tests++)
        failed += run_cases(tests->name, tests->test, tests->cases);
    return failed != 0;
}

#endif
