/* Counts in, one line out that is drawn over and over, and removed at the end. */
#include "runtime/program/progress.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

static const double moment = 0.5, interval = 0.1; /* seconds: before the first line, between two */
enum { MAX_BAR = 40, MAX_LINE = 200 };

double monotonic_seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

/* A terminal that can move its cursor back. */
static bool is_terminal(void) {
    const char *kind = getenv("TERM");
    return isatty(STDERR_FILENO) && kind && strcmp(kind, "dumb");
}

void progress_begin(struct progress *progress, bool quiet) {
    *progress = (struct progress){.wanted = !quiet && is_terminal(), .begin = monotonic_seconds()};
}

static int columns(void) {
    struct winsize size;
    return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) || size.ws_col == 0 ? 80 : size.ws_col;
}

/* "0:07", "2:03:59" */
static void time_text(char *text, size_t room, double seconds) {
    long long whole = seconds < 1e9 ? (long long)ceil(seconds) : 1000000000;
    if (whole < 3600)
        snprintf(text, room, "%lld:%02lld", whole / 60, whole % 60);
    else
        snprintf(text, room, "%lld:%02lld:%02lld", whole / 3600, whole / 60 % 60, whole % 60);
}

static void bar_text(char *text, int width, double share) {
    int full = (int)(share * width);
    for (int i = 0; i < width; i++)
        *text++ = i < full ? '#' : ' ';
    *text = '\0';
}

static void draw(double done, double total, double elapsed, const char *unit) {
    double share = total > 0 ? done / total : 0, rate = done / elapsed;
    char before[MAX_LINE], after[MAX_LINE], bar[MAX_BAR + 1], left[32], line[3 * MAX_LINE];
    time_text(left, sizeof left, rate > 0 ? (total - done) / rate : INFINITY);
    snprintf(before, sizeof before, "%.0f/%.0f %s %3.0f %%", floor(done), total, unit, 100 * share);
    snprintf(after, sizeof after, "%.*f/s, %s left", rate < 10 ? 2 : 0, rate, left);
    int room = columns() - 1;
    int width = room - (int)(strlen(before) + strlen(after)) - 4; /* "[", "] " and a space */
    width = width > MAX_BAR ? MAX_BAR : width;
    if (width > 4) {
        bar_text(bar, width, share);
        snprintf(line, sizeof line, "%s [%s] %s", before, bar, after);
    } else {
        snprintf(line, sizeof line, "%s %s", before, after);
    }
    fprintf(stderr, "\r%.*s\033[K", room, line);
    fflush(stderr);
}

void progress_update(struct progress *progress, double done, double total, const char *unit) {
    if (!progress->wanted)
        return;
    double now = monotonic_seconds();
    if (now - progress->begin < moment || now - progress->drawn < interval)
        return;
    draw(done, total, now - progress->begin, unit);
    progress->drawn = now;
    progress->standing = true;
}

void progress_hide(struct progress *progress) {
    if (progress->standing)
        fputs("\r\033[K", stderr);
    progress->standing = false;
}
