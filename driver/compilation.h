/* The state of one compilation, which its stages share. */
#ifndef CNNC_DRIVER_COMPILATION_H
#define CNNC_DRIVER_COMPILATION_H

#include "codegen/codegen.h"
#include "codegen/info.h"
#include "driver/options.h"
#include "ir/graph.h"
#include "lexer/arena.h"
#include "lexer/diagnostics.h"
#include "lexer/names.h"
#include "lexer/source.h"

struct plan_report;

struct compilation {
    const struct options *options;
    struct arena arena;
    struct names names;
    struct sources sources;
    struct diagnostics diagnostics;
    uint32_t source;   /* a network file */
    const char *model; /* the bytes of an ONNX model; NULL where the file is a network file */
    size_t model_length;
    struct graph *graph;
    const struct cnn_info *info;       /* what the product tells of itself */
    const char *description;           /* the same for people, as a program carries it; NULL */
    bool written;                      /* the files that were asked for */
    struct loaded *loaded;             /* the program in memory, for COMMAND_RUN */
    const struct cnn_program *program; /* and what it consists of */
    enum exit_code code;               /* EXIT_DONE so far */
    const char *warning;               /* without a place; NULL */
    const char *failure;               /* what ended it, without a place in a source; NULL */
};

/* Ends the compilation with a message of no place in the source. Only the first one counts. */
void fail(struct compilation *c, enum exit_code code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* A text of the user's, fit to print. */
const char *shown(struct compilation *c, const char *text);

/* cnnc weights, cnnc init: what they do with the graph. */
void print_weights(struct compilation *c);
void write_initial_weights(struct compilation *c);

/* --emit=cnn: what the elaborated graph is in another language. */
void write_cnn(struct compilation *c);
/* --emit=onnx: the same with its parameters. */
void write_onnx(struct compilation *c);
/* An imported model as a network file, with its weights. */
void write_imported(struct compilation *c);

/* The last stage: machine code from the planned graph, written where it was asked for. */
void write_product(struct compilation *c);
/* Where a result goes: to -o's path, or to the network file's name with this suffix. */
const char *result_path(struct compilation *c, const char *suffix);
struct content {
    const char *path, *bytes;
    size_t length;
};

/* The graph's parameters as a safetensors file; false, after a failure, beyond the format's limit.
 */
bool pack_weights(struct compilation *c, struct content *content);
/* All files, or none; each whole or not at all. */
void write_contents(struct compilation *c, const struct content *contents, size_t count);
void write_bytes(struct compilation *c, const char *path, const char *bytes, size_t length);
/* How each layer is computed, for the plan. */
void choose_ways(struct compilation *c);
/* --report=plan: what each step of the planned graph takes. */
void report_plan(struct compilation *c);
/* --profile: adds to the report what its steps take here. */
void profile_plan(struct compilation *c, struct plan_report *report);
/* --tune: how convolutions are computed fastest here, of a planned graph, which it plans again. */
void tune_plan(struct compilation *c);
struct codegen_options code_options(const struct compilation *c);
/* The code that was asked for, of the planned graph. */
struct generated generate_code(struct compilation *c);
/* The last stage of `cnnc run`: the program, in memory. */
void load_program(struct compilation *c);
/* Runs it with the words of the command line, and unloads it. */
enum exit_code run_loaded(struct compilation *c);
/* The file's name without folder and `.cnn` or `.onnx`: what results are called by default. */
const char *stem(struct compilation *c);
/* A name without the suffix that it ends in; the name itself where it does not, or is no longer. */
const char *without_suffix(struct compilation *c, const char *name, const char *suffix);
/* A text, written where the product goes. */
void write_text(struct compilation *c, const char *text);
/* The rule for make alone, if one is wanted, where nothing else goes to a file. */
void write_rule(struct compilation *c);

/* The text of the rule for make of the files made, and its path, where one is wanted. After a
 * failure there is none. */
struct rule {
    const char *path; /* NULL: no rule */
    const char *text;
};
struct rule dependency_rule(struct compilation *c, const char *const *made, size_t count);

#endif
