/* What the files of this folder share while one network is emitted: the LLVM module, the position
 * in its run function, and the helpers that lowering is made of. */
#ifndef CNNC_CODEGEN_GENERATOR_H
#define CNNC_CODEGEN_GENERATOR_H

#include <llvm-c/Core.h>

#include "codegen/block.h"
#include "codegen/codegen.h"
#include "codegen/target.h"
#include "ir/graph.h"
#include "ir/loops.h"
#include "runtime/descriptors.h"

struct generator {
    struct arena *arena;
    struct graph *graph;
    const struct codegen_options *options;
    struct target target;
    LLVMContextRef context;
    LLVMModuleRef module;
    LLVMModuleRef runtime;  /* the primitives, until they are linked */
    LLVMBuilderRef builder; /* at the end of the layers function */
    LLVMTypeRef void_type, int32, int64, float_type, vector, pointer;
    LLVMValueRef layers;                       /* runs all layers */
    LLVMValueRef *inputs, *outputs, workspace; /* its parameters */
    /* As far from `workspace` as what one part needs for one pass is from where it is planned. */
    LLVMValueRef own;
    const char *identity;      /* of this compilation: identity.h */
    LLVMValueRef run_parallel; /* checks its arguments and calls `layers` */
    /* Of `layers`, NULL elsewhere: who runs shared kernels, and the memory of their arguments. */
    LLVMValueRef executor, words;
    int64_t passes;       /* of the loop that the node that is lowered is in; 1: in none */
    LLVMValueRef pass;    /* which one it is, NULL: the only one, or the first */
    struct block block;   /* of parameters */
    LLVMValueRef weights; /* its address */
    const char *weights_symbol;
    LLVMValueRef run_steps;         /* of a program: runs the layers, and tells of each */
    LLVMValueRef observe, observer; /* of `run_steps`: who is told, and its context */
    LLVMTypeRef observe_type;
    struct program_step *steps;
    size_t step_count;
    bool weightless;            /* nothing is packed: what reads weights finds some at `weights` */
    struct kernel_notes *notes; /* NULL; else kernels are noted, and no code is made: predict.h */
};

/* --- generate.c --- */

/* Begins the function that runs all layers: its parameters are the addresses of inputs, outputs,
 * weights where they are apart, workspace, and executor. */
void open_layers_function(struct generator *g);
/* Emits what the node does in the pass g->pass, where the builder is. */
typedef void lower_function(struct generator *g, const struct node *node);
lower_function lower_node;

/* --- layers.c --- */

/* The body of a function that does all nodes in order, with what emits a node. Where it has an
 * executor, the bodies of the tasks that it gives to that are to follow. */
void emit_layers(struct generator *g, lower_function *emit_node);
void emit_loop_tasks(struct generator *g);

/* --- constants.c: data in the object --- */

LLVMValueRef constant_int64(struct generator *g, int64_t value);
LLVMValueRef constant_float(struct generator *g, double value);
LLVMValueRef constant_int64s(struct generator *g, const int64_t *values, size_t count);
/* An array of bytes, not a pointer to it. */
LLVMValueRef constant_bytes(struct generator *g, const char *bytes, size_t length);
LLVMValueRef constant_string(struct generator *g, const char *text); /* a pointer to it */
LLVMValueRef constant_global(struct generator *g, LLVMValueRef initialiser);

/* --- epilogue.c: what happens to each vector of a layer before it is stored --- */

enum operand_kind {
    OPERAND_NONE,    /* one-operand step: parameters a, b */
    OPERAND_SCALAR,  /* the number a */
    OPERAND_SELF,    /* the value so far, twice */
    OPERAND_CHANNEL, /* a channel vector */
    OPERAND_TENSOR,  /* another tensor, read at the same position */
};

struct step {
    const char *function; /* cnn_FUNCTION of runtime/primitives.h; NULL: the operand is held for the
                             next step, which takes it before its own */
    enum operand_kind kind;
    int place; /* of the value so far among the arguments: 1 for operand - acc, operand / acc */
    double a, b;
    LLVMValueRef operand;
    struct cnn_strides strides; /* OPERAND_TENSOR */
    int64_t channel; /* its channel stride: 1, or 0 where one value serves all channels */
};

enum { MAX_STEPS = 64 };

struct steps {
    struct step items[MAX_STEPS];
    int count;
};

/* Appends y += bias where there is one. */
void steps_add_bias(struct generator *g, struct steps *steps, const struct tensor *bias);
/* Appends what a norm multiplies by and adds: see parameters_norm in ir/parameters.c. */
void steps_add_norm(struct generator *g, struct steps *steps, const struct node *norm);
/* Appends what makes an LRN of the sums of squares that its kernel has. */
void steps_add_lrn(struct generator *g, struct steps *steps, const struct node *lrn);
/* Appends what one elementwise layer does; an input of it that is `self` is the value so far. */
void steps_add_layer(struct generator *g, struct steps *steps, const struct node *layer,
                     const struct node *self);
/* Appends the layers fused behind a node. */
void steps_add_epilogue(struct generator *g, struct steps *steps, const struct node *node);
/* The function `vector (vector acc, pointer operands, n, h, w, c, lanes)` for these steps; equal
 * steps share one function. */
LLVMValueRef epilogue_function(struct generator *g, const struct steps *steps);
/* Whether their function is best run in a loop of its own: see runtime/steps.h. */
bool steps_are_long(const struct steps *steps);
/* The steps as text without their operands' addresses: equal texts, equal code. */
const char *steps_text(struct generator *g, const struct steps *steps);

/* --- kernel.c: calls of specialised primitives --- */

struct kernel {
    const char *primitive; /* cnn_PRIMITIVE */
    const void *descriptor;
    size_t descriptor_bytes;
    const struct steps *steps; /* NULL: the primitive takes no epilogue */
    /* Addresses: all but y NULL where the primitive has none. */
    LLVMValueRef y, x, weights, scratch;
    bool has_value; /* cnn_border's value */
    double value;
    int64_t pieces; /* of cnn_PRIMITIVE_part; 0: it cannot be split */
};

enum { OWN_ADDRESSES = 4, MAX_ADDRESSES = OWN_ADDRESSES + MAX_STEPS };

/* The addresses a kernel is called with: y, x, weights, scratch, then the steps' operands. */
struct addresses {
    LLVMValueRef items[MAX_ADDRESSES];
    unsigned count, first_operand;
    unsigned scratch; /* its place; 0: none */
};

#define DESCRIPTOR(d) .descriptor = &(d), .descriptor_bytes = sizeof(d)

void emit_kernel(struct generator *g, const struct kernel *kernel);
/* A call of the runtime's cnn_FUNCTION. */
LLVMValueRef call_runtime(struct generator *g, LLVMBuilderRef b, const char *function,
                          LLVMValueRef *arguments, unsigned count);
/* An array of the addresses, on the stack of the function that is built. */
LLVMValueRef store_addresses(struct generator *g, LLVMBuilderRef b, const LLVMValueRef *addresses,
                             size_t count);
/* The addresses in an array of the caller's. */
LLVMValueRef *load_addresses(struct generator *g, LLVMBuilderRef b, LLVMValueRef array,
                             size_t count);
/* Of the node's scratch memory. */
LLVMValueRef scratch_address(struct generator *g, const struct node *node);
/* The address of element n, h, w, c = 0, h, w, 0 of the node's tensor; of this pass's images. */
LLVMValueRef tensor_address(struct generator *g, const struct location *location, int64_t h,
                            int64_t w);
/* A function's attribute without a value. */
void add_attribute(struct generator *g, LLVMValueRef function, LLVMAttributeIndex index,
                   const char *name);
/* For a function that only calls kernels: nothing there is worth the time that passes take. */
void leave_unoptimised(struct generator *g, LLVMValueRef function);
/* One primitive from the node's only input to its place; steps may be NULL. */
void emit_whole(struct generator *g, const struct node *node, const char *primitive,
                const void *descriptor, size_t bytes, const struct steps *steps, int64_t pieces);
LLVMValueRef address_plus(struct generator *g, LLVMValueRef address, int64_t floats);
struct cnn_strides location_strides(const struct location *location);

/* Merges the loops over images, rows and columns into fewer, longer ones where every view allows
 * it. */
void merge_loops(int64_t *batch, int64_t *height, int64_t *width, struct cnn_strides **views,
                 int view_count);

/* Makes a row of pixels one pixel with width * channels channels, where its values lie side by side
 * in y and in every operand and no step depends on the channel. False, and nothing changed,
 * elsewhere. */
bool merge_pixels(struct steps *steps, int64_t *width, int64_t *channels, int64_t y_pixel,
                  int64_t x_pixel, int64_t *x_channel);

/* --- parallel.c: work that several threads share --- */

/* In how many parts a kernel's work is worth to be shared; 1: it is not. A shared kernel does some
 * of its pieces: its function wants two more arguments, first and end. */
int64_t most_parts(struct generator *g, const struct kernel *kernel);
/* The kernel's work by up to so many parts of the layers function's executor. */
void emit_shared_call(struct generator *g, const struct kernel *kernel, int64_t parts,
                      LLVMValueRef function, LLVMTypeRef type, const struct addresses *addresses);
/* Memory for the arguments of one call, on the stack of the function that the builder is in. */
LLVMValueRef shared_words(struct generator *g);
/* Where a part's own memory is: the first part's where it is planned, the others' one behind the
 * other from `beyond` on, which lies behind all that is planned. */
LLVMValueRef memory_of_part(struct generator *g, LLVMBuilderRef b, LLVMValueRef planned,
                            LLVMValueRef beyond, LLVMValueRef part);
/* pieces * part / parts */
LLVMValueRef first_piece(LLVMBuilderRef b, LLVMValueRef pieces, LLVMValueRef part,
                         LLVMValueRef parts);

/* --- module.c --- */

struct runtime_bitcode {
    const unsigned char *bytes;
    size_t size;
};

struct runtime_bitcode runtime_bitcode(int vector_width);
bool module_open(struct generator *g, const char **error);
bool module_optimise(struct generator *g, const char **error);
/* Parameters are data of the module but for an object, which gets them as a section of its own. */
bool module_emit(struct generator *g, enum emit_kind kind, struct pieces *out, const char **error);
void module_close(struct generator *g);

/* --- entry.c --- */

/* Defines the run functions, and the one that tells about the network. */
void emit_entry(struct generator *g);

/* --- program.c --- */

/* Defines cnn_program (runtime/program.h). */
void emit_program(struct generator *g);

/* --- program_steps.c --- */

struct program_step {
    const struct node *node;
    bool runs; /* false: there is nothing to do */
};

/* Defines run_steps and the list of steps, one for each node but inputs and parameters. */
void emit_program_steps(struct generator *g);
/* The layers that a node does: "conv+batchnorm+relu". */
const char *node_words(struct arena *arena, const struct node *node);
/* struct cnn_step */
LLVMValueRef constant_program_step(struct generator *g, const struct program_step *step);

/* --- lower_*.c: a function for each word in the operator table's column `lower` --- */

lower_function lower_conv, lower_depthwise, lower_deconv, lower_pool, lower_unpool, lower_map,
    lower_softmax, lower_reduce, lower_norm, lower_topk, lower_lrn, lower_upsample, lower_resize,
    lower_reshape, lower_permute, lower_expand, lower_tile, lower_concat, lower_slice, lower_pad,
    lower_pixel_shuffle, lower_pixel_unshuffle, lower_channel_shuffle, lower_nothing;

#endif
