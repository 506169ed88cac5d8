/* A path in, an open weights file out: safetensors, NPY, NPZ or an index of shards. What other
 * tools write is told apart, with a way to store it anew. */
#include "ir/weights/file.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "ir/weights/npy.h"
#include "ir/weights/safetensors.h"
#include "lexer/diagnostics.h"
#include "lexer/limits.h"
#include "lexer/source.h"

static bool refuse(struct weights_file *file, enum message message, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
static bool refuse(struct weights_file *file, enum message message, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    file->problem = (struct weights_problem){.message = message,
                                             .text = arena_vprintf(file->arena, format, arguments)};
    va_end(arguments);
    return false;
}

static bool unsound(struct weights_file *file, const char *format, const char *error) {
    return refuse(file, E0801_CANNOT_READ_WEIGHTS, "'%s' is no sound %s file: %s", file->path,
                  format, error);
}

/* A line of help under the refusal. */
static bool advise(struct weights_file *file, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static bool advise(struct weights_file *file, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    file->problem.help = arena_vprintf(file->arena, format, arguments);
    va_end(arguments);
    return false;
}

/* --- what other tools write --- */

static bool advise_pytorch(struct weights_file *file) {
    return advise(file, "in Python: from safetensors.torch import save_file; "
                        "save_file(model.state_dict(), \"FILE.safetensors\")");
}

static bool advise_keras(struct weights_file *file) {
    return advise(file, "in Python: numpy.savez(\"FILE.npz\", **{\"conv1.weight\": kernel, ...}); "
                        "then order = hwio in the weights statement");
}

static bool refuse_pickle(struct weights_file *file, const char *bytes, size_t length) {
    (void)bytes, (void)length;
    refuse(file, E0806_FOREIGN_WEIGHTS,
           "'%s' is a pickle of Python objects, which may run any code when it is read",
           file->path);
    return advise_pytorch(file);
}

static bool refuse_hdf5(struct weights_file *file, const char *bytes, size_t length) {
    (void)bytes, (void)length;
    refuse(file, E0806_FOREIGN_WEIGHTS, "'%s' is an HDF5 file, as Keras writes it", file->path);
    return advise_keras(file);
}

static bool is_pickle(const unsigned char *bytes, int64_t length) {
    return length >= 2 && bytes[0] == 0x80 && bytes[1] >= 2 && bytes[1] <= 5;
}

static bool is_hdf5(const unsigned char *bytes, int64_t length) {
    return length >= 8 && memcmp(bytes, "\x89HDF\r\n\x1a\n", 8) == 0;
}

/* --- each format --- */

static void add_tensors(struct weights_file *file, const struct stored_tensors *tensors) {
    file->count = tensors->count;
    file->names = ARENA_ARRAY(file->arena, const char *, file->count + 1);
    file->tensors = ARENA_ARRAY(file->arena, struct stored_tensor *, file->count + 1);
    for (size_t i = 0; i < file->count; i++) {
        file->names[i] = tensors->items[i].name;
        file->tensors[i] = &tensors->items[i];
    }
}

static bool open_safetensors(struct weights_file *file, const char *bytes, size_t length) {
    struct stored_tensors tensors;
    const char *error;
    if (!safetensors_read(file->arena, bytes, length, &tensors, &error))
        return unsound(file, "safetensors", error);
    add_tensors(file, &tensors);
    return true;
}

static bool open_npy(struct weights_file *file, const char *bytes, size_t length) {
    const unsigned char *start = (const unsigned char *)bytes;
    struct stored_tensor *tensor = ARENA_NEW(file->arena, struct stored_tensor);
    int64_t begin, size = (int64_t)length;
    const char *error;
    tensor->name = "";
    if (!npy_measure(file->arena, start, size, &begin, &error) ||
        !npy_describe(file->arena, start, begin, size, tensor, &error))
        return unsound(file, "NPY", error);
    tensor->data = start + begin;
    file->nameless = true;
    add_tensors(file, &(struct stored_tensors){tensor, 1});
    return true;
}

static bool open_npz(struct weights_file *file, const char *bytes, size_t length) {
    struct stored_tensors tensors;
    const char *error;
    file->archive = npz_open(file->arena, bytes, length, &error);
    if (!file->archive)
        return unsound(file, "NPZ", error);
    if (npz_holds(file->archive, "data.pkl")) {
        refuse(file, E0806_FOREIGN_WEIGHTS,
               "'%s' is an archive of PyTorch's, which holds a pickle of Python objects",
               file->path);
        return advise_pytorch(file);
    }
    if (npz_holds(file->archive, "model.weights.h5")) {
        refuse(file, E0806_FOREIGN_WEIGHTS, "'%s' is an archive of Keras's", file->path);
        return advise_keras(file);
    }
    if (!npz_list(file->archive, &tensors, &error))
        return unsound(file, "NPZ", error);
    add_tensors(file, &tensors);
    return true;
}

static bool open_shards(struct weights_file *file, const char *bytes, size_t length) {
    struct shards *shards = &file->shards;
    const char *error;
    if (!shards_read(file->sources, file->folder, bytes, length, shards, &error))
        return refuse(file, E0808_WRONG_SHARDS, "'%s' is no sound index of shards: %s", file->path,
                      error);
    file->count = shards->count;
    file->names = shards->names;
    file->tensors = ARENA_ARRAY(file->arena, struct stored_tensor *, file->count + 1);
    return true;
}

/* A header of at most 16 MiB, and its brace: no other format begins so. */
static bool is_safetensors(const unsigned char *bytes, int64_t length) {
    return length > 8 && bytes[8] == '{' && memcmp(bytes + 4, "\0\0\0\0", 4) == 0;
}

/* JSON. */
static bool is_index(const unsigned char *bytes, int64_t length) {
    int64_t at = 0;
    while (at < length && bytes[at] && strchr(" \t\r\n", bytes[at]))
        at++;
    return at < length && bytes[at] == '{';
}

static bool is_anything(const unsigned char *bytes, int64_t length) {
    (void)bytes, (void)length;
    return true;
}

/* The first that it is. */
static bool open_format(struct weights_file *file, const char *bytes, size_t length) {
    static const struct {
        bool (*is)(const unsigned char *bytes, int64_t length);
        bool (*open)(struct weights_file *file, const char *bytes, size_t length);
    } formats[] = {
        {is_safetensors, open_safetensors},
        {is_npy, open_npy},
        {is_zip, open_npz},
        {is_hdf5, refuse_hdf5},
        {is_pickle, refuse_pickle},
        {is_index, open_shards},
        {is_anything, open_safetensors},
    };
    size_t i = 0;
    while (!formats[i].is((const unsigned char *)bytes, (int64_t)length))
        i++;
    return formats[i].open(file, bytes, length);
}

/* --- the file --- */

static const char *reading_problem(struct arena *arena, enum read_result result, bool beneath) {
    switch (result) {
    case READ_OK:
        return NULL;
    case READ_NOT_REGULAR:
        return "it is not a regular file";
    case READ_TOO_LARGE:
        return arena_printf(arena, "it is larger than %" PRId64 " bytes", LIMIT_WEIGHTS_BYTES);
    case READ_CANNOT_OPEN:
    case READ_FAILED:
        break;
    }
    if (beneath && errno == EXDEV)
        return "it is not beneath the folder of the network file";
    if (beneath && errno == ELOOP)
        return "it is a symbolic link, which a network file may not follow";
    return strerror(errno);
}

/* In which folder a path leads that itself starts in `folder`, or in the current one. */
static const char *folder_of(struct arena *arena, const char *folder, const char *path) {
    const char *whole = folder ? path_beneath(arena, folder, path) : path;
    const char *slash = strrchr(whole, '/');
    return slash ? arena_strndup(arena, whole, (size_t)(slash - whole) + 1) : "";
}

bool weights_open(struct weights_file *file, struct sources *sources, const char *folder,
                  const char *path) {
    struct arena *arena = sources->arena;
    const char *bytes;
    size_t length;
    *file = (struct weights_file){.arena = arena,
                                  .sources = sources,
                                  .path = printable(arena, path, strlen(path)),
                                  .folder = folder_of(arena, folder, path)};
    enum read_result result =
        folder
            ? read_file_beneath(sources, folder, path, (size_t)LIMIT_WEIGHTS_BYTES, &bytes, &length)
            : read_file(sources, path, (size_t)LIMIT_WEIGHTS_BYTES, &bytes, &length);
    if (result == READ_OK)
        return open_format(file, bytes, length);
    return refuse(file, E0801_CANNOT_READ_WEIGHTS, "cannot read the weights '%s': %s", file->path,
                  reading_problem(arena, result, folder));
}

void weights_close(struct weights_file *file) {
    npz_close(file->archive);
    file->archive = NULL;
}

static int compare_names(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

ptrdiff_t weights_find(const struct weights_file *file, const char *name) {
    if (file->nameless)
        return 0;
    const char **found =
        !file->count ? NULL
                     : bsearch(&name, file->names, file->count, sizeof *file->names, compare_names);
    return found ? found - file->names : -1;
}

const char *weights_nearest(struct weights_file *file, const bool *taken, const char *name) {
    const char *end = arena_printf(file->arena, ".%s", name);
    size_t count = 0;
    file->compared += file->count;
    if (file->compared > LIMIT_NAMES_COMPARED)
        return NULL;
    const char **free_names = ARENA_ARRAY(file->arena, const char *, file->count + 1);
    for (size_t i = 0; i < file->count; i++) {
        if (!taken[i] && text_ends(file->names[i], end))
            return file->names[i];
        if (!taken[i])
            free_names[count++] = file->names[i];
    }
    return nearest_name(name, free_names, count);
}

struct stored_tensor *weights_tensor(struct weights_file *file, ptrdiff_t at) {
    const char *error;
    if (!file->tensors[at]) {
        file->tensors[at] = shards_tensor(&file->shards, (size_t)at, &error);
        if (!file->tensors[at])
            refuse(file, E0808_WRONG_SHARDS, "'%s': %s", file->path, error);
    }
    return file->tensors[at];
}

bool weights_load(struct weights_file *file, struct stored_tensor *tensor) {
    const char *error;
    if (tensor->data)
        return true;
    return npz_unpack(file->archive, tensor, &error) || unsound(file, "NPZ", error);
}
