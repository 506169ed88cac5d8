/* NPY files: opened, their elements as float32, and the header of those that are written. */
#include "runtime/program/npy.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/program/checked.h"

static const char magic[] = "\x93NUMPY";
enum { MAGIC = sizeof magic - 1, VERSION = 2, CHUNK = 8192 };

bool is_npy(const void *bytes, int64_t count) {
    return count >= MAGIC && !memcmp(bytes, magic, MAGIC);
}

/* `count` bytes at `bytes`, the least significant first */
static uint64_t little_endian(const unsigned char *bytes, int count) {
    uint64_t value = 0;
    for (int i = count - 1; i >= 0; i--)
        value = value << 8 | bytes[i];
    return value;
}

/* Reads the version and the dictionary's length; data_offset is then where the dictionary begins.
 */
static bool read_prefix(struct messages *messages, struct npy *npy, const struct input_file *file,
                        int64_t *length) {
    unsigned char prefix[MAGIC + VERSION + 4] = {0};
    if (!input_read(messages, file, 0, prefix, MAGIC + VERSION))
        return false;
    int version = prefix[MAGIC], bytes = version == 1 ? 2 : 4;
    if (version < 1 || version > 3)
        return fail(messages, EXIT_INPUT, "'%s' is NPY of version %d; 1 to 3 are read",
                    SHOWN(file->path), version);
    if (!input_read(messages, file, MAGIC + VERSION, prefix + MAGIC + VERSION, bytes))
        return false;
    *length = (int64_t)little_endian(prefix + MAGIC + VERSION, bytes);
    npy->data_offset = MAGIC + VERSION + bytes;
    if (*length > NPY_MAX_HEADER)
        return fail(messages, EXIT_INPUT, "'%s': an NPY header of %lld bytes; the limit is %d",
                    SHOWN(file->path), (long long)*length, NPY_MAX_HEADER);
    if (*length > file->size - npy->data_offset)
        return fail(messages, EXIT_INPUT, "'%s' ends inside its NPY header", SHOWN(file->path));
    return true;
}

static bool check_size(struct messages *messages, const struct npy *npy,
                       const struct input_file *file) {
    int64_t bytes, held = file->size - npy->data_offset;
    if (!checked_mul(npy->count, npy->item_size, &bytes))
        return fail(messages, EXIT_INPUT, "'%s': its shape overflows", SHOWN(file->path));
    if (bytes != held)
        return fail(messages, EXIT_INPUT, "'%s' holds %lld bytes of elements; its header says %lld",
                    SHOWN(file->path), (long long)held, (long long)bytes);
    return true;
}

bool npy_open(struct messages *messages, struct npy *npy, const struct input_file *file) {
    *npy = (struct npy){0};
    int64_t length = 0;
    if (!read_prefix(messages, npy, file, &length))
        return false;
    char *text = malloc((size_t)length + 1);
    if (!text)
        return fail_memory(messages, "an NPY header");
    text[length] = '\0';
    bool good = input_read(messages, file, npy->data_offset, text, length);
    if (good && strlen(text) != (size_t)length)
        good = fail(messages, EXIT_INPUT, "'%s': the NPY header holds a NUL", SHOWN(file->path));
    good = good && npy_parse(messages, npy, file->path, text);
    free(text);
    npy->data_offset += length;
    return good && check_size(messages, npy, file);
}

static float element(enum npy_type type, uint64_t bits) {
    uint32_t low = (uint32_t)bits;
    float single;
    double number;
    switch (type) {
    case NPY_FLOAT32:
        memcpy(&single, &low, sizeof single);
        return single;
    case NPY_FLOAT64:
        memcpy(&number, &bits, sizeof number);
        return (float)number;
    case NPY_INT8:
        return (int8_t)bits;
    case NPY_INT16:
        return (int16_t)bits;
    case NPY_INT32:
        return (float)(int32_t)bits;
    case NPY_INT64:
        return (float)(int64_t)bits;
    case NPY_UINT8:
    case NPY_UINT16:
    case NPY_UINT32:
    case NPY_UINT64:
        return (float)bits;
    }
    return 0;
}

bool npy_read(struct messages *messages, const struct npy *npy, const struct input_file *file,
              int64_t first, int64_t count, float *values) {
    unsigned char bytes[CHUNK];
    int64_t size = npy->item_size, most = CHUNK / size;
    while (count > 0) {
        int64_t part = count < most ? count : most;
        if (!input_read(messages, file, npy->data_offset + first * size, bytes, part * size))
            return false;
        for (int64_t i = 0; i < part; i++)
            values[i] = element(npy->type, little_endian(bytes + i * size, (int)size));
        values += part;
        first += part;
        count -= part;
    }
    return true;
}

int64_t npy_header(char bytes[NPY_MAX_WRITTEN_HEADER], const int64_t *shape, int64_t rank) {
    enum { PREFIX = MAGIC + VERSION + 2, ALIGNMENT = 64 }; /* where the elements begin */
    char *text = bytes + PREFIX;
    size_t room = NPY_MAX_WRITTEN_HEADER - PREFIX;
    size_t used =
        (size_t)snprintf(text, room, "{'descr': '<f4', 'fortran_order': False, 'shape': (");
    for (int64_t i = 0; i < rank; i++)
        used += (size_t)snprintf(text + used, room - used, "%s%lld", i ? ", " : "",
                                 (long long)shape[i]);
    used += (size_t)snprintf(text + used, room - used, "%s), }", rank == 1 ? "," : "");
    while ((PREFIX + used + 1) % ALIGNMENT)
        text[used++] = ' ';
    text[used++] = '\n';
    memcpy(bytes, magic, MAGIC);
    bytes[MAGIC] = 1;
    bytes[MAGIC + 1] = 0;
    bytes[MAGIC + VERSION] = (char)(used & 0xff);
    bytes[MAGIC + VERSION + 1] = (char)(used >> 8);
    return PREFIX + (int64_t)used;
}
