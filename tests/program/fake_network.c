/* A network written by hand, to be linked with the library of compiled programs in place of one
 * that cnnc made. -D options choose it:
 *
 *     N H W C             the inputs' and outputs' shape
 *     LAYOUT, IN_LAYOUT   of all ports, of the inputs alone
 *     ELEMENT TYPE        the inputs' elements, as C and as cnn_port name them
 *     LOW HIGH            the inputs' range (none unless both are there)
 *     LABELS="a","b"      of the first output
 *     FACTOR              output = FACTOR * input
 *     TWO                 inputs a and b; outputs sum and difference instead
 *     MICROSECONDS        what run takes at least
 *     RESULT              what run returns */
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "runtime/program.h"

#ifndef N
#define N 1
#endif
#ifndef LAYOUT
#define LAYOUT CNN_LAYOUT_HWC
#endif
#ifndef IN_LAYOUT
#define IN_LAYOUT LAYOUT
#endif
#ifndef ELEMENT
#define ELEMENT float
#define TYPE    CNN_TYPE_F32
#endif
#ifndef FACTOR
#define FACTOR 1
#endif
#ifndef RESULT
#define RESULT 0
#endif
#ifdef LOW
#define RANGE .has_range = 1, .range_low = LOW, .range_high = HIGH
#else
#define RANGE .has_range = 0
#endif
#ifndef WORKSPACE
#define WORKSPACE 100
#endif

enum { PART_BYTES = 10 };

extern const struct cnn_program cnn_program;

#define IN(title)  .name = title, .shape = {N, H, W, C}, .layout = IN_LAYOUT, .type = TYPE, RANGE
#define OUT(title) .name = title, .shape = {N, H, W, C}, .layout = LAYOUT

#ifdef LABELS
static const char *const labels[] = {LABELS};
#define NAMES , .labels = labels, .label_count = sizeof labels / sizeof *labels
#else
#define NAMES
#endif

#ifdef TWO
static const struct cnn_port inputs[] = {{IN("a")}, {IN("b")}};
static const struct cnn_port outputs[] = {{OUT("sum") NAMES}, {OUT("difference")}};
#else
static const struct cnn_port inputs[] = {{IN("image")}};
static const struct cnn_port outputs[] = {{OUT("result") NAMES}};
#endif

/* What a caller promises: nonzero where it breaks its word. */
static int broken_promise(const void *const *in, void *const *out, char *workspace) {
    for (size_t i = 0; i < sizeof inputs / sizeof *inputs; i++)
        if (!in[i] || (uintptr_t)in[i] % 64 || !out[i] || (uintptr_t)out[i] % 64)
            return 1;
    if ((uintptr_t)workspace % 256)
        return 2;
    if (WORKSPACE) {
        workspace[0] = 1;
        workspace[WORKSPACE - 1] = 1;
    }
    return 0;
}

/* A run's outputs, by element; each part does every parts-th. */
struct run {
    const ELEMENT *const *in;
    float *const *out;
};

static void compute(const void *arguments, int64_t part, int64_t parts) {
    const struct run *r = arguments;
    for (int64_t i = part; i < (int64_t)N * H * W * C; i += parts) {
#ifdef TWO
        r->out[0][i] = r->in[0][i] + r->in[1][i];
        r->out[1][i] = r->in[0][i] - r->in[1][i];
#else
        r->out[0][i] = FACTOR * r->in[0][i];
#endif
    }
}

static int run(const void *const *inputs_of_run, void *const *outputs_of_run, void *workspace,
               int64_t workspace_bytes, const struct cnn_executor *executor) {
    const ELEMENT *const *in = (const ELEMENT *const *)inputs_of_run;
    const struct run r = {in, (float *const *)outputs_of_run};
    int64_t parts = executor ? executor->parts : 1;
    int broken = broken_promise(inputs_of_run, outputs_of_run, workspace);
    if (!broken && workspace_bytes != WORKSPACE + (parts - 1) * PART_BYTES)
        broken = 3;
    if (broken)
        return broken;
#ifdef MICROSECONDS
    usleep(MICROSECONDS);
#endif
    if (executor)
        executor->run(executor->context, compute, &r, parts);
    else
        compute(&r, 0, 1);
    (void)in; /* RESULT may ask for it */
    return RESULT;
}

/* The first step does all of the run; the second makes nothing new: the input's pixels, last first,
 * as a layer that mirrors would have them. */
static const struct cnn_step steps[] = {
    {.first = "scale",
     .last = "a/b",
     .layers = "mul+relu",
     .is_layer = 1,
     .runs = 1,
     .macs = 1000,
     .passes = 1,
     .memory = CNN_MEMORY_OUTPUT,
     .strides = {H * W * C, W * C, C, 1},
     .shape = {N, H, W, C}},
    {.first = "mirror",
     .last = "mirror",
     .layers = "mirror",
     .is_layer = 1,
     .passes = 1,
     .memory = CNN_MEMORY_INPUT,
     .offset = (int64_t)N * H * W * C - C,
     .strides = {-H * W * C, -W * C, -C, 1},
     .shape = {N, H, W, C}},
    {.first = "a/b",
     .last = "a/b",
     .layers = "border",
     .runs = 1,
     .passes = 1,
     .shape = {N, H, W, C},
     .strides = {H * W * C, W * C, C, 1}},
};

static void run_steps(const void *const *in, void *const *out, void *workspace,
                      cnn_observe *observe, void *observer) {
    run(in, out, workspace, WORKSPACE, NULL);
    observe(observer, 0, 0);
    observe(observer, 1, 0);
    ((char *)workspace)[0] = 2;
    observe(observer, 2, 0);
}

const struct cnn_program cnn_program = {
    .network = "fake",
    .compiler = "0.0",
    .inputs = inputs,
    .input_count = sizeof inputs / sizeof *inputs,
    .outputs = outputs,
    .output_count = sizeof outputs / sizeof *outputs,
    .workspace_bytes = WORKSPACE,
    .alignment = 256,
    .part_bytes = PART_BYTES,
    .run = run,
    .steps = steps,
    .step_count = sizeof steps / sizeof *steps,
    .run_steps = run_steps,
    .report = "a table\n",
};
