/* Buffers of the network's inputs and outputs: their sizes, names for them, layouts. */
#ifndef CNN_PROGRAM_TENSOR_H
#define CNN_PROGRAM_TENSOR_H

#include "runtime/program.h"
#include "runtime/program/message.h"

enum { PORT_N, PORT_H, PORT_W, PORT_C };

/* Elements of the port's buffer, and bytes of one. */
int64_t port_count(const struct cnn_port *port);
int64_t port_item_size(const struct cnn_port *port);

/* Where channel `c` of pixel `i` (rows one after the other) of one image is in the port's buffer.
 */
int64_t port_index(const struct cnn_port *port, int64_t i, int64_t c);

/* Whether each image is a vector: 1x1xC. */
bool port_is_vector(const struct cnn_port *port);

/* The axes an NPY file of the port has, in the order of its layout: H, W, C or C, H, W, with N
 * before them where N > 1. Returns how many: 3 or 4. */
int64_t port_axes(const struct cnn_port *port, int64_t axes[4]);

struct size_text {
    char text[192];
};

/* "480x640x3" for `rank` sizes, "a single number" for none; at most 8. */
const char *size_text(struct size_text *text, const int64_t *sizes, int64_t rank);

/* HxWxC, or NxHxWxC where N > 1, whatever the layout. */
const char *port_size_text(struct size_text *text, const struct cnn_port *port);

/* `bytes` of zeros, aligned to `alignment`, a power of two; NULL and a failure when there is no
 * memory. Released with free(). */
void *allocate_aligned(struct messages *messages, int64_t bytes, int64_t alignment,
                       const char *what);

/* The buffer of a port, aligned to a cache line; NULL as above. */
void *allocate_port(struct messages *messages, const struct cnn_port *port);

#endif
