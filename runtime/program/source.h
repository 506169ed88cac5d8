/* An input of the network and the file it comes from: a picture, or an NPY array with one image or
 * a batch of them. */
#ifndef CNN_PROGRAM_SOURCE_H
#define CNN_PROGRAM_SOURCE_H

#include "runtime/program/image.h"
#include "runtime/program/npy.h"
#include "runtime/program/tensor.h"

struct source {
    const struct cnn_port *port;
    const char *path;       /* NULL: not open */
    struct input_file file; /* stays open for a batch */
    struct npy npy;
    int64_t batch; /* images along the leading axis; 0: there is none */
};

/* Opens the file and checks its size against the port's; what is no batch is in `buffer` then. */
bool source_open(struct messages *messages, struct source *source, const struct cnn_port *port,
                 const char *path, const struct picture_rules *rules, void *buffer);

/* Puts image `index` of the batch into `buffer`; nothing where there is no batch. */
bool source_load(struct messages *messages, const struct source *source, int64_t index,
                 void *buffer);

void source_close(struct source *source);

#endif
