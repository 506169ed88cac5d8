/* Window arithmetic: the only place where output sizes and paddings are computed. All integers are
 * checked; a result that would overflow is an outcome, never a wrap. */
#ifndef CNNC_IR_WINDOW_H
#define CNNC_IR_WINDOW_H

#include <stdbool.h>
#include <stdint.h>

/* One axis of a window layer, in pixels. `before` and `after` are its padding. */
struct window {
    int64_t input, kernel, stride, dilation, before, after;
    bool ceil;
};

enum window_result { WINDOW_OK, WINDOW_TOO_LARGE, WINDOW_OVERFLOW };

/* K_eff = dilation * (kernel - 1) + 1: the pixels from a window's first tap to its last. */
bool window_extent(const struct window *window, int64_t *extent);

/* floor((input + before + after - K_eff) / stride) + 1. With ceil the quotient is rounded up, and a
 * last window that would start at or behind the end of the input and its front padding is dropped.
 * WINDOW_TOO_LARGE: the window does not fit the padded input. */
enum window_result window_output(const struct window *window, int64_t *output);

/* Sets before and after so that the output is ceil(input / stride): in all
 * max((output - 1) * stride + K_eff - input, 0), the odd one after, or before if `lower`. */
bool window_same(struct window *window, bool lower);

/* How many of the input's last rows no window reads: 0 where windows reach the end, or where the
 * rest is no more than the gap between any two windows. */
int64_t window_unread(const struct window *window, int64_t output);

/* Every window has at least one tap on the input (sufficient condition: padding less than K_eff on
 * each side, and taps no further apart than the input is long). */
bool window_sees_input(const struct window *window);

/* Transposed convolution: (input - 1) * stride - before - after + K_eff + more. */
enum window_result deconv_output(const struct window *window, int64_t more, int64_t *output);
/* before and after so that the output is input * stride where K_eff + more >= stride: in all
 * max(K_eff + more - stride, 0), the odd one after, or before if `lower`. */
bool deconv_same(struct window *window, int64_t more, bool lower);

#endif
