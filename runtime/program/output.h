/* A file written whole or not at all: a temporary file in the same folder takes the bytes, and
 * takes the name when it is complete. */
#ifndef CNN_PROGRAM_OUTPUT_H
#define CNN_PROGRAM_OUTPUT_H

#include <stdint.h>

#include "runtime/program/message.h"

struct output_file {
    char *path;      /* what it will be called; links followed */
    char *temporary; /* NULL: nothing begun */
    int descriptor;
};

/* Failures are EXIT_IO. After output_begin, output_commit or output_discard ends the file. */
bool output_begin(struct messages *messages, struct output_file *file, const char *path);
bool output_write(struct messages *messages, struct output_file *file, const void *bytes,
                  int64_t count);
bool output_commit(struct messages *messages, struct output_file *file);

/* Removes what was written, if it was not committed; releases everything. */
void output_discard(struct output_file *file);

#endif
