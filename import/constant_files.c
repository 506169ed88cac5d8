/* Inputs of the model whose values the command line gives, as NPY files: constants. */
#include <errno.h>
#include <string.h>

#include "import/importer.h"
#include "ir/weights/npy.h"
#include "lexer/limits.h"

/* The type of NumPy's name for it; 0 of one that is not read. */
static int type_of(const char *name) {
    static const struct {
        const char *name;
        int type;
    } types[] = {
        {"<f4", ONNX__DATA_TYPE__FLOAT},   {"<f8", ONNX__DATA_TYPE__DOUBLE},
        {"<f2", ONNX__DATA_TYPE__FLOAT16}, {"<i8", ONNX__DATA_TYPE__INT64},
        {"<i4", ONNX__DATA_TYPE__INT32},   {"<i2", ONNX__DATA_TYPE__INT16},
        {"|i1", ONNX__DATA_TYPE__INT8},    {"<u8", ONNX__DATA_TYPE__UINT64},
        {"<u4", ONNX__DATA_TYPE__UINT32},  {"<u2", ONNX__DATA_TYPE__UINT16},
        {"|u1", ONNX__DATA_TYPE__UINT8},   {"|b1", ONNX__DATA_TYPE__BOOL},
    };
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (strcmp(types[i].name, name) == 0)
            return types[i].type;
    return 0;
}

static bool wrong_file(struct importer *im, const struct definition *given, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
static bool wrong_file(struct importer *im, const struct definition *given, const char *format,
                       ...) {
    va_list arguments;
    va_start(arguments, format);
    const char *text = arena_vprintf(im->arena, format, arguments);
    va_end(arguments);
    const char *path = printable(im->arena, given->value, strlen(given->value));
    report_plain_error(im->diagnostics, E1011_WRONG_CONSTANT, "--constant %s=%s: %s", given->name,
                       path, text);
    return false;
}

static bool take_array(struct importer *im, const struct definition *given,
                       const struct stored_tensor *array, struct operand *operand) {
    int type = array->big_endian ? 0 : type_of(array->type);
    if (!type || array->fortran_order || array->rank > RANK_MAX)
        return wrong_file(im, given, "an array of '%s'%s and %d dimensions is not read",
                          array->type, array->fortran_order ? " in Fortran order" : "",
                          array->rank);
    if (is_float_type(type) != is_float_type(operand->type))
        return wrong_file(im, given, "its values are %s; the input's are %s", type_text(type),
                          type_text(operand->type));
    if (!are_sound_dims(array->rank, array->dimensions))
        return wrong_file(im, given, "it is %s: no tensor is",
                          dimensions_text(im->arena, array->dimensions, array->rank));
    operand->type = type;
    operand->rank = array->rank;
    memcpy(operand->dims, array->dimensions, (size_t)array->rank * sizeof *operand->dims);
    operand->bytes = array->data;
    return true;
}

bool read_constant_file(struct importer *im, const struct definition *given,
                        struct operand *operand) {
    const char *text, *error;
    size_t length;
    int64_t begin;
    struct stored_tensor array = {.name = ""};
    enum read_result result =
        read_file(im->sources, given->value, (size_t)LIMIT_WEIGHTS_BYTES, &text, &length);
    if (result == READ_CANNOT_OPEN)
        return wrong_file(im, given, "%s", strerror(errno));
    if (result != READ_OK)
        return wrong_file(im, given, "%s", read_failure(result));
    const unsigned char *bytes = (const unsigned char *)text;
    if (!is_npy(bytes, (int64_t)length))
        return wrong_file(im, given, "it is no NPY file");
    if (!npy_measure(im->arena, bytes, (int64_t)length, &begin, &error) ||
        !npy_describe(im->arena, bytes, begin, (int64_t)length, &array, &error))
        return wrong_file(im, given, "%s", error);
    array.data = bytes + begin;
    return take_array(im, given, &array, operand);
}
