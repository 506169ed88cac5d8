/* The graph: one static network. Elaboration makes its nodes in topological order, each with its
 * shape; the passes after it rewrite them; the plan gives each tensor its place in memory.
 *
 * A node is one layer and the one tensor it makes. */
#ifndef CNNC_IR_GRAPH_H
#define CNNC_IR_GRAPH_H

#include <stdbool.h>
#include <stdint.h>

#include "lexer/arena.h"
#include "lexer/source.h"

struct shape {
    int64_t n, h, w, c;
};

enum op {
#define OP(id, ...) OP_##id,
#include "ir/ops.def"
#undef OP
    OP_COUNT
};

enum { TOP, LEFT, BOTTOM, RIGHT };
enum { AXIS_BATCH, AXIS_HEIGHT, AXIS_WIDTH, AXIS_CHANNELS };

enum padding_form { PADDING_SIDES, PADDING_SAME, PADDING_SAME_LOWER, PADDING_VALID };
enum border_mode { BORDER_ZEROS, BORDER_REFLECT, BORDER_REPLICATE, BORDER_WRAP };
enum layout { LAYOUT_HWC, LAYOUT_CHW };
enum element { ELEMENT_F32, ELEMENT_U8 };
enum resize_mode { RESIZE_NEAREST, RESIZE_BILINEAR, RESIZE_BICUBIC };
enum align {
    ALIGN_HALF_PIXEL,
    ALIGN_CORNERS,
    ALIGN_ASYMMETRIC,
    ALIGN_PYTORCH_HALF_PIXEL,
    ALIGN_HALF_PIXEL_SYMMETRIC,
    ALIGN_TF_HALF_PIXEL,
    ALIGN_CROP
};
enum resize_rounding {
    ROUNDING_PREFER_FLOOR, /* the nearest; of two that are, the one before */
    ROUNDING_PREFER_CEIL,
    ROUNDING_FLOOR,
    ROUNDING_CEIL
};

/* Axis i of the result is axis of[i] of the input; of the first `count` axes that are written. */
struct permutation {
    int count, of[4];
};

/* One number, or one for each channel; a count of 0: not given. */
struct numbers {
    const double *values;
    int64_t count;
};

struct resampling;

/* Every attribute of every layer; a layer uses those of its row in the operator table, and they are
 * resolved: defaults filled in, `same` and global windows turned into numbers. */
struct attributes {
    int64_t kernel[2], stride[2], dilation[2]; /* height, width */
    enum padding_form padding_form;            /* as written */
    int64_t padding[4];                        /* resolved: TOP, LEFT, BOTTOM, RIGHT */
    int64_t output_padding[2];
    enum border_mode padding_mode;
    int64_t depth, groups, multiplier;
    bool bias, ceil, count_padding, global, shared;
    bool per_channel;               /* prelu: a slope a channel */
    bool axes[4];                   /* what is reduced; softmax, concat and slice set one */
    struct permutation permutation; /* permute */
    int64_t start, step;            /* slice along its axis */
    int64_t times;                  /* tile along its axis */
    int64_t sides[4];               /* crop */
    int64_t batch_padding[2], channel_padding[2]; /* pad: before, after */
    double value;                                 /* pad; lrn: its bias */
    enum layout order;    /* flatten, reshape: which linear order of the values is kept */
    enum element element; /* input: what the caller's values are */
    struct shape size;    /* parameter, reshape, expand, upsample: the wanted size */
    int64_t factor[2];    /* upsample, pixel_shuffle, pixel_unshuffle */
    enum resize_mode mode;
    enum align align;
    double scale[2];  /* resize: how many times larger; 0 where the sizes say it */
    double region[4]; /* resize: of align = crop */
    enum resize_rounding rounding;
    double coefficient; /* bicubic */
    bool exclude_outside, antialias;
    const struct resampling *resampling[2]; /* resize, bicubic upsample: ir/resampling.h */
    double epsilon;
    struct numbers numbers[2];   /* mean and std of an affine node, as the file gives them */
    bool affine;                 /* norms: learned weights follow */
    int64_t p;                   /* l2norm: 2, or 1 */
    int64_t near;                /* lrn: how many channels are summed */
    int64_t k;                   /* topk */
    bool largest, indices, last; /* topk, arg..., maxpool: from which end, what, which of equals */
    double a, b;       /* parameters of the elementwise layers: slope, alpha, low, high, ... */
    bool approximate;  /* gelu by tanh */
    bool has_scalar;   /* of a layer of two operands: the other one is `scalar` */
    bool scalar_first; /* scalar - x, scalar / x */
    double scalar;
    bool is_number[2]; /* where: the choices that are the numbers a and b, not inputs */
};

/* A constant tensor: a parameter of the network, a filter, or one made by folding. Always in
 * PyTorch's order: conv [K, C/G, R, S], depthwise [C*M, 1, R, S], deconv [C, K/G, R, S], dense [K,
 * C], vectors [C]; a parameter layer's value [C, H, W], with N in front where it is not 1; what a
 * layer norm multiplies by [C, H, W], without the axes that it does not go over. */
struct tensor {
    const char *name; /* its key in the weights file; NULL for filters and folded constants */
    int rank;
    int64_t dimensions[4];
    float *data;      /* NULL until weights are bound */
    bool learned;     /* counted as a parameter (running statistics are not) */
    struct span span; /* the layer that wants it */
};

/* A chain of block calls, innermost first: where a node comes from. */
struct call {
    struct span span;
    const char *block;
    const struct call *caller;
};

enum memory { MEMORY_NONE, MEMORY_WORKSPACE, MEMORY_INPUT, MEMORY_OUTPUT, MEMORY_WEIGHTS };

/* Where a tensor lies: element n,h,w,c is at offset + n*image + h*row + w*pixel + c*channel, in
 * floats (bytes, of an input of bytes) from the start of the workspace, of the caller's buffer
 * `index`, or of what the node `index`, a parameter layer, has among the weights. channel is 1 but
 * for buffers in CHW layout. */
struct location {
    enum memory memory;
    int index;
    int64_t offset, image, row, pixel, channel;
    int64_t images; /* of the tensor, all of which lie there; 0: those of one pass of its loop */
};

/* Nodes one after the other that are done in several passes, each over as many of the images: what
 * they make of few images stays in caches. */
struct loop {
    int first, last; /* ids of nodes */
    int64_t passes;  /* 2 or more; every node's images are a multiple */
};

/* How a convolution's kernel goes about it, where that was measured: output pixels and channel
 * vectors of a register tile, Winograd's tiles of a block and whether its weights are fetched
 * early. All 0: codegen's model chooses. */
struct tuned {
    int64_t pixels, vectors, block, fetch;
};

struct node {
    enum op op;
    int id;           /* position in the graph's list */
    const char *path; /* parameter path: "layer1.0.conv1" */
    bool labelled;    /* the path's last part is a label of the file, not a running number */
    /* For people, once passes make one node of several layers: their words, "conv+batchnorm", and
     * the name of the last of them, whose tensor this is; NULL where only passes want it. Fused
     * layers have words of their own. */
    const char *words, *makes;
    struct span span; /* the call in the source */
    const struct call *call;
    struct node **inputs;
    int input_count;
    struct shape shape;
    struct attributes attributes;
    struct tensor *
        *parameters; /* in the order of the operator's row; NULL where not wanted (no bias) */
    int parameter_count;
    struct sight *sights; /* its receptive fields, one for each input that it sees: ir/fields.h */
    int64_t macs;

    /* Fused elementwise layers, applied in order to each value of this node before it is stored. An
     * input of theirs that is this node stands for the value so far. */
    struct node **epilogue;
    int epilogue_count;
    /* Set where padding was exposed as a PAD node: row and column of inputs[0] where the layer's
     * own input begins. A window starts at border - padding, which is not negative. */
    int64_t border[2];
    struct location location;

    const struct loop *loop; /* over images that it is in; NULL: it is done once, for all images */
    /* Convolutions: outputs along a side of a tile of Winograd's, 0 where sums are summed as they
     * are defined. Chosen before the plan: choose_algorithms in codegen/codegen.h. */
    int64_t winograd;
    struct tuned tuned;
    int64_t cycles, cycles_as_defined; /* predicted, where there is a choice; else 0 */
    int64_t scratch_floats;            /* of the workspace, that its kernel uses while it runs */
    int64_t scratch;                   /* where they begin; set by the plan */
};

struct input {
    const char *name;
    struct span span;
    struct node *node; /* OP_INPUT: raw values; range and normalisation are nodes after it */
    enum layout layout;
    enum element element; /* of the caller's buffer; ELEMENT_U8 is read by a CONVERT node only */
    bool has_range;
    double range_low, range_high;
    int64_t field_asserted; /* the largest field on it that an assertion is about */
};

struct output {
    const char *name;
    struct span span;
    struct node *node;
    enum layout layout;
    const char **labels; /* NULL where none */
    int64_t label_count;
    struct span labels_span;
};

/* What following the receptive fields has taken so far: it is limited. */
struct follow {
    int64_t reads, units, ranges, tables, sights;
    bool stopped; /* some nodes have no sights, though they see something */
};

struct sight;

struct graph {
    struct arena *arena;
    const char *name; /* of the network */
    struct span span;
    struct node **nodes;
    size_t node_count, node_capacity;
    struct input *inputs;
    size_t input_count, input_capacity;
    struct output *outputs;
    size_t output_count, output_capacity;
    struct tensor **tensors; /* every parameter wanted from the weights file */
    size_t tensor_count, tensor_capacity;

    bool has_weights; /* a weights statement */
    const char *weights_path, *weights_folder, *weights_prefix;
    enum layout weights_order; /* LAYOUT_CHW: oihw (PyTorch); LAYOUT_HWC: hwio (Keras) */
    struct span weights_span;

    int64_t workspace_floats; /* set by the plan */
    int64_t pass_floats;      /* of these, the last: for what only one pass of a loop needs */
    struct follow follow;
    int64_t least_floats; /* of a workspace for this order of nodes: ir/bound.h */
};

/* The operator table as data. */
struct operator{
    const char *name;    /* the keyword; NULL for operators that only passes make */
    const char *summary; /* one line for people */
    bool elementwise;    /* may be fused behind the node that makes its input */
};

extern const struct operator operators[OP_COUNT];

struct node *graph_add(struct graph *graph, enum op op, int input_count);
/* What reports call each node, by position: its path; where that occurs again, as with shared
 * weights, PATH#2, PATH#3. */
const char **node_names(const struct graph *graph, struct arena *arena);
int64_t shape_count(struct shape shape);            /* product; shapes in a graph never overflow */
int64_t tensor_count(const struct tensor *tensor);  /* values; checked when the tensor was made */
int64_t node_weight_count(const struct node *node); /* values of all its parameters */
bool shape_equal(struct shape a, struct shape b);
/* Its values are there before a run: they lie in a buffer of the caller's or among the weights. */
bool is_given(const struct node *node);
/* A vector of all values of `picture`, or one of each of its images. */
bool is_vector_of(struct shape shape, struct shape picture);
/* "28x28x6", with the batch in front where it is not 1. */
const char *shape_text(struct arena *arena, struct shape shape);

/* --dump=graph: a line each: id, path, operator, inputs, attributes, shape, fused layers. */
#include <stdio.h>
void dump_graph(FILE *stream, const struct graph *graph);
/* --dump=plan: what dump_graph says, and where each tensor lies. */
void dump_plan(FILE *stream, const struct graph *graph);

#endif
