/* Window arithmetic against windows that are counted one by one, over thousands of geometries. */
#include <stdio.h>

#include "ir/window.h"

static int failures, checks;

static void check(int truth, const char *what, const struct window *w, long long got,
                  long long wanted) {
    checks++;
    if (truth)
        return;
    failures++;
    if (failures < 20)
        printf("%s: input %lld kernel %lld stride %lld dilation %lld padding %lld+%lld ceil %d: "
               "%lld, not %lld\n",
               what, (long long)w->input, (long long)w->kernel, (long long)w->stride,
               (long long)w->dilation, (long long)w->before, (long long)w->after, w->ceil, got,
               wanted);
}

/* Position, in the input, of a tap of a window. */
static int64_t tap(const struct window *w, int64_t window, int64_t k) {
    return window * w->stride - w->before + k * w->dilation;
}

/* A window counts while its last tap is in the padded input; with ceil, while fewer than `stride`
 * pixels of it lie beyond and it starts in the input or the padding in front. */
static int64_t count_windows(const struct window *w) {
    int64_t count = 0;
    for (;; count++) {
        int64_t last = tap(w, count, w->kernel - 1), end = w->input + w->after;
        if (last < end)
            continue;
        if (w->ceil && count > 0 && last - end + 1 < w->stride && tap(w, count, 0) < w->input)
            continue;
        return count;
    }
}

static int reads(const struct window *w, int64_t windows, int64_t row) {
    for (int64_t p = 0; p < windows; p++)
        for (int64_t k = 0; k < w->kernel; k++)
            if (tap(w, p, k) == row)
                return 1;
    return 0;
}

/* The rows at the end that lie beyond every window, as far as no stride gap explains them. */
static int64_t count_unread(const struct window *w, int64_t windows) {
    int64_t beyond = 0, gap = 0;
    while (beyond < w->input && tap(w, windows - 1, w->kernel - 1) < w->input - 1 - beyond)
        beyond++;
    for (int64_t row = tap(w, 0, w->kernel - 1) + 1; row < tap(w, 1, 0); row++)
        gap++;
    return beyond > gap ? beyond : 0;
}

static void check_window(const struct window *w) {
    int64_t output = -1, wanted = count_windows(w);
    enum window_result result = window_output(w, &output);
    if (wanted == 0) {
        check(result == WINDOW_TOO_LARGE, "result", w, result, WINDOW_TOO_LARGE);
        return;
    }
    check(result == WINDOW_OK, "result", w, result, WINDOW_OK);
    check(output == wanted, "output", w, output, wanted);
    int64_t unread = window_unread(w, output), beyond = count_unread(w, output);
    check(unread == beyond, "unread", w, unread, beyond);
    if (unread > 0)
        check(!reads(w, output, w->input - unread), "first unread row", w, 1, 0);
    if (!window_sees_input(w))
        return;
    for (int64_t p = 0; p < output; p++) {
        int seen = 0;
        for (int64_t k = 0; k < w->kernel; k++)
            seen |= tap(w, p, k) >= 0 && tap(w, p, k) < w->input;
        check(seen, "a window sees the input", w, p, p);
    }
}

/* same: ceil(input / stride) windows, with the least padding that gives them, split in halves. */
static void check_same(struct window w) {
    int64_t wanted = (w.input + w.stride - 1) / w.stride, output = -1;
    for (int lower = 0; lower < 2; lower++) {
        check(window_same(&w, lower), "same", &w, 0, 1);
        check(window_output(&w, &output) == WINDOW_OK && output == wanted, "same output", &w,
              output, wanted);
        int64_t odd = lower ? w.before - w.after : w.after - w.before;
        check(odd == 0 || odd == 1, "same halves", &w, odd, 1);
        struct window less = w;
        less.after -= less.after > 0;
        less.before -= w.after == 0 && less.before > 0;
        if (w.before + w.after > 0)
            check(count_windows(&less) < wanted, "same is least", &w, 0, 1);
    }
}

/* A transposed convolution puts a kernel down at every stride-th place; its output is what the
 * kernels touch, less the padding. */
static void check_deconv(const struct window *w, int64_t more) {
    int64_t touched = 0, output = -1;
    for (int64_t i = 0; i < w->input; i++)
        for (int64_t k = 0; k < w->kernel; k++)
            if (i * w->stride + k * w->dilation + 1 > touched)
                touched = i * w->stride + k * w->dilation + 1;
    int64_t wanted = touched + more - w->before - w->after;
    enum window_result result = deconv_output(w, more, &output);
    check(wanted < 1 ? result == WINDOW_TOO_LARGE : result == WINDOW_OK && output == wanted,
          "transposed", w, output, wanted);
    struct window same = *w;
    int64_t extent = (w->kernel - 1) * w->dilation + 1;
    check(deconv_same(&same, more, false), "transposed same", w, 0, 1);
    check(same.after - same.before == 0 || same.after - same.before == 1, "transposed halves",
          &same, same.after - same.before, 1);
    if (extent + more >= w->stride)
        check(deconv_output(&same, more, &output) == WINDOW_OK && output == w->input * w->stride,
              "transposed same output", &same, output, w->input * w->stride);
}

static void check_overflow(void) {
    const int64_t huge = INT64_MAX / 2;
    int64_t output;
    struct window taps = {.input = 8, .kernel = huge, .stride = 1, .dilation = 8};
    struct window pads = {
        .input = huge, .kernel = 1, .stride = 1, .dilation = 1, .before = huge, .after = huge};
    struct window long_strides = {.input = huge, .kernel = 1, .stride = huge, .dilation = 1};
    check(window_output(&taps, &output) == WINDOW_OVERFLOW, "overflow", &taps, 0, WINDOW_OVERFLOW);
    check(!window_same(&taps, false), "overflow", &taps, 1, 0);
    check(window_output(&pads, &output) == WINDOW_OVERFLOW, "overflow", &pads, 0, WINDOW_OVERFLOW);
    check(deconv_output(&long_strides, 0, &output) == WINDOW_OVERFLOW, "overflow", &long_strides, 0,
          WINDOW_OVERFLOW);
}

int main(void) {
    for (int64_t input = 1; input <= 9; input++)
        for (int64_t kernel = 1; kernel <= 5; kernel++)
            for (int64_t stride = 1; stride <= 4; stride++)
                for (int64_t dilation = 1; dilation <= 3; dilation++) {
                    struct window w = {
                        .input = input, .kernel = kernel, .stride = stride, .dilation = dilation};
                    check_same(w);
                    for (w.before = 0; w.before <= 3; w.before++)
                        for (w.after = 0; w.after <= 3; w.after++) {
                            for (int64_t more = 0; more < stride; more++)
                                check_deconv(&w, more);
                            for (int ceil = 0; ceil < 2; ceil++) {
                                w.ceil = ceil;
                                check_window(&w);
                            }
                            w.ceil = false;
                        }
                }
    check_overflow();
    printf("%d checks, %d failures\n", checks, failures);
    return failures != 0;
}
