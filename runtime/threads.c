/* Threads that run the parts of layers. A layer takes tens of microseconds and more, and the next
 * one comes at once: so a thread turns for a while before it sleeps. */
#define _GNU_SOURCE
#include "runtime/threads.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <time.h>

/* PATIENCE: nanoseconds that a thread turns; TURNS: how often between two looks at the clock. */
enum { PATIENCE = 200000, TURNS = 64 };
enum { LINE = 64, PARTS_BITS = 16, ALL_PARTS = (1 << PARTS_BITS) - 1 };

struct worker {
    _Alignas(LINE) atomic_bool asleep; /* and to be woken by `wake` */
    sem_t wake;
    struct cnn_threads *threads;
    int64_t part;
    pthread_t thread;
};

struct cnn_threads {
    struct cnn_executor executor;
    int64_t started;
    cpu_set_t allowed; /* the caller's processors, which it gets back if it was pinned */
    bool pinned;
    bool crowded; /* there are fewer processors than threads */
    /* A number that goes on by one for each task, and in how many parts it is done. One word, for
     * threads without a part may look at any time. */
    _Alignas(LINE) atomic_uint_fast64_t call;
    /* What is to be done, written before `call` is; or nothing any more. In its line, so that who
     * sees the call has it. */
    cnn_task *task;
    const void *arguments;
    bool ending;
    /* Parts of all calls: what workers have done, which the caller only reads, and what they will
     * have. */
    _Alignas(LINE) atomic_int_fast64_t done;
    _Alignas(LINE) int64_t due;
    struct worker workers[];
};

static int64_t nanoseconds(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * INT64_C(1000000000) + time.tv_nsec;
}

/* Lets others have the processor's resources, or, where they need it, the processor. */
static void turn(const struct cnn_threads *t) {
    if (t->crowded)
        sched_yield();
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#endif
}

/* --- a worker --- */

static bool is_called(const struct worker *worker, uint64_t call, uint64_t done) {
    return call != done && (int64_t)(call & ALL_PARTS) > worker->part;
}

/* Turns until the worker is called, or out of patience. */
static bool turn_for_call(const struct worker *worker, uint64_t done) {
    const struct cnn_threads *t = worker->threads;
    for (int64_t end = nanoseconds() + PATIENCE; nanoseconds() < end;)
        for (int i = 0; i < TURNS; i++) {
            if (is_called(worker, atomic_load_explicit(&t->call, memory_order_acquire), done))
                return true;
            turn(t);
        }
    return false;
}

static void sleep_until_woken(struct worker *worker) {
    while (sem_wait(&worker->wake)) /* a signal came */
        ;
}

/* The first call after `done` that the worker has a part in: calls do not pass it by. */
static uint64_t await_call(struct worker *worker, uint64_t done) {
    struct cnn_threads *t = worker->threads;
    while (!turn_for_call(worker, done)) {
        atomic_store(&worker->asleep, true);
        /* who calls after this sees it asleep; was it called before, it need not sleep, but for one
         * who has seen it and wakes it */
        if (!is_called(worker, atomic_load(&t->call), done) ||
            !atomic_exchange(&worker->asleep, false))
            sleep_until_woken(worker);
    }
    return atomic_load_explicit(&t->call, memory_order_acquire);
}

/* The processor of a part: one after the other of those that are allowed, round and round. */
static void stay_on_one(int64_t part) {
    cpu_set_t allowed, one;
    if (sched_getaffinity(0, sizeof allowed, &allowed) || CPU_COUNT(&allowed) == 0)
        return;
    int64_t left = part % CPU_COUNT(&allowed);
    for (size_t cpu = 0; cpu < CPU_SETSIZE; cpu++)
        if (CPU_ISSET(cpu, &allowed) && left-- == 0) {
            CPU_ZERO(&one);
            CPU_SET(cpu, &one);
            sched_setaffinity(0, sizeof one, &one);
            return;
        }
}

static void *work(void *argument) {
    struct worker *worker = argument;
    struct cnn_threads *t = worker->threads;
    if (t->pinned)
        stay_on_one(worker->part);
    for (uint64_t call = 0;;) {
        call = await_call(worker, call);
        if (t->ending)
            return NULL;
        t->task(t->arguments, worker->part, (int64_t)(call & ALL_PARTS));
        atomic_fetch_add_explicit(&t->done, 1, memory_order_release);
    }
}

/* --- the caller --- */

/* Calls the first parts - 1 workers. */
static void call_workers(struct cnn_threads *t, int64_t parts) {
    uint64_t number = atomic_load_explicit(&t->call, memory_order_relaxed) >> PARTS_BITS;
    atomic_store(&t->call, (number + 1) << PARTS_BITS | (uint64_t)parts);
    for (int64_t i = 0; i < parts - 1 && i < t->started; i++)
        if (atomic_load(&t->workers[i].asleep) && atomic_exchange(&t->workers[i].asleep, false))
            sem_post(&t->workers[i].wake);
}

/* Turns; who waits for long lets others, who may be the workers, have the processor. */
static void await_workers(const struct cnn_threads *t) {
    for (int64_t end = nanoseconds() + PATIENCE;;) {
        for (int i = 0; i < TURNS; i++) {
            if (atomic_load_explicit(&t->done, memory_order_acquire) == t->due)
                return;
            turn(t);
        }
        if (nanoseconds() > end)
            sched_yield();
    }
}

static void run(void *context, cnn_task *task, const void *arguments, int64_t parts) {
    struct cnn_threads *t = context;
    t->task = task;
    t->arguments = arguments;
    t->due += parts - 1;
    call_workers(t, parts);
    task(arguments, 0, parts);
    await_workers(t);
}

static bool start(struct cnn_threads *t) {
    for (int64_t i = 0; i < t->executor.parts - 1; i++) {
        struct worker *worker = &t->workers[i];
        worker->threads = t;
        worker->part = i + 1;
        atomic_init(&worker->asleep, false);
        sem_init(&worker->wake, 0, 0);
        int failed = pthread_create(&worker->thread, NULL, work, worker);
        if (failed) {
            sem_destroy(&worker->wake);
            errno = failed;
            return false;
        }
        t->started++;
    }
    return true;
}

static bool is_crowded(int64_t count) {
    cpu_set_t allowed;
    return !sched_getaffinity(0, sizeof allowed, &allowed) && CPU_COUNT(&allowed) < count;
}

struct cnn_threads *cnn_threads_open(int64_t count, int pinned) {
    if (count < 1 || count > CNN_MAX_PARTS) {
        errno = EINVAL;
        return NULL;
    }
    size_t bytes = sizeof(struct cnn_threads) + (size_t)count * sizeof(struct worker);
    struct cnn_threads *t = aligned_alloc(LINE, (bytes + LINE - 1) / LINE * LINE);
    if (!t)
        return NULL;
    *t = (struct cnn_threads){.executor = {count, run, t}, .crowded = is_crowded(count)};
    t->pinned = pinned && !sched_getaffinity(0, sizeof t->allowed, &t->allowed);
    if (!start(t)) {
        int problem = errno;
        cnn_threads_close(t);
        errno = problem;
        return NULL;
    }
    if (t->pinned)
        stay_on_one(0);
    return t;
}

const struct cnn_executor *cnn_threads_executor(const struct cnn_threads *threads) {
    return &threads->executor;
}

void cnn_threads_close(struct cnn_threads *threads) {
    if (!threads)
        return;
    threads->ending = true;
    call_workers(threads, ALL_PARTS);
    for (int64_t i = 0; i < threads->started; i++) {
        pthread_join(threads->workers[i].thread, NULL);
        sem_destroy(&threads->workers[i].wake);
    }
    if (threads->pinned)
        sched_setaffinity(0, sizeof threads->allowed, &threads->allowed);
    free(threads);
}
