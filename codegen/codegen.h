/* A planned graph in, machine code out: an object, assembly or LLVM's text, and the C header that
 * declares it. The only folder that knows LLVM. */
#ifndef CNNC_CODEGEN_CODEGEN_H
#define CNNC_CODEGEN_CODEGEN_H

#include <stdbool.h>
#include <stddef.h>

#include "codegen/pieces.h"
#include "ir/graph.h"
#include "lexer/arena.h"

struct codegen_options {
    const char *cpu;    /* LLVM's name of a processor, or "native" */
    int optimisation;   /* 0..3 */
    const char *name;   /* prefix of the emitted symbols: a C identifier */
    bool program;       /* also define cnn_program, which a program's main reads */
    const char *report; /* what the program prints of itself; NULL: nothing */
};

enum emit_kind { EMIT_OBJECT, EMIT_ASSEMBLY, EMIT_LLVM };

/* False when the options cannot be met: *error then says why. The bytes live in the arena. */
bool generate(struct graph *graph, const struct codegen_options *options, enum emit_kind kind,
              struct arena *arena, struct pieces *out, const char **error);

/* The text of the header: the run function, sizes, alignment. */
const char *generate_header(const struct graph *graph, const struct codegen_options *options,
                            struct arena *arena);

#endif
