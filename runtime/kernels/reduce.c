/* Sums, means, products and extremes over any of the axes. */
#include "runtime/kernels/gather.h"
#include "runtime/kernels/pieces.h"

CNN_INLINE cnn_vector reduced(const struct cnn_reduce *d, const float *x, int64_t lanes) {
    const cnn_vector all = gathered(d->kind, &d->inner, &d->x, x, splat(0), lanes);
    return d->kind == CNN_MEAN ? all / box_count(&d->inner) : all;
}

/* One piece: a run of boxes of one channel, or one box of several. */
CNN_INLINE void reduce_piece(const struct cnn_reduce *d, float *y, const float *x,
                             cnn_epilogue *epilogue, const float *const *operands,
                             struct piece at) {
    const int64_t part = d->inner.channels, c = at.c * (part == 1 ? CNN_RUN : 1);
    const float *in = x + offset_of(at, &d->x) + c * part;
    float *out = y + offset_of(at, &d->y) + c;
    if (part == 1)
        CNN_FOR_VECTORS_OF_RUN(at.c, d->outer.channels,
                               store_lanes(out + i,
                                           epilogue(reduced(d, in + i, lanes), operands, at.n, at.h,
                                                    at.w, c + i, lanes),
                                           lanes));
    else
        store_lanes(out, epilogue(reduced(d, in, CNN_VECTOR), operands, at.n, at.h, at.w, c, 1), 1);
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
