/* A file opened for reading: a regular one, or standard input. */
#ifndef CNN_PROGRAM_INPUT_H
#define CNN_PROGRAM_INPUT_H

#include <stdint.h>

#include "runtime/program/message.h"

struct input_file {
    const char *path; /* as messages call it */
    int descriptor;
    int64_t size; /* bytes */
};

/* Failures to open and read are EXIT_IO. "-" is standard input, read to its end first; more than
 * 1 GiB of it fails. */
bool input_open(struct messages *messages, struct input_file *file, const char *path);

/* Reads `count` bytes that begin at `offset`; a file that ends before fails. */
bool input_read(struct messages *messages, const struct input_file *file, int64_t offset,
                void *bytes, int64_t count);

void input_close(struct input_file *file);

#endif
