/* Shards: several safetensors files, and an index that says which tensor is in which:
 *   {"metadata": ..., "weight_map": {"conv1.weight": "model-00001-of-00002.safetensors", ...}} */
#ifndef CNNC_IR_WEIGHTS_SHARDS_H
#define CNNC_IR_WEIGHTS_SHARDS_H

#include "ir/weights/stored.h"
#include "lexer/source.h"

struct shard;

struct shards {
    struct arena *arena;
    struct sources *sources;
    const char *folder; /* of the index: shards lie beneath it */
    size_t count;
    const char **names;    /* of all tensors, sorted */
    struct shard **places; /* the shard of each */
};

/* False where the index is not sound: *error then says why. No shard is read yet. */
bool shards_read(struct sources *sources, const char *folder, const char *bytes, size_t length,
                 struct shards *shards, const char **error);
/* The tensor of that position, for which its shard is read if it has not been; NULL where that
 * fails, and *error. */
struct stored_tensor *shards_tensor(struct shards *shards, size_t at, const char **error);

#endif
