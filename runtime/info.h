/* What a compiled network tells of itself. NAME_info() returns a block of constant bytes that
 * begins with struct cnn_info. There is no address in it, so that it needs no start-up and can lie
 * anywhere: texts and lists are told by their distance in bytes from its beginning, 0 for none. All
 * integers are int64_t. The same for every network, and versions with the same magic. */
#ifndef CNN_INFO_H
#define CNN_INFO_H

#include <stdint.h>

#define CNN_INFO_MAGIC "cnninfo1"

enum { CNN_INFO_FLOAT, CNN_INFO_BYTE }; /* cnn_info_tensor.type: float32, or uint8 */
enum { CNN_INFO_HWC, CNN_INFO_CHW };    /* cnn_info_tensor.layout, batch in front */

/* An input or output, in the order of the run function's parameters. */
struct cnn_info_tensor {
    int64_t name; /* a text */
    int64_t type, layout;
    int64_t shape[4];  /* batch, height, width, channels, whatever the layout */
    int64_t has_range; /* inputs: raw values lie in range[0] to range[1] */
    double range[2];
    int64_t labels, label_count; /* outputs: a list of int64_t, each a text, one a channel */
};

/* A layer of the file, in its order. */
struct cnn_info_layer {
    int64_t name, word; /* texts: its path, and what the language calls it */
    int64_t shape[4];   /* of its result: batch, height, width, channels */
    int64_t parameters; /* learned numbers */
    int64_t macs;       /* multiply-accumulates */
    int64_t input;      /* the first input it depends on; -1: none */
    /* its receptive field in that input, in pixels, along height and width; not a number where no
     * one formula holds: size, distance of neighbours, first pixel of unit 0 */
    double field[2], stride[2], offset[2];
};

struct cnn_info {
    char magic[8];                          /* CNN_INFO_MAGIC without its NUL */
    int64_t bytes;                          /* of the whole block */
    char identity[16];                      /* of the compilation: not ended by a NUL */
    int64_t network, compiler, target, cpu; /* texts */
    int64_t inputs, input_count;            /* a list of struct cnn_info_tensor */
    int64_t outputs, output_count;
    int64_t layers, layer_count; /* a list of struct cnn_info_layer */
    int64_t parameters, macs;    /* of all layers */
    int64_t workspace_bytes, alignment;
    int64_t weights_bytes; /* of the weights file; 0: weights are in the object */
    /* Of workspace more, for each part of an executor but the first. A later field than those
     * above, as more may be: blocks without it have their first text, `network`, where it would be.
     */
    int64_t part_bytes;
};

static inline const char *cnn_info_text(const struct cnn_info *info, int64_t at) {
    return at ? (const char *)info + at : (const char *)0;
}
static inline const struct cnn_info_tensor *cnn_info_inputs(const struct cnn_info *info) {
    return (const struct cnn_info_tensor *)(const void *)((const char *)info + info->inputs);
}
static inline const struct cnn_info_tensor *cnn_info_outputs(const struct cnn_info *info) {
    return (const struct cnn_info_tensor *)(const void *)((const char *)info + info->outputs);
}
static inline const struct cnn_info_layer *cnn_info_layers(const struct cnn_info *info) {
    return (const struct cnn_info_layer *)(const void *)((const char *)info + info->layers);
}
/* The name of a channel of an output, NULL without labels. */
static inline const char *cnn_info_label(const struct cnn_info *info,
                                         const struct cnn_info_tensor *output, int64_t channel) {
    const int64_t *labels = (const int64_t *)(const void *)((const char *)info + output->labels);
    return output->labels ? cnn_info_text(info, labels[channel]) : (const char *)0;
}

#endif
