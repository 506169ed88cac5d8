/* The dictionary of an NPY file:
 *   {'descr': '<f4', 'fortran_order': False, 'shape': (28, 28, 1), }
 * its three keys in any order, each once. */
#include <inttypes.h>
#include <string.h>

#include "runtime/program/checked.h"
#include "runtime/program/npy.h"

struct parser {
    struct messages *messages;
    const char *path;
    const char *at;
    struct npy *npy;
    unsigned seen; /* a bit for each key */
};

static const struct {
    const char *descr;
    enum npy_type type;
    int64_t size;
    const char *name;
} types[] = {
    {"<f4", NPY_FLOAT32, 4, "float32"}, {"<f8", NPY_FLOAT64, 8, "float64"},
    {"|i1", NPY_INT8, 1, "int8"},       {"<i1", NPY_INT8, 1, "int8"},
    {"<i2", NPY_INT16, 2, "int16"},     {"<i4", NPY_INT32, 4, "int32"},
    {"<i8", NPY_INT64, 8, "int64"},     {"|u1", NPY_UINT8, 1, "uint8"},
    {"<u1", NPY_UINT8, 1, "uint8"},     {"<u2", NPY_UINT16, 2, "uint16"},
    {"<u4", NPY_UINT32, 4, "uint32"},   {"<u8", NPY_UINT64, 8, "uint64"},
};
enum { TYPE_COUNT = sizeof types / sizeof *types };

const char *npy_type_name(enum npy_type type) {
    int i = 0;
    while (types[i].type != type)
        i++;
    return types[i].name;
}

static void skip_space(struct parser *p) {
    while (*p->at == ' ' || *p->at == '\n' || *p->at == '\t' || *p->at == '\r')
        p->at++;
}

static bool malformed(struct parser *p, const char *wanted) {
    return fail(p->messages, EXIT_INPUT, "'%s': the NPY header is malformed: %s expected",
                SHOWN(p->path), wanted);
}

/* Skips space and takes `text` when it comes next. */
static bool take(struct parser *p, const char *text) {
    skip_space(p);
    size_t length = strlen(text);
    if (strncmp(p->at, text, length))
        return false;
    p->at += length;
    return true;
}

/* A string in either quotes, at most 63 bytes. */
static bool read_string(struct parser *p, char text[64]) {
    skip_space(p);
    char quote = *p->at;
    if (quote != '\'' && quote != '"')
        return malformed(p, "a string");
    size_t length = 0;
    for (p->at++; *p->at && *p->at != quote && length < 63; p->at++)
        text[length++] = *p->at;
    text[length] = '\0';
    if (*p->at != quote)
        return malformed(p, "the end of a string");
    p->at++;
    return true;
}

static bool wrong_type(struct parser *p, const char *name) {
    const char *why = "";
    if (name[0] == '>')
        why = " (big-endian)";
    else if (strchr(name, 'O'))
        why = " (pickled Python objects)";
    return fail(p->messages, EXIT_INPUT,
                "'%s' holds elements of type '%s'%s; only float32, float64 and integers of 8 to 64 "
                "bits, little-endian, are read",
                SHOWN(p->path), SHOWN(name), why);
}

static bool read_type(struct parser *p) {
    skip_space(p);
    if (*p->at == '[')
        return wrong_type(p, "structure");
    char name[64];
    if (!read_string(p, name))
        return false;
    for (int i = 0; i < TYPE_COUNT; i++)
        if (!strcmp(types[i].descr, name)) {
            p->npy->type = types[i].type;
            p->npy->item_size = types[i].size;
            return true;
        }
    return wrong_type(p, name);
}

static bool read_order(struct parser *p) {
    if (take(p, "False"))
        return true;
    if (!take(p, "True"))
        return malformed(p, "True or False");
    return fail(p->messages, EXIT_INPUT,
                "'%s' is in Fortran order; save numpy.ascontiguousarray of it", SHOWN(p->path));
}

static bool read_size(struct parser *p, int64_t *size) {
    skip_space(p);
    if (*p->at < '0' || *p->at > '9')
        return malformed(p, "a size");
    for (*size = 0; *p->at >= '0' && *p->at <= '9'; p->at++)
        if (!checked_mul(*size, 10, size) || !checked_add(*size, *p->at - '0', size) ||
            *size > INT32_MAX)
            return fail(p->messages, EXIT_INPUT, "'%s': a size of its shape is above %" PRId32,
                        SHOWN(p->path), INT32_MAX);
    return true;
}

static bool read_shape(struct parser *p) {
    struct npy *npy = p->npy;
    if (!take(p, "("))
        return malformed(p, "'('");
    for (npy->rank = 0; !take(p, ")");) {
        if (npy->rank == NPY_MAX_RANK)
            return fail(p->messages, EXIT_INPUT, "'%s' has more than %d axes", SHOWN(p->path),
                        NPY_MAX_RANK);
        if (!read_size(p, &npy->shape[npy->rank++]))
            return false;
        bool comma = take(p, ",");
        skip_space(p);
        /* (3) is a number, (3,) a tuple */
        if (!comma && (*p->at != ')' || npy->rank == 1))
            return malformed(p, "','");
    }
    if (!checked_product(npy->shape, npy->rank, &npy->count))
        return fail(p->messages, EXIT_INPUT, "'%s': its shape overflows", SHOWN(p->path));
    return true;
}

static bool read_entry(struct parser *p) {
    static const struct {
        const char *name;
        bool (*read)(struct parser *);
    } keys[] = {{"descr", read_type}, {"fortran_order", read_order}, {"shape", read_shape}};
    char name[64];
    if (!read_string(p, name))
        return false;
    for (unsigned i = 0; i < 3; i++) {
        if (strcmp(keys[i].name, name))
            continue;
        if (p->seen & 1u << i)
            return malformed(p, "each key only once");
        p->seen |= 1u << i;
        return take(p, ":") ? keys[i].read(p) : malformed(p, "':'");
    }
    return malformed(p, "'descr', 'fortran_order' or 'shape'");
}

bool npy_parse(struct messages *messages, struct npy *npy, const char *path, const char *text) {
    struct parser parser = {messages, path, text, npy, 0}, *p = &parser;
    if (!take(p, "{"))
        return malformed(p, "'{'");
    while (!take(p, "}")) {
        if (!read_entry(p))
            return false;
        bool comma = take(p, ",");
        skip_space(p);
        if (!comma && *p->at != '}')
            return malformed(p, "',' or '}'");
    }
    skip_space(p);
    if (*p->at)
        return malformed(p, "the end");
    return p->seen == 7 || malformed(p, "each of 'descr', 'fortran_order' and 'shape'");
}
