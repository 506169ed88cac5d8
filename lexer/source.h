/* Source files and places in them: byte spans in, lines and columns out. */
#ifndef CNNC_LEXER_SOURCE_H
#define CNNC_LEXER_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lexer/arena.h"

/* A half-open range of bytes [start, end) of one source. */
struct span {
    uint32_t source;
    uint32_t start;
    uint32_t end;
};

struct source {
    const char *name;   /* as the user wrote it: for messages */
    const char *folder; /* where relative paths inside it start: "" is the current folder */
    const char *text;   /* NUL-terminated; may hold NULs inside too */
    uint32_t length;
    uint32_t *line_starts; /* byte offset of each line */
    uint32_t line_count;
};

struct sources {
    struct arena *arena;
    struct source *items;
    size_t count, capacity;
    const char **files; /* every file that was read, once each: what the result depends on */
    size_t file_count, file_capacity;
};

struct place {
    const char *file;
    uint32_t line, column; /* from 1; the column counts code points */
};

/* Takes the text over (it must live in the arena); returns its index. */
uint32_t sources_add(struct sources *sources, const char *name, const char *text, size_t length);
struct place source_place(const struct sources *sources, struct span span);
/* The span from the start of `first` to the end of `last`; both of one source. */
struct span span_join(struct span first, struct span last);

enum read_result { READ_OK, READ_CANNOT_OPEN, READ_NOT_REGULAR, READ_TOO_LARGE, READ_FAILED };

/* Reads a regular file whole into the sources' arena, NUL-terminated, and notes its path among the
 * sources' files; errno tells why on READ_CANNOT_OPEN. */
enum read_result read_file(struct sources *sources, const char *path, size_t limit,
                           const char **text, size_t *length);
/* The same for a path written inside a file: resolved beneath `folder` ("" the current one), never
 * outside it and never through a symbolic link. errno is EXDEV for a path that leaves the folder,
 * ELOOP or ENOTDIR for one through a link. */
enum read_result read_file_beneath(struct sources *sources, const char *folder, const char *path,
                                   size_t limit, const char **text, size_t *length);
/* Why a file that another one names could not be read; right after that, as it may tell errno. */
const char *read_failure(enum read_result result);
/* For those who open files in another way: notes what they read. */
void note_file(struct sources *sources, const char *path);
/* The path of what a file in `folder` calls `path`. */
const char *path_beneath(struct arena *arena, const char *folder, const char *path);

#endif
