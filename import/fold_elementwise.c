/* Operators on constants, element by element: mostly sizes on their way from Shape to Reshape. */
#include <math.h>
#include <string.h>

#include "import/operators.h"

/* A number of either kind: integers in full, floats in double, which rounds each operation on
 * floats as float arithmetic would. */
struct number {
    int64_t integer;
    double real;
};

static struct number number_at(const struct operand *constant, int64_t at) {
    if (is_float_type(constant->type))
        return (struct number){0, constant_real(constant, at)};
    return (struct number){constant_integer(constant, at), 0};
}

static void set_number_at(struct operand *constant, int64_t at, struct number number) {
    if (is_float_type(constant->type))
        set_real_at(constant, at, number.real);
    else
        set_integer_at(constant, at, number.integer);
}

/* Two's complement, as ONNX has it: overflow wraps. */
static int64_t wrapped(uint64_t value) {
    return (int64_t)value;
}

static bool is_named(const struct step *step, const char *name) {
    return strcmp(step->node->op_type, name) == 0;
}

/* Halves are not written by folding: their results are floats. */
int folded_type(int type) {
    return type == ONNX__DATA_TYPE__FLOAT16 || type == ONNX__DATA_TYPE__BFLOAT16
               ? (int)ONNX__DATA_TYPE__FLOAT
               : type;
}

static struct number unary_number(const struct step *step, struct number x) {
    if (is_named(step, "Abs"))
        return (struct number){x.integer < 0 ? wrapped(0 - (uint64_t)x.integer) : x.integer,
                               fabs(x.real)};
    if (is_named(step, "Neg"))
        return (struct number){wrapped(0 - (uint64_t)x.integer), -x.real};
    if (is_named(step, "Sqrt"))
        return (struct number){0, sqrt(x.real)};
    if (is_named(step, "Floor"))
        return (struct number){0, floor(x.real)};
    if (is_named(step, "Ceil"))
        return (struct number){0, ceil(x.real)};
    return (struct number){!x.integer, 0}; /* Not */
}

bool fold_unary(struct step *step) {
    const struct operand *x = step->inputs[0];
    struct operand *result = new_constant(step->importer, folded_type(x->type), x->rank, x->dims);
    if (!result)
        return false;
    for (int64_t i = 0; i < operand_count(x); i++)
        set_number_at(result, i, unary_number(step, number_at(x, i)));
    return result_is(step, 0, result);
}

static int64_t integer_remainder(int64_t a, int64_t b, bool as_c) {
    int64_t r = b == -1 ? 0 : a % b;
    return !as_c && r && (r < 0) != (b < 0) ? r + b : r;
}

static int64_t integer_power(int64_t base, int64_t exponent) {
    uint64_t result = 1, factor = (uint64_t)base;
    for (; exponent > 0; exponent >>= 1, factor *= factor)
        if (exponent & 1)
            result *= factor;
    return wrapped(result);
}

/* False where there is no result: integers over 0. */
static bool integer_result(const struct step *step, int64_t a, int64_t b, bool as_c, int64_t *r) {
    bool divides = is_named(step, "Div") || is_named(step, "Mod");
    if ((divides && b == 0) || (is_named(step, "Pow") && b < 0))
        return false;
    *r = is_named(step, "Add")       ? wrapped((uint64_t)a + (uint64_t)b)
         : is_named(step, "Sub")     ? wrapped((uint64_t)a - (uint64_t)b)
         : is_named(step, "Mul")     ? wrapped((uint64_t)a * (uint64_t)b)
         : is_named(step, "Div")     ? (b == -1 ? wrapped(0 - (uint64_t)a) : a / b)
         : is_named(step, "Mod")     ? integer_remainder(a, b, as_c)
         : is_named(step, "Pow")     ? integer_power(a, b)
         : is_named(step, "Equal")   ? a == b
         : is_named(step, "Less")    ? a < b
         : is_named(step, "Greater") ? a > b
         : is_named(step, "And")     ? a && b
                                     : a || b;
    return true;
}

static double real_result(const struct step *step, double a, double b) {
    return is_named(step, "Add")     ? a + b
           : is_named(step, "Sub")   ? a - b
           : is_named(step, "Mul")   ? a * b
           : is_named(step, "Div")   ? a / b
           : is_named(step, "Mod")   ? fmod(a, b)
           : is_named(step, "Pow")   ? pow(a, b)
           : is_named(step, "Equal") ? a == b
           : is_named(step, "Less")  ? a < b
                                     : a > b;
}

static bool compares(const struct step *step) {
    return is_named(step, "Equal") || is_named(step, "Less") || is_named(step, "Greater");
}

/* Where element `at` of the joint dims is in an operand that is broadcast to them. */
static int64_t broadcast_at(const struct operand *operand, int rank, const int64_t *dims,
                            int64_t at) {
    int64_t place = 0, stride = 1;
    for (int dim = rank; dim-- > 0; at /= dims[dim]) {
        int own = dim - (rank - operand->rank);
        if (own < 0)
            break;
        if (operand->dims[own] != 1)
            place += at % dims[dim] * stride;
        stride *= operand->dims[own];
    }
    return place;
}

static struct number operand_number(const struct operand *operand, int rank, const int64_t *dims,
                                    int64_t at) {
    return number_at(operand, broadcast_at(operand, rank, dims, at));
}

bool fold_binary(struct step *step) {
    const struct operand *a = step->inputs[0], *b = step->inputs[1];
    int rank;
    int64_t dims[RANK_MAX];
    bool reals = is_float_type(a->type);
    bool as_c = is_named(step, "Mod") && attribute_int(step, "fmod", 0);
    if (step->opset < 7 && a->rank != b->rank)
        return false; /* which dimensions meet is for attributes to say */
    if (a->type != b->type || !joint_dims(step, step->inputs, 2, &rank, dims))
        return false;
    int type = compares(step) ? (int)ONNX__DATA_TYPE__BOOL : folded_type(a->type);
    struct operand *result = new_constant(step->importer, type, rank, dims);
    if (!result)
        return false;
    for (int64_t i = 0; i < operand_count(result); i++) {
        struct number x = operand_number(a, rank, dims, i), y = operand_number(b, rank, dims, i);
        int64_t integer;
        if (reals && !compares(step))
            set_real_at(result, i, real_result(step, x.real, y.real));
        else if (reals)
            set_integer_at(result, i, (int64_t)real_result(step, x.real, y.real));
        else if (integer_result(step, x.integer, y.integer, as_c, &integer))
            set_integer_at(result, i, integer);
        else
            return false;
    }
    return result_is(step, 0, result);
}

bool fold_where(struct step *step) {
    int rank;
    int64_t dims[RANK_MAX];
    struct operand **in = step->inputs;
    if (in[1]->type != in[2]->type || !joint_dims(step, in, 3, &rank, dims))
        return false;
    struct operand *result = new_constant(step->importer, folded_type(in[1]->type), rank, dims);
    if (!result)
        return false;
    for (int64_t i = 0; i < operand_count(result); i++) {
        bool first = operand_number(in[0], rank, dims, i).integer != 0;
        set_number_at(result, i, operand_number(in[first ? 1 : 2], rank, dims, i));
    }
    return result_is(step, 0, result);
}

/* Floats to integers towards zero; what does not fit has no defined result, and is not folded. */
static bool cast_number(const struct operand *x, int64_t at, struct operand *result) {
    struct number number = number_at(x, at);
    if (is_float_type(result->type))
        set_real_at(result, at, constant_real(x, at));
    else if (!is_float_type(x->type))
        set_integer_at(result, at, number.integer);
    else if (result->type == ONNX__DATA_TYPE__BOOL)
        set_integer_at(result, at, number.real != 0);
    else if (fabs(number.real) < 0x1p62)
        set_integer_at(result, at, (int64_t)number.real);
    else
        return false;
    return true;
}

bool fold_cast(struct step *step) {
    const struct operand *x = step->inputs[0];
    int to = data_type(attribute_int(step, "to", 0));
    if (!element_size(to))
        return false;
    struct operand *result = new_constant(step->importer, folded_type(to), x->rank, x->dims);
    for (int64_t i = 0; result && i < operand_count(x); i++)
        if (!cast_number(x, i, result))
            return false;
    return result && result_is(step, 0, result);
}
