/* The command line, read into one struct. */
#ifndef CNNC_DRIVER_OPTIONS_H
#define CNNC_DRIVER_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "driver/completions.h"
#include "driver/manual.h"
#include "driver/option_table.h"
#include "ir/elaborate.h"
#include "ir/report/report.h"
#include "lexer/arena.h"
#include "lexer/messages.h"

enum product {
    PRODUCT_PROGRAM,
    PRODUCT_OBJECT, /* and its header */
    PRODUCT_SHARED, /* and its header */
    PRODUCT_ASSEMBLY,
    PRODUCT_LLVM,
    PRODUCT_BITCODE,
    PRODUCT_HEADER,
    PRODUCT_GRAPH,
    PRODUCT_PLAN,
    PRODUCT_CNN,
    PRODUCT_ONNX,
};

/* In the order in which a compilation gets to them. */
enum dump { DUMP_NONE, DUMP_TOKENS, DUMP_TREE, DUMP_GRAPH, DUMP_PLAN, DUMP_LLVM };

/* Beside a form, in what --report takes: of the plan. */
enum { REPORT_OF_PLAN = 1 << 8 };

/* What a run is asked to do. */
enum action {
    ACTION_COMPILE,
    ACTION_HELP,
    ACTION_VERSION,
    ACTION_LIST_LAYERS,
    ACTION_LIST_OPERATORS,
    ACTION_LIST_ERRORS,
    ACTION_EXPLAIN_CODE,
    ACTION_COMPLETIONS,
    ACTION_MANUAL,
};

enum choice { CHOICE_AUTO, CHOICE_ALWAYS, CHOICE_NEVER };

struct options {
    enum action action;
    enum command command;
    const char *file, *output;
    char **words; /* COMMAND_RUN: for the program */
    int word_count;
    enum product product;
    enum dump dump;
    bool check;
    enum report_form report;
    bool plan;         /* the report is of the plan */
    bool profile;      /* and of what its steps take */
    int depth;         /* of paths in the report; 0: no limit */
    bool units;        /* in the report */
    const char *layer; /* to explain; NULL: all of them */
    int64_t seed;      /* of initial weights */
    enum message code; /* to explain */
    bool markdown;     /* lists of layers and errors */
    enum shell shell;  /* to complete in */
    enum manual manual;

    bool diagnostics_json;
    enum choice colour;
    bool no_warnings, warnings_are_errors;
    bool allowed[MESSAGE_COUNT]; /* warnings that are not wanted */
    const char *target;          /* NULL: this machine's */
    const char *weights_out;     /* where weights go that are apart; NULL: into the object */
    const char *cpu, *network, *weights, *name;
    int optimisation;
    bool tune;                   /* how convolutions are computed is measured */
    const char *tune_file;       /* where that is kept; NULL: in the user's cache */
    bool exact;                  /* convolutions are summed as they are defined */
    int64_t weights_budget;      /* bytes that transformed weights may take beyond those given */
    bool dependencies;           /* -MD or -MF: a rule for make too */
    const char *dependency_file; /* NULL: beside the result */
    const char **dependency_targets;
    size_t dependency_target_count, dependency_target_capacity;
    bool dependencies_phony;
    struct definition *definitions; /* -D name=value */
    size_t definition_count, definition_capacity;
    int batch;                 /* 0: not given */
    struct definition *shapes; /* --shape; a name may be NULL */
    size_t shape_count, shape_capacity;
    struct definition *constants; /* --constant */
    size_t constant_count, constant_capacity;
};

/* False: the command line is wrong; stderr says how. */
bool options_parse(struct options *options, struct arena *arena, int count, char **words);
void options_help(FILE *stream, struct arena *arena);

#endif
