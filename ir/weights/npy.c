/* The head of an NPY file in, a described tensor out. The dictionary is
 *   {'descr': '<f4', 'fortran_order': False, 'shape': (64, 3, 7, 7), }
 * with its three keys in any order, each once.
 *
 * Compiled programs read NPY too, element by element (runtime/program/npy.c). They stand alone and
 * share no code with the compiler; tests/weights_test.py gives both the same heads. */
#include "ir/weights/npy.h"

#include <inttypes.h>
#include <string.h>

#include "lexer/checked.h"
#include "lexer/diagnostics.h"
#include "lexer/limits.h"
#include "lexer/number.h"

static const char magic[] = "\x93NUMPY";
enum { MAGIC = sizeof magic - 1, VERSION = 2, ANY_SIZE = -1 };

struct parser {
    struct arena *arena;
    const char *start, *at, *end; /* of the dictionary */
    struct stored_tensor *tensor;
    int64_t item_size; /* bytes; ANY_SIZE of objects */
    unsigned seen;     /* a bit for each key */
    const char *error;
};

static bool fail(struct parser *p, const char *format, ...) __attribute__((format(printf, 2, 3)));
static bool fail(struct parser *p, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    p->error = arena_vprintf(p->arena, format, arguments);
    va_end(arguments);
    return false;
}

/* --- before the dictionary --- */

bool is_npy(const unsigned char *bytes, int64_t length) {
    return length >= MAGIC && memcmp(bytes, magic, MAGIC) == 0;
}

static bool measure(struct parser *p, const unsigned char *bytes, int64_t size, int64_t *begin) {
    int version = size > MAGIC ? bytes[MAGIC] : 0;
    int length_bytes = version == 1 ? 2 : 4;
    int64_t length = 0;
    if (!is_npy(bytes, size))
        return fail(p, "it does not begin as NPY does, with \\x93NUMPY");
    if (size >= MAGIC + VERSION && (version < 1 || version > 3))
        return fail(p, "NPY of version %d; 1 to 3 are read", version);
    if (size < MAGIC + VERSION + length_bytes)
        return fail(p, "it has %" PRId64 " bytes, too few for the head of NPY", size);
    for (int i = length_bytes; i-- > 0;)
        length = length << 8 | bytes[MAGIC + VERSION + i];
    *begin = MAGIC + VERSION + length_bytes + length;
    if (length > LIMIT_NPY_HEADER_BYTES)
        return fail(p, "a head of %" PRId64 " bytes; the limit is %d", length,
                    LIMIT_NPY_HEADER_BYTES);
    return *begin <= size ||
           fail(p, "its head ends at byte %" PRId64 "; there are %" PRId64, *begin, size);
}

bool npy_measure(struct arena *arena, const unsigned char *bytes, int64_t size, int64_t *begin,
                 const char **error) {
    struct parser parser = {.arena = arena};
    bool good = measure(&parser, bytes, size, begin);
    *error = parser.error;
    return good;
}

/* --- the dictionary --- */

static void skip_space(struct parser *p) {
    while (p->at < p->end && *p->at && strchr(" \n\t\r", *p->at))
        p->at++;
}

static bool expected(struct parser *p, const char *what) {
    return fail(p, "byte %td of its dictionary: %s expected", p->at - p->start, what);
}

/* Skips space and takes `text` when it comes next. */
static bool take(struct parser *p, const char *text) {
    skip_space(p);
    size_t length = strlen(text);
    if ((size_t)(p->end - p->at) < length || memcmp(p->at, text, length) != 0)
        return false;
    p->at += length;
    return true;
}

/* In either quotes; NULL, after an error, where there is no string. */
static const char *read_string(struct parser *p) {
    skip_space(p);
    const char *open = p->at;
    if (open == p->end || (*open != '\'' && *open != '"')) {
        expected(p, "a string");
        return NULL;
    }
    for (p->at++; p->at < p->end && *p->at && *p->at != *open; p->at++)
        ;
    if (p->at == p->end || *p->at != *open) {
        expected(p, "the end of a string");
        return NULL;
    }
    p->at++;
    return arena_strndup(p->arena, open + 1, (size_t)(p->at - open) - 2);
}

static enum stored_kind float_of(int64_t size) {
    return size == 2   ? STORED_F16
           : size == 4 ? STORED_F32
           : size == 8 ? STORED_F64
                       : STORED_NOT_READ;
}

/* "<f4": the order of bytes, the kind, and how many. Those of text count four bytes a character,
 * and dates have their unit behind. */
static bool understand_type(struct parser *p, const char *name) {
    struct stored_tensor *tensor = p->tensor;
    const char *digits = name[0] && name[1] ? name + 2 : "";
    size_t count = strspn(digits, "0123456789");
    int64_t size = 0;
    bool known = name[0] && strchr("<>|", name[0]) && name[1] && strchr("biufcSVUmMO", name[1]);
    bool object = known && name[1] == 'O';
    known = known && (object || (count && parse_integer(digits, count, &size))) &&
            (!digits[count] || strchr("mM", name[1])) && size <= INT32_MAX;
    if (!known)
        return fail(p, "unknown type '%s'", printable(p->arena, name, strlen(name)));
    tensor->type = name;
    tensor->kind = name[1] == 'f' ? float_of(size) : STORED_NOT_READ;
    tensor->big_endian = name[0] == '>';
    p->item_size = object ? ANY_SIZE : name[1] == 'U' ? 4 * size : size;
    return true;
}

static bool read_type(struct parser *p) {
    if (take(p, "["))
        return fail(p, "its elements have fields; weights are plain numbers");
    const char *name = read_string(p);
    return name && understand_type(p, name);
}

static bool read_order(struct parser *p) {
    p->tensor->fortran_order = take(p, "True");
    return p->tensor->fortran_order || take(p, "False") || expected(p, "True or False");
}

static bool read_size(struct parser *p, int64_t *size) {
    skip_space(p);
    const char *first = p->at;
    while (p->at < p->end && *p->at >= '0' && *p->at <= '9')
        p->at++;
    if (p->at == first)
        return expected(p, "a size");
    size_t length = (size_t)(p->at - first);
    if (!parse_integer(first, length, size))
        return fail(p, "its shape holds %s, more than can be counted",
                    arena_strndup(p->arena, first, length < 40 ? length : 40));
    take(p, "L"); /* as Python 2 wrote it */
    return true;
}

static bool read_shape(struct parser *p) {
    struct stored_tensor *tensor = p->tensor;
    int64_t *dimensions = ARENA_ARRAY(p->arena, int64_t, LIMIT_STORED_RANK);
    tensor->dimensions = dimensions;
    if (!take(p, "("))
        return expected(p, "'('");
    for (tensor->rank = 0; !take(p, ")");) {
        if (tensor->rank == LIMIT_STORED_RANK)
            return fail(p, "more than %d dimensions", LIMIT_STORED_RANK);
        if (!read_size(p, &dimensions[tensor->rank++]))
            return false;
        bool comma = take(p, ",");
        skip_space(p);
        bool closes = p->at < p->end && *p->at == ')';
        if (!comma && (!closes || tensor->rank == 1)) /* (3) is a number, (3,) a tuple */
            return expected(p, "','");
    }
    return true;
}

static bool read_entry(struct parser *p) {
    static const struct {
        const char *name;
        bool (*read)(struct parser *);
    } keys[] = {{"descr", read_type}, {"fortran_order", read_order}, {"shape", read_shape}};
    const char *name = read_string(p);
    if (!name)
        return false;
    for (unsigned i = 0; i < 3; i++) {
        if (strcmp(keys[i].name, name) != 0)
            continue;
        if (p->seen & 1u << i)
            return expected(p, "each key only once");
        p->seen |= 1u << i;
        return take(p, ":") ? keys[i].read(p) : expected(p, "':'");
    }
    return expected(p, "'descr', 'fortran_order' or 'shape'");
}

static bool read_dictionary(struct parser *p) {
    if (!take(p, "{"))
        return expected(p, "'{'");
    while (!take(p, "}")) {
        if (!read_entry(p))
            return false;
        bool comma = take(p, ",");
        skip_space(p);
        if (!comma && (p->at == p->end || *p->at != '}'))
            return expected(p, "',' or '}'");
    }
    skip_space(p);
    if (p->at < p->end)
        return expected(p, "the end");
    return p->seen == 7 || expected(p, "each of 'descr', 'fortran_order' and 'shape'");
}

/* --- the elements --- */

static bool check_size(struct parser *p) {
    struct stored_tensor *tensor = p->tensor;
    const char *shape = dimensions_text(p->arena, tensor->dimensions, tensor->rank);
    int64_t bytes, held = tensor->end - tensor->begin;
    if (p->item_size == ANY_SIZE)
        return true;
    if (!stored_bytes(tensor->dimensions, tensor->rank, p->item_size, &bytes))
        return fail(p, "%s of %s is more than can be counted", shape, tensor->type);
    return bytes == held || fail(p, "%s of %s takes %" PRId64 " bytes; there are %" PRId64, shape,
                                 tensor->type, bytes, held);
}

bool npy_describe(struct arena *arena, const unsigned char *bytes, int64_t begin, int64_t size,
                  struct stored_tensor *tensor, const char **error) {
    int64_t head = MAGIC + VERSION + (bytes[MAGIC] == 1 ? 2 : 4);
    const char *text = (const char *)bytes + head;
    struct parser parser = {.arena = arena,
                            .start = text,
                            .at = text,
                            .end = (const char *)bytes + begin,
                            .tensor = tensor};
    tensor->begin = begin;
    tensor->end = size;
    bool good = read_dictionary(&parser) && check_size(&parser);
    *error = parser.error;
    return good;
}
