/* The naive twins: each layer as its definition reads, in double, with no tiles, no packing, no
 * views and no arithmetic shared with the fast primitives or the compiler. They are the oracle.
 *
 * Tensors are double, dense [N, H, W, C]; shapes are int64_t[4] in that order. Weights are in
 * PyTorch's order. Padding is top, left, bottom, right. Where `magnitude` is not NULL it receives,
 * for each output, the sum of |x||w| (and |bias|) that the rounding bound needs. */
#ifndef CNN_NAIVE_H
#define CNN_NAIVE_H

#include <stdbool.h>
#include <stdint.h>

enum naive_padding { NAIVE_ZEROS, NAIVE_REFLECT, NAIVE_REPLICATE, NAIVE_WRAP };

struct naive_window {
    int64_t kernel[2], stride[2], dilation[2], padding[4];
};

/* w [K][C/G][R][S]; bias [K] or NULL. */
void naive_conv(double *y, double *magnitude, const int64_t y_shape[4], const double *x,
                const int64_t x_shape[4], const double *w, const double *bias,
                const struct naive_window *window, int64_t groups, enum naive_padding mode);
/* What float32 arithmetic rounds in Winograd's form of the same, struct cnn_winograd, of kernel
 * 3x3, stride 1 and no groups: the sum of the sizes of everything that is added, |A^T| [sum over c
 * of
 * (|G||g_c||G^T|) * (|B^T||d_c||B|)] |A|. */
void naive_winograd(double *magnitude, const int64_t y_shape[4], const double *x,
                    const int64_t x_shape[4], const double *w, const struct naive_window *window,
                    enum naive_padding mode, int tile);
/* Through how many of its roundings a value goes at most, of C channels: along a line of a tile one
 * for a product and one for each of the points' m/2 pairs, and one more, there and back, twice
 * each; one for the weights; C for the sum. */
int64_t naive_winograd_roundings(int64_t channels, int tile);
enum { NAIVE_WINOGRAD_SIDE = 8 };
/* For tiles of m x m: row i belongs to point i of the m+2, a[i] has m values, g[i] 3, b[i] m+2. */
struct naive_winograd_matrices {
    double a[NAIVE_WINOGRAD_SIDE][NAIVE_WINOGRAD_SIDE - 2], g[NAIVE_WINOGRAD_SIDE][3],
        b[NAIVE_WINOGRAD_SIDE][NAIVE_WINOGRAD_SIDE];
};
struct naive_winograd_matrices naive_winograd_matrices(int tile);
/* G g G^T of one filter, (m+2) x (m+2). */
void naive_winograd_filter(double *u, const struct naive_winograd_matrices *matrices, int tile,
                           const double g[9]);
/* Transposed convolution: w [C][K/G][R][S]; y's shape decides output_padding. */
void naive_deconv(double *y, double *magnitude, const int64_t y_shape[4], const double *x,
                  const int64_t x_shape[4], const double *w, const double *bias,
                  const struct naive_window *window, int64_t groups);
void naive_maxpool(double *y, const int64_t y_shape[4], const double *x, const int64_t x_shape[4],
                   const struct naive_window *window);
void naive_maxpool_indices(double *y, const int64_t y_shape[4], const double *x,
                           const int64_t x_shape[4], const struct naive_window *window);
void naive_unpool(double *y, const int64_t y_shape[4], const double *x, const double *indices,
                  const int64_t x_shape[4]);
void naive_avgpool(double *y, const int64_t y_shape[4], const double *x, const int64_t x_shape[4],
                   const struct naive_window *window, bool count_padding);
/* (sum of |x|^p)^(root / p) of each window */
void naive_lppool(double *y, const int64_t y_shape[4], const double *x, const int64_t x_shape[4],
                  const struct naive_window *window, double p, double root);
/* w [K][C] over each image's C = H*W*C values. */
void naive_dense(double *y, double *magnitude, int64_t batch, int64_t in, int64_t out,
                 const double *x, const double *w, const double *bias);
void naive_batchnorm(double *y, const double *x, const int64_t shape[4], const double *weight,
                     const double *bias, const double *mean, const double *variance,
                     double epsilon);
/* Of boxes that are box[axis] long along each axis, which divides its size, each by itself. */
void naive_norm(double *y, const double *x, const int64_t shape[4], const int64_t box[4],
                double epsilon);
void naive_lp_norm(double *y, const double *x, const int64_t shape[4], const int64_t box[4],
                   double p, double epsilon);
/* What an LRN of `size` channels sums. */
void naive_near_squares(double *y, const double *x, const int64_t shape[4], int64_t size);
/* One value through the elementwise function of that name (the names of the language). */
typedef double naive_function(double x, double a, double b);
naive_function *naive_elementwise(const char *name);
double naive_binary(const char *name, double a, double b);
/* The k largest along the axis in order, or their places; of y's size along the axis. */
void naive_topk(double *y, const int64_t y_shape[4], const double *x, const int64_t x_shape[4],
                int axis, bool smallest, bool indices, bool last);
/* axis 1 height, 2 width, 3 channels. */
void naive_softmax(double *y, const double *x, const int64_t shape[4], int axis, bool logarithm);
/* Over the axes that are set, which have size 1 in y; named as in the language. */
void naive_reduce(const char *name, double *y, const double *x, const int64_t shape[4],
                  const bool axes[4]);
/* `before` and `after` each axis, in the order of the shape. */
void naive_pad(double *y, const double *x, const int64_t x_shape[4], const int64_t before[4],
               const int64_t after[4], enum naive_padding mode, double value);
void naive_slice(double *y, const int64_t y_shape[4], const double *x, const int64_t x_shape[4],
                 const int64_t start[4], const int64_t step[4]);
/* Writes x into y at `start` along the axis: concat is one call for each input. */
void naive_place(double *y, const int64_t y_shape[4], const double *x, const int64_t x_shape[4],
                 int axis, int64_t start);
void naive_nearest(double *y, const int64_t y_shape[4], const double *x, const int64_t x_shape[4]);
void naive_bilinear(double *y, const int64_t y_shape[4], const double *x, const int64_t x_shape[4],
                    bool align_corners);
enum naive_sampling { NAIVE_NEAREST, NAIVE_LINEAR, NAIVE_CUBIC };
enum naive_coordinates { /* of ONNX's Resize */
                         NAIVE_HALF_PIXEL,
                         NAIVE_ALIGN_CORNERS,
                         NAIVE_ASYMMETRIC,
                         NAIVE_PYTORCH_HALF_PIXEL,
                         NAIVE_HALF_PIXEL_SYMMETRIC,
                         NAIVE_TF_HALF_PIXEL,
                         NAIVE_TF_CROP_AND_RESIZE
};
enum naive_rounding { NAIVE_ROUND_PREFER_FLOOR, NAIVE_ROUND_PREFER_CEIL, NAIVE_FLOOR, NAIVE_CEIL };
/* ONNX's Resize along height and width: scales of 0 are the quotients of the sizes. */
struct naive_resize {
    enum naive_sampling mode;
    enum naive_coordinates coordinates;
    enum naive_rounding rounding;
    double scale[2], region[4]; /* top, left, bottom, right */
    double cubic_a, extrapolation;
    bool exclude_outside, antialias;
};
/* The tensors may not be empty. */
void naive_resize(double *y, double *magnitude, const int64_t y_shape[4], const double *x,
                  const int64_t x_shape[4], const struct naive_resize *resize);
void naive_pixel_shuffle(double *y, const double *x, const int64_t x_shape[4], int64_t factor_h,
                         int64_t factor_w);
void naive_pixel_unshuffle(double *y, const double *x, const int64_t x_shape[4], int64_t factor_h,
                           int64_t factor_w);
void naive_channel_shuffle(double *y, const double *x, const int64_t shape[4], int64_t groups);
/* y[i] = x[i mod n] along each axis: what is repeated, and copies side by side. */
void naive_repeat(double *y, const int64_t y_shape[4], const double *x, const int64_t x_shape[4]);
/* Axis i of y is axis of[i] of x. */
void naive_permute(double *y, const int64_t y_shape[4], const double *x, const int64_t x_shape[4],
                   const int of[4]);
/* The same values in the same linear order, images one after the other, each counted with channels
 * first (chw) or last. */
void naive_reshape(double *y, const int64_t y_shape[4], const double *x, const int64_t x_shape[4],
                   bool chw);

#endif
