/* Runs a compiled network on request: the worker of bench/suite.py for cnnc itself, with the
 * commands of bench/peers/worker.py.
 *
 *     runner FOLDER THREADS
 *
 * Compiled with -DHEADER="NAME.h" -DRUN=NAME_run_parallel -DPART_BYTES=NAME_PART_BYTES
 * -DINFO=NAME_info -DARGUMENTS=t[0],t[1],... for each input and output, and linked with the
 * network's object and the runtime's library. Inputs are FOLDER/in0.f32 ..., raw,
 * in their layout; it runs once, writes FOLDER/out0.f32 ..., prints "ready VERSION", and for each
 * line of its input an answer:
 *
 *     time N    -> seconds that one of N runs takes: of a processor, and of the clock on the wall
 *     memory    -> KiB that the process has had at most
 *     workspace -> bytes of it */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include HEADER
#include "runtime/threads.h"

enum { TENSORS = 8 };

struct call {
    int tensors;
    float *tensor[TENSORS]; /* inputs, outputs */
    void *workspace;
    size_t workspace_bytes;
    const struct cnn_executor *executor; /* NULL: one thread */
};

static void die(const char *what, const char *detail) {
    fprintf(stderr, "runner: %s: %s\n", what, detail);
    exit(1);
}

static int run(const struct call *call) {
    float *const *t = call->tensor;
    return RUN(ARGUMENTS, call->workspace, call->workspace_bytes, call->executor);
}

static size_t floats(const struct cnn_info_tensor *tensor) {
    size_t count = 1;
    for (int axis = 0; axis < 4; axis++)
        count *= (size_t)tensor->shape[axis];
    return count;
}

static void *aligned(size_t bytes) {
    void *memory = aligned_alloc(64, (bytes + 127) / 64 * 64);
    if (!memory)
        die("workspace", "no memory");
    return memory;
}

static FILE *open_tensor(const char *folder, const char *kind, int64_t i, const char *mode) {
    char path[4096];
    snprintf(path, sizeof path, "%s/%s%d.f32", folder, kind, (int)i);
    FILE *file = fopen(path, mode);
    if (!file)
        die(path, "cannot be opened");
    return file;
}

static void read_inputs(struct call *call, const char *folder) {
    const struct cnn_info *info = INFO();
    for (int64_t i = 0; i < info->input_count; i++) {
        size_t count = floats(&cnn_info_inputs(info)[i]);
        FILE *file = open_tensor(folder, "in", i, "rb");
        float *values = call->tensor[call->tensors++] = aligned(count * sizeof *values);
        if (fread(values, sizeof *values, count, file) != count)
            die(folder, "an input is short");
        fclose(file);
    }
}

static void write_outputs(const struct call *call, const char *folder) {
    const struct cnn_info *info = INFO();
    for (int64_t i = 0; i < info->output_count; i++) {
        size_t count = floats(&cnn_info_outputs(info)[i]);
        FILE *file = open_tensor(folder, "out", i, "wb");
        if (fwrite(call->tensor[info->input_count + i], sizeof(float), count, file) != count ||
            fclose(file))
            die(folder, "an output cannot be written");
    }
}

static struct call prepare(const char *folder, struct cnn_threads *threads, size_t count) {
    const struct cnn_info *info = INFO();
    struct call call = {
        .workspace_bytes = (size_t)info->workspace_bytes + (count - 1) * PART_BYTES,
        .executor = count > 1 ? cnn_threads_executor(threads) : NULL,
    };
    if (info->input_count + info->output_count > TENSORS)
        die(folder, "too many inputs and outputs");
    read_inputs(&call, folder);
    for (int64_t i = 0; i < info->output_count; i++)
        call.tensor[call.tensors++] = aligned(floats(&cnn_info_outputs(info)[i]) * sizeof(float));
    call.workspace = aligned(call.workspace_bytes);
    if (run(&call))
        die(folder, "the network refused");
    write_outputs(&call, folder);
    return call;
}

static double seconds(clockid_t clock) {
    struct timespec now;
    clock_gettime(clock, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static void print_times(const struct call *call, long runs) {
    double wall = seconds(CLOCK_MONOTONIC), processor = seconds(CLOCK_PROCESS_CPUTIME_ID);
    for (long i = 0; i < runs; i++)
        run(call);
    processor = seconds(CLOCK_PROCESS_CPUTIME_ID) - processor;
    wall = seconds(CLOCK_MONOTONIC) - wall;
    printf("%.9g %.9g\n", processor / (double)runs, wall / (double)runs);
}

/* KiB, as the kernel counts since the program was started; getrusage counts who started it, too. */
static long most_memory(void) {
    char line[256];
    long kib = 0;
    FILE *file = fopen("/proc/self/status", "r");
    while (file && fgets(line, sizeof line, file))
        if (sscanf(line, "VmHWM: %ld kB", &kib) == 1)
            break;
    if (file)
        fclose(file);
    return kib;
}

int main(int count, char **words) {
    if (count != 3)
        die("usage", "runner FOLDER THREADS");
    long thread_count = strtol(words[2], NULL, 10);
    struct cnn_threads *threads = cnn_threads_open(thread_count, 1);
    if (!threads)
        die(words[2], "so many threads do not start");
    struct call call = prepare(words[1], threads, (size_t)thread_count);
    printf("ready cnnc %s\n", cnn_info_text(INFO(), INFO()->compiler));
    fflush(stdout);
    char line[64];
    while (fgets(line, sizeof line, stdin)) {
        if (!strncmp(line, "time ", 5))
            print_times(&call, strtol(line + 5, NULL, 10));
        else
            printf("%zu\n", *line == 'm' ? (size_t)most_memory() : call.workspace_bytes);
        fflush(stdout);
    }
    for (int i = 0; i < call.tensors; i++)
        free(call.tensor[i]);
    free(call.workspace);
    cnn_threads_close(threads);
    return 0;
}
