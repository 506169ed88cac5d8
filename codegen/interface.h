/* Facts of the emitted interface that header, code and program must agree on. */
#ifndef CNNC_CODEGEN_INTERFACE_H
#define CNNC_CODEGEN_INTERFACE_H

#include "ir/graph.h"

enum { BUFFER_ALIGNMENT = 64 };

/* What the run function returns. */
enum run_result {
#define RESULT(word, value, meaning) RUN_##word = value,
#include "runtime/results.def"
#undef RESULT
};

/* An input or output as callers see it. */
struct port {
    const char *name;
    struct shape shape;
    enum layout layout;
    enum element element;
    bool is_output;
    const struct input *input;   /* NULL for outputs */
    const struct output *output; /* NULL for inputs */
};

/* Inputs first: the order of the run function's parameters. */
struct port graph_port(const struct graph *graph, size_t index);
size_t port_count(const struct graph *graph);
int64_t port_bytes(const struct port *port);
int64_t element_bytes(enum element element);
/* More workspace for each part of an executor's but the first. */
int64_t part_bytes(const struct graph *graph);
/* Never 0, so that it can be the size of an array. */
int64_t workspace_bytes(const struct graph *graph);

#endif
