/* What a primitive is told about a layer. The compiler passes these as constants, so that LLVM
 * specialises the primitive to exactly that layer; called from C they are ordinary arguments.
 *
 * Every descriptor is int64_t throughout, so that the compiler can emit it as an array. Tensors are
 * float32, [N, H, W, C] with channel stride 1 unless a field says otherwise; all strides and
 * offsets are in floats. Nothing here pads: a convolution reads a tensor that already has its
 * border (struct cnn_border fills it).
 *
 * Letters: N batch; H W C input height, width, channels; K output channels; R S kernel rows,
 * columns; P Q output height, width; G groups. */
#ifndef CNN_DESCRIPTORS_H
#define CNN_DESCRIPTORS_H

#include <stdint.h>

/* What follows from a descriptor: constants, as soon as a kernel is specialised. */
#define CNN_DERIVED static inline __attribute__((always_inline))

/* Strides of a tensor between images, rows and pixels. */
struct cnn_strides {
    int64_t image, row, pixel;
};

/* Some primitives can be split: their work is so many *pieces*, each of which writes outputs of its
 * own; cnn_NAME_pieces tells how many, with vectors of `vector` floats. cnn_NAME_part does pieces
 * first..end-1, while others may do others, and cnn_NAME does all. How a layer is split changes no
 * bit of it. */

/* y[n,p,q,g*K+k] = sum over r,s,c of x[n, p*step_h + r*tap_h, q*step_w + s*tap_w, g*C+c] *
 * w[g,k,r,s,c] where x's positions are given as address steps: step_* for one output row or column
 * (stride times the row or pixel stride), tap_* for one kernel row or column (dilation times it).
 * Weights are packed [G][ceil(K / B)][R][S][C][B], B = tile_vectors * vector width, zero beyond K.
 * A kernel of no taps (R or S 0) gives zeros: transposed convolutions have such phases. A piece is
 * the outputs of a tile's pixels, or, where split_channels is set, B channels of all outputs. */
struct cnn_conv {
    int64_t batch, groups;
    int64_t out_height, out_width;
    int64_t channels;     /* C: of one group */
    int64_t out_channels; /* K: of one group */
    int64_t kernel_height, kernel_width;
    int64_t x_image, x_step_h, x_step_w, x_tap_h, x_tap_w;
    struct cnn_strides y;
    int64_t tile_pixels;  /* output pixels of one register tile: 1..CNN_MAX_TILE_PIXELS */
    int64_t tile_vectors; /* channel vectors of one register tile: 1..CNN_MAX_TILE_VECTORS */
    int64_t block;        /* tiles of pixels that one panel of weights goes over before the next
                             one does; 0: a tile's pixels meet all panels at once */
    int64_t fetch;        /* floats of the next panel that a tile asks for with each product of this
                             one; 0: weights are near anyway */
    int64_t long_epilogue;
    int64_t split_channels;
};
/* How many tiles' pixels there are. */
CNN_DERIVED int64_t cnn_conv_tiles(const struct cnn_conv *d) {
    return d->batch * d->out_height * ((d->out_width + d->tile_pixels - 1) / d->tile_pixels);
}
CNN_DERIVED int64_t cnn_conv_pieces(const struct cnn_conv *d, int64_t vector) {
    int64_t block = d->tile_vectors * vector;
    return d->split_channels ? d->groups * ((d->out_channels + block - 1) / block)
                             : cnn_conv_tiles(d);
}
enum { CNN_MAX_TILE_PIXELS = 28, CNN_MAX_TILE_VECTORS = 16 };

/* A convolution whose windows are runs of C floats, as those of 1x1 kernels are: a matrix product
 * of one row for each output pixel. y[n,p,q,k] = sum over c of x[n, p*step_h, q*step_w, c] *
 * w[c,k], terms c in order. A block of rows goes over a block of terms of one panel of weights,
 * then over that of the next of `panels` panels; then these go on with the next block of terms.
 * Meanwhile the scratch memory holds the sums so far. Weights are packed as cnn_conv's of a 1x1
 * kernel. A piece is a block of rows of such panels. */
struct cnn_product {
    int64_t batch, out_height, out_width;
    int64_t channels, out_channels;
    int64_t x_image, x_step_h, x_step_w;
    struct cnn_strides y;
    int64_t tile_pixels, tile_vectors; /* as in cnn_conv */
    int64_t block_rows;                /* a multiple of tile_pixels */
    int64_t block_terms, panels;
    int64_t long_epilogue;
};
CNN_DERIVED int64_t cnn_product_rows(const struct cnn_product *d) {
    return d->batch * d->out_height * d->out_width;
}
CNN_DERIVED int64_t cnn_product_pieces(const struct cnn_product *d, int64_t vector) {
    int64_t together = d->panels * d->tile_vectors * vector;
    return (cnn_product_rows(d) + d->block_rows - 1) / d->block_rows *
           ((d->out_channels + together - 1) / together);
}

/* Floats of scratch memory, with vectors of `vector` floats. */
CNN_DERIVED int64_t cnn_product_floats(const struct cnn_product *d, int64_t vector) {
    return d->block_rows * d->panels * d->tile_vectors * vector;
}

/* A 3x3 convolution of stride 1 by Winograd's minimal filtering: m x m outputs at a time, a tile,
 * from (m+2) x (m+2) inputs d, as A^T [sum over c of (G g_c G^T) * (B^T d_c B)] A, where *
 * multiplies element by element. A, G and B are Toom's and Cook's matrices for the points 0, p and
 * -p for the first m/2 of CNN_WINOGRAD_POINTS, and infinity, in this order; G has all quotients. x
 * is at the first window's first tap; of it (out_height + 2) x (out_width + 2) pixels are read.
 * Weights are G g G^T, packed [ceil(K / B)][(m+2)^2][C][B] with cnn_conv's B. A piece is
 * tile_pixels tiles of a block, or, where split_channels is set, B channels of all tiles: then the
 * inputs are transformed again for each part, but each weight is read for one. */
struct cnn_winograd {
    int64_t tile; /* m: 2, 4 or 6 */
    int64_t batch, out_height, out_width, channels, out_channels;
    struct cnn_strides x, y;
    int64_t block; /* how many tiles are transformed, multiplied and put back at a time */
    int64_t tile_pixels, tile_vectors, fetch; /* of the products, as in cnn_conv */
    int64_t split_channels;
};
CNN_DERIVED int64_t cnn_winograd_tiles(const struct cnn_winograd *d) {
    return d->batch * ((d->out_height + d->tile - 1) / d->tile) *
           ((d->out_width + d->tile - 1) / d->tile);
}
CNN_DERIVED int64_t cnn_winograd_pieces(const struct cnn_winograd *d, int64_t vector) {
    int64_t tiles = cnn_winograd_tiles(d), panel = d->tile_vectors * vector, run = d->tile_pixels;
    return d->split_channels ? (d->out_channels + panel - 1) / panel
                             : tiles / d->block * ((d->block + run - 1) / run) +
                                   (tiles % d->block + run - 1) / run;
}
enum { CNN_MAX_WINOGRAD = 6 };
/* Of those whose powers and squares' products floats hold exactly, a pair with small errors. */
#define CNN_WINOGRAD_POINTS(m)                                                                     \
    ((m) == 2   ? (const double[]){1}                                                              \
     : (m) == 4 ? (const double[]){0.75, 1.5}                                                      \
                : (const double[]){1, 0.5, 2})

/* Floats from one to the next of the (m+2)^2 matrices of a block, of `block` rows of `row` floats:
 * an odd number of cache lines, so that the values of one tile lie in different sets of a cache. */
CNN_DERIVED int64_t cnn_winograd_pitch(int64_t block, int64_t row) {
    return ((block * row + 15) / 16 | 1) * 16;
}

/* Floats of scratch memory, with vectors of `vector` floats. */
CNN_DERIVED int64_t cnn_winograd_floats(const struct cnn_winograd *d, int64_t vector) {
    int64_t in = (d->channels + vector - 1) / vector * vector;
    return (d->tile + 2) * (d->tile + 2) *
           (cnn_winograd_pitch(d->block, in) +
            cnn_winograd_pitch(d->block, d->tile_vectors * vector));
}

/* y[n,p,q,c] = sum over r,s of x[n, p, q at r, s, c] * w[r,s,c]; steps as in cnn_conv.
 * Weights are packed [R][S][C rounded up to a vector], zero beyond C; or, where one_filter is set,
 * they are [R][S] alone, the same filter for every channel. A row of pixels that lie side by side
 * then is one pixel of many channels: where the row has stride 1, x_step_w == C and y.pixel == C,
 * pass channels = Q * C and out_width = 1. The epilogue's c counts in that row too. A piece is
 * `run` channels of a row; a run's pieces of block_rows rows come before the next run's. */
struct cnn_depthwise {
    int64_t batch, out_height, out_width, channels;
    int64_t kernel_height, kernel_width;
    int64_t x_image, x_step_h, x_step_w, x_tap_h, x_tap_w;
    struct cnn_strides y;
    int64_t
        tile_pixels; /* output pixels that share a load of the weights: 1..CNN_MAX_TILE_PIXELS */
    int64_t one_filter;
    int64_t long_epilogue;
    int64_t run; /* channels, or a divisor of them that is a multiple of CNN_RUN */
    int64_t block_rows;
};
CNN_DERIVED int64_t cnn_depthwise_pieces(const struct cnn_depthwise *d) {
    return d->batch * d->out_height * (d->channels / d->run);
}

/* What several values become: their mean, their sum, that of their sizes |x| or squares, their
 * product, the smallest, the largest. */
enum {
    CNN_MEAN,
    CNN_SUM,
    CNN_SUM_OF_SIZES,
    CNN_SUM_OF_SQUARES,
    CNN_PRODUCT,
    CNN_SMALLEST,
    CNN_LARGEST
};

/* Windows are clipped to the real input; x is not padded. The mean divides by the number of real
 * pixels, or, where count_padding is set, by the window clipped to the input with its padding.
 * Their indices, of cnn_pool_indices, are h * width + w of the first of the largest pixels, of
 * which NaN is the largest; -1 where there is none. A piece of either is a row. */
struct cnn_pool {
    int64_t kind, count_padding;
    int64_t batch, height, width, channels, out_height, out_width;
    int64_t kernel_height, kernel_width, stride_h, stride_w, dilation_h, dilation_w;
    int64_t pad_top, pad_left, pad_bottom, pad_right;
    struct cnn_strides x, y;
};
CNN_DERIVED int64_t cnn_pool_pieces(const struct cnn_pool *d) {
    return d->batch * d->out_height;
}

/* y[n, i / W, i mod W, c] = x[n,h,w,c] where i = indices[n,h,w,c] is one of 0..H*W-1, H and W the
 * height and width of y; of several with one i the last in the order of h, w. Elsewhere y is 0. */
struct cnn_unpool {
    int64_t batch, height, width, channels, out_height, out_width;
    struct cnn_strides x, indices, y;
};

/* How many there are along each axis. */
struct cnn_extent {
    int64_t batch, height, width, channels;
};
CNN_DERIVED int64_t cnn_extent_count(struct cnn_extent e) {
    return e.batch * e.height * e.width * e.channels;
}

enum { CNN_AXIS_HEIGHT = 1, CNN_AXIS_WIDTH = 2, CNN_AXIS_CHANNELS = 3 };

/* The pieces of a layer over axes: places, each with all its channels as one or as many, or with
 * runs of CNN_RUN of them, so that no two parts write to one cache line. */
enum { CNN_RUN = 16 };
CNN_DERIVED struct cnn_extent cnn_in_runs(struct cnn_extent e) {
    e.channels = (e.channels + CNN_RUN - 1) / CNN_RUN;
    return e;
}
/* Of a tensor of this size, along one axis. */
CNN_DERIVED struct cnn_extent cnn_pieces_along(int64_t axis, struct cnn_extent size) {
    if (axis == CNN_AXIS_CHANNELS)
        size.channels = 1;
    else if (axis == CNN_AXIS_WIDTH)
        size.width = 1;
    else
        size.height = 1;
    return axis == CNN_AXIS_CHANNELS ? size : cnn_in_runs(size);
}
/* Of boxes, as in struct cnn_reduce. */
CNN_DERIVED struct cnn_extent cnn_pieces_of_boxes(struct cnn_extent outer,
                                                  struct cnn_extent inner) {
    return inner.channels > 1 ? outer : cnn_in_runs(outer);
}

/* y[.., j, ..], j = 0..k-1 along the axis, is the j-th largest value of x along it, or, where
 * `indices` is set, its place from 0 on; `smallest`: the j-th smallest. Of equal values the first
 * comes first, or, where `last` is set, the last. NaN comes before every number. The sizes are x's.
 * A piece is all k of a place, or of a run of its channels. */
struct cnn_topk {
    int64_t k, axis, indices, smallest, last;
    int64_t batch, height, width, channels;
    struct cnn_strides x, y;
};
CNN_DERIVED struct cnn_extent cnn_topk_pieces(const struct cnn_topk *d) {
    const struct cnn_extent size = {d->batch, d->height, d->width, d->channels};
    return cnn_pieces_along(d->axis, size);
}

/* y[n,h,w,c], one for each place of `outer`, is what the values of a box of x become: along an axis
 * that is reduced the box is `inner` long and `outer` is 1, along another the other way round. Of
 * channels each box may have a part: then there are outer.channels of them, side by side. A piece
 * is a value, or, where boxes are of one channel, a run of them. */
struct cnn_reduce {
    int64_t kind;
    struct cnn_extent outer, inner;
    struct cnn_strides x, y;
};
CNN_DERIVED struct cnn_extent cnn_reduce_pieces(const struct cnn_reduce *d) {
    return cnn_pieces_of_boxes(d->outer, d->inner);
}

/* What the values of a box are divided by, once their mean is taken off: the root of their variance
 * and epsilon; or, without that, the sum of their sizes or the root of that of their squares, but
 * epsilon at least. */
enum { CNN_NORM_DEVIATION, CNN_NORM_SIZES, CNN_NORM_SQUARES };

/* y = epilogue((x - centre) / divisor), both of the box, as in cnn_reduce, that x lies in. A piece
 * is a box, or, where boxes are of one channel, a run of them. */
struct cnn_norm {
    int64_t kind;
    struct cnn_extent outer, inner;
    struct cnn_strides x, y;
};
CNN_DERIVED struct cnn_extent cnn_norm_pieces(const struct cnn_norm *d) {
    return cnn_pieces_of_boxes(d->outer, d->inner);
}

/* y[n,h,w,c] = epilogue(sum over k = -before..after of x[n,h,w,c+k]^2), of channels that there are.
 * A piece is a row. */
struct cnn_lrn {
    int64_t batch, height, width, channels, before, after;
    struct cnn_strides x, y;
};
CNN_DERIVED int64_t cnn_lrn_pieces(const struct cnn_lrn *d) {
    return d->batch * d->height;
}

/* y[n,h,w,c] = epilogue(x[n,h,w,c]): every elementwise layer, and the conversion of inputs.
 * x_channel is the stride between channels of x: 1, 0 (one value for all), or a plane (CHW). A
 * piece is a row, or of a single row CNN_MAP_PIECE channels of its pixels. */
struct cnn_map {
    int64_t batch, height, width, channels;
    struct cnn_strides x;
    int64_t x_channel;
    struct cnn_strides y;
    int64_t x_bytes; /* x holds uint8 values, and strides count them */
};
enum { CNN_MAP_PIECE = 1024 };
CNN_DERIVED int64_t cnn_map_pieces(const struct cnn_map *d) {
    int64_t rows = d->batch * d->height;
    return rows > 1 ? rows : d->width * ((d->channels + CNN_MAP_PIECE - 1) / CNN_MAP_PIECE);
}

enum { CNN_SOFTMAX, CNN_LOG_SOFTMAX };

/* softmax or its logarithm along one axis, with the maximum subtracted first. A piece is a place
 * with all that is along the axis, or a run of its channels. */
struct cnn_softmax {
    int64_t kind, axis;
    int64_t batch, height, width, channels;
    struct cnn_strides x, y;
};
CNN_DERIVED struct cnn_extent cnn_softmax_pieces(const struct cnn_softmax *d) {
    const struct cnn_extent size = {d->batch, d->height, d->width, d->channels};
    return cnn_pieces_along(d->axis, size);
}

/* y[i0..i5] = x[i0..i5], any strides: layout changes, slices, shuffles, joins that could not be
 * placed. Dimensions that are not used are 1. A piece is what has the same i0..i3. */
struct cnn_copy {
    int64_t dimensions[6];
    int64_t x_strides[6], y_strides[6];
};
CNN_DERIVED int64_t cnn_copy_pieces(const struct cnn_copy *d) {
    return d->dimensions[0] * d->dimensions[1] * d->dimensions[2] * d->dimensions[3];
}

enum { CNN_BORDER_CONSTANT, CNN_BORDER_REFLECT, CNN_BORDER_REPLICATE, CNN_BORDER_WRAP };

/* Fills the border of a tensor whose interior (height x width at y, strides y) is there already.
 * The border reaches top, left, bottom, right pixels outside it. Reflect does not repeat the edge
 * and needs a border smaller than the interior; wrap goes on at the other end. A piece is what the
 * border has of a row. */
struct cnn_border {
    int64_t mode;
    int64_t batch, height, width, channels;
    int64_t top, left, bottom, right;
    struct cnn_strides y;
};
CNN_DERIVED int64_t cnn_border_pieces(const struct cnn_border *d) {
    return d->batch * (d->top + d->height + d->bottom);
}

enum { CNN_RESIZE_NEAREST, CNN_RESIZE_BILINEAR };
enum { CNN_ALIGN_HALF_PIXEL, CNN_ALIGN_CORNERS };

/* Nearest: source floor(p * H / P). Bilinear: half pixel (2p+1)*H/(2P) - 1/2, not below 0; corners
 * p*(H-1)/(P-1), 0 where P is 1. Positions are exact quotients of integers, rounded to float once.
 * A piece is a row. */
struct cnn_resize {
    int64_t mode, align;
    int64_t batch, height, width, channels, out_height, out_width;
    struct cnn_strides x, y;
};
CNN_DERIVED int64_t cnn_resize_pieces(const struct cnn_resize *d) {
    return d->batch * d->out_height;
}

/* y[n,p,q,c] = sum over r, s of rows[p,r] * columns[q,s] * x[n, h[p] + r, w[q] + s, c], or, where
 * h[p] or w[q] is -1, `value`. The tables: h as int32[P], rows as float[P][taps_h], w as int32[Q],
 * columns as float[Q][taps_w]. Nothing outside of x is read. A piece is a row. */
struct cnn_resample {
    int64_t batch, channels, out_height, out_width;
    int64_t taps_h, taps_w;
    struct cnn_strides x, y;
};
CNN_DERIVED int64_t cnn_resample_pieces(const struct cnn_resample *d) {
    return d->batch * d->out_height;
}

/* A buffer that a run function is given: its size, a power of two that its address is a multiple
 * of, and whether it is written, so that it may overlap no other. */
struct cnn_buffer {
    int64_t bytes, alignment, written;
};

#endif
