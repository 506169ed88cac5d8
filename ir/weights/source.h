/* The weights file that the command line or a network names; what is wrong with it is told there.
 */
#ifndef CNNC_IR_WEIGHTS_SOURCE_H
#define CNNC_IR_WEIGHTS_SOURCE_H

#include "ir/graph.h"
#include "ir/weights/file.h"
#include "ir/weights/wanted.h"
#include "lexer/diagnostics.h"

struct weights_source {
    struct graph *graph;
    struct diagnostics *diagnostics;
    bool from_statement; /* else from the command line, which has no place in a source */
    struct weights_file file;
};

/* Opens `option`, or with NULL the file of the weights statement. False, after an error, where that
 * cannot be, or where it is one array for several tensors. In either case
 * weights_close(&source->file) ends it. */
bool source_open(struct weights_source *source, struct graph *graph,
                 struct diagnostics *diagnostics, const char *option);
/* Of each position in the file, whether the network wants that tensor. */
bool *source_used(const struct weights_source *source, const struct wanted_tensor *wanted);
struct diagnostic *source_error(const struct weights_source *source, enum message message,
                                const char *text);
/* Reports the problem that the file has. */
void source_problem(const struct weights_source *source);

#endif
