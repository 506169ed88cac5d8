/* The pool of threads: each part of each task runs once, between the call and its return, however
 * many threads there are, and whether they turn or sleep. Values are not atomic on purpose: with
 * ThreadSanitizer the test shows that the pool orders them. */
#include "runtime/threads.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum { MOST = 7, CALLS = 3000 };

struct work {
    int64_t call;        /* the caller writes, the parts read */
    int64_t runs[MOST];  /* of each part; the parts write, the caller reads */
    int64_t wrong_parts; /* of part 0 */
    int64_t expected_parts;
};

static void task(const void *arguments, int64_t part, int64_t parts) {
    struct work *work = *(struct work *const *)arguments;
    work->runs[part] += work->call;
    if (part == 0 && parts != work->expected_parts)
        work->wrong_parts++;
}

static void sleep_for(long nanoseconds) {
    nanosleep(&(struct timespec){0, nanoseconds}, NULL);
}

/* Calls with 1 to `count` parts, some after a pause in which the threads fall asleep. */
static bool every_part_runs_once(int64_t count, bool pinned) {
    struct cnn_threads *threads = cnn_threads_open(count, pinned);
    if (!threads)
        return false;
    const struct cnn_executor *executor = cnn_threads_executor(threads);
    struct work work = {0}, *arguments = &work;
    int64_t expected[MOST] = {0};
    for (work.call = 1; work.call <= CALLS; work.call++) {
        work.expected_parts = 1 + work.call * 7919 % count;
        for (int64_t part = 0; part < work.expected_parts; part++)
            expected[part] += work.call;
        if (work.call % 500 == 0)
            sleep_for(20000000);
        executor->run(executor->context, task, &arguments, work.expected_parts);
        if (memcmp(expected, work.runs, sizeof expected) != 0)
            break;
    }
    cnn_threads_close(threads);
    return work.call > CALLS && work.wrong_parts == 0;
}

/* Threads that never had a part end, awake or asleep. */
static bool unused_threads_end(void) {
    for (int i = 0; i < 20; i++) {
        struct cnn_threads *threads = cnn_threads_open(MOST, false);
        if (!threads)
            return false;
        sleep_for(i % 2 * 20000000);
        cnn_threads_close(threads);
    }
    cnn_threads_close(NULL);
    return true;
}

static bool is_refused(int64_t count) {
    errno = 0;
    return !cnn_threads_open(count, false) && errno == EINVAL;
}

static int check(bool good, const char *what) {
    printf("%s %s\n", good ? "ok" : "FAILED", what);
    return !good;
}

int main(void) {
    int failed = 0;
    for (int64_t count = 1; count <= MOST; count += count < 3 ? 1 : 4) {
        failed += check(every_part_runs_once(count, false), "every part runs once");
        failed += check(every_part_runs_once(count, true), "the same, pinned");
    }
    failed += check(unused_threads_end(), "threads without work end");
    failed += check(is_refused(0) && is_refused(CNN_MAX_PARTS + 1), "other counts are refused");
    return failed != 0;
}
