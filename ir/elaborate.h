/* Elaboration: a file's tree into one static graph. Imports are read, blocks called, loops
 * unrolled, shapes, fields and costs computed. */
#ifndef CNNC_IR_ELABORATE_H
#define CNNC_IR_ELABORATE_H

#include "ir/graph.h"
#include "lexer/diagnostics.h"
#include "lexer/names.h"
#include "lexer/source.h"

struct definition { /* -D name=value */
    const char *name, *value;
};

struct elaborate_options {
    const char *network; /* its name; NULL where the file has one only */
    const struct definition *definitions;
    size_t definition_count;
};

/* Parses `source` and elaborates its network. All mistakes go to the diagnostics; NULL after any.
 */
struct graph *elaborate(struct arena *arena, struct names *names, struct sources *sources,
                        struct diagnostics *diagnostics, uint32_t source,
                        const struct elaborate_options *options);

#endif
