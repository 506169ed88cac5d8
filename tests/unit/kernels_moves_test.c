/* Maps, softmax, copies, tables and borders against their naive twins. */
#include "tests/unit/kernels.h"

static int64_t random_gap(struct random *random) {
    return between(random, 0, 1) * between(random, 0, 5);
}

static struct tensor random_tensor(struct random *random, bool whole, bool at_end) {
    struct tensor t =
        new_tensor(between(random, 1, 2), between(random, 1, 5), between(random, 1, 5),
                   between(random, 1, 2 * CNN_RUN + 3), random_gap(random), at_end);
    fill_tensor(&t, random, whole);
    return t;
}

/* Seldom one long row: maps cut it in pieces. */
static struct tensor random_map(struct random *random, bool whole, bool at_end) {
    if (between(random, 0, 3))
        return random_tensor(random, whole, at_end);
    struct tensor t = new_tensor(1, 1, between(random, 1, 2), between(random, 1, 3 * CNN_MAP_PIECE),
                                 random_gap(random), at_end);
    fill_tensor(&t, random, whole);
    return t;
}

static struct tensor same_shape(const struct tensor *x, struct random *random, bool at_end) {
    return new_tensor(x->shape[0], x->shape[1], x->shape[2], x->shape[3], random_gap(random),
                      at_end);
}

/* An input with channels side by side, in planes, or one channel for all, of floats or bytes. */
static int64_t map_case(struct random *random, bool whole, bool at_end) {
    enum { SIDE_BY_SIDE, PLANES, ONE } kind = (int)between(random, 0, 2);
    struct tensor y = random_map(random, whole, at_end);
    const int64_t *s = y.shape;
    struct tensor x = kind == SIDE_BY_SIDE ? new_tensor(s[0], s[1], s[2], s[3], 3, at_end)
                      : kind == PLANES     ? new_tensor(s[0], s[3], s[1], s[2], 0, at_end)
                                           : new_tensor(s[0], s[1], s[2], 1, 2, at_end);
    fill_tensor(&x, random, whole);
    struct cnn_map d = {s[0], s[1], s[2], s[3], x.strides, 1, y.strides, between(random, 0, 1)};
    if (kind == PLANES) { /* [N, C, H, W] */
        d.x = (struct cnn_strides){x.strides.image, x.strides.pixel, 1};
        d.x_channel = x.strides.row;
    } else if (kind == ONE)
        d.x_channel = 0;
    struct tensor residual = new_tensor(s[0], s[1], s[2], s[3], 0, at_end);
    fill_tensor(&residual, random, whole);
    double *expected = dense(&residual);
    const uint8_t *bytes = (const uint8_t *)x.memory.data; /* as many elements, a quarter as far */
    int64_t i = 0;
    FOR_EACH_POSITION(s) {
        int64_t at = n * d.x.image + h * d.x.row + w * d.x.pixel + c * d.x_channel;
        expected[i++] += d.x_bytes ? (double)bytes[at] : (double)x.memory.data[at];
    }
    const float *operands[] = {residual.memory.data, (const float *)(const void *)y.shape};
    for (i = 0; i < y.memory.count; i++)
        y.memory.data[i] = CANARY;
    int64_t pieces = cnn_map_pieces(&d), cut = random_cut(random, pieces);
    if (cut == WHOLE)
        cnn_map(&d, y.memory.data, x.memory.data, add_residual, operands);
    else
        FOR_PARTS(
            cut, pieces,
            cnn_map_part(&d, y.memory.data, x.memory.data, add_residual, operands, first, end));
    double largest = d.x_bytes ? 256 : 2; /* of a sum, of which half a unit is rounded away */
    int64_t wrong = wrong_values(&y, expected, NULL, whole ? 0 : largest * EPSILON);
    free(expected);
    unguard(&x.memory), unguard(&y.memory), unguard(&residual.memory);
    return wrong;
}

/* Of values up to `reach` in size; the probabilities' relative error grows with the exponents'. */
static int64_t softmax_case(struct random *random, bool whole, bool at_end) {
    const float reach = whole ? 4 : 80;
    struct tensor x = random_tensor(random, whole, at_end);
    struct tensor y = same_shape(&x, random, at_end);
    if (!whole)
        FOR_EACH_POSITION(x.shape)
    x.memory.data[position(&x, n, h, w, c)] *= reach;
    struct cnn_softmax d = {
        .kind = between(random, 0, 1) ? CNN_SOFTMAX : CNN_LOG_SOFTMAX,
        .axis = between(random, CNN_AXIS_HEIGHT, CNN_AXIS_CHANNELS),
        .batch = x.shape[0],
        .height = x.shape[1],
        .width = x.shape[2],
        .channels = x.shape[3],
        .x = x.strides,
        .y = y.strides,
    };
    double *values = dense(&x), *expected = new_doubles(x.shape), *magnitude = new_doubles(x.shape);
    naive_softmax(expected, values, x.shape, (int)d.axis, d.kind == CNN_LOG_SOFTMAX);
    /* e^t: t's rounding and the function's 2 ulp; the sum: one rounding a term; then a quotient */
    double terms = (double)x.shape[d.axis];
    for (int64_t i = 0; i < x.shape[0] * x.shape[1] * x.shape[2] * x.shape[3]; i++)
        magnitude[i] = d.kind == CNN_SOFTMAX
                           ? expected[i] * (4 * (double)reach + terms + 12) + 1e-30
                           : 4 * (double)reach + terms + 12;
    WHOLE_OR_PARTS(random, cnn_extent_count(cnn_softmax_pieces(&d)),
                   cnn_softmax(&d, y.memory.data, x.memory.data),
                   cnn_softmax_part(&d, y.memory.data, x.memory.data, first, end));
    int64_t wrong = wrong_values(&y, expected, magnitude, EPSILON);
    free(values), free(expected), free(magnitude);
    unguard(&x.memory), unguard(&y.memory);
    return wrong;
}

/* The axes of x in another order, and the layouts of y that layers need. */
static int64_t copy_case(struct random *random, bool whole, bool at_end) {
    struct tensor x = random_tensor(random, whole, at_end);
    int order[4] = {0, 1, 2, 3};
    for (int i = 0; i < 3; i++) {
        int j = (int)between(random, i, between(random, 0, 1) ? 3 : i), kept = order[i];
        order[i] = order[j];
        order[j] = kept;
    }
    const int64_t *s = x.shape;
    struct tensor y =
        new_tensor(s[order[0]], s[order[1]], s[order[2]], s[order[3]], random_gap(random), at_end);
    const int64_t x_strides[4] = {x.strides.image, x.strides.row, x.strides.pixel, 1};
    const int64_t y_strides[4] = {y.strides.image, y.strides.row, y.strides.pixel, 1};
    struct cnn_copy d = {.dimensions = {1, 1, 1, 1, 1, 1}};
    for (int axis = 0; axis < 4; axis++) {
        d.dimensions[2 + axis] = y.shape[axis];
        d.x_strides[2 + axis] = x_strides[order[axis]];
        d.y_strides[2 + axis] = y_strides[axis];
    }
    double *expected = new_doubles(y.shape);
    int64_t i = 0;
    FOR_EACH_POSITION(y.shape) {
        int64_t in_y[4] = {n, h, w, c}, in_x[4];
        for (int axis = 0; axis < 4; axis++)
            in_x[order[axis]] = in_y[axis];
        expected[i++] = x.memory.data[position(&x, in_x[0], in_x[1], in_x[2], in_x[3])];
    }
    WHOLE_OR_PARTS(random, cnn_copy_pieces(&d), cnn_copy(&d, y.memory.data, x.memory.data),
                   cnn_copy_part(&d, y.memory.data, x.memory.data, first, end));
    int64_t wrong = wrong_values(&y, expected, NULL, 0);
    free(expected);
    unguard(&x.memory), unguard(&y.memory);
    return wrong;
}

/* [h*f + i, w*f + j, c] back to [h, w, (c*f + i)*f + j], by the descriptor with its sides changed.
 */
static int64_t unshuffle_wrong(const struct cnn_copy *shuffle, const struct tensor *y, int64_t f) {
    const int64_t *s = y->shape;
    struct tensor back = new_tensor(s[0], s[1] / f, s[2] / f, s[3] * f * f, 0, true);
    struct cnn_copy d = *shuffle;
    memcpy(d.x_strides, shuffle->y_strides, sizeof d.x_strides);
    const int64_t strides[6] = {
        back.strides.image, back.strides.row, f, back.strides.pixel, 1, f * f};
    memcpy(d.y_strides, strides, sizeof strides);
    double *values = dense(y), *expected = new_doubles(back.shape);
    naive_pixel_unshuffle(expected, values, s, f, f);
    cnn_copy(&d, back.memory.data, y->memory.data);
    int64_t wrong = wrong_values(&back, expected, NULL, 0);
    free(values), free(expected);
    unguard(&back.memory);
    return wrong;
}

/* [h, w, (c*f + i)*f + j] to [h*f + i, w*f + j, c]: all six dimensions; and back. */
static int64_t shuffle_case(struct random *random, bool whole, bool at_end) {
    int64_t f = between(random, 2, 3), height = between(random, 1, 3),
            width = between(random, 1, 3);
    struct tensor x = new_tensor(between(random, 1, 2), height, width,
                                 between(random, 1, 3) * f * f, random_gap(random), at_end);
    fill_tensor(&x, random, whole);
    struct tensor y = new_tensor(x.shape[0], height * f, width * f, x.shape[3] / f / f,
                                 random_gap(random), at_end);
    struct cnn_copy d = {
        .dimensions = {x.shape[0], height, f, width, f, y.shape[3]},
        .x_strides = {x.strides.image, x.strides.row, f, x.strides.pixel, 1, f * f},
        .y_strides = {y.strides.image, f * y.strides.row, y.strides.row, f * y.strides.pixel,
                      y.strides.pixel, 1},
    };
    double *values = dense(&x), *expected = new_doubles(y.shape);
    naive_pixel_shuffle(expected, values, x.shape, f, f);
    WHOLE_OR_PARTS(random, cnn_copy_pieces(&d), cnn_copy(&d, y.memory.data, x.memory.data),
                   cnn_copy_part(&d, y.memory.data, x.memory.data, first, end));
    int64_t wrong = wrong_values(&y, expected, NULL, 0) + unshuffle_wrong(&d, &y, f);
    free(values), free(expected);
    unguard(&x.memory), unguard(&y.memory);
    return wrong;
}

/* Runs of `taps` units each anywhere in `size`, some of them outside, and any weights. */
static void random_runs(struct random *random, float *first, float *weights, int64_t units,
                        int64_t taps, int64_t size) {
    for (int64_t u = 0; u < units; u++) {
        int32_t start = (int32_t)between(random, between(random, 0, 4) ? 0 : -1, size - taps);
        memcpy(&first[u], &start, sizeof start);
    }
    for (int64_t i = 0; i < units * taps; i++)
        weights[i] = random_value(random, false);
}

static int64_t begins_at(const float *first, int64_t unit) {
    int32_t start;
    memcpy(&start, &first[unit], sizeof start);
    return start;
}

/* Any tables, against the sum as it reads. */
static int64_t resample_case(struct random *random, bool whole, bool at_end) {
    enum { MOST = 6 };
    struct tensor x = random_tensor(random, whole, at_end);
    int64_t p = between(random, 1, MOST), q = between(random, 1, MOST);
    struct tensor y = new_tensor(x.shape[0], p, q, x.shape[3], random_gap(random), at_end);
    struct cnn_resample d = {.batch = x.shape[0],
                             .channels = x.shape[3],
                             .out_height = p,
                             .out_width = q,
                             .taps_h = between(random, 1, x.shape[1]),
                             .taps_w = between(random, 1, x.shape[2]),
                             .x = x.strides,
                             .y = y.strides};
    float tables[2 * MOST * (1 + MOST)], *rows = tables + p, *second = rows + p * d.taps_h,
                                         *columns = second + q;
    random_runs(random, tables, rows, p, d.taps_h, x.shape[1]);
    random_runs(random, second, columns, q, d.taps_w, x.shape[2]);
    double *expected = new_doubles(y.shape), *magnitude = new_doubles(y.shape);
    struct tensor residual = add_to_expected(&y, random, whole, at_end, expected, magnitude);
    const float *operands[] = {residual.memory.data, (const float *)(const void *)y.shape};
    int64_t i = 0;
    FOR_EACH_POSITION(y.shape) {
        int64_t row = begins_at(tables, h), column = begins_at(second, w);
        bool outside = row < 0 || column < 0;
        expected[i] += outside ? 3 : 0;
        magnitude[i] += outside ? 3 : 0;
        for (int64_t k = 0; k < d.taps_h * d.taps_w && !outside; k++) {
            int64_t r = k / d.taps_w, s = k % d.taps_w;
            double term = (double)rows[h * d.taps_h + r] * (double)columns[w * d.taps_w + s] *
                          (double)x.memory.data[position(&x, n, row + r, column + s, c)];
            expected[i] += term;
            magnitude[i] += fabs(term);
        }
        i++;
    }
    WHOLE_OR_PARTS(
        random, cnn_resample_pieces(&d),
        cnn_resample(&d, y.memory.data, x.memory.data, tables, add_residual, operands, 3),
        cnn_resample_part(&d, y.memory.data, x.memory.data, tables, add_residual, operands, 3,
                          first, end));
    int64_t wrong = wrong_values(&y, expected, magnitude, 16 * EPSILON);
    free(expected), free(magnitude);
    unguard(&x.memory), unguard(&y.memory), unguard(&residual.memory);
    return wrong;
}

static int64_t border_case(struct random *random, bool whole, bool at_end) {
    struct tensor x = random_tensor(random, whole, at_end);
    enum naive_padding mode = (enum naive_padding)between(random, NAIVE_ZEROS, NAIVE_WRAP);
    int64_t pad[4];
    for (int side = 0; side < 4; side++) {
        int64_t size = x.shape[1 + side % 2];
        pad[side] = between(random, 0, mode == NAIVE_REFLECT ? size - 1 : 7);
    }
    struct tensor y =
        new_tensor(x.shape[0], x.shape[1] + pad[0] + pad[2], x.shape[2] + pad[1] + pad[3],
                   x.shape[3], random_gap(random), at_end);
    float *interior = y.memory.data + pad[0] * y.strides.row + pad[1] * y.strides.pixel;
    FOR_EACH_POSITION(x.shape)
    interior[position(&y, n, h, w, c)] = x.memory.data[position(&x, n, h, w, c)];
    struct cnn_border d = {
        .mode = mode == NAIVE_REFLECT     ? CNN_BORDER_REFLECT
                : mode == NAIVE_REPLICATE ? CNN_BORDER_REPLICATE
                : mode == NAIVE_WRAP      ? CNN_BORDER_WRAP
                                          : CNN_BORDER_CONSTANT,
        .batch = x.shape[0],
        .height = x.shape[1],
        .width = x.shape[2],
        .channels = x.shape[3],
        .top = pad[0],
        .left = pad[1],
        .bottom = pad[2],
        .right = pad[3],
        .y = y.strides,
    };
    float value = random_value(random, whole);
    double *values = dense(&x), *expected = new_doubles(y.shape);
    naive_pad(expected, values, x.shape, (int64_t[]){0, pad[0], pad[1], 0},
              (int64_t[]){0, pad[2], pad[3], 0}, mode, value);
    WHOLE_OR_PARTS(random, cnn_border_pieces(&d), cnn_border(&d, interior, value),
                   cnn_border_part(&d, interior, value, first, end));
    int64_t wrong = wrong_values(&y, expected, NULL, 0);
    free(values), free(expected);
    unguard(&x.memory), unguard(&y.memory);
    return wrong;
}

int main(void) {
    static const struct kernel_test tests[] = {{"map", map_case, 400},
                                               {"softmax", softmax_case, 400},
                                               {"copy", copy_case, 400},
                                               {"copy of six dimensions", shuffle_case, 200},
                                               {"resample", resample_case, 400},
                                               {"border", border_case, 400},
                                               {.name = NULL}};
    return run_tests(tests);
}
