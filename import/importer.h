/* What the parts of import share.
 *
 *   model.c       the whole model: opsets, initialisers, inputs, outputs
 *   listing.c     the model as lines of text, for messages
 *   nodes.c       nodes in order: what they call, functions, conditions
 *   operators.def the operators, a row each
 *   attributes.c  attributes of a node, by name and type
 *   tensors.c     tensors of the file
 *   constant_files.c  inputs that the command line makes constants
 *   operands.c    values of the model: constants, and tensors of the graph
 *   axes.c        dimensions of a value on the four axes of a tensor
 *   shared_axes.c more dimensions than axes
 *   joins.c       values that meet in one layer
 *   labels.c      names for layers, inputs and outputs
 *   fold_*.c      operators on constants
 *   shuffles.c    values that are split, transposed and joined again
 *   convert_*.c   operators as layers */
#ifndef CNNC_IMPORT_IMPORTER_H
#define CNNC_IMPORT_IMPORTER_H

#include "import/import.h"
#include "ir/builder.h"
#include "ir/table.h"
#include "onnx/onnx.pb-c.h"

enum {
    FOLDED_BYTES = 1 << 23, /* of constants that operators on constants make, */
    FOLDED_TIMES = 8,       /* and so many for each byte of the model */
    RANK_MAX = 8,
    NO_AXIS = -1,
    OUTPUTS_MAX = 32,
};

/* A value of the model. Its dimensions that are not 1 lie on different axes of the node; which axis
 * each is on makes transposing and squeezing free. Where they are more than four, some lie on one
 * axis together, the first the outermost. */
struct operand {
    const char *name; /* interned */
    int type;         /* DataType */
    int rank;
    int64_t dims[RANK_MAX];
    const unsigned char
        *bytes;         /* of a constant: its elements, little-endian, in C order; else NULL */
    struct node *node;  /* NULL of a constant that no layer has wanted yet */
    int axes[RANK_MAX]; /* of the node: AXIS_... , or NO_AXIS for a dimension of 1 */
    bool failed;        /* what makes it was refused: silences its users */
    /* A view: `whole`, reshaped to the dimensions `split` and transposed by `order`, of which no
     * layer has made a tensor yet; NULL for anything else. */
    struct operand *whole;
    int64_t split[RANK_MAX];
    int order[RANK_MAX];
};

/* The names of a graph or of a function's body; what is not there may be in the outer one. */
struct scope {
    struct table operands; /* to struct operand */
    const struct scope *outer;
};

/* A call of a function of the model: its nodes' places are that of the call. */
struct inlined {
    const Onnx__FunctionProto *function;
    const Onnx__NodeProto *call;
    struct span span;
    const struct inlined *caller;
};

struct importer {
    struct arena *arena;
    struct names *names;
    struct sources *sources;
    struct diagnostics *diagnostics;
    const struct import_options *options;
    const char *path; /* of the model */
    const Onnx__ModelProto *model;
    struct builder *builder;
    uint32_t source;         /* the listing */
    uint32_t *lines;         /* where each line of it begins: nodes, then inputs, then outputs */
    struct operand left_out; /* what a function sees of an input that its call does not give */
    struct table used; /* labels and names of ports, to the number that the next one may have */
    struct table inputs, outputs; /* names of the model's own, so far */
    struct table readers;         /* values that nodes read, to a node that does */
    struct table data;            /* external files, by location, to struct external */
    struct table floats;          /* bytes of constants of other types, to their values as floats */
    struct table needed; /* bodies of graphs and functions, to which of their nodes are needed */
    int64_t folded_max;  /* bytes of constants that operators may still make */
    int64_t steps;       /* nodes so far, those of functions at every call */
};

/* One node under conversion. */
struct step {
    struct importer *importer;
    const Onnx__NodeProto *node;
    const struct operator_row *row;
    const struct inlined *inlined; /* NULL in the graph itself */
    const struct scope *scope;
    struct span span;
    int64_t opset; /* version of the operator set in force */
    int input_count;
    struct operand **inputs; /* NULL where left out */
    int output_count;
    struct operand *outputs[OUTPUTS_MAX]; /* NULL where nobody wants it */
    uint64_t seen;                        /* attributes that the conversion has asked for */
};

struct operator_row {
    const char *name;
    int since; /* the first operator set whose form is understood */
    int inputs_min, inputs_max, outputs_max;
    bool (*fold)(struct step *step);    /* of constants; false: not folded, nothing is reported */
    bool (*convert)(struct step *step); /* false: an error was reported */
    enum op op;                         /* for conversions that several rows share */
};

/* model.c */
/* An error of the model that has no node: names the file. Returns false. */
bool model_error(struct importer *im, enum message message, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* listing.c */
void make_listing(struct importer *im);
struct span line_of_node(const struct importer *im, size_t node);
struct span line_of_input(const struct importer *im, size_t input);
struct span line_of_output(const struct importer *im, size_t output);

/* nodes.c */
/* Converts all nodes that `outputs` need. Messages about them are at `place`; NULL: at the line of
 * each. */
void import_nodes(struct importer *im, struct scope *scope, Onnx__NodeProto *const *nodes,
                  size_t count, const char *const *outputs, size_t output_count,
                  const struct inlined *inlined, const struct span *place);
/* An error at the node: `Resize "up1" of opset 13: ...`. Returns false. */
bool refuse(struct step *step, enum message message, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* The operators of ONNX itself. */
bool is_default_domain(const char *domain);
struct operand *find_operand(const struct scope *scope, const char *name);

/* attributes.c: of the step's node; an attribute of another type is an error, and the default is
 * returned. */
const Onnx__AttributeProto *find_attribute(struct step *step, const char *name);
int64_t attribute_int(struct step *step, const char *name, int64_t otherwise);
/* The shortest decimal number that rounds to this float: 0.1, where the float is 0.100000001. */
double decimal_of(struct importer *im, float number);
double attribute_float(struct step *step, const char *name, double otherwise);
const char *attribute_string(struct step *step, const char *name, const char *otherwise);
/* *count is 0 where it is left out. */
const int64_t *attribute_ints(struct step *step, const char *name, size_t *count);
/* An error for each attribute that nothing asked for. */
bool check_attributes(struct step *step);

/* tensors.c */
/* A constant from the file; NULL after an error. */
struct operand *read_tensor(struct importer *im, const Onnx__TensorProto *tensor, const char *name);
/* Bytes of an element; 0 of a type that is not read, such as strings. */
int64_t element_size(int type);
const char *type_text(int type);
bool is_float_type(int type);
/* The type that an attribute names; 0 where there is none of that number. */
int data_type(int64_t number);

/* constant_files.c */
/* Makes a constant of an input: type, dimensions and values are the file's. False after an error.
 */
bool read_constant_file(struct importer *im, const struct definition *given,
                        struct operand *operand);

/* operands.c */
/* Elements; checked when the operand was made. */
int64_t operand_count(const struct operand *operand);
const char *operand_text(struct importer *im, const struct operand *operand); /* "[1, 3, 8, 8]" */
bool is_constant(const struct operand *operand);                              /* false for NULL */
/* An error where the operand is known only at run time; `kind` and `verb` say what it is to the
 * node: "weights", "are". */
bool wants_known(struct step *step, const struct operand *operand, const char *kind,
                 const char *verb);
/* No dimension is below 0, and without those of 0 a tensor of them fits a file: whatever products
 * of them are formed do not overflow. */
bool are_sound_dims(int rank, const int64_t *dims);
int64_t constant_integer(const struct operand *operand, int64_t at);
double constant_real(const struct operand *operand, int64_t at);
/* All values as floats. */
const float *constant_floats(struct importer *im, const struct operand *operand);
/* The integers of a constant of rank 0 or 1: input `index` of the step. False, after an error,
 * where it is something else; *count is 0 where it is left out. */
bool integers_of_input(struct step *step, int index, const char *what, const int64_t **integers,
                       size_t *count);
/* The same, or the attribute of that name, which older operator sets have in its place. */
bool integers_of(struct step *step, const char *attribute, int index, const int64_t **integers,
                 size_t *count);
/* -rank..rank-1 into 0..rank-1; -1, after an error, otherwise. */
int normal_axis(struct step *step, int64_t axis, int rank);
/* A new constant, its bytes to be filled; NULL, without an error, where it would be too large. */
struct operand *new_constant(struct importer *im, int type, int rank, const int64_t *dims);
/* The same for a step that cannot do without: NULL after an error. */
struct operand *step_constant(struct step *step, int type, int rank, const int64_t *dims);
void set_integer_at(struct operand *constant, int64_t at, int64_t value);
void set_real_at(struct operand *constant, int64_t at, double value);
unsigned char *writable_bytes(struct operand *constant);
/* The step's output is this constant, or a value that is this one under another name. */
bool result_is(struct step *step, int output, const struct operand *operand);
/* The step's output is what `node` makes; its dims and their axes, of which each gets its own where
 * four suffice. False for a NULL node. */
bool result_node(struct step *step, int output, struct node *node, int type, int rank,
                 const int64_t *dims, const int *axes);
/* The same with the shape of another operand. */
bool result_like(struct step *step, int output, struct node *node, int type,
                 const struct operand *like);

/* axes.c */
/* Dimensions that are not 1. */
int large_dims(int rank, const int64_t *dims);
/* Where the dimensions of a value lie by default: N, C, H, W; N, C, W; N, C; C. Of more than four
 * that are not 1, those between C and the last one share the height. */
void usual_axes(int rank, const int64_t *dims, int axes[RANK_MAX]);
/* The operand as a tensor: constants become parameters. NULL after an error. */
struct node *operand_node(struct step *step, struct operand *operand);
/* A constant's values as a parameter keeps them, by image, channel, row, column, where its
 * dimensions lie on these axes. */
float *values_on_axes(struct step *step, const struct operand *operand, const int *axes);
/* The operand with its dimensions on these axes: permuted where it has them elsewhere. NULL after
 * an error. */
struct node *node_on_axes(struct step *step, struct operand *operand, const int *axes);
/* The operand with its dimensions where they lie by default. */
struct node *node_on_usual_axes(struct step *step, struct operand *operand);
/* Axes in C order: the dimensions that are not 1 on the last of N, H, W, C. */
void row_major_axes(int rank, const int64_t *dims, int axes[RANK_MAX]);
struct shape shape_on_axes(int rank, const int64_t *dims, const int *axes);

/* The dimensions that are not 1 lie in the order of the layout's buffers. */
bool in_layout(const struct operand *operand, enum layout layout);
/* The dimensions that are not 1, in the order in which they lie if axes do so in this one; returns
 * how many there are. */
int order_on_axes(int rank, const int64_t *dims, const int *axes, const int axis_order[4],
                  int order[RANK_MAX]);
/* Lays dimension `dim` on this axis; the one that was there, if any, on the axis that it leaves:
 * none shares its axis, and with `dim` they are four at most. */
void put_dim_on_axis(int rank, const int64_t *dims, int dim, int axis, int *axes);
struct node *permuted(struct step *step, struct node *node, const int order[4]);

/* shared_axes.c */
bool shares_axes(int rank, const int64_t *dims, const int *axes);
/* More dimensions that are not 1, and `dim`, than axes. */
bool needs_sharing(const struct operand *operand, int dim);
/* What node_on_axes does where dimensions share axes before or after. */
struct node *rearranged(struct step *step, const struct operand *operand, const int *axes);
/* The same of a node in which `count` dimensions lie in this order in memory, the batch first, the
 * channels last. */
struct node *rearranged_from(struct step *step, struct node *node, int rank, const int64_t *dims,
                             const int *order, int count, const int *axes);
/* The node with at most four dimensions that are not 1 on axes of their own. */
struct node *separated(struct step *step, struct node *node, int rank, const int64_t *dims,
                       int *axes);
/* The dimensions in the order in which they lie in memory, and behind its neighbour each that is
 * wanted and has no axis; returns how many there are. */
int order_with(int rank, const int64_t *dims, const int *axes, const bool *wanted,
               int order[RANK_MAX]);
/* Axes for dimensions that lie in this order in memory: neighbours share one where they are in the
 * value's order and of one kind, if kinds are given. False where four do not suffice. */
bool group_on_axes(const int *order, int count, const int *kinds, int *axes);
/* Axes for the operand where dimensions marked share none with others, and lie where a layer takes
 * them; marked dimensions of 1 have one as well. */
enum standing { ANYWHERE, NOT_BATCH, ON_CHANNELS };
void axes_apart(const struct operand *operand, const bool *marked, enum standing standing,
                int *axes);
/* The operand with dimension `dim` on the channels, alone; `axes` are those of all. NULL after an
 * error. */
struct node *node_with_channels(struct step *step, struct operand *operand, int dim, int *axes);
/* Axes for the operand where two dimensions are alone on the height and the width; NO_AXIS in place
 * of one. */
void axes_as_picture(const struct operand *operand, int rows, int columns, int *axes);
/* The operand with the dimensions marked on axes that no other one shares: `over`, of those that
 * are not 1. */
struct node *node_over(struct step *step, struct operand *operand, const bool *marked, int *axes,
                       int over[4], int *count);

/* joins.c */
/* The dimensions that values have together, by NumPy's rule; false after an error. */
bool joint_dims(struct step *step, struct operand *const *operands, int count, int *rank,
                int64_t *dims);
/* Axes for dimensions that several operands share, aligned at their last ones, so that few of them
 * move. Where they lie side by side along a dimension, that is `along`; else it is NO_AXIS. */
void joint_axes(struct operand *const *operands, int count, int along, int rank,
                const int64_t *dims, int *axes);
/* The operand for a join of these dimensions, which lie on `axes`. NULL after an error. */
struct node *joined_node(struct step *step, struct operand *operand, int rank, const int64_t *dims,
                         const int *axes);
/* Repeats what is of size 1 along a dimension. False after an error. */
bool expand_along(struct step *step, struct operand *x, int dim, int64_t size);

/* labels.c */
/* A label for a layer whose weights have this name in the model: "conv1" of "conv1.weight"; or
 * NULL, then that of the node. Never the same twice. */
const char *label_of(struct step *step, const struct operand *weight);
/* A label for a constant as a layer of its own, whose path is the tensor's key. */
const char *label_of_parameter(struct step *step, const struct operand *constant);
/* A C identifier near the name, no word of the language. */
const char *identifier_of(struct importer *im, const char *name);
/* The same for an input or output: no two differ in case only. */
const char *port_name(struct importer *im, const char *name);

#endif
