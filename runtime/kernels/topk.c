/* The largest values along an axis, in order, or where they are. The j-th is the first of all that
 * come behind the one before it, in the order of values and places: k passes, and no memory. */
#include "runtime/kernels/math.h"

/* A value, with its sign turned where the smallest are wanted, and its place: what comes first of
 * equals has the lesser. */
struct candidate {
    cnn_vector value, place;
};

/* Every lane by itself: a before b. */
CNN_INLINE cnn_mask comes_before(struct candidate a, struct candidate b) {
    const cnn_mask first = is_nan(a.value), second = is_nan(b.value);
    const cnn_mask equal = (a.value == b.value) | (first & second);
    return (first & ~second) | (a.value > b.value) | (equal & (a.place < b.place));
}

CNN_INLINE struct candidate choose_candidate(cnn_mask mask, struct candidate a,
                                             struct candidate b) {
    return (struct candidate){choose(mask, a.value, b.value), choose(mask, a.place, b.place)};
}

CNN_INLINE struct candidate candidate_at(const struct cnn_topk *d, cnn_vector value,
                                         cnn_vector index) {
    return (struct candidate){d->smallest ? -value : value, d->last ? -index : index};
}

/* What no candidate comes before, and what comes before none. */
CNN_INLINE struct candidate before_all(void) {
    return (struct candidate){splat(__builtin_nanf("")), splat(-__builtin_inff())};
}

CNN_INLINE struct candidate behind_all(void) {
    return (struct candidate){splat(-__builtin_inff()), splat(__builtin_inff())};
}

CNN_INLINE struct candidate better(struct candidate best, struct candidate next,
                                   struct candidate previous) {
    return choose_candidate(comes_before(previous, next) & comes_before(next, best), next, best);
}

CNN_INLINE cnn_vector topk_result(const struct cnn_topk *d, struct candidate c) {
    if (d->indices)
        return d->last ? -c.place : c.place;
    return d->smallest ? -c.value : c.value;
}

/* Of `count` values `step` apart, in each lane: the first behind `previous`. */
CNN_INLINE struct candidate next_of_lanes(const struct cnn_topk *d, const float *x, int64_t step,
                                          int64_t count, int64_t lanes, struct candidate previous) {
    struct candidate best = behind_all();
    for (int64_t i = 0; i < count; i++)
        best = better(best, candidate_at(d, load_lanes(x + i * step, lanes), splat((float)i)),
                      previous);
    return best;
}

/* Of `count` values side by side: the first behind `previous`, in every lane. */
CNN_INLINE struct candidate next_of_row(const struct cnn_topk *d, const float *x, int64_t count,
                                        struct candidate previous) {
    struct candidate best = behind_all();
    cnn_vector lane;
    CNN_UNROLL
    for (int i = 0; i < CNN_VECTOR; i++)
        lane[i] = (float)i;
    CNN_FOR_VECTORS(count, {
        const struct candidate next = candidate_at(d, load_lanes(x + i, lanes), lane + (float)i);
        best = choose_candidate(lane < (float)lanes, better(best, next, previous), best);
    });
    struct candidate first = behind_all();
    CNN_UNROLL
    for (int i = 0; i < CNN_VECTOR; i++) {
        const struct candidate own = {splat(best.value[i]), splat(best.place[i])};
        first = choose_candidate(comes_before(own, first), own, first);
    }
    return first;
}

CNN_PRIMITIVE void cnn_topk(const struct cnn_topk *d, float *y, const float *x,
                            cnn_epilogue *epilogue, const float *const *operands) {
    const bool rows = d->axis == CNN_AXIS_HEIGHT, of_channels = d->axis == CNN_AXIS_CHANNELS;
    const int64_t height = rows ? 1 : d->height, count = rows ? d->height : d->width;
    const int64_t width = d->axis == CNN_AXIS_WIDTH ? 1 : d->width;
    const int64_t x_step = rows ? d->x.row : d->x.pixel, y_step = rows ? d->y.row : d->y.pixel;
    for (int64_t n = 0; n < d->batch; n++)
        for (int64_t h = 0; h < height; h++)
            for (int64_t w = 0; w < width; w++) {
                const float *in = x + n * d->x.image + h * d->x.row + w * d->x.pixel;
                float *out = y + n * d->y.image + h * d->y.row + w * d->y.pixel;
                struct candidate found = before_all();
                if (of_channels) {
                    for (int64_t j = 0; j < d->k; j++) {
                        found = next_of_row(d, in, d->channels, found);
                        store_lanes(out + j,
                                    epilogue(topk_result(d, found), operands, n, h, w, j, 1), 1);
                    }
                    continue;
                }
                CNN_FOR_VECTORS(d->channels, {
                    found = before_all();
                    for (int64_t j = 0; j < d->k; j++) {
                        found = next_of_lanes(d, in + i, x_step, count, lanes, found);
                        store_lanes(out + j * y_step + i,
                                    epilogue(topk_result(d, found), operands, n, rows ? j : h,
                                             rows ? w : j, i, lanes),
                                    lanes);
                    }
                });
            }
}
