/* Runs in, the least and the median time out. */
#include "runtime/program/bench.h"

#include <stdlib.h>
#include <time.h>

static double milliseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec * 1e-6;
}

static int compare(const void *left, const void *right) {
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

static bool measure(struct session *session, double *times, int64_t runs) {
    for (int64_t i = -1; i < runs; i++) { /* run -1 warms up */
        double start = milliseconds();
        if (!session_run_once(session))
            return false;
        if (i >= 0)
            times[i] = milliseconds() - start;
    }
    return true;
}

bool bench(struct session *session, int64_t runs) {
    double *times = malloc((size_t)runs * sizeof *times);
    if (!times)
        return fail_memory(session->messages, "the times");
    bool good = measure(session, times, runs);
    if (good) {
        qsort(times, (size_t)runs, sizeof *times, compare);
        double median = (times[(runs - 1) / 2] + times[runs / 2]) / 2;
        printf("min %.4f ms, median %.4f ms, %lld run%s\n", times[0], median, (long long)runs,
               runs == 1 ? "" : "s");
    }
    free(times);
    return good;
}
