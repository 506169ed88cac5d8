/* Sums, means, products and extremes over any of the axes. */
#include "runtime/kernels/gather.h"
#include "runtime/kernels/pieces.h"

/* Of what `gathered` makes of a box. */
CNN_INLINE cnn_vector result_of(const struct cnn_reduce *d, cnn_vector all) {
    return d->kind == CNN_MEAN ? all / box_count(&d->inner) : all;
}

CNN_INLINE cnn_vector reduced(const struct cnn_reduce *d, const float *x, int64_t lanes) {
    return result_of(d, gathered(d->kind, &d->inner, &d->x, x, splat(0), lanes));
}

enum { RUN_VECTORS = CNN_RUN / CNN_VECTOR };

/* What `gathered` makes of each of a whole run's boxes, of one channel each: its vectors side by
 * side, so that none waits for the sum before. */
CNN_INLINE void gathered_run(const struct cnn_reduce *d, cnn_vector *all, const float *x) {
    CNN_UNROLL
    for (int v = 0; v < RUN_VECTORS; v++)
        all[v] = splat(empty(d->kind));
    for (int64_t n = 0; n < d->inner.batch; n++)
        for (int64_t h = 0; h < d->inner.height; h++) {
            const float *at = x + n * d->x.image + h * d->x.row;
            cnn_vector row[RUN_VECTORS];
            CNN_UNROLL
            for (int v = 0; v < RUN_VECTORS; v++)
                row[v] = splat(empty(d->kind));
            for (int64_t w = 0; w < d->inner.width; w++) {
                CNN_UNROLL
                for (int v = 0; v < RUN_VECTORS; v++)
                    row[v] = merged(d->kind, row[v],
                                    taken(d->kind, load(at + w * d->x.pixel + v * CNN_VECTOR)));
            }
            CNN_UNROLL
            for (int v = 0; v < RUN_VECTORS; v++)
                all[v] = merged(d->kind, all[v], row[v]);
        }
}

CNN_INLINE void reduce_run(const struct cnn_reduce *d, float *y, const float *x,
                           cnn_epilogue *epilogue, const float *const *operands, struct piece at) {
    const int64_t c = at.c * CNN_RUN;
    if (c + CNN_RUN > d->outer.channels) {
        CNN_FOR_VECTORS(d->outer.channels % CNN_RUN,
                        store_lanes(y + i,
                                    epilogue(reduced(d, x + i, lanes), operands, at.n, at.h, at.w,
                                             c + i, lanes),
                                    lanes));
        return;
    }
    cnn_vector all[RUN_VECTORS];
    gathered_run(d, all, x);
    CNN_UNROLL
    for (int v = 0; v < RUN_VECTORS; v++)
        store(y + v * CNN_VECTOR, epilogue(result_of(d, all[v]), operands, at.n, at.h, at.w,
                                           c + v * CNN_VECTOR, CNN_VECTOR));
}

/* A run of boxes of one channel, or one box of several. */
CNN_INLINE void reduce_piece(const struct cnn_reduce *d, float *y, const float *x,
                             cnn_epilogue *epilogue, const float *const *operands,
                             struct piece at) {
    const int64_t part = d->inner.channels, c = at.c * (part == 1 ? CNN_RUN : 1);
    x += offset_of(at, &d->x) + c * part;
    y += offset_of(at, &d->y) + c;
    if (part == 1)
        reduce_run(d, y, x, epilogue, operands, at);
    else
        store_lanes(y, epilogue(reduced(d, x, CNN_VECTOR), operands, at.n, at.h, at.w, c, 1), 1);
}

CNN_PRIMITIVE void cnn_reduce_part(const struct cnn_reduce *d, float *y, const float *x,
                                   cnn_epilogue *epilogue, const float *const *operands,
                                   int64_t first, int64_t end) {
    const struct cnn_extent pieces = cnn_reduce_pieces(d);
    struct piece at = piece_at(first, &pieces);
    for (int64_t piece = first; piece < end; piece++, at = next_piece(at, &pieces))
        reduce_piece(d, y, x, epilogue, operands, at);
}

CNN_PRIMITIVE void cnn_reduce(const struct cnn_reduce *d, float *y, const float *x,
                              cnn_epilogue *epilogue, const float *const *operands) {
    cnn_reduce_part(d, y, x, epilogue, operands, 0, cnn_extent_count(cnn_reduce_pieces(d)));
}
