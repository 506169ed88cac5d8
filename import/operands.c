/* Values of the model: constants whose elements are known, and tensors that layers make. */
#include <inttypes.h>
#include <stdint.h>
#include <string.h>

#include "import/importer.h"
#include "ir/weights/stored.h"
#include "lexer/checked.h"
#include "lexer/limits.h"

int64_t operand_count(const struct operand *operand) {
    int64_t count = 1;
    for (int i = 0; i < operand->rank; i++)
        count *= operand->dims[i];
    return count;
}

const char *operand_text(struct importer *im, const struct operand *operand) {
    return dimensions_text(im->arena, operand->dims, operand->rank);
}

bool are_sound_dims(int rank, const int64_t *dims) {
    int64_t bytes = 8;
    for (int i = 0; i < rank; i++)
        if (dims[i] < 0 || !checked_mul(bytes, dims[i] ? dims[i] : 1, &bytes) ||
            bytes > LIMIT_WEIGHTS_BYTES)
            return false;
    return true;
}

bool is_constant(const struct operand *operand) {
    return operand && operand->bytes;
}

bool wants_known(struct step *step, const struct operand *operand, const char *kind,
                 const char *verb) {
    return is_constant(operand) ||
           refuse(step, E1004_ONNX_FORM,
                  "its %s `%s` %s known only at run time; --constant %s=FILE.npy gives an input's "
                  "values",
                  kind, operand->name, verb, operand->name);
}

int64_t constant_integer(const struct operand *operand, int64_t at) {
    const unsigned char *from = operand->bytes + at * element_size(operand->type);
    uint64_t bits = 0;
    memcpy(&bits, from, (size_t)element_size(operand->type));
    switch (operand->type) {
    case ONNX__DATA_TYPE__INT8:
        return (int8_t)bits;
    case ONNX__DATA_TYPE__INT16:
        return (int16_t)bits;
    case ONNX__DATA_TYPE__INT32:
        return (int32_t)bits;
    case ONNX__DATA_TYPE__BOOL:
        return bits != 0;
    default:
        return (int64_t)bits;
    }
}

/* How a float of that type is stored; STORED_NOT_READ for integers. */
static enum stored_kind stored_kind_of(int type) {
    switch (type) {
    case ONNX__DATA_TYPE__FLOAT:
        return STORED_F32;
    case ONNX__DATA_TYPE__DOUBLE:
        return STORED_F64;
    case ONNX__DATA_TYPE__FLOAT16:
        return STORED_F16;
    case ONNX__DATA_TYPE__BFLOAT16:
        return STORED_BF16;
    default:
        return STORED_NOT_READ;
    }
}

double constant_real(const struct operand *operand, int64_t at) {
    if (!is_float_type(operand->type)) {
        int64_t integer = constant_integer(operand, at);
        return operand->type == ONNX__DATA_TYPE__UINT64 ? (double)(uint64_t)integer
                                                        : (double)integer;
    }
    return stored_real(stored_kind_of(operand->type),
                       operand->bytes + at * element_size(operand->type));
}

/* What the elements of a constant are as floats; tensors of a file may overlap. */
struct floats {
    int type;
    int64_t count;
    float *values;
};

const float *constant_floats(struct importer *im, const struct operand *operand) {
    int64_t count = operand_count(operand);
    if (operand->type == ONNX__DATA_TYPE__FLOAT && (uintptr_t)operand->bytes % _Alignof(float) == 0)
        return (const float *)(const void *)operand->bytes;
    const char *key = (const char *)operand->bytes;
    struct floats *made = table_find(&im->floats, key);
    if (made && made->type == operand->type && made->count == count)
        return made->values;
    made = ARENA_NEW(im->arena, struct floats);
    *made = (struct floats){operand->type, count, ARENA_ARRAY(im->arena, float, count + 1)};
    table_set(&im->floats, im->arena, key, made);
    for (int64_t i = 0; i < count; i++)
        made->values[i] = (float)constant_real(operand, i);
    return made->values;
}

/* The input as integers; false, after an error, where it is not known or no list of integers. */
bool integers_of_input(struct step *step, int index, const char *what, const int64_t **integers,
                       size_t *count) {
    struct importer *im = step->importer;
    const struct operand *operand = index < step->input_count ? step->inputs[index] : NULL;
    *count = 0;
    *integers = NULL;
    if (!operand)
        return true;
    if (!operand->bytes)
        return refuse(step, E1004_ONNX_FORM,
                      "%s is `%s`, which is known only at run time; sizes are fixed here", what,
                      operand->name);
    if (operand->rank > 1 || is_float_type(operand->type))
        return refuse(step, E1004_ONNX_FORM, "%s is %s of %s; a list of integers is wanted", what,
                      type_text(operand->type), operand_text(im, operand));
    *count = (size_t)operand_count(operand);
    int64_t *list = ARENA_ARRAY(im->arena, int64_t, *count + 1);
    for (size_t i = 0; i < *count; i++)
        list[i] = constant_integer(operand, (int64_t)i);
    *integers = list;
    return true;
}

bool integers_of(struct step *step, const char *attribute, int index, const int64_t **integers,
                 size_t *count) {
    if (index < step->input_count && step->inputs[index])
        return integers_of_input(step, index, attribute, integers, count);
    *integers = attribute_ints(step, attribute, count);
    return true;
}

int normal_axis(struct step *step, int64_t axis, int rank) {
    int64_t normal = axis < 0 ? axis + rank : axis;
    if (normal >= 0 && normal < rank)
        return (int)normal;
    refuse(step, E1004_ONNX_FORM, "axis %" PRId64 " of a tensor of %d dimensions", axis, rank);
    return -1;
}

struct operand *new_constant(struct importer *im, int type, int rank, const int64_t *dims) {
    struct operand *operand = ARENA_NEW(im->arena, struct operand);
    int64_t bytes = element_size(type);
    operand->type = type;
    operand->rank = rank;
    if (!are_sound_dims(rank, dims))
        return NULL;
    for (int i = 0; i < rank; i++)
        bytes *= operand->dims[i] = dims[i];
    if (bytes > im->folded_max)
        return NULL;
    im->folded_max -= bytes;
    operand->bytes = ARENA_ARRAY(im->arena, unsigned char, bytes + 1);
    return operand;
}

struct operand *step_constant(struct step *step, int type, int rank, const int64_t *dims) {
    struct operand *constant = new_constant(step->importer, type, rank, dims);
    if (!constant)
        refuse(step, E1009_ONNX_TOO_LARGE, "its constant is too large");
    return constant;
}

unsigned char *writable_bytes(struct operand *constant) {
    return (unsigned char *)(uintptr_t)constant->bytes;
}

void set_integer_at(struct operand *constant, int64_t at, int64_t value) {
    if (is_float_type(constant->type)) {
        set_real_at(constant, at, (double)value);
        return;
    }
    int64_t size = element_size(constant->type);
    if (constant->type == ONNX__DATA_TYPE__BOOL)
        value = value != 0;
    memcpy(writable_bytes(constant) + at * size, &value, (size_t)size);
}

void set_real_at(struct operand *constant, int64_t at, double value) {
    unsigned char *to = writable_bytes(constant) + at * element_size(constant->type);
    if (constant->type == ONNX__DATA_TYPE__FLOAT) {
        float rounded = (float)value;
        memcpy(to, &rounded, sizeof rounded);
    } else
        memcpy(to, &value, sizeof value);
}

bool result_is(struct step *step, int output, const struct operand *operand) {
    if (output >= step->output_count || !step->outputs[output])
        return true;
    const char *name = step->outputs[output]->name;
    *step->outputs[output] = *operand;
    step->outputs[output]->name = name;
    return true;
}

bool result_node(struct step *step, int output, struct node *node, int type, int rank,
                 const int64_t *dims, const int *axes) {
    if (!node)
        return false;
    struct operand result = {.type = type, .rank = rank};
    for (int i = 0; i < rank; i++) {
        result.dims[i] = dims[i];
        result.axes[i] = dims[i] == 1 ? NO_AXIS : axes[i];
    }
    result.node = separated(step, node, rank, dims, result.axes);
    return result.node && result_is(step, output, &result);
}

bool result_like(struct step *step, int output, struct node *node, int type,
                 const struct operand *like) {
    return result_node(step, output, node, type, like->rank, like->dims, like->axes);
}
