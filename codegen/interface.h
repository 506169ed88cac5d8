/* Facts of the emitted interface that the header and the object must agree on. */
#ifndef CNNC_CODEGEN_INTERFACE_H
#define CNNC_CODEGEN_INTERFACE_H

#include "ir/graph.h"

enum { BUFFER_ALIGNMENT = 64 };

static inline int64_t workspace_bytes(const struct graph *graph) {
    return graph->workspace_floats * (int64_t)sizeof(float);
}

#endif
