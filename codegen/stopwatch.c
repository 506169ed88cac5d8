/* The system's clocks. */
#include "codegen/stopwatch.h"

#include <math.h>
#include <time.h>

static double seconds_of(clockid_t clock) {
    struct timespec now;
    clock_gettime(clock, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

double wall_seconds(void) {
    return seconds_of(CLOCK_MONOTONIC);
}

struct moment moment_now(void) {
    const double wall = wall_seconds();
    return (struct moment){seconds_of(CLOCK_THREAD_CPUTIME_ID), wall};
}

double seconds_since(struct moment then) {
    const double seconds = seconds_of(CLOCK_THREAD_CPUTIME_ID) - then.processor;
    return 4 * seconds < wall_seconds() - then.wall ? (double)INFINITY : seconds;
}

double stopwatch_seconds(void) {
    enum { TIMES = 100 };
    double least = 1;
    for (int i = 0; i < TIMES; i++) {
        const double elapsed = seconds_since(moment_now());
        least = elapsed < least ? elapsed : least;
    }
    return least;
}
