/* Operators on constants that move elements, and constants that operators make from nothing. */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "import/operators.h"
#include "lexer/checked.h"

/* Copies elements of `from` to all places of `result`: `at` counts dimensions up, `strides` says
 * how many elements of `from` apart neighbours of `result` are, `first` where the first one is. */
static void copy_strided(struct operand *result, const struct operand *from, int64_t first,
                         const int64_t *strides) {
    int64_t index[RANK_MAX] = {0}, count = operand_count(result), place = first;
    size_t size = (size_t)element_size(result->type);
    unsigned char *to = writable_bytes(result);
    for (int64_t i = 0; i < count; i++, to += size) {
        memcpy(to, from->bytes + place * (int64_t)size, size);
        for (int dim = result->rank; dim-- > 0;) {
            place += strides[dim];
            if (++index[dim] < result->dims[dim])
                break;
            place -= strides[dim] * index[dim];
            index[dim] = 0;
        }
    }
}

static void strides_of(const struct operand *operand, int64_t *strides) {
    int64_t stride = 1;
    for (int dim = operand->rank; dim-- > 0; stride *= operand->dims[dim])
        strides[dim] = stride;
}

bool fold_transpose(struct step *step) {
    const struct operand *x = step->inputs[0];
    int order[RANK_MAX];
    int64_t dims[RANK_MAX], from[RANK_MAX], strides[RANK_MAX];
    if (!read_permutation(step, x->rank, order))
        return false;
    strides_of(x, from);
    for (int i = 0; i < x->rank; i++) {
        dims[i] = x->dims[order[i]];
        strides[i] = from[order[i]];
    }
    struct operand *result = new_constant(step->importer, x->type, x->rank, dims);
    if (!result)
        return false;
    copy_strided(result, x, 0, strides);
    return result_is(step, 0, result);
}

bool fold_slice(struct step *step) {
    const struct operand *x = step->inputs[0];
    struct cut cuts[RANK_MAX];
    int64_t dims[RANK_MAX], strides[RANK_MAX], first = 0;
    if (!read_cuts(step, cuts))
        return false;
    strides_of(x, strides);
    for (int i = 0; i < x->rank; i++) {
        dims[i] = cuts[i].count;
        first += cuts[i].count ? cuts[i].first * strides[i] : 0;
        strides[i] = cuts[i].count > 1 ? strides[i] * cuts[i].by : 0;
    }
    struct operand *result = new_constant(step->importer, x->type, x->rank, dims);
    if (!result)
        return false;
    copy_strided(result, x, first, strides);
    return result_is(step, 0, result);
}

bool fold_concat(struct step *step) {
    const struct operand *first = step->inputs[0];
    int axis = normal_axis(step, attribute_int(step, "axis", 0), first->rank);
    int64_t dims[RANK_MAX], size = element_size(first->type), outer = 1;
    if (axis < 0 || !concat_dims(step, axis, dims))
        return false;
    for (int i = 0; i < step->input_count; i++)
        if (step->inputs[i]->type != first->type)
            return false;
    struct operand *result = new_constant(step->importer, first->type, first->rank, dims);
    if (!result)
        return false;
    for (int i = 0; i < axis; i++)
        outer *= dims[i];
    unsigned char *to = writable_bytes(result);
    for (int64_t o = 0; o < outer; o++)
        for (int i = 0; i < step->input_count; i++) {
            int64_t part = operand_count(step->inputs[i]) / outer * size;
            memcpy(to, step->inputs[i]->bytes + o * part, (size_t)part);
            to += part;
        }
    return result_is(step, 0, result);
}

bool fold_gather(struct step *step) {
    const struct operand *x = step->inputs[0], *indices = step->inputs[1];
    int axis = normal_axis(step, attribute_int(step, "axis", 0), x->rank), rank = 0;
    int64_t dims[2 * RANK_MAX], outer = 1, inner = element_size(x->type);
    if (axis < 0 || is_float_type(indices->type) || x->rank - 1 + indices->rank > RANK_MAX)
        return false;
    for (int i = 0; i < axis; i++)
        outer *= dims[rank++] = x->dims[i];
    for (int i = 0; i < indices->rank; i++)
        dims[rank++] = indices->dims[i];
    for (int i = axis + 1; i < x->rank; i++)
        inner *= dims[rank++] = x->dims[i];
    struct operand *result = new_constant(step->importer, x->type, rank, dims);
    if (!result)
        return false;
    unsigned char *to = writable_bytes(result);
    for (int64_t o = 0; o < outer; o++)
        for (int64_t i = 0; i < operand_count(indices); i++, to += inner) {
            int64_t at = constant_integer(indices, i);
            at += at < 0 ? x->dims[axis] : 0;
            if (at < 0 || at >= x->dims[axis])
                return refuse(step, E1004_ONNX_FORM, "index %" PRId64 " of a dimension of %" PRId64,
                              constant_integer(indices, i), x->dims[axis]);
            memcpy(to, x->bytes + (o * x->dims[axis] + at) * inner, (size_t)inner);
        }
    return result_is(step, 0, result);
}

bool fold_constant_of_shape(struct step *step) {
    const int64_t *shape;
    size_t count;
    const Onnx__AttributeProto *value = find_attribute(step, "value");
    if (!integers_of_input(step, 0, "its shape", &shape, &count) || count > RANK_MAX)
        return false;
    for (size_t i = 0; i < count; i++)
        if (shape[i] < 0)
            return false;
    int type = value && value->t ? value->t->data_type : (int)ONNX__DATA_TYPE__FLOAT;
    struct operand *filling =
        value && value->t ? read_tensor(step->importer, value->t, "value") : NULL;
    if (value && (!filling || operand_count(filling) != 1))
        return false;
    struct operand *result = new_constant(step->importer, type, (int)count, shape);
    if (!result)
        return false;
    static const int64_t still[RANK_MAX];
    if (filling)
        copy_strided(result, filling, 0, still);
    return result_is(step, 0, result);
}

bool fold_range(struct step *step) {
    struct operand **in = step->inputs;
    bool reals = is_float_type(in[0]->type);
    for (int i = 0; i < 3; i++)
        if (operand_count(in[i]) != 1 || in[i]->type != in[0]->type)
            return false;
    double first = constant_real(in[0], 0), limit = constant_real(in[1], 0);
    double by = constant_real(in[2], 0), steps = ceil((limit - first) / by);
    if (!(fabs(steps) < 0x1p40))
        return false;
    int64_t count = steps > 0 ? (int64_t)steps : 0;
    struct operand *result = new_constant(step->importer, folded_type(in[0]->type), 1, &count);
    if (!result)
        return false;
    for (int64_t i = 0; i < count; i++)
        if (reals)
            set_real_at(result, i, first + (double)i * by);
        else
            set_integer_at(result, i,
                           (int64_t)((uint64_t)constant_integer(in[0], 0) +
                                     (uint64_t)i * (uint64_t)constant_integer(in[2], 0)));
    return result_is(step, 0, result);
}

static bool integers_constant(struct step *step, int rank, const int64_t *values, int64_t count) {
    struct operand *result = step_constant(step, ONNX__DATA_TYPE__INT64, rank, &count);
    if (!result)
        return false;
    for (int64_t i = 0; i < count; i++)
        set_integer_at(result, i, values[i]);
    return result_is(step, 0, result);
}

bool convert_shape(struct step *step) {
    const struct operand *x = step->inputs[0];
    int64_t start = attribute_int(step, "start", 0), end = attribute_int(step, "end", x->rank);
    start = start < 0 ? start + x->rank : start;
    end = end < 0 ? end + x->rank : end;
    start = start < 0 ? 0 : start > x->rank ? x->rank : start;
    end = end < start ? start : end > x->rank ? x->rank : end;
    return integers_constant(step, 1, x->dims + start, end - start);
}

bool convert_size(struct step *step) {
    int64_t count = operand_count(step->inputs[0]);
    return integers_constant(step, 0, &count, 1);
}

static bool floats_constant(struct step *step, int rank, const float *values, int64_t count) {
    struct operand *result = step_constant(step, ONNX__DATA_TYPE__FLOAT, rank, &count);
    if (!result)
        return false;
    if (count)
        memcpy(writable_bytes(result), values, (size_t)count * sizeof *values);
    return result_is(step, 0, result);
}

/* One of the attributes that it may be given by. */
bool convert_constant(struct step *step) {
    const Onnx__AttributeProto *a;
    if ((a = find_attribute(step, "value"))) {
        const char *name = step->outputs[0] ? step->outputs[0]->name : "";
        if (!a->t)
            return refuse(step, E1004_ONNX_FORM, "its attribute `value` holds no tensor");
        struct operand *constant = read_tensor(step->importer, a->t, name);
        return constant && result_is(step, 0, constant);
    }
    if ((a = find_attribute(step, "value_int")))
        return integers_constant(step, 0, &a->i, 1);
    if ((a = find_attribute(step, "value_ints")))
        return integers_constant(step, 1, a->ints, (int64_t)a->n_ints);
    if ((a = find_attribute(step, "value_float")))
        return floats_constant(step, 0, &a->f, 1);
    if ((a = find_attribute(step, "value_floats")))
        return floats_constant(step, 1, a->floats, (int64_t)a->n_floats);
    return refuse(step, E1003_ONNX_OPERATOR, "it has no value that is a tensor or numbers");
}
