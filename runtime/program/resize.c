/* A picture in, the same picture in another size out. */
#include "runtime/program/resize.h"

#include <math.h>
#include <stdlib.h>

#include "runtime/program/checked.h"

/* size * to / from, rounded, at least 1 */
static int64_t in_proportion(int64_t size, int64_t to, int64_t from) {
    double scaled = floor((double)size * (double)to / (double)from + 0.5);
    return scaled < 1 ? 1 : (int64_t)scaled;
}

struct fitting fit_picture(enum resize_mode mode, int64_t height, int64_t width,
                           int64_t wanted_height, int64_t wanted_width) {
    struct fitting f = {.height = wanted_height, .width = wanted_width};
    bool wide = (double)width * (double)wanted_height > (double)height * (double)wanted_width;
    if (mode == RESIZE_FIT && wide)
        f.height = in_proportion(height, wanted_width, width);
    else if (mode == RESIZE_FIT)
        f.width = in_proportion(width, wanted_height, height);
    else if (mode == RESIZE_CROP && wide)
        f.width = in_proportion(width, wanted_height, height);
    else if (mode == RESIZE_CROP)
        f.height = in_proportion(height, wanted_width, width);
    f.rows = f.height < wanted_height ? f.height : wanted_height;
    f.columns = f.width < wanted_width ? f.width : wanted_width;
    f.from_row = (f.height - f.rows) / 2;
    f.from_column = (f.width - f.columns) / 2;
    f.row = (wanted_height - f.rows) / 2;
    f.column = (wanted_width - f.columns) / 2;
    return f;
}

/* The weights of one axis: output i is the sum of weights[i * most + k] times input first[i] + k,
 * over k below count[i]. */
struct axis {
    int64_t outputs, most;
    int64_t *first, *count;
    double *weights;
};

static void axis_free(struct axis *axis) {
    free(axis->first);
    free(axis->count);
    free(axis->weights);
}

/* size, scaled: n and m above; the outputs are from, from + 1, ... */
static void find_weights(struct axis *axis, int64_t size, int64_t scaled, int64_t from) {
    double scale = (double)size / (double)scaled, reach = scale > 1 ? scale : 1;
    for (int64_t i = 0; i < axis->outputs; i++) {
        double centre = ((double)(from + i) + 0.5) * scale, sum = 0;
        double *weights = axis->weights + i * axis->most;
        int64_t low = (int64_t)floor(centre - reach), high = (int64_t)ceil(centre + reach);
        low = low < 0 ? 0 : low;
        high = high > size ? size : high;
        for (int64_t x = low; x < high; x++) {
            double weight = 1 - fabs((double)x + 0.5 - centre) / reach;
            weights[x - low] = weight > 0 ? weight : 0;
            sum += weights[x - low];
        }
        axis->first[i] = low;
        axis->count[i] = high - low;
        for (int64_t k = 0; k < high - low; k++)
            weights[k] /= sum;
    }
}

static bool axis_make(struct axis *axis, int64_t size, int64_t scaled, int64_t from,
                      int64_t outputs) {
    double scale = (double)size / (double)scaled;
    int64_t bytes;
    *axis = (struct axis){.outputs = outputs, .most = 2 * (int64_t)ceil(scale > 1 ? scale : 1) + 2};
    if (!checked_product((int64_t[]){outputs, axis->most, sizeof *axis->weights}, 3, &bytes))
        return false;
    axis->first = malloc((size_t)outputs * sizeof *axis->first);
    axis->count = malloc((size_t)outputs * sizeof *axis->count);
    axis->weights = malloc((size_t)bytes);
    if (!axis->first || !axis->count || !axis->weights)
        return false;
    find_weights(axis, size, scaled, from);
    return true;
}

/* Lines of `length` values, `step` apart, become one output of `length` values each: x [inputs,
 * length] to y [outputs, length]. */
static void apply(const struct axis *axis, const float *x, int64_t length, float *y) {
    for (int64_t i = 0; i < axis->outputs; i++) {
        const double *weights = axis->weights + i * axis->most;
        const float *line = x + axis->first[i] * length;
        for (int64_t at = 0; at < length; at++) {
            double sum = 0;
            for (int64_t k = 0; k < axis->count[i]; k++)
                sum += weights[k] * line[k * length + at];
            *y++ = (float)sum;
        }
    }
}

float *resize_picture(struct messages *messages, const float *picture, int64_t height,
                      int64_t width, int64_t channels, const struct fitting *fitting) {
    struct axis down = {0}, across = {0};
    int64_t bytes[2];
    int64_t between[] = {height, fitting->columns, channels, sizeof(float)};
    int64_t whole[] = {fitting->rows, fitting->columns, channels, sizeof(float)};
    float *rows = NULL, *result = NULL;
    if (axis_make(&down, height, fitting->height, fitting->from_row, fitting->rows) &&
        axis_make(&across, width, fitting->width, fitting->from_column, fitting->columns) &&
        checked_product(between, 4, &bytes[0]) && checked_product(whole, 4, &bytes[1])) {
        rows = malloc((size_t)bytes[0]);
        result = malloc((size_t)bytes[1]);
    }
    if (rows && result) {
        int64_t line = fitting->columns * channels;
        for (int64_t y = 0; y < height; y++)
            apply(&across, picture + y * width * channels, channels, rows + y * line);
        apply(&down, rows, line, result);
    } else {
        fail_memory(messages, "a picture of another size");
        free(result);
        result = NULL;
    }
    free(rows);
    axis_free(&down);
    axis_free(&across);
    return result;
}
