/* Runs in, the least and the median time out. */
#include "runtime/program/bench.h"

#include <stdlib.h>

static int compare(const void *left, const void *right) {
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

double sort_for_median(double *times, int64_t count) {
    qsort(times, (size_t)count, sizeof *times, compare);
    return (times[(count - 1) / 2] + times[count / 2]) / 2;
}

static bool measure(struct session *session, double *times, int64_t runs) {
    struct progress *progress = &session->messages->progress;
    for (int64_t i = -1; i < runs; i++) { /* run -1 warms up */
        double start = monotonic_seconds();
        if (!session_run_once(session))
            return false;
        if (i >= 0)
            times[i] = 1e3 * (monotonic_seconds() - start);
        progress_update(progress, (double)(i + 1), (double)runs, "runs");
    }
    progress_hide(progress);
    return true;
}

bool bench(struct session *session) {
    int64_t runs = session->options->bench;
    if (!session_open_single(session, "--bench"))
        return false;
    double *times = malloc((size_t)runs * sizeof *times);
    if (!times)
        return fail_memory(session->messages, "the times");
    bool good = measure(session, times, runs);
    if (good) {
        double median = sort_for_median(times, runs);
        printf("min %.4f ms, median %.4f ms, %lld run%s\n", times[0], median, (long long)runs,
               runs == 1 ? "" : "s");
    }
    free(times);
    return good;
}
