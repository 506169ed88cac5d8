/* A weights file of any format, opened: tensors by name. The format is recognised by the content.
 */
#ifndef CNNC_IR_WEIGHTS_FILE_H
#define CNNC_IR_WEIGHTS_FILE_H

#include "ir/weights/npz.h"
#include "ir/weights/shards.h"
#include "ir/weights/stored.h"
#include "lexer/messages.h"
#include "lexer/source.h"

/* Why a file, or a part of it, is of no use. */
struct weights_problem {
    enum message message;
    const char *text;
    const char *help; /* NULL: none */
};

struct weights_file {
    struct arena *arena;
    struct sources *sources;
    const char *path;   /* as the user wrote it, printable */
    const char *folder; /* in which it lies */
    struct weights_problem problem;
    bool nameless; /* one tensor, which the file gives no name */
    size_t count;
    const char **names;             /* of all tensors, sorted */
    struct stored_tensor **tensors; /* NULL while its shard has not been read */
    struct npz *archive;            /* NULL in other formats */
    struct shards shards;
    size_t compared; /* names so far, in search of those that are meant */
};

/* Beneath `folder`, as a path written in a file, or anywhere with NULL. False: file->problem says
 * why. In either case weights_close ends it; names and shapes outlive that. */
bool weights_open(struct weights_file *file, struct sources *sources, const char *folder,
                  const char *path);
void weights_close(struct weights_file *file);

/* The position of a name; -1 where the file has none such. */
ptrdiff_t weights_find(const struct weights_file *file, const char *name);
/* The name that is meant, most likely: the same one with more in front, or a misspelt one; none of
 * those whose positions are `taken`. NULL where none is near, or too many have been compared. */
const char *weights_nearest(struct weights_file *file, const bool *taken, const char *name);
/* The tensor at a position. NULL: file->problem says why. */
struct stored_tensor *weights_tensor(struct weights_file *file, ptrdiff_t at);
/* Brings a tensor's data into memory. False: file->problem says why. */
bool weights_load(struct weights_file *file, struct stored_tensor *tensor);

#endif
