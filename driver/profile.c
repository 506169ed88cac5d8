/* --profile: the network's program is loaded into this process and its steps are timed one by one,
 * beside what the plan says of them. The code is that of any program: what takes the times is here.
 */
#include "codegen/load.h"
#include "codegen/stopwatch.h"
#include "driver/compilation.h"
#include "ir/report/plan_report.h"
#include "runtime/program.h"

/* Until so many seconds are over; but at least and at most so many runs. */
enum { LEAST_RUNS = 5, MOST_RUNS = 1000 };
static const double longest = 2;

struct profile {
    const struct cnn_program *program;
    const void **inputs;
    void **outputs, *workspace;
    double *best;         /* seconds of each step, and behind them of a whole run */
    double *spent;        /* of each step of this run */
    struct moment before; /* when the step before was done */
    double clock;         /* what looking at it takes */
};

/* Values that take their time: small, and neither zero nor denormal. */
static void fill(struct arena *arena, const struct cnn_port *port, void **buffer) {
    size_t count = 1;
    for (int axis = 0; axis < 4; axis++)
        count *= (size_t)port->shape[axis];
    if (port->type == CNN_TYPE_U8) {
        unsigned char *bytes = *buffer = ARENA_ARRAY(arena, unsigned char, count);
        for (size_t i = 0; i < count; i++)
            bytes[i] = (unsigned char)(i * 37);
        return;
    }
    float *values = *buffer = ARENA_ARRAY(arena, float, count);
    for (size_t i = 0; i < count; i++)
        values[i] = (float)(i * 37 % 101 + 1) / 101;
}

static void make_buffers(struct arena *arena, struct profile *p) {
    const struct cnn_program *program = p->program;
    void **inputs = ARENA_ARRAY(arena, void *, program->input_count + 1);
    p->inputs = ARENA_ARRAY(arena, const void *, program->input_count + 1);
    p->outputs = ARENA_ARRAY(arena, void *, program->output_count + 1);
    p->workspace = arena_alloc(arena, (size_t)program->workspace_bytes, 1);
    p->best = ARENA_ARRAY(arena, double, program->step_count + 1);
    p->spent = ARENA_ARRAY(arena, double, program->step_count + 1);
    for (int64_t i = 0; i < program->input_count; i++) {
        fill(arena, &program->inputs[i], &inputs[i]);
        p->inputs[i] = inputs[i];
    }
    for (int64_t i = 0; i < program->output_count; i++)
        fill(arena, &program->outputs[i], &p->outputs[i]);
}

static void keep_best(double *best, double elapsed) {
    if (elapsed < *best)
        *best = elapsed;
}

static void run_whole(const struct profile *p) {
    const struct cnn_program *program = p->program;
    program->run(p->inputs, p->outputs, p->workspace, program->workspace_bytes, NULL);
}

/* cnn_observe. The time since the step before goes to this one. */
static void note_time(void *observer, int64_t step, int64_t pass) {
    struct profile *p = observer;
    double elapsed = seconds_since(p->before) - p->clock;
    p->spent[step] = (pass ? p->spent[step] : 0) + (elapsed > 0 ? elapsed : 0);
    p->before = moment_now();
}

static void time_once(struct profile *p) {
    const struct cnn_program *program = p->program;
    p->before = moment_now();
    program->run_steps(p->inputs, p->outputs, p->workspace, note_time, p);
    for (int64_t i = 0; i < program->step_count; i++)
        if (program->steps[i].runs)
            keep_best(&p->best[i], p->spent[i]);
    struct moment start = moment_now();
    run_whole(p);
    keep_best(&p->best[program->step_count], seconds_since(start));
}

/* Returns how many runs there were. The first warms up, and no step takes longer than it. */
static int64_t measure(struct profile *p) {
    double start = wall_seconds();
    int64_t runs = 0;
    run_whole(p);
    for (int64_t i = 0; i <= p->program->step_count; i++)
        p->best[i] = wall_seconds() - start;
    for (; runs < LEAST_RUNS || (runs < MOST_RUNS && wall_seconds() - start < longest); runs++)
        time_once(p);
    return runs;
}

/* Rows are the steps that have something to do, in the same order. */
static bool fill_rows(const struct profile *p, struct plan_report *report) {
    size_t row = 0;
    for (int64_t i = 0; i < p->program->step_count; i++)
        if (p->program->steps[i].runs && row++ < report->row_count)
            report->rows[row - 1].seconds = p->best[i];
    report->whole = p->best[p->program->step_count];
    return row == report->row_count;
}

void profile_plan(struct compilation *c, struct plan_report *report) {
    load_program(c);
    if (c->code != EXIT_DONE)
        return;
    struct profile p = {.program = c->program, .clock = stopwatch_seconds()};
    make_buffers(&c->arena, &p);
    report->runs = measure(&p);
    if (!fill_rows(&p, report))
        fail(c, EXIT_INTERNAL, "internal error: the plan has other steps than the program");
    code_unload(c->loaded);
    c->loaded = NULL;
}
