/* Independent multiply-adds in registers, as many as hide their latency: nothing can be faster.
 * Compiled with -DWIDTH=4, 8 or 16 and the matching -march. */
#include <time.h>

#include "bench/peak.h"

typedef float vector __attribute__((vector_size(WIDTH * sizeof(float))));

/* Latency 4 at two a cycle wants 8 chains; as many as there are registers for leaves no doubt. */
enum { CHAINS = WIDTH == 16 ? 24 : 12, STEPS = 4096 };

/* Of this thread alone: other work on the machine does not count. */
static double seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static vector multiply_add(vector seed) {
    vector sums[CHAINS];
    vector factor = seed * 0.5f;
    for (int i = 0; i < CHAINS; i++)
        sums[i] = seed + (float)i;
    for (int step = 0; step < STEPS; step++) {
#pragma GCC unroll 24
        for (int i = 0; i < CHAINS; i++)
            sums[i] = sums[i] * factor + seed;
    }
    vector total = sums[0];
    for (int i = 1; i < CHAINS; i++)
        total += sums[i];
    return total;
}

#define NAME_OF(width) peak_##width
#define NAME(width)    NAME_OF(width)

double NAME(WIDTH)(void) {
    vector value = (vector){} + 1.0f;
    double start = seconds(), elapsed;
    long rounds = 0;
    do {
        value = multiply_add(value * 1e-3f + 1.0f); /* never denormal */
        __asm__ volatile("" : "+m"(value));         /* the result is wanted */
        rounds++;
        elapsed = seconds() - start;
    } while (elapsed < 0.005);
    return (double)rounds * STEPS * CHAINS * WIDTH * 2 / elapsed * 1e-9;
}
