/* Where an output of the network goes: classes or a summary to stdout, or a file. */
#ifndef CNN_PROGRAM_SINK_H
#define CNN_PROGRAM_SINK_H

#include "runtime/program/output.h"
#include "runtime/program/settings.h"
#include "runtime/program/summary.h"

/* SINK_NONE: a record tells it. */
enum sink_kind { SINK_NONE, SINK_CLASSES, SINK_SUMMARY, SINK_NPY, SINK_PNG, SINK_PNM };

struct sink {
    enum sink_kind kind;
    const struct cnn_port *port;
    const struct settings *settings;
    struct output_file file;
    struct summary summary;
};

/* path: NULL prints, or leaves it to a record. A vector goes to NPY as [C], a map as [H, W, C] or
 * as its layout is, with N before where N > 1 and the batch before all. */
bool sink_open(struct messages *messages, struct sink *sink, const struct cnn_port *port,
               const struct settings *settings, const char *path);

/* Takes the output of run `index`. */
bool sink_take(struct messages *messages, struct sink *sink, int64_t index, const float *values);

/* Everything was taken: the file gets its name. */
bool sink_finish(struct messages *messages, struct sink *sink);

/* Removes what was not finished; releases everything. */
void sink_close(struct sink *sink);

#endif
