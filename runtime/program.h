/* What a compiled program knows of its network: constant data that the compiler writes into the
 * object as the symbol `cnn_program`, read by the program's main. Every field is a pointer or an
 * int64_t, so that its layout is plain. */
#ifndef CNN_PROGRAM_H
#define CNN_PROGRAM_H

#include <stdint.h>

#include "runtime/executor.h"

enum { CNN_LAYOUT_HWC, CNN_LAYOUT_CHW };
enum { CNN_TYPE_F32, CNN_TYPE_U8 };

struct cnn_port {
    const char *name;
    int64_t shape[4]; /* N, H, W, C whatever the layout */
    int64_t layout;   /* of the buffer: CNN_LAYOUT_HWC or CNN_LAYOUT_CHW */
    int64_t type;     /* of its elements: CNN_TYPE_F32, or CNN_TYPE_U8 for an input of bytes */
    int64_t has_range;
    /* what raw values lie in: pictures' 0..255 are mapped to it, but for bytes, which they are */
    double range_low, range_high;
    const char *const *labels; /* names of the channels, or NULL */
    int64_t label_count;
};

enum { CNN_MEMORY_WORKSPACE, CNN_MEMORY_INPUT, CNN_MEMORY_OUTPUT };

/* What a run does for one tensor. In a pass, its element n, h, w, c of those of the pass lies n, h,
 * w, c times the strides and the pass times `pass_stride` behind `offset`, all in elements, in the
 * workspace or in the buffer of an input or output. */
struct cnn_step {
    const char *first, *last; /* the layers that it does, by the names that reports have for them */
    const char *layers;       /* their words: "conv+batchnorm+relu" */
    int64_t is_layer; /* the tensor is what layer `last` makes; 0: only the compiler wants it */
    int64_t runs;     /* 0: nothing is to be done, for other steps made all of it */
    int64_t macs;     /* multiply-accumulates */
    int64_t passes;   /* in which it is done, each for as many of the images; mostly 1 */
    int64_t memory, buffer; /* CNN_MEMORY_*, and which input or output */
    /* pass_stride: from one pass's images to the next one's; 0: these lie in the same place */
    int64_t offset, pass_stride, strides[4], shape[4];
};

/* Is told, after it, of each step of each pass. */
typedef void cnn_observe(void *observer, int64_t step, int64_t pass);

struct cnn_program {
    const char *network;
    const char *compiler; /* version of cnnc */
    const struct cnn_port *inputs;
    int64_t input_count;
    const struct cnn_port *outputs;
    int64_t output_count;
    int64_t workspace_bytes, alignment;
    int64_t part_bytes; /* more workspace for each part of an executor's but the first */
    /* executor: NULL for one thread. 0 when done. */
    int (*run)(const void *const *inputs, void *const *outputs, void *workspace,
               int64_t workspace_bytes, const struct cnn_executor *executor);
    const struct cnn_step *steps; /* run does these, some of them one after the other in passes */
    int64_t step_count;
    void (*run_steps)(const void *const *inputs, void *const *outputs, void *workspace,
                      cnn_observe *observe, void *observer);
    const char *report; /* the network's layers as a table, for people; NULL: none */
};

/* What a compiled program does with the words of its command line; the exit code. */
int cnn_program_main(const struct cnn_program *program, int count, char **words);

#endif
