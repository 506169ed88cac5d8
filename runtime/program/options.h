/* The command line of a compiled program. */
#ifndef CNN_PROGRAM_OPTIONS_H
#define CNN_PROGRAM_OPTIONS_H

#include "runtime/program.h"
#include "runtime/program/image.h"
#include "runtime/program/message.h"

enum action { ACTION_USE, ACTION_HELP, ACTION_VERSION, ACTION_INFO };

/* Which values of an output are black and white in a picture. */
enum scale { SCALE_DEFAULT, SCALE_EXTREMES, SCALE_GIVEN };

/* How results that go to no file are printed. */
enum printing { PRINT_TEXT, PRINT_JSON, PRINT_CSV };

struct options {
    enum action action;
    const char **inputs, **outputs; /* FILE or NAME=FILE, in order */
    int64_t input_count, output_count;
    const char *suffix; /* of the files in FOLDER/; NULL: not said */
    enum printing printing;
    int64_t top;      /* classes to print; 0: not said */
    int64_t bench;    /* runs to time; 0: not said */
    int64_t threads;  /* that share a layer; 0: not said */
    int64_t at_once;  /* images of a batch; 0: not said */
    bool profile;     /* times each step */
    const char *dump; /* a folder for every layer's tensor; NULL: none */
    bool quiet;
    struct picture_rules rules;
    enum scale scale;
    double low, high; /* of SCALE_GIVEN */
};

/* False after a failure, EXIT_USAGE mostly. options_free in any case. */
bool options_parse(struct messages *messages, struct options *options, int count, char **words);
void options_free(struct options *options);

/* --help's list of options. */
void print_options(void);

#endif
