/* Sums of a buffer in independent vectors, as many as hide the latency of their additions. */
#include <time.h>

#include "bench/bandwidth.h"

typedef float vector __attribute__((vector_size(32), may_alias));

enum { SUMS = 8 };

static double seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static vector sum(const vector *values, size_t count) {
    vector sums[SUMS] = {0};
    size_t i = 0;
    for (; i + SUMS <= count; i += SUMS)
        for (int k = 0; k < SUMS; k++)
            sums[k] += values[i + (size_t)k];
    for (; i < count; i++)
        sums[0] += values[i];
    for (int k = 1; k < SUMS; k++)
        sums[0] += sums[k];
    return sums[0];
}

double bandwidth(const float *buffer, size_t bytes) {
    vector total = {0};
    double start = seconds(), elapsed;
    long rounds = 0;
    do {
        total += sum((const vector *)buffer, bytes / sizeof total);
        __asm__ volatile("" : "+m"(total) : : "memory"); /* the result is wanted, and read anew */
        rounds++;
        elapsed = seconds() - start;
    } while (elapsed < 0.005);
    return (double)rounds * (double)bytes / elapsed * 1e-9;
}
