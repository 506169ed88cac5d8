/* What the parts of making an ONNX model share.
 *
 *   model.c        inputs, layers in their order, outputs
 *   emit.c         nodes, attributes, initializers and names of the model
 *   operators.def  which layer becomes what: a row each
 *   elementwise.c, logic.c, norms.c, windows.c, moves.c, resample.c   how
 *
 * Tensors are N, C, H, W. What flatten and dense make is N, C, and stays so through layers that do
 * not care; others get it as N, C, 1, 1. */
#ifndef CNNC_EXPORT_ONNX_EXPORTER_H
#define CNNC_EXPORT_ONNX_EXPORTER_H

#include "export/onnx.h"
#include "ir/table.h"
#include "lexer/names.h"
#include "onnx/onnx.pb-c.h"

enum { N, C, H, W }; /* the axes of a picture */

struct dims {
    int count;
    int64_t of[6];
};

/* The tensor of a node. */
struct onnx_value {
    const char *name;
    bool vector; /* N, C */
};

struct exporter {
    struct arena *arena;
    const struct graph *graph;
    struct names names;
    struct table taken;        /* names of values and initializers */
    struct table constants;    /* the contents of constants, as text, to their name */
    struct onnx_value *values; /* by the node's id */
    const struct node *node;   /* the layer that is being written */
    bool vector;               /* what it makes is N, C */

    Onnx__NodeProto **nodes;
    size_t node_count, node_capacity;
    Onnx__TensorProto **initializers;
    size_t initializer_count, initializer_capacity;
    Onnx__ValueInfoProto **infos; /* of values between layers */
    size_t info_count, info_capacity;
};

/* What a layer takes and makes. */
enum rank {
    RANK_ANY,     /* N, C where all that it takes is so */
    RANK_PICTURE, /* N, C, H, W */
    RANK_VECTOR,  /* N, C */
    RANK_FLATTEN, /* N, C, H, W in, N, C out */
};

struct form {
    /* Emits the nodes of a layer, the last one makes its tensor. `in`: what it takes. */
    void (*write)(struct exporter *x, const struct node *node, const struct form *form,
                  const char *const *in);
    const char *type; /* the ONNX operator, for forms that several layers share */
    enum rank rank;
};

extern const struct form forms[OP_COUNT]; /* write is NULL where there is none */

/* emit.c */
/* A node of the model: begun with its inputs, which NULL ends ("": left out), given attributes, and
 * ended, which names its output. */
Onnx__NodeProto *begin_node(struct exporter *x, const char *type, ...) __attribute__((sentinel));
void set_int(struct exporter *x, Onnx__NodeProto *node, const char *name, int64_t value);
void set_ints(struct exporter *x, Onnx__NodeProto *node, const char *name, const int64_t *values,
              int count);
void set_float(struct exporter *x, Onnx__NodeProto *node, const char *name, double value);
void set_text(struct exporter *x, Onnx__NodeProto *node, const char *name, const char *value);
const char *end_node(struct exporter *x, Onnx__NodeProto *node, struct dims dims);
/* Of another type than FLOAT. */
const char *end_typed(struct exporter *x, Onnx__NodeProto *node, int type, struct dims dims);
/* Of an operator that makes values and their indices, in this order: either, the other unread. */
const char *end_values(struct exporter *x, Onnx__NodeProto *node, struct dims dims);
const char *end_indices(struct exporter *x, Onnx__NodeProto *node, struct dims dims);
/* The last node's output is called so from here on. */
void rename_last(struct exporter *x, const char *name);
/* A node of one input and no attribute. */
const char *apply(struct exporter *x, const char *type, const char *in, struct dims dims);
const char *apply_two(struct exporter *x, const char *type, const char *a, const char *b,
                      struct dims dims);
const char *cast(struct exporter *x, const char *in, int type, struct dims dims);
const char *reshaped(struct exporter *x, const char *in, struct dims dims);
const char *transposed(struct exporter *x, const char *in, const int64_t *order, struct dims from);

/* What a layer of two operands is applied to: tensors, or one and its number. */
struct operands {
    const char *first, *second;
};
struct operands operands_of(struct exporter *x, const struct node *node, const char *const *in);

/* Constants; equal ones are one initializer. */
const char *scalar(struct exporter *x, double value);
const char *integers(struct exporter *x, const int64_t *values, int count);
/* Values of the arena, under the layer's path and this name. */
const char *array(struct exporter *x, const char *name, const float *values, struct dims dims);
/* A parameter of the layer under its key; of other dimensions than its own where `dims` is given.
 */
const char *parameter(struct exporter *x, const struct node *node, int index,
                      const struct dims *dims);

/* A name that is free, like `text`; it is taken then. */
const char *free_value_name(struct exporter *x, const char *text);
void take_value_name(struct exporter *x, const char *name);
Onnx__ValueInfoProto *value_info(struct exporter *x, const char *name, int type, struct dims dims);

struct dims picture_dims(struct shape shape);
struct dims vector_dims(struct shape shape);
/* Of what the layer makes. */
struct dims result_dims(const struct exporter *x, const struct node *node);
/* AXIS_... of N, C, H, W */
int64_t onnx_axis(int axis);

/* moves.c: the axes that the layer goes over, of N, C, H, W; returns how many. */
int reduced_axes(const struct node *node, int64_t axes[4]);
/* Units of these numbers along an axis; *dims becomes the result's. */
const char *gathered(struct exporter *x, const char *in, int axis, const int64_t *indices,
                     int64_t count, struct dims *dims);
/* A border of `mode` around the axes N, C, H, W. */
struct border {
    enum border_mode mode;
    int64_t before[4], after[4];
    double value; /* BORDER_ZEROS: what it holds */
};
const char *bordered(struct exporter *x, const char *in, struct dims dims,
                     const struct border *border);

#define FORM_FUNCTION(name)                                                                        \
    void write_##name(struct exporter *x, const struct node *node, const struct form *form,        \
                      const char *const *in)
/* elementwise.c */
FORM_FUNCTION(plain);
FORM_FUNCTION(slope);
FORM_FUNCTION(hard_sigmoid);
FORM_FUNCTION(selu);
FORM_FUNCTION(shrink);
FORM_FUNCTION(silu);
FORM_FUNCTION(gelu);
FORM_FUNCTION(mish);
FORM_FUNCTION(clip);
FORM_FUNCTION(relu6);
FORM_FUNCTION(threshold);
FORM_FUNCTION(binary);
FORM_FUNCTION(prelu);
FORM_FUNCTION(dropout);
FORM_FUNCTION(batchnorm);
FORM_FUNCTION(normalize);
FORM_FUNCTION(grayscale);
/* logic.c */
FORM_FUNCTION(test);
FORM_FUNCTION(compare);
FORM_FUNCTION(not_equal);
FORM_FUNCTION(where);
FORM_FUNCTION(fmod);
FORM_FUNCTION(mod);
/* windows.c */
FORM_FUNCTION(conv);
FORM_FUNCTION(deconv);
FORM_FUNCTION(pool);
FORM_FUNCTION(unpool);
FORM_FUNCTION(dense);
FORM_FUNCTION(lppool);
/* resample.c */
FORM_FUNCTION(upsample);
FORM_FUNCTION(resize);
/* norms.c */
FORM_FUNCTION(instancenorm);
FORM_FUNCTION(groupnorm);
FORM_FUNCTION(layernorm);
FORM_FUNCTION(l2norm);
FORM_FUNCTION(lrn);
/* moves.c */
FORM_FUNCTION(softmax);
FORM_FUNCTION(concat);
FORM_FUNCTION(slice);
FORM_FUNCTION(crop);
FORM_FUNCTION(pad);
FORM_FUNCTION(expand);
FORM_FUNCTION(tile);
FORM_FUNCTION(flatten);
FORM_FUNCTION(reshape);
FORM_FUNCTION(permute);
FORM_FUNCTION(pixel_shuffle);
FORM_FUNCTION(pixel_unshuffle);
FORM_FUNCTION(channel_shuffle);
FORM_FUNCTION(reduce);
FORM_FUNCTION(reduce_sum);
FORM_FUNCTION(argmax);
FORM_FUNCTION(topk);

#endif
