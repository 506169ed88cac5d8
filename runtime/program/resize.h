/* Pictures of another size than the input's. */
#ifndef CNN_PROGRAM_RESIZE_H
#define CNN_PROGRAM_RESIZE_H

#include <stdint.h>

#include "runtime/program/message.h"

enum resize_mode {
    RESIZE_NONE,    /* another size is a failure */
    RESIZE_FIT,     /* as large as fits, in the middle; what is left is filled */
    RESIZE_CROP,    /* as small as covers the input; the middle of it */
    RESIZE_STRETCH, /* height and width each by a factor of their own */
};

/* A picture is scaled to height x width. Of that, rows x columns from `from_row`, `from_column` on
 * are used, and lie at `row`, `column` of the input. */
struct fitting {
    int64_t height, width, from_row, from_column, rows, columns, row, column;
};

/* Of a picture height x width for an input wanted_height x wanted_width, none of them 0. The other
 * side of what is scaled is rounded to the nearest, halves up, and at least 1; a rest that does not
 * halve leaves its odd pixel at the bottom and right. */
struct fitting fit_picture(enum resize_mode mode, int64_t height, int64_t width,
                           int64_t wanted_height, int64_t wanted_width);

/* The used part, [rows, columns, channels], of the picture [height, width, channels] scaled; from
 * malloc, NULL after a failure. Bilinear, and averaging where it gets smaller, which is Pillow's
 * BILINEAR without its rounding between: output i of an axis of n scaled to m is the sum of w(x)
 * times input x over the sum of w(x), with
 *
 *     s = n / m, f = max(s, 1), w(x) = max(0, 1 - |x + 1/2 - (i + 1/2) s| / f)
 *
 * first along rows, then along columns. */
float *resize_picture(struct messages *messages, const float *picture, int64_t height,
                      int64_t width, int64_t channels, const struct fitting *fitting);

#endif
