/* A planned graph in, machine code out: an object, assembly or LLVM's text, the C header that
 * declares it, and where wanted its weights as a file. The only folder that knows LLVM. */
#ifndef CNNC_CODEGEN_CODEGEN_H
#define CNNC_CODEGEN_CODEGEN_H

#include <stdbool.h>

#include "codegen/pieces.h"
#include "ir/graph.h"
#include "lexer/arena.h"

struct cnn_info;
struct plan_report;

struct codegen_options {
    const char *triple;          /* LLVM's name of a system, or NULL: this one */
    const char *cpu;             /* LLVM's name of a processor, or "native" */
    int optimisation;            /* 0..3 */
    bool exact;                  /* convolutions are summed as they are defined */
    int64_t weights_budget;      /* bytes that transformed weights may take beyond those given */
    const char *name;            /* prefix of the emitted symbols: a C identifier */
    bool program;                /* also define cnn_program, which a program's main reads */
    const struct cnn_info *info; /* what it tells of itself: describe_network */
    const char *report;          /* what the program prints of itself; NULL: nothing */
    bool weights_apart;          /* a parameter of the run function says where weights are */
};

enum emit_kind { EMIT_OBJECT, EMIT_ASSEMBLY, EMIT_LLVM, EMIT_BITCODE, EMIT_HEADER };

/* All of it lives in the arena. */
struct generated {
    struct pieces code;    /* empty for EMIT_HEADER */
    struct pieces weights; /* where they are apart */
    const char *header;
};

/* How each layer is computed, where there are several ways: sets `winograd` and `scratch_floats` of
 * nodes, for the plan. False when the options cannot be met: *error then says why. */
bool choose_algorithms(struct graph *graph, const struct codegen_options *options,
                       struct arena *arena, const char **error);
/* What each step of the planned graph is predicted to take. False as above. */
bool predict(struct graph *graph, const struct codegen_options *options, struct arena *arena,
             struct plan_report *out, const char **error);
/* False when the options cannot be met: *error then says why. */
bool generate(struct graph *graph, const struct codegen_options *options, enum emit_kind kind,
              struct arena *arena, struct generated *out, const char **error);

#endif
