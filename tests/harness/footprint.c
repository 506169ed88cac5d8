/* Measures what a run of a network takes, from outside.
 *
 *     footprint LIBRARY NAME
 *
 * LIBRARY is what --emit=shared makes of the network called NAME, and tells of itself by
 * NAME_info(). It runs on a painted stack with a painted workspace, each longer than wanted, twice
 * with different paint. Prints "workspace USED OF stack USED" in bytes: up to the last byte that
 * any run changed. Exit code 1 and a message where a run failed or wrote beyond the workspace. */
#include <dlfcn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <ucontext.h>

#include "runtime/info.h"

enum { MAX_BUFFERS = 126, STACK = 1 << 20, BEYOND = 4096 };

/* Parameters of a run function are as wide as a pointer; those beyond its own are not looked at. */
#define P1(i)  p[i]
#define P4(i)  P1(i), P1(i + 1), P1(i + 2), P1(i + 3)
#define P16(i) P4(i), P4(i + 4), P4(i + 8), P4(i + 12)
#define P64(i) P16(i), P16(i + 16), P16(i + 32), P16(i + 48)
#define T4     void *, void *, void *, void *
#define T16    T4, T4, T4, T4
#define T64    T16, T16, T16, T16
typedef int run_function(T64, T64);

struct measure {
    run_function *run;
    void *parameters[MAX_BUFFERS + 2];
    char *workspace;
    size_t workspace_bytes, workspace_used, stack_used;
};

static void die(const char *what, const char *detail) {
    fprintf(stderr, "footprint: %s: %s\n", what, detail);
    exit(1);
}

static void *allocate(size_t bytes) {
    void *memory = aligned_alloc(64, (bytes + 127) / 64 * 64);
    if (!memory)
        die("memory", "not enough");
    memset(memory, 0, (bytes + 127) / 64 * 64);
    return memory;
}

static size_t add_buffers(struct measure *m, const struct cnn_info_tensor *tensors, int64_t count,
                          size_t at) {
    for (int64_t i = 0; i < count; i++, at++) {
        const int64_t *s = tensors[i].shape;
        size_t values = (size_t)(s[0] * s[1] * s[2] * s[3]);
        if (at >= MAX_BUFFERS)
            die("buffers", "too many");
        m->parameters[at] = allocate(values * (tensors[i].type == CNN_INFO_BYTE ? 1 : 4));
    }
    return at;
}

static struct measure open_network(const char *path, const char *name) {
    struct measure m = {0};
    char symbol[256];
    void *library = dlopen(path, RTLD_NOW);
    if (!library)
        die("dlopen", dlerror());
    snprintf(symbol, sizeof symbol, "%s_info", name);
    const struct cnn_info *(*info_function)(void) =
        (const struct cnn_info *(*)(void))(uintptr_t)dlsym(library, symbol);
    snprintf(symbol, sizeof symbol, "%s_run", name);
    m.run = (run_function *)(uintptr_t)dlsym(library, symbol);
    if (!info_function || !m.run)
        die(name, "no such network");
    const struct cnn_info *info = info_function();
    size_t at = add_buffers(&m, cnn_info_inputs(info), info->input_count, 0);
    at = add_buffers(&m, cnn_info_outputs(info), info->output_count, at);
    m.workspace_bytes = (size_t)info->workspace_bytes;
    m.workspace = allocate(m.workspace_bytes + BEYOND);
    m.parameters[at++] = m.workspace;
    m.parameters[at] = (void *)m.workspace_bytes;
    return m;
}

static ucontext_t caller, inside;
static struct measure *running;

static void run(void) {
    void **p = running->parameters;
    if (running->run(P64(0), P64(64)))
        die("run", "returned an error");
}

static void run_on(char *stack, struct measure *m) {
    getcontext(&inside);
    inside.uc_stack.ss_sp = stack;
    inside.uc_stack.ss_size = STACK;
    inside.uc_link = &caller;
    running = m;
    makecontext(&inside, run, 0);
    swapcontext(&caller, &inside);
}

static void measure(struct measure *m, char *stack, char paint) {
    size_t changed = m->workspace_bytes + BEYOND, untouched = 0;
    while (changed > 0 && m->workspace[changed - 1] == paint)
        changed--;
    while (untouched < STACK && stack[untouched] == paint)
        untouched++;
    m->workspace_used = changed > m->workspace_used ? changed : m->workspace_used;
    m->stack_used = STACK - untouched > m->stack_used ? STACK - untouched : m->stack_used;
}

static void run_painted(struct measure *m, char paint) {
    char *stack = allocate(STACK);
    memset(stack, paint, STACK);
    memset(m->workspace, paint, m->workspace_bytes + BEYOND);
    run_on(stack, m);
    measure(m, stack, paint);
    free(stack);
}

int main(int count, char **words) {
    if (count != 3)
        die("usage", "footprint LIBRARY NAME");
    struct measure m = open_network(words[1], words[2]);
    run_painted(&m, 0x55);
    run_painted(&m, (char)0xAA);
    if (m.workspace_used > m.workspace_bytes)
        die(words[2], "writes beyond its workspace");
    printf("workspace %zu %zu stack %zu\n", m.workspace_used, m.workspace_bytes, m.stack_used);
    return 0;
}
