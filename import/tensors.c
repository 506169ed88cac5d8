/* Tensors of the file into constants: their elements, wherever the file keeps them, as bytes. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "import/importer.h"
#include "lexer/limits.h"

/* A file of data beside the model. */
struct external {
    const char *bytes; /* NULL: it could not be read, which was reported */
    size_t length;
};

static const struct {
    const char *text;
    int size;
} element_types[] = {
    [ONNX__DATA_TYPE__FLOAT] = {"float", 4},
    [ONNX__DATA_TYPE__UINT8] = {"uint8", 1},
    [ONNX__DATA_TYPE__INT8] = {"int8", 1},
    [ONNX__DATA_TYPE__UINT16] = {"uint16", 2},
    [ONNX__DATA_TYPE__INT16] = {"int16", 2},
    [ONNX__DATA_TYPE__INT32] = {"int32", 4},
    [ONNX__DATA_TYPE__INT64] = {"int64", 8},
    [ONNX__DATA_TYPE__STRING] = {"string", 0},
    [ONNX__DATA_TYPE__BOOL] = {"bool", 1},
    [ONNX__DATA_TYPE__FLOAT16] = {"float16", 2},
    [ONNX__DATA_TYPE__DOUBLE] = {"double", 8},
    [ONNX__DATA_TYPE__UINT32] = {"uint32", 4},
    [ONNX__DATA_TYPE__UINT64] = {"uint64", 8},
    [ONNX__DATA_TYPE__COMPLEX64] = {"complex64", 0},
    [ONNX__DATA_TYPE__COMPLEX128] = {"complex128", 0},
    [ONNX__DATA_TYPE__BFLOAT16] = {"bfloat16", 2},
};

static bool is_known(int type) {
    return type > 0 && type < (int)(sizeof element_types / sizeof *element_types);
}

int64_t element_size(int type) {
    return is_known(type) ? element_types[type].size : 0;
}

const char *type_text(int type) {
    return is_known(type) ? element_types[type].text : "of an unknown type";
}

int data_type(int64_t number) {
    return number == (int)number ? (int)number : 0;
}

bool is_float_type(int type) {
    return type == ONNX__DATA_TYPE__FLOAT || type == ONNX__DATA_TYPE__DOUBLE ||
           type == ONNX__DATA_TYPE__FLOAT16 || type == ONNX__DATA_TYPE__BFLOAT16;
}

static bool wrong_count(struct importer *im, const char *name, size_t found, int64_t wanted,
                        const char *what) {
    return model_error(im, E1005_ONNX_TENSOR,
                       "tensor `%s` has %zu %s where its dimensions ask for %" PRId64, name, found,
                       what, wanted);
}

/* The low `size` bytes of each value: a field of int32 also holds smaller types. */
static void store(unsigned char *to, int64_t size, size_t at, uint64_t value) {
    memcpy(to + (int64_t)at * size, &value, (size_t)size);
}

/* From the fields of numbers. Each type has one that may hold it. */
static bool from_fields(struct importer *im, const Onnx__TensorProto *t, struct operand *operand,
                        const char *name) {
    int64_t count = operand_count(operand), size = element_size(operand->type);
    unsigned char *to = writable_bytes(operand);
    size_t found = 0;
    switch (operand->type) {
    case ONNX__DATA_TYPE__FLOAT:
        found = t->n_float_data;
        break;
    case ONNX__DATA_TYPE__DOUBLE:
        found = t->n_double_data;
        break;
    case ONNX__DATA_TYPE__INT64:
        found = t->n_int64_data;
        break;
    case ONNX__DATA_TYPE__UINT32:
    case ONNX__DATA_TYPE__UINT64:
        found = t->n_uint64_data;
        break;
    default:
        found = t->n_int32_data;
        break;
    }
    if (found != (uint64_t)count)
        return wrong_count(im, name, found, count, "elements");
    for (size_t i = 0; i < found; i++)
        switch (operand->type) {
        case ONNX__DATA_TYPE__FLOAT:
            memcpy(to + 4 * i, &t->float_data[i], 4);
            break;
        case ONNX__DATA_TYPE__DOUBLE:
            memcpy(to + 8 * i, &t->double_data[i], 8);
            break;
        case ONNX__DATA_TYPE__INT64:
            memcpy(to + 8 * i, &t->int64_data[i], 8);
            break;
        case ONNX__DATA_TYPE__UINT32:
        case ONNX__DATA_TYPE__UINT64:
            store(to, size, i, t->uint64_data[i]);
            break;
        default:
            store(to, size, i, (uint64_t)(int64_t)t->int32_data[i]);
            break;
        }
    return true;
}

static const struct external *external_file(struct importer *im, const char *name,
                                            const char *location) {
    const char *key = intern(im->names, location, strlen(location));
    struct external *file = table_find(&im->data, key);
    if (file)
        return file;
    file = ARENA_NEW(im->arena, struct external);
    table_set(&im->data, im->arena, key, file);
    enum read_result result =
        read_file_beneath(im->sources, im->sources->items[im->source].folder, location,
                          (size_t)LIMIT_WEIGHTS_BYTES, &file->bytes, &file->length);
    if (result == READ_OK) {
        im->folded_max += FOLDED_TIMES * (int64_t)file->length;
        return file;
    }
    file->bytes = NULL;
    model_error(im, E1007_ONNX_EXTERNAL_DATA, "tensor `%s`: cannot read its data in \"%s\": %s",
                name, printable(im->arena, location, strlen(location)), read_failure(result));
    return file;
}

/* A decimal number of an external tensor's description; 0 where it is left out. */
static bool read_decimal(const char *text, int64_t *value) {
    char *end;
    *value = 0;
    if (!text)
        return true;
    errno = 0;
    *value = strtoll(text, &end, 10);
    return *text >= '0' && *text <= '9' && !*end && !errno;
}

static bool from_external(struct importer *im, const Onnx__TensorProto *t, struct operand *operand,
                          int64_t wanted, const char *name) {
    const char *location = NULL, *offset_text = NULL, *length_text = NULL;
    for (size_t i = 0; i < t->n_external_data; i++) {
        const char *key = t->external_data[i]->key, *value = t->external_data[i]->value;
        if (!key || !value)
            continue;
        if (strcmp(key, "location") == 0)
            location = value;
        else if (strcmp(key, "offset") == 0)
            offset_text = value;
        else if (strcmp(key, "length") == 0)
            length_text = value;
    }
    int64_t offset, length;
    if (!location || !read_decimal(offset_text, &offset) || !read_decimal(length_text, &length))
        return model_error(im, E1007_ONNX_EXTERNAL_DATA,
                           "tensor `%s`: it does not say in which file and where its data are",
                           name);
    if (length_text && length != wanted)
        return wrong_count(im, name, (size_t)length, wanted, "bytes");
    const struct external *file = external_file(im, name, location);
    if (!file->bytes)
        return false;
    if (offset > (int64_t)file->length || wanted > (int64_t)file->length - offset)
        return model_error(
            im, E1007_ONNX_EXTERNAL_DATA,
            "tensor `%s`: %" PRId64 " bytes from byte %" PRId64 " on of \"%s\", which has %zu",
            name, wanted, offset, printable(im->arena, location, strlen(location)), file->length);
    operand->bytes = (const unsigned char *)file->bytes + offset;
    return true;
}

static bool read_dims(struct importer *im, const Onnx__TensorProto *t, struct operand *operand,
                      const char *name) {
    if (t->n_dims > RANK_MAX)
        return model_error(im, E1005_ONNX_TENSOR, "tensor `%s` has %zu dimensions; %d are read",
                           name, t->n_dims, RANK_MAX);
    operand->rank = (int)t->n_dims;
    for (size_t i = 0; i < t->n_dims; i++)
        operand->dims[i] = t->dims[i];
    return are_sound_dims(operand->rank, operand->dims) ||
           model_error(im, E1005_ONNX_TENSOR, "tensor `%s` is %s: no tensor is", name,
                       operand_text(im, operand));
}

/* Where the data are fewer than the dimensions ask for, no memory is asked for either. */
static bool read_data(struct importer *im, const Onnx__TensorProto *t, struct operand *operand,
                      const char *name) {
    int64_t bytes = operand_count(operand) * element_size(operand->type);
    if (t->data_location == 1)
        return from_external(im, t, operand, bytes, name);
    if (t->has_raw_data) {
        if (t->raw_data.len != (uint64_t)bytes)
            return wrong_count(im, name, t->raw_data.len, bytes, "bytes");
        operand->bytes = t->raw_data.data ? t->raw_data.data : (const unsigned char *)"";
        return true;
    }
    size_t elements =
        t->n_float_data + t->n_double_data + t->n_int64_data + t->n_uint64_data + t->n_int32_data;
    if (elements < (uint64_t)operand_count(operand))
        return wrong_count(im, name, elements, operand_count(operand), "elements");
    operand->bytes = ARENA_ARRAY(im->arena, unsigned char, bytes + 1);
    return from_fields(im, t, operand, name);
}

struct operand *read_tensor(struct importer *im, const Onnx__TensorProto *t, const char *name) {
    struct operand *operand = ARENA_NEW(im->arena, struct operand);
    const char *shown = printable(im->arena, name, strlen(name));
    operand->name = intern(im->names, name, strlen(name));
    operand->type = t->data_type;
    if (!element_size(operand->type)) {
        model_error(im, E1005_ONNX_TENSOR, "tensor `%s` is %s, which is not read", shown,
                    type_text(operand->type));
        return NULL;
    }
    if (!read_dims(im, t, operand, shown) || !read_data(im, t, operand, shown))
        return NULL;
    return operand;
}
