/* Window arithmetic, in checked integers. */
#include "ir/window.h"

#include "lexer/checked.h"

bool window_extent(const struct window *window, int64_t *extent) {
    return checked_mul(window->dilation, window->kernel - 1, extent) &&
           checked_add(*extent, 1, extent);
}

static bool padded_input(const struct window *window, int64_t *padded) {
    return checked_add(window->input, window->before, padded) &&
           checked_add(*padded, window->after, padded);
}

enum window_result window_output(const struct window *window, int64_t *output) {
    int64_t extent, padded;
    if (!window_extent(window, &extent) || !padded_input(window, &padded))
        return WINDOW_OVERFLOW;
    if (padded < extent)
        return WINDOW_TOO_LARGE;
    int64_t room = padded - extent;
    *output = room / window->stride + 1;
    if (window->ceil && room % window->stride) {
        int64_t start; /* of the extra window, in the padded input */
        if (checked_mul(*output, window->stride, &start) && start < window->input + window->before)
            ++*output;
    }
    return WINDOW_OK;
}

static void split_padding(struct window *window, int64_t total, bool lower) {
    if (total < 0)
        total = 0;
    window->before = lower ? total - total / 2 : total / 2;
    window->after = total - window->before;
}

bool window_same(struct window *window, bool lower) {
    int64_t extent, last;
    int64_t output = window->input / window->stride + (window->input % window->stride != 0);
    if (!window_extent(window, &extent) || !checked_mul(output - 1, window->stride, &last) ||
        !checked_add(last, extent, &last))
        return false;
    split_padding(window, last - window->input, lower);
    return true;
}

int64_t window_unread(const struct window *window, int64_t output) {
    int64_t extent, read;
    if (!window_extent(window, &extent) || !checked_mul(output - 1, window->stride, &read) ||
        !checked_add(read, extent, &read))
        return 0;
    int64_t unread = window->input + window->before - read;
    if (unread > window->input)
        unread = window->input;
    int64_t gap = window->stride - extent;
    return unread > 0 && unread > gap ? unread : 0;
}

bool window_sees_input(const struct window *window) {
    int64_t extent;
    if (!window_extent(window, &extent))
        return false;
    if (window->before == 0 && window->after == 0)
        return true;
    return window->before < extent && window->after < extent &&
           (window->dilation <= window->input || window->kernel == 1);
}

enum window_result deconv_output(const struct window *window, int64_t more, int64_t *output) {
    int64_t extent, padding;
    if (!window_extent(window, &extent) || !checked_add(window->before, window->after, &padding) ||
        !checked_mul(window->input - 1, window->stride, output) ||
        !checked_add(*output, extent, output) || !checked_add(*output, more, output))
        return WINDOW_OVERFLOW;
    *output -= padding;
    return *output < 1 ? WINDOW_TOO_LARGE : WINDOW_OK;
}

bool deconv_same(struct window *window, int64_t more, bool lower) {
    int64_t extent, total;
    if (!window_extent(window, &extent) || !checked_add(extent, more, &total))
        return false;
    split_padding(window, total - window->stride, lower);
    return true;
}
