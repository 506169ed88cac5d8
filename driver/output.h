/* Files written whole or not at all: into a temporary file of the same folder, which takes the
 * final name only when every byte is on the disk. */
#ifndef CNNC_DRIVER_OUTPUT_H
#define CNNC_DRIVER_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include <sys/uio.h>

#include "lexer/arena.h"

struct output_file {
    struct arena *arena;
    const char *path;  /* as the user wrote it: for messages */
    const char *final; /* where it goes; symbolic links are followed */
    char *temporary;   /* NULL: written to the stream or device `path` names, at commit */
    const struct iovec *pieces;
    size_t count;
};

/* Each returns NULL, or what went wrong. After a failure, or instead of a commit, output_discard
 * removes what was begun. */

/* Makes the temporary file, empty. Devices and "-" (standard output) are for bytes only. */
const char *output_open(struct output_file *output, struct arena *arena, const char *path);
/* Pieces that are written one behind the other; they live until the commit. */
const char *output_write_pieces(struct output_file *output, const struct iovec *pieces,
                                size_t count);
const char *output_write(struct output_file *output, const void *bytes, size_t length);
/* The temporary file takes its name; `mode` are its permissions before the umask. */
const char *output_commit(struct output_file *output, mode_t mode);
void output_discard(struct output_file *output);

/* Whether both paths are the same existing file. */
bool same_file(const char *a, const char *b);

#endif
