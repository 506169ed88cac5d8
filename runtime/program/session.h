/* One use of the network: its buffers, the files its inputs come from, where its outputs go. */
#ifndef CNN_PROGRAM_SESSION_H
#define CNN_PROGRAM_SESSION_H

#include "runtime/program/sink.h"
#include "runtime/program/source.h"

struct session {
    struct messages *messages;
    const struct cnn_program *program;
    const struct options *options;
    void **inputs, **outputs; /* the buffers of each port */
    void *workspace;
    struct source *sources;
    int64_t open_sources;
    struct sink *sinks;
    int64_t open_sinks;
    struct sink_settings settings;
};

/* Allocates; inputs are zeros. session_end in any case. */
bool session_begin(struct session *session, struct messages *messages,
                   const struct cnn_program *program, const struct options *options);

/* Opens the files that the options name; the first image of each batch is loaded. */
bool session_open_inputs(struct session *session);

/* Runs the network once, on what the buffers hold. */
bool session_run_once(struct session *session);

/* Runs the network on every image of the batch and gives its outputs to their places. */
bool session_process(struct session *session);

void session_end(struct session *session);

#endif
