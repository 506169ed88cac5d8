/* A zip archive in, described and unpacked tensors out. What an entry says of its own size is
 * believed only as far as deflate can unpack, and only if it is what comes out. */
#include "ir/weights/npz.h"

#include <inttypes.h>
#include <string.h>
#include <zip.h>

#include "ir/weights/npy.h"
#include "lexer/checked.h"
#include "lexer/diagnostics.h"
#include "lexer/limits.h"

enum { MOST_UNPACKED = 1032 }; /* bytes that deflate makes of one, at most */

struct npz {
    struct arena *arena;
    zip_t *archive;
    int64_t length;     /* of the file */
    int64_t head_bytes; /* unpacked so far */
    const char *error;
};

static bool fail(struct npz *npz, const char *format, ...) __attribute__((format(printf, 2, 3)));
static bool fail(struct npz *npz, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    npz->error = arena_vprintf(npz->arena, format, arguments);
    va_end(arguments);
    return false;
}

static const char *shown(const struct npz *npz, const char *text) {
    return printable(npz->arena, text, strlen(text));
}

bool is_zip(const unsigned char *bytes, int64_t length) {
    return length >= 4 && (memcmp(bytes, "PK\3\4", 4) == 0 || memcmp(bytes, "PK\5\6", 4) == 0);
}

/* --- the archive --- */

struct npz *npz_open(struct arena *arena, const char *bytes, size_t length, const char **error) {
    struct npz *npz = ARENA_NEW(arena, struct npz);
    zip_error_t problem;
    npz->arena = arena;
    npz->length = (int64_t)length;
    zip_error_init(&problem);
    zip_source_t *source = zip_source_buffer_create(bytes, length, 0, &problem);
    if (source)
        npz->archive = zip_open_from_source(source, ZIP_RDONLY, &problem);
    if (source && !npz->archive)
        zip_source_free(source);
    if (!npz->archive)
        *error = arena_printf(arena, "as a zip archive: %s", zip_error_strerror(&problem));
    zip_error_fini(&problem);
    return npz->archive ? npz : NULL;
}

void npz_close(struct npz *npz) {
    if (npz)
        zip_discard(npz->archive);
}

static uint64_t entry_count(const struct npz *npz) {
    return (uint64_t)zip_get_num_entries(npz->archive, 0);
}

static const char *entry_name(const struct npz *npz, uint64_t entry) {
    const char *name = zip_get_name(npz->archive, entry, ZIP_FL_ENC_RAW);
    return name ? name : "";
}

bool npz_holds(const struct npz *npz, const char *name) {
    uint64_t count = entry_count(npz);
    for (uint64_t i = 0; i < count; i++) {
        const char *whole = entry_name(npz, i), *slash = strrchr(whole, '/');
        if (strcmp(slash ? slash + 1 : whole, name) == 0)
            return true;
    }
    return false;
}

/* --- one entry --- */

struct entry {
    const char *name; /* printable */
    uint64_t index;
    int64_t size; /* unpacked, as stated */
    zip_file_t *file;
};

/* Whether the packed bytes can be what the entry says. */
static bool check_stated(struct npz *npz, const struct entry *entry, const zip_stat_t *stat) {
    bool stored = stat->comp_method == ZIP_CM_STORE;
    if (stat->encryption_method != ZIP_EM_NONE)
        return fail(npz, "entry '%s' is encrypted", entry->name);
    if (!stored && stat->comp_method != ZIP_CM_DEFLATE)
        return fail(npz, "entry '%s' is packed by method %d; 0 (stored) and 8 (deflated) are read",
                    entry->name, stat->comp_method);
    uint64_t most = stat->comp_size <= (uint64_t)npz->length ? stat->comp_size : 0;
    if (stat->size > (stored ? most : most * MOST_UNPACKED))
        return fail(npz, "entry '%s' says that its %" PRIu64 " bytes unpack to %" PRIu64,
                    entry->name, stat->comp_size, stat->size);
    return true;
}

static bool open_entry(struct npz *npz, struct entry *entry, uint64_t index) {
    zip_stat_t stat;
    const char *name = entry_name(npz, index);
    *entry = (struct entry){.name = shown(npz, name), .index = index};
    zip_stat_init(&stat);
    if (zip_stat_index(npz->archive, index, 0, &stat) == 0 && !check_stated(npz, entry, &stat))
        return false;
    entry->size = (int64_t)stat.size;
    entry->file = zip_fopen_index(npz->archive, index, 0);
    return entry->file || fail(npz, "entry '%s': %s", entry->name, zip_strerror(npz->archive));
}

/* The next `count` bytes. */
static bool read_bytes(struct npz *npz, const struct entry *entry, unsigned char *to,
                       int64_t count) {
    int64_t done = 0, got = 0;
    while (done < count && (got = zip_fread(entry->file, to + done, (uint64_t)(count - done))) > 0)
        done += got;
    if (got < 0)
        return fail(npz, "entry '%s': %s", entry->name, zip_file_strerror(entry->file));
    return done == count || fail(npz, "entry '%s' ends before the %" PRId64 " bytes that it states",
                                 entry->name, entry->size);
}

/* All was read, and its checksum is right. */
static bool check_end(struct npz *npz, const struct entry *entry) {
    unsigned char more;
    int64_t got = zip_fread(entry->file, &more, 1);
    if (got < 0)
        return fail(npz, "entry '%s': %s", entry->name, zip_file_strerror(entry->file));
    return got == 0 || fail(npz, "entry '%s' goes on behind the %" PRId64 " bytes that it states",
                            entry->name, entry->size);
}

/* --- all tensors --- */

static bool read_head(struct npz *npz, const struct entry *entry, struct stored_tensor *tensor) {
    unsigned char prefix[NPY_PREFIX] = {0};
    int64_t begin, first = entry->size < NPY_PREFIX ? entry->size : NPY_PREFIX;
    const char *error;
    if (!read_bytes(npz, entry, prefix, first))
        return false;
    if (!npy_measure(npz->arena, prefix, entry->size, &begin, &error))
        return fail(npz, "entry '%s': %s", entry->name, error);
    npz->head_bytes += begin;
    if (npz->head_bytes > LIMIT_NPZ_HEADER_BYTES)
        return fail(npz, "the heads of its entries are more than %d bytes", LIMIT_NPZ_HEADER_BYTES);
    unsigned char *head = ARENA_ARRAY(npz->arena, unsigned char, begin + NPY_PREFIX);
    memcpy(head, prefix, NPY_PREFIX);
    if (begin > first && !read_bytes(npz, entry, head + first, begin - first))
        return false;
    return npy_describe(npz->arena, head, begin, entry->size, tensor, &error) ||
           fail(npz, "entry '%s': %s", entry->name, error);
}

static const char suffix[] = ".npy";

static bool list_entry(struct npz *npz, uint64_t index, struct stored_tensor *tensor) {
    struct entry entry;
    const char *name = entry_name(npz, index);
    if (!text_ends(name, suffix))
        return fail(npz, "entry '%s' is called unlike NAME.npy", shown(npz, name));
    tensor->name = arena_strndup(npz->arena, name, strlen(name) - strlen(suffix));
    tensor->entry = index;
    if (!open_entry(npz, &entry, index))
        return false;
    bool good = read_head(npz, &entry, tensor);
    zip_fclose(entry.file);
    return good;
}

static bool list_entries(struct npz *npz, struct stored_tensors *tensors) {
    uint64_t count = entry_count(npz);
    if (count > LIMIT_NPZ_ENTRIES)
        return fail(npz, "%" PRIu64 " entries; the limit is %d", count, LIMIT_NPZ_ENTRIES);
    tensors->items = ARENA_ARRAY(npz->arena, struct stored_tensor, count + 1);
    for (; tensors->count < count; tensors->count++)
        if (!list_entry(npz, tensors->count, &tensors->items[tensors->count]))
            return false;
    stored_sort(tensors);
    for (size_t i = 1; i < count; i++)
        if (strcmp(tensors->items[i - 1].name, tensors->items[i].name) == 0)
            return fail(npz, "two entries are called '%s.npy'", shown(npz, tensors->items[i].name));
    return true;
}

bool npz_list(struct npz *npz, struct stored_tensors *tensors, const char **error) {
    *tensors = (struct stored_tensors){0};
    bool good = list_entries(npz, tensors);
    *error = npz->error;
    return good;
}

static bool unpack(struct npz *npz, const struct entry *entry, struct stored_tensor *tensor) {
    unsigned char *head = ARENA_ARRAY(npz->arena, unsigned char, tensor->begin);
    int64_t bytes = tensor->end - tensor->begin;
    if (!read_bytes(npz, entry, head, tensor->begin))
        return false;
    unsigned char *data = ARENA_ARRAY(npz->arena, unsigned char, bytes + 1);
    tensor->data = data;
    return read_bytes(npz, entry, data, bytes) && check_end(npz, entry);
}

bool npz_unpack(struct npz *npz, struct stored_tensor *tensor, const char **error) {
    struct entry entry;
    bool good = open_entry(npz, &entry, tensor->entry);
    if (good) {
        good = unpack(npz, &entry, tensor);
        zip_fclose(entry.file);
    }
    *error = npz->error;
    return good;
}
