/* One use of the network: its buffers, the files its inputs come from, where its outputs go. */
#ifndef CNN_PROGRAM_SESSION_H
#define CNN_PROGRAM_SESSION_H

#include "runtime/program/rounds.h"
#include "runtime/program/sink.h"
#include "runtime/program/source.h"
#include "runtime/program/targets.h"
#include "runtime/threads.h"

/* What one image is run in. */
struct lane {
    void **inputs, **outputs; /* the buffers of each port */
    void *workspace;
    int code; /* of its run */
};

struct session {
    struct messages *messages;
    const struct cnn_program *program;
    const struct options *options;
    struct lane *lanes; /* as many as images are run at once */
    int64_t lane_count;
    void **inputs, **outputs; /* of the first lane */
    void *workspace;
    int64_t workspace_bytes;
    struct cnn_threads *threads; /* NULL: this one alone */
    struct rounds rounds;
    struct targets targets;
    struct settings settings;
    struct source *sources; /* of the round */
    struct sink *sinks;
    char **written; /* the file of each output; NULL: none */
    bool bad_input; /* the last failure is an input file's: other rounds may still succeed */
};

/* Allocates; inputs are zeros. Finds out what is to be run. session_end in any case. */
bool session_begin(struct session *session, struct messages *messages,
                   const struct cnn_program *program, const struct options *options);

/* Opens the files of a round; the first image of each batch is loaded. */
bool session_open_inputs(struct session *session, int64_t round);

/* Opens the files of the only round; more than one fail, since `option` wants one. Where no file is
 * given the inputs stay zeros. */
bool session_open_single(struct session *session, const char *option);

/* Runs the network once, on what the buffers hold. */
bool session_run_once(struct session *session);

/* Runs every round on every image of its batch, and gives the outputs to their places. A round
 * whose files cannot be used is left out where there are others; all of it fails at the end. */
bool session_process(struct session *session);

void session_end(struct session *session);

#endif
