/* Sizes and buffers of the network's inputs and outputs. */
#include "runtime/program/tensor.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/program/checked.h"

enum { CACHE_LINE = 64 };

int64_t port_count(const struct cnn_port *port) {
    int64_t count;
    /* the compiler bounds its shapes; a count that no memory holds is refused when allocated */
    return checked_product(port->shape, 4, &count) ? count : INT64_MAX;
}

int64_t port_item_size(const struct cnn_port *port) {
    return port->type == CNN_TYPE_U8 ? 1 : (int64_t)sizeof(float);
}

int64_t port_index(const struct cnn_port *port, int64_t i, int64_t c) {
    const int64_t *shape = port->shape;
    if (port->layout == CNN_LAYOUT_CHW)
        return c * shape[PORT_H] * shape[PORT_W] + i;
    return i * shape[PORT_C] + c;
}

bool port_is_vector(const struct cnn_port *port) {
    return port->shape[PORT_H] == 1 && port->shape[PORT_W] == 1;
}

int64_t port_axes(const struct cnn_port *port, int64_t axes[4]) {
    const int64_t *s = port->shape;
    int64_t rank = 0;
    if (s[PORT_N] > 1)
        axes[rank++] = s[PORT_N];
    if (port->layout == CNN_LAYOUT_CHW)
        axes[rank++] = s[PORT_C];
    axes[rank++] = s[PORT_H];
    axes[rank++] = s[PORT_W];
    if (port->layout != CNN_LAYOUT_CHW)
        axes[rank++] = s[PORT_C];
    return rank;
}

const char *size_text(struct size_text *text, const int64_t *sizes, int64_t rank) {
    if (rank == 0)
        return strcpy(text->text, "a single number");
    size_t used = 0;
    for (int64_t i = 0; i < rank && i < 8; i++)
        used += (size_t)snprintf(text->text + used, sizeof text->text - used, "%s%lld",
                                 i ? "x" : "", (long long)sizes[i]);
    return text->text;
}

const char *port_size_text(struct size_text *text, const struct cnn_port *port) {
    bool batch = port->shape[PORT_N] > 1;
    return size_text(text, port->shape + !batch, 3 + batch);
}

void *allocate_aligned(struct messages *messages, int64_t bytes, int64_t alignment,
                       const char *what) {
    int64_t whole; /* a multiple of the alignment, not zero */
    void *memory = NULL;
    if (checked_add(bytes ? bytes : 1, alignment - 1, &whole)) {
        whole -= whole % alignment;
        memory = aligned_alloc((size_t)alignment, (size_t)whole);
    }
    if (!memory) {
        fail(messages, EXIT_MEMORY, "not enough memory for %s: %lld bytes", what, (long long)bytes);
        return NULL;
    }
    return memset(memory, 0, (size_t)whole);
}

void *allocate_port(struct messages *messages, const struct cnn_port *port) {
    int64_t bytes;
    if (!checked_mul(port_count(port), port_item_size(port), &bytes))
        bytes = INT64_MAX;
    return allocate_aligned(messages, bytes, CACHE_LINE, SHOWN(port->name));
}
