/* Names of files, and the pictures of a folder. */
#ifndef CNN_PROGRAM_PATHS_H
#define CNN_PROGRAM_PATHS_H

#include <stdint.h>

#include "runtime/program/message.h"

/* A list that owns its names. Zeros are an empty one. */
struct paths {
    char **items;
    int64_t count, capacity;
};

/* The part behind the last slash. */
const char *base_name(const char *path);

bool is_folder(const char *path);

/* Makes the folder unless it is there. */
bool make_folder(struct messages *messages, const char *path);

/* FOLDER/NAME, or NAME where `folder` is empty; from malloc, NULL after a failure. */
char *join_path(struct messages *messages, const char *folder, const char *name);

/* Adds the pictures that lie in the folder itself, sorted by the bytes of their names: files that
 * end in .png, .jpg, .jpeg, .pbm, .pgm, .ppm or .pnm in either case, but those that begin with a
 * dot. A folder without any is a failure. */
bool paths_add_pictures(struct messages *messages, struct paths *paths, const char *folder);

void paths_free(struct paths *paths);

#endif
