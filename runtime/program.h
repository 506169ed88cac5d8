/* What a compiled program knows of its network: constant data that the compiler writes into the
 * object as the symbol `cnn_program`, read by the program's main. Every field is a pointer or an
 * int64_t, so that its layout is plain. */
#ifndef CNN_PROGRAM_H
#define CNN_PROGRAM_H

#include <stdint.h>

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

struct cnn_program {
    const char *network;
    const char *compiler; /* version of cnnc */
    const struct cnn_port *inputs;
    int64_t input_count;
    const struct cnn_port *outputs;
    int64_t output_count;
    int64_t workspace_bytes, alignment;
    /* buffers: the inputs, then the outputs. 0 when done. */
    int (*run)(const void *const *inputs, void *const *outputs, void *workspace);
    const char *report; /* the network's layers as a table, for people; NULL: none */
};

#endif
