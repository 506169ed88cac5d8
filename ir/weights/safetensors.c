/* The safetensors format, read by its strict rules: tensors of known types whose shapes match their
 * bytes, which fill the data without a gap and without sharing any. */
#include "ir/weights/safetensors.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "ir/weights/json_text.h"
#include "lexer/diagnostics.h"
#include "lexer/limits.h"

enum { LENGTH_BYTES = 8 };

struct reader {
    struct arena *arena;
    const char *header;
    size_t header_length;
    const unsigned char *data;
    int64_t data_length;
    struct stored_tensors *tensors;
    const char *error;
};

static bool fail(struct reader *r, const char *format, ...) __attribute__((format(printf, 2, 3)));
static bool fail(struct reader *r, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    r->error = arena_vprintf(r->arena, format, arguments);
    va_end(arguments);
    return false;
}

static const char *shown(const struct reader *r, const char *name) {
    return printable(r->arena, name, strlen(name));
}

/* --- the frame: length, header, data --- */

static bool read_frame(struct reader *r, const char *bytes, size_t length) {
    uint64_t header_length = 0;
    if (length < LENGTH_BYTES)
        return fail(r, "the file has %zu bytes; the length of its header alone takes 8", length);
    for (int i = LENGTH_BYTES; i-- > 0;)
        header_length = header_length << 8 | (unsigned char)bytes[i];
    if (header_length > LIMIT_SAFETENSORS_HEADER_BYTES)
        return fail(r, "byte 0: a header of %" PRIu64 " bytes; the limit is %d", header_length,
                    LIMIT_SAFETENSORS_HEADER_BYTES);
    if (header_length > length - LENGTH_BYTES)
        return fail(r, "byte 0: a header of %" PRIu64 " bytes in a file with %zu behind the length",
                    header_length, length - LENGTH_BYTES);
    r->header = bytes + LENGTH_BYTES;
    r->header_length = (size_t)header_length;
    r->data = (const unsigned char *)r->header + r->header_length;
    r->data_length = (int64_t)(length - LENGTH_BYTES - r->header_length);
    if (r->header_length == 0 || r->header[0] != '{')
        return fail(r, "byte 8: the header does not begin with '{'");
    return true;
}

/* --- one tensor --- */

static const struct type {
    const char *name;
    int64_t size; /* bytes of an element */
    enum stored_kind kind;
} types[] = {
    {"F32", 4, STORED_F32},         {"F16", 2, STORED_F16},      {"BF16", 2, STORED_BF16},
    {"F64", 8, STORED_F64},         {"I64", 8, STORED_NOT_READ}, {"I32", 4, STORED_NOT_READ},
    {"I16", 2, STORED_NOT_READ},    {"I8", 1, STORED_NOT_READ},  {"U8", 1, STORED_NOT_READ},
    {"BOOL", 1, STORED_NOT_READ},   {"U16", 2, STORED_NOT_READ}, {"U32", 4, STORED_NOT_READ},
    {"U64", 8, STORED_NOT_READ},    {"C64", 8, STORED_NOT_READ}, {"F8_E4M3", 1, STORED_NOT_READ},
    {"F8_E5M2", 1, STORED_NOT_READ}};

/* NULL, after an error, where it is not known. */
static const struct type *find_type(struct reader *r, const char *tensor, const char *name) {
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (strcmp(types[i].name, name) == 0)
            return &types[i];
    fail(r, "tensor '%s': unknown type '%s'", shown(r, tensor), shown(r, name));
    return NULL;
}

static bool read_dimensions(struct reader *r, struct stored_tensor *tensor, const json_t *shape) {
    size_t rank = json_array_size(shape);
    if (!json_is_array(shape))
        return fail(r, "tensor '%s': 'shape' is not a list", shown(r, tensor->name));
    if (rank > LIMIT_STORED_RANK)
        return fail(r, "tensor '%s': %zu dimensions; the limit is %d", shown(r, tensor->name), rank,
                    LIMIT_STORED_RANK);
    int64_t *dimensions = ARENA_ARRAY(r->arena, int64_t, rank + 1);
    for (size_t i = 0; i < rank; i++) {
        const json_t *size = json_array_get(shape, i);
        if (!json_is_integer(size) || json_integer_value(size) < 0)
            return fail(r, "tensor '%s': 'shape' holds what is no size", shown(r, tensor->name));
        dimensions[i] = json_integer_value(size);
    }
    tensor->dimensions = dimensions;
    tensor->rank = (int)rank;
    return true;
}

static bool read_offsets(struct reader *r, struct stored_tensor *tensor, const json_t *offsets) {
    if (!json_is_array(offsets) || json_array_size(offsets) != 2)
        return fail(r, "tensor '%s': 'data_offsets' is not a pair", shown(r, tensor->name));
    const json_t *begin = json_array_get(offsets, 0), *end = json_array_get(offsets, 1);
    if (!json_is_integer(begin) || !json_is_integer(end) || json_integer_value(begin) < 0)
        return fail(r, "tensor '%s': 'data_offsets' holds what is no offset",
                    shown(r, tensor->name));
    tensor->begin = json_integer_value(begin);
    tensor->end = json_integer_value(end);
    if (tensor->end < tensor->begin)
        return fail(r, "tensor '%s': its data end at %" PRId64 ", before they begin at %" PRId64,
                    shown(r, tensor->name), tensor->end, tensor->begin);
    if (tensor->end > r->data_length)
        return fail(r, "tensor '%s': its data end at %" PRId64 "; the file has %" PRId64,
                    shown(r, tensor->name), tensor->end, r->data_length);
    tensor->data = r->data + tensor->begin;
    return true;
}

/* `size` bytes an element */
static bool check_size(struct reader *r, const struct stored_tensor *tensor, int64_t size) {
    int64_t bytes;
    const char *shape = dimensions_text(r->arena, tensor->dimensions, tensor->rank);
    if (!stored_bytes(tensor->dimensions, tensor->rank, size, &bytes))
        return fail(r, "tensor '%s': %s is more than can be counted", shown(r, tensor->name),
                    shape);
    if (bytes != tensor->end - tensor->begin)
        return fail(r, "tensor '%s': %s of %s takes %" PRId64 " bytes; its data have %" PRId64,
                    shown(r, tensor->name), shape, tensor->type, bytes,
                    tensor->end - tensor->begin);
    return true;
}

static bool read_tensor(struct reader *r, struct stored_tensor *tensor, const char *name,
                        const json_t *entry) {
    tensor->name = arena_strndup(r->arena, name, strlen(name));
    if (!json_is_object(entry))
        return fail(r, "tensor '%s': its entry is no object", shown(r, name));
    const char *name_of_type = json_string_value(json_object_get(entry, "dtype"));
    if (!name_of_type || json_object_size(entry) != 3)
        return fail(r, "tensor '%s': its entry must hold 'dtype', 'shape' and 'data_offsets' alone",
                    shown(r, name));
    const struct type *type = find_type(r, name, name_of_type);
    if (!type)
        return false;
    tensor->type = type->name;
    tensor->kind = type->kind;
    return read_dimensions(r, tensor, json_object_get(entry, "shape")) &&
           read_offsets(r, tensor, json_object_get(entry, "data_offsets")) &&
           check_size(r, tensor, type->size);
}

static bool check_metadata(struct reader *r, json_t *metadata) {
    const char *key;
    json_t *value;
    if (!json_is_object(metadata))
        return fail(r, "'__metadata__' is no object");
    json_object_foreach(metadata, key, value) if (!json_is_string(value)) return fail(
        r, "'__metadata__': the value of '%s' is no string", shown(r, key));
    return true;
}

/* --- all tensors --- */

static bool read_tensors(struct reader *r, json_t *header) {
    const char *name;
    json_t *entry;
    struct stored_tensors *tensors = r->tensors;
    tensors->items = ARENA_ARRAY(r->arena, struct stored_tensor, json_object_size(header) + 1);
    json_object_foreach(header, name, entry) {
        if (strcmp(name, "__metadata__") == 0) {
            if (!check_metadata(r, entry))
                return false;
        } else if (!read_tensor(r, &tensors->items[tensors->count++], name, entry))
            return false;
    }
    return true;
}

static int by_place(const void *a, const void *b) {
    const struct stored_tensor *x = a, *y = b;
    if (x->begin != y->begin)
        return x->begin < y->begin ? -1 : 1;
    if (x->end != y->end)
        return x->end < y->end ? -1 : 1;
    return strcmp(x->name, y->name);
}

/* The tensors fill the data from end to end. */
static bool check_cover(struct reader *r) {
    struct stored_tensors *tensors = r->tensors;
    const char *before = NULL;
    int64_t covered = 0;
    qsort(tensors->items, tensors->count, sizeof *tensors->items, by_place);
    for (size_t i = 0; i < tensors->count; i++) {
        const struct stored_tensor *tensor = &tensors->items[i];
        if (tensor->begin < covered)
            return fail(r, "tensors '%s' and '%s' share bytes %" PRId64 "..%" PRId64 " of the data",
                        shown(r, before), shown(r, tensor->name), tensor->begin,
                        (tensor->end < covered ? tensor->end : covered) - 1);
        if (tensor->begin > covered)
            return fail(r, "bytes %" PRId64 "..%" PRId64 " of the data belong to no tensor",
                        covered, tensor->begin - 1);
        covered = tensor->end;
        before = tensor->name;
    }
    return covered == r->data_length ||
           fail(r, "bytes %" PRId64 "..%" PRId64 " of the data belong to no tensor", covered,
                r->data_length - 1);
}

bool safetensors_read(struct arena *arena, const char *bytes, size_t length,
                      struct stored_tensors *tensors, const char **error) {
    struct reader r = {.arena = arena, .tensors = tensors};
    *tensors = (struct stored_tensors){0};
    *error = NULL;
    if (read_frame(&r, bytes, length)) {
        json_t *header = read_json(arena, r.header, r.header_length, LENGTH_BYTES, &r.error);
        if (header && read_tensors(&r, header) && check_cover(&r))
            stored_sort(tensors);
        json_decref(header);
    }
    *error = r.error;
    return !r.error;
}
