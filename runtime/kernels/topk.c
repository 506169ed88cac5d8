/* The largest values along an axis, in order, or where they are. The j-th is the first of all that
 * come behind the one before it, in the order of values and places: k passes, and no memory. */
#include "runtime/kernels/math.h"
#include "runtime/kernels/pieces.h"

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

/* Of a place, with its channels side by side. */
CNN_INLINE void topk_of_channels(const struct cnn_topk *d, float *y, const float *x,
                                 cnn_epilogue *epilogue, const float *const *operands,
                                 struct piece at) {
    struct candidate found = before_all();
    for (int64_t j = 0; j < d->k; j++) {
        found = next_of_row(d, x, d->channels, found);
        store_lanes(y + j, epilogue(topk_result(d, found), operands, at.n, at.h, at.w, j, 1), 1);
    }
}

/* Along rows or columns, of `lanes` channels from c on. */
CNN_INLINE void topk_of_lanes(const struct cnn_topk *d, float *y, const float *x,
                              cnn_epilogue *epilogue, const float *const *operands, struct piece at,
                              int64_t c, int64_t lanes) {
    const bool rows = d->axis == CNN_AXIS_HEIGHT;
    const int64_t count = rows ? d->height : d->width;
    const int64_t x_step = rows ? d->x.row : d->x.pixel, y_step = rows ? d->y.row : d->y.pixel;
    struct candidate found = before_all();
    for (int64_t j = 0; j < d->k; j++) {
        found = next_of_lanes(d, x, x_step, count, lanes, found);
        store_lanes(y + j * y_step,
                    epilogue(topk_result(d, found), operands, at.n, rows ? j : at.h,
                             rows ? at.w : j, c, lanes),
                    lanes);
    }
}

CNN_PRIMITIVE void cnn_topk_part(const struct cnn_topk *d, float *y, const float *x,
                                 cnn_epilogue *epilogue, const float *const *operands,
                                 int64_t first, int64_t end) {
    const struct cnn_extent pieces = cnn_topk_pieces(d);
    struct piece at = piece_at(first, &pieces);
    for (int64_t piece = first; piece < end; piece++, at = next_piece(at, &pieces)) {
        const int64_t c = at.c * CNN_RUN;
        const float *in = x + offset_of(at, &d->x) + c;
        float *out = y + offset_of(at, &d->y) + c;
        if (d->axis == CNN_AXIS_CHANNELS)
            topk_of_channels(d, out, in, epilogue, operands, at);
        else
            CNN_FOR_VECTORS_OF_RUN(
                at.c, d->channels,
                topk_of_lanes(d, out + i, in + i, epilogue, operands, at, c + i, lanes));
    }
}

CNN_PRIMITIVE void cnn_topk(const struct cnn_topk *d, float *y, const float *x,
                            cnn_epilogue *epilogue, const float *const *operands) {
    cnn_topk_part(d, y, x, epilogue, operands, 0, cnn_extent_count(cnn_topk_pieces(d)));
}
