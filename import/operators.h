/* The operators of ONNX: what import/operators.def names. */
#ifndef CNNC_IMPORT_OPERATORS_H
#define CNNC_IMPORT_OPERATORS_H

#include "import/importer.h"

/* What Slice is asked for along a dimension. */
struct cut {
    int64_t first, count, by;
};

/* fold_elementwise.c */
/* The type of what folding makes of this one. */
int folded_type(int type);

/* convert_elementwise.c */
/* An error where an input, or the first one, is not of floats. */
bool wants_floats(struct step *step);
bool wants_float_data(struct step *step);

/* A layer that has no attributes but its defaults. NULL after an error. */
struct node *layer_of(struct step *step, enum op op, struct node *const *inputs, int count);
/* The output is what an operator makes of two operands, broadcast. */
bool result_binary(struct step *step, int output, enum op op, struct operand *left,
                   struct operand *right);

/* The first output is in[1] where in[0] is not 0, else in[2], broadcast. */
bool result_choice(struct step *step, struct operand *const *in);

/* convert_products.c */
/* The operand with a dimension of 1 before `at`. */
struct operand with_one_before(const struct operand *x, int at);
/* The first output is the product by NumPy's rule: with one known matrix, or of two tensors. */
bool result_matmul(struct step *step, struct operand *a, struct operand *b);

/* convert_pads.c */
/* Puts zeros before and after each dimension, no number of them below 0. False after an error. */
bool pad_with_zeros(struct step *step, struct operand *x, const int64_t *before,
                    const int64_t *after);

/* convert_windows.c */
/* What the attributes of a window say; axes are height and width, a sequence has height 1. */
struct window_attributes {
    int64_t kernel[2], stride[2], dilation[2], pads[4];
    const char *padding; /* a word in place of pads; NULL */
};
/* A sequence, a picture or a volume; an error otherwise. */
bool wants_spatial(struct step *step, const struct operand *x);
/* All pixels of a channel on the height and the width, each image and channel by itself. */
struct node *node_as_pictures(struct step *step, struct operand *x, int *axes);
/* Weights, known, of as many dimensions as the input. */
bool wants_weights(struct step *step, const struct operand *x, const struct operand *w);
/* An error where there is a bias that is not one known number a channel. */
bool wants_bias(struct step *step, const struct operand *bias, int64_t channels);
/* Weights of these many groups fit an input of these many channels; an error otherwise. */
bool wants_groups(struct step *step, const struct operand *w, int64_t groups, int64_t channels);
/* An error where `kernel_shape`, `count` numbers, is not one for each axis. */
bool wants_kernel(struct step *step, size_t count, size_t axes);
/* Convolutions of a picture; w has four dimensions or those of a sequence, `bias` may be NULL. */
struct node *conv_layer(struct step *step, struct node *x, const struct window_attributes *window,
                        const struct operand *w, const struct operand *bias, int64_t groups);
struct node *deconv_layer(struct step *step, struct node *x, const struct window_attributes *window,
                          const int64_t output_padding[2], const struct operand *w,
                          const struct operand *bias, int64_t groups);

/* convert_volumes.c */
/* The first output is the convolution, or the transposed one, of a volume. */
bool conv_volume(struct step *step, struct operand *x, struct operand *w, struct operand *bias,
                 int64_t groups);
bool deconv_volume(struct step *step, struct operand *x, struct operand *w, struct operand *bias,
                   int64_t groups);
/* A window of depth, height and width, and what it is of a volume's planes and of its depth. */
struct volume_window {
    int64_t kernel[3], stride[3], dilation[3], before[3], after[3];
};
/* From the step's attributes; the kernel may be that of weights, else NULL. */
bool read_volume_window(struct step *step, const struct operand *x, const struct operand *w,
                        struct volume_window *window);
struct window_attributes window_of_planes(const struct volume_window *window);
struct window_attributes window_of_depth(const struct volume_window *window);
/* Where its dimensions lie: its planes are pictures; its depth is a height. */
extern const int volume_by_planes[RANK_MAX], volume_by_depth[RANK_MAX];

/* The first output is the convolution that the step's attributes describe. `bias` may be NULL. */
bool result_conv(struct step *step, struct operand *x, struct operand *w, struct operand *bias,
                 int64_t groups);
/* What an attribute has for `axes` axes, `each` for one of them; NULL where it is left out. False
 * after an error. */
bool axis_numbers(struct step *step, const char *name, int axes, size_t each, const int64_t **ints);
enum auto_pad { AUTO_PAD_NOTSET, AUTO_PAD_VALID, AUTO_PAD_UPPER, AUTO_PAD_LOWER };
bool read_auto_pad(struct step *step, enum auto_pad *pad);
/* One or two numbers for the spatial axes, of rank 3 the latter, `otherwise` where left out; the
 * pads, as TOP, LEFT, BOTTOM, RIGHT. False after an error. */
bool spatial_pair(struct step *step, const char *name, int rank, int64_t otherwise,
                  int64_t pair[2]);
bool read_pads(struct step *step, int rank, int64_t pads[4]);
/* An error where it is neither a picture nor a sequence. */
bool wants_pictures(struct step *step, const struct operand *x);
/* The output is a picture or, of rank 3, a sequence. */
bool result_picture(struct step *step, int output, struct node *node, int rank);

/* convert_unpool.c */
/* The second output are these places in each picture, as the model counts them. */
bool result_pool_indices(struct step *step, struct node *places);

/* shuffles.c */
/* The first output is `whole` in these dimensions, in another order, and no tensor yet. */
bool result_view(struct step *step, struct operand *whole, int rank, const int64_t *dims,
                 const int *order);
bool transpose_view(struct step *step, const struct operand *view, const int *order);
/* A view brought to new dimensions, where that shuffles channels or pixels; *known says so. */
bool convert_shuffle(struct step *step, const struct operand *view, int rank, const int64_t *dims,
                     bool *known);

/* convert_batchnorm.c */
/* Inputs behind the first are vectors of one number a channel; false after an error. */
bool wants_vectors(struct step *step, int64_t channels);
/* A layer of two tensors, or of one and a number; NULL where one is NULL, so that calls chain. */
struct node *pair_layer(struct step *step, enum op op, struct node *left, struct node *right);
struct node *number_layer(struct step *step, enum op op, struct node *x, double number);
/* The mean over axes, what x differs from it by, and the mean of the square of that. */
struct moments {
    struct node *mean, *difference, *variance;
};
struct moments moments_of(struct step *step, struct node *x, const int *axes, int count);
struct node *deviation_of(struct step *step, struct node *variance, double epsilon);

/* convert_cast.c */
/* x towards zero, to an integer; NULL of NULL. */
struct node *truncated_layer(struct step *step, struct node *x);

/* convert_wrapping.c */
/* The step's operator on integers of its inputs' type: floats hold its results before they wrap. */
bool wraps_exactly(const struct step *step);
bool result_wrapped(struct step *step, struct operand *left, struct operand *right);

/* convert_quantised.c */
/* A result on its way, to which one operator after the other is applied. False after an error. */
bool apply_layer(struct step *step, struct operand *value, enum op op);
bool apply_number(struct step *step, struct operand *value, enum op op, double number);
bool apply_operand(struct step *step, struct operand *value, enum op op, struct operand *other);
bool apply_clip(struct step *step, struct operand *value, double low, double high);
/* saturate(round_half_even(value) + zero) */
bool saturate(struct step *step, struct operand *value, struct operand *zero, int type);
/* One number, or one for each place along dimension `axis` of x: as an operand that fits x. */
bool along_dim(struct step *step, const struct operand *given, const struct operand *x,
               int64_t axis, struct operand *fitting);
struct operand *input_at(struct step *step, int index); /* NULL where it is left out */

/* convert_reshape.c, convert_cuts.c */
/* An output, or the first one, has the operand's values in C order, in other dimensions. */
bool reshaped_to(struct step *step, int output, struct operand *from, int rank,
                 const int64_t *dims);
bool result_reshaped(struct step *step, struct operand *from, int rank, const int64_t *dims);
/* The first output is the operand without the dimensions marked, which are 1. */
bool result_without(struct step *step, const struct operand *from, const bool gone[RANK_MAX]);
bool result_without_dim(struct step *step, const struct operand *from, int dim);
/* The first output is x as a matrix: by its dimensions before `dim`, and those from it on. */
bool result_matrix(struct step *step, struct operand *x, int dim);
/* The first output is these operands side by side along dimension `dim`; `dims` are its own. */
bool result_joined(struct step *step, struct operand **parts, int count, int dim,
                   const int64_t *dims);
/* Elements first, first + by, ... of dimension `dim`, `count` of them. */
bool result_sliced(struct step *step, int output, struct operand *x, int dim, int64_t first,
                   int64_t count, int64_t by);
/* The operand with dimension `dim` on an axis, which is then *axis, and all on `axes`: not on the
 * batch, for layers that do not take it. */
struct node *node_along(struct step *step, struct operand *x, int dim, bool takes_batch, int *axes,
                        int *axis);
/* The dimensions of the step's inputs side by side along `axis`. */
bool concat_dims(struct step *step, int axis, int64_t *dims);
/* The first output is x with its dimensions in this order. */
bool result_transposed(struct step *step, const struct operand *x, const int *order);
/* The node's values, in the order of a layout, in this shape; itself where it has it. */
struct node *reshape_layer(struct step *step, struct node *node, struct shape shape,
                           enum layout order);
bool read_permutation(struct step *step, int rank, int order[RANK_MAX]);
bool read_cuts(struct step *step, struct cut *cuts);

extern const struct operator_row onnx_operators[];              /* ended by one without a name */
const struct operator_row *find_operator_row(const char *name); /* NULL where there is none */

bool fold_never(struct step *step);
#define ONNX(name, since, inputs_min, inputs_max, outputs_max, fold, convert, op)                  \
    bool fold_##fold(struct step *step);                                                           \
    bool convert_##convert(struct step *step);
#include "import/operators.def"
#undef ONNX

#endif
