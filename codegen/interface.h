/* Facts of the emitted interface that the header and the object must agree on. */
#ifndef CNNC_CODEGEN_INTERFACE_H
#define CNNC_CODEGEN_INTERFACE_H

#include "ir/graph.h"

enum { BUFFER_ALIGNMENT = 64 };

/* Never 0, so that it can be the size of an array. */
static inline int64_t workspace_bytes(const struct graph *graph) {
    int64_t bytes = graph->workspace_floats * (int64_t)sizeof(float);
    return bytes > 0 ? bytes : BUFFER_ALIGNMENT;
}

#endif
