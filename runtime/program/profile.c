/* Runs in, a table of times out. */
#include "runtime/program/profile.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/program/bench.h"
#include "runtime/program/checked.h"

struct profile {
    struct session *session;
    int64_t runs, run; /* how many, and which one it is */
    double before;     /* seconds: when the step before was done */
    double clock;      /* seconds that looking at the clock takes */
    double *times;     /* seconds: [steps + 1][runs], the last of whole runs */
    double *medians;   /* seconds, by step, the last of whole runs */
};

static bool allocate(struct profile *p) {
    int64_t rows = p->session->program->step_count + 1, bytes;
    if (checked_product((int64_t[]){rows, p->runs, sizeof *p->times}, 3, &bytes)) {
        p->times = calloc((size_t)bytes, 1);
        p->medians = calloc((size_t)rows, sizeof *p->medians);
    }
    return (p->times && p->medians) || fail_memory(p->session->messages, "the times");
}

/* cnn_observe. The time since the step before goes to this one. */
static void note_time(void *observer, int64_t step, int64_t pass) {
    struct profile *p = observer;
    double elapsed = monotonic_seconds() - p->before - p->clock;
    (void)pass;
    p->times[step * p->runs + p->run] += elapsed > 0 ? elapsed : 0;
    p->before = monotonic_seconds();
}

/* The least of some times between two looks at the clock. */
static double clock_seconds(void) {
    double least = 1;
    for (int i = 0; i < 100; i++) {
        double start = monotonic_seconds(), elapsed = monotonic_seconds() - start;
        least = elapsed < least ? elapsed : least;
    }
    return least;
}

static void time_steps(struct profile *p, int64_t run) {
    const struct session *s = p->session;
    p->run = run;
    p->before = monotonic_seconds();
    s->program->run_steps((const void *const *)s->inputs, s->outputs, s->workspace, note_time, p);
}

static bool time_whole(struct session *session, double *time) {
    double start = monotonic_seconds();
    bool good = session_run_once(session);
    *time = monotonic_seconds() - start;
    return good;
}

static bool measure(struct profile *p) {
    struct progress *progress = &p->session->messages->progress;
    int64_t steps = p->session->program->step_count;
    for (int64_t run = 0; run < p->runs; run++) {
        time_steps(p, run);
        if (!time_whole(p->session, &p->times[steps * p->runs + run]))
            return false;
        progress_update(progress, (double)(run + 1), (double)p->runs, "runs");
    }
    progress_hide(progress);
    for (int64_t i = 0; i <= steps; i++)
        if (i == steps || p->session->program->steps[i].runs)
            p->medians[i] = sort_for_median(p->times + i * p->runs, p->runs);
    return true;
}

/* As many as take a second, of runs as long as the first. */
static int64_t default_runs(double seconds) {
    enum { LEAST = 10, MOST = 1000 };
    double runs = 1 / (seconds > 1e-9 ? seconds : 1e-9);
    return runs < LEAST ? LEAST : runs > MOST ? MOST : (int64_t)runs;
}

/* --- the table --- */

enum { NAME, LAYER, OUTPUT, COLUMNS };

struct row {
    struct shown cells[COLUMNS];
};

static void fill_row(const struct cnn_step *step, struct row *row) {
    struct size_text size;
    bool batch = step->shape[PORT_N] > 1;
    show(&row->cells[LAYER], step->layers);
    show(&row->cells[OUTPUT], size_text(&size, step->shape + !batch, 3 + batch));
    if (!strcmp(step->first, step->last))
        show(&row->cells[NAME], step->last);
    else
        snprintf(row->cells[NAME].text, sizeof row->cells[NAME].text, "%.120s..%.120s",
                 SHOWN(step->first), SHOWN(step->last));
}

static void print_cell(const char *text, int width) {
    printf("%s%*s  ", text, width - shown_width(text), "");
}

static void print_figures(double seconds, double all, double macs) {
    printf("%10.4f  %5.1f %%", 1e3 * seconds, all > 0 ? 100 * seconds / all : 0);
    if (macs > 0 && seconds > 0)
        printf("  %9.2f", 2 * macs / seconds * 1e-9);
    printf("\n");
}

static void measure_widths(const struct cnn_program *program, int widths[COLUMNS]) {
    struct row row;
    for (int64_t i = 0; i < program->step_count; i++) {
        fill_row(&program->steps[i], &row);
        for (int c = 0; c < COLUMNS && program->steps[i].runs; c++) {
            int width = shown_width(row.cells[c].text);
            widths[c] = width > widths[c] ? width : widths[c];
        }
    }
}

static void print_table(const struct profile *p) {
    const struct cnn_program *program = p->session->program;
    int widths[COLUMNS] = {4, 5, 6};
    double all = 0, macs = 0;
    measure_widths(program, widths);
    for (int64_t i = 0; i < program->step_count; i++) {
        all += p->medians[i];
        macs += (double)program->steps[i].macs;
    }
    printf("%-*s  %-*s  %-*s   time [ms]    share    GFLOP/s\n", widths[NAME], "name",
           widths[LAYER], "layer", widths[OUTPUT], "output");
    for (int64_t i = 0; i < program->step_count; i++) {
        struct row row;
        if (!program->steps[i].runs)
            continue;
        fill_row(&program->steps[i], &row);
        for (int c = 0; c < COLUMNS; c++)
            print_cell(row.cells[c].text, widths[c]);
        print_figures(p->medians[i], all, (double)program->steps[i].macs);
    }
    print_cell("total", widths[NAME] + widths[LAYER] + widths[OUTPUT] + 4);
    print_figures(all, all, macs);
    printf("whole run %.4f ms; medians of %lld run%s\n", 1e3 * p->medians[program->step_count],
           (long long)p->runs, p->runs == 1 ? "" : "s");
}

bool profile(struct session *session) {
    struct profile p = {.session = session, .clock = clock_seconds()};
    double first;
    bool good = session_open_single(session, "--profile") && time_whole(session, &first);
    if (good) {
        p.runs = session->options->bench ? session->options->bench : default_runs(first);
        good = allocate(&p) && measure(&p);
    }
    if (good)
        print_table(&p);
    free(p.times);
    free(p.medians);
    return good;
}
