/* An index in, tensors out, of which each brings its shard into memory. */
#include "ir/weights/shards.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ir/weights/json_text.h"
#include "ir/weights/safetensors.h"
#include "lexer/diagnostics.h"
#include "lexer/limits.h"

struct shard {
    const char *path; /* as the index says */
    bool is_read;
    const char *error; /* of reading it; NULL */
    struct stored_tensors tensors;
};

static const char *shown(const struct shards *shards, const char *text) {
    return printable(shards->arena, text, strlen(text));
}

/* --- the index --- */

static int by_name(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The distinct names of files in the map, sorted, as shards. */
static struct shard *list_shards(struct shards *shards, json_t *map, size_t *count) {
    const char **paths = ARENA_ARRAY(shards->arena, const char *, shards->count + 1);
    struct shard *list = ARENA_ARRAY(shards->arena, struct shard, shards->count + 1);
    const char *name;
    json_t *path;
    size_t at = 0;
    json_object_foreach(map, name, path) {
        paths[at++] = json_string_value(path);
    }
    qsort(paths, at, sizeof *paths, by_name);
    for (size_t i = 0; i < at; i++)
        if (*count == 0 || strcmp(list[*count - 1].path, paths[i]) != 0)
            list[(*count)++].path = arena_strndup(shards->arena, paths[i], strlen(paths[i]));
    return list;
}

static int by_path(const void *a, const void *b) {
    return strcmp(((const struct shard *)a)->path, ((const struct shard *)b)->path);
}

static void read_map(struct shards *shards, json_t *map) {
    size_t shard_count = 0, at = 0;
    struct shard *list = list_shards(shards, map, &shard_count);
    const char *name;
    json_t *path;
    json_object_foreach(map, name, path) {
        shards->names[at++] = arena_strndup(shards->arena, name, strlen(name));
    }
    qsort(shards->names, shards->count, sizeof *shards->names, by_name);
    for (size_t i = 0; i < shards->count; i++) {
        const struct shard key = {.path =
                                      json_string_value(json_object_get(map, shards->names[i]))};
        shards->places[i] = bsearch(&key, list, shard_count, sizeof *list, by_path);
    }
}

/* Text that is not there, or no text. */
static const char *map_problem(const struct shards *shards, json_t *map) {
    const char *name;
    json_t *path;
    if (!json_is_object(map))
        return "it has no object 'weight_map'";
    json_object_foreach(map, name, path) {
        if (!json_is_string(path))
            return arena_printf(shards->arena, "the shard of '%s' is no text", shown(shards, name));
    }
    return NULL;
}

bool shards_read(struct sources *sources, const char *folder, const char *bytes, size_t length,
                 struct shards *shards, const char **error) {
    struct arena *arena = sources->arena;
    *shards = (struct shards){.arena = arena, .sources = sources, .folder = folder};
    if (length > LIMIT_SAFETENSORS_HEADER_BYTES) {
        *error = arena_printf(arena, "it has %zu bytes; the limit is %d", length,
                              LIMIT_SAFETENSORS_HEADER_BYTES);
        return false;
    }
    json_t *document = read_json(arena, bytes, length, 0, error);
    if (!document)
        return false;
    json_t *map = json_object_get(document, "weight_map");
    *error = map_problem(shards, map);
    if (!*error) {
        shards->count = json_object_size(map);
        shards->names = ARENA_ARRAY(arena, const char *, shards->count + 1);
        shards->places = ARENA_ARRAY(arena, struct shard *, shards->count + 1);
        read_map(shards, map);
    }
    json_decref(document);
    return !*error;
}

/* --- a shard --- */

static const char *reading_problem(enum read_result result) {
    if (result == READ_NOT_REGULAR)
        return "it is not a regular file";
    if (result == READ_TOO_LARGE)
        return "it is too large";
    if (errno == EXDEV)
        return "it is not beneath the folder of the index";
    if (errno == ELOOP)
        return "it is a symbolic link, which an index may not follow";
    return strerror(errno);
}

/* Of its tensors, one that the index has in another shard. */
static const char *misplaced(const struct shards *shards, const struct shard *shard) {
    for (size_t i = 0; i < shard->tensors.count; i++) {
        const char *name = shard->tensors.items[i].name;
        const char **found =
            bsearch(&name, shards->names, shards->count, sizeof *shards->names, by_name);
        if (found && shards->places[found - shards->names] != shard)
            return arena_printf(shards->arena,
                                "tensor '%s' is in the shard '%s', and by the index in '%s'",
                                shown(shards, name), shown(shards, shard->path),
                                shown(shards, shards->places[found - shards->names]->path));
    }
    return NULL;
}

static const char *read_shard(const struct shards *shards, struct shard *shard) {
    const char *bytes, *error, *path = shown(shards, shard->path);
    size_t length;
    enum read_result result = read_file_beneath(shards->sources, shards->folder, shard->path,
                                                (size_t)LIMIT_WEIGHTS_BYTES, &bytes, &length);
    if (result != READ_OK)
        return arena_printf(shards->arena, "cannot read the shard '%s': %s", path,
                            reading_problem(result));
    if (!safetensors_read(shards->arena, bytes, length, &shard->tensors, &error))
        return arena_printf(shards->arena, "the shard '%s' is no sound safetensors file: %s", path,
                            error);
    return misplaced(shards, shard);
}

struct stored_tensor *shards_tensor(struct shards *shards, size_t at, const char **error) {
    struct shard *shard = shards->places[at];
    if (!shard->is_read)
        shard->error = read_shard(shards, shard);
    shard->is_read = true;
    *error = shard->error;
    if (*error)
        return NULL;
    struct stored_tensor *tensor = stored_find(&shard->tensors, shards->names[at]);
    if (!tensor)
        *error = arena_printf(shards->arena, "the shard '%s' has no tensor '%s'",
                              shown(shards, shard->path), shown(shards, shards->names[at]));
    return tensor;
}
