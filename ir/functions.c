/* The layers of one and of two values, on numbers that a file computes with. */
#include <math.h>

#include "ir/elaborator.h"

typedef double function_of_one(double x);

static double sign_of(double x) {
    return x > 0 ? 1 : x < 0 ? -1 : x;
}

static double is_not_a_number(double x) {
    return isnan(x);
}

static double is_infinite(double x) {
    return isinf(x) != 0;
}

/* NULL for what integers have forms of their own of. */
static function_of_one *function_of(enum op op) {
    static function_of_one *const functions[OP_COUNT] = {
        [OP_SQRT] = sqrt,         [OP_EXP] = exp,
        [OP_LOG] = log,           [OP_FLOOR] = floor,
        [OP_CEIL] = ceil,         [OP_ROUND] = rint,
        [OP_SIGN] = sign_of,      [OP_ISNAN] = is_not_a_number,
        [OP_ISINF] = is_infinite, [OP_ERF] = erf,
        [OP_SIN] = sin,           [OP_COS] = cos,
        [OP_TAN] = tan,           [OP_ASIN] = asin,
        [OP_ACOS] = acos,         [OP_ATAN] = atan,
        [OP_SINH] = sinh,         [OP_COSH] = cosh,
        [OP_ASINH] = asinh,       [OP_ACOSH] = acosh,
        [OP_ATANH] = atanh,
    };
    return functions[op];
}

/* What these make is an integer where one can hold it. */
static bool makes_integers(enum op op) {
    return op == OP_FLOOR || op == OP_CEIL || op == OP_ROUND || op == OP_SIGN || op == OP_ISNAN ||
           op == OP_ISINF;
}

struct value number_function(struct elaborator *e, struct frame *f, struct span span, enum op op,
                             struct value operand) {
    function_of_one *function = function_of(op);
    if (op == OP_ABS)
        return value_to_double(operand) < 0 ? negate_value(e, f, span, operand) : operand;
    if (!function)
        return negate_value(e, f, span, operand);
    if (makes_integers(op) && operand.kind == VALUE_INTEGER && op != OP_SIGN)
        return op == OP_ISNAN || op == OP_ISINF ? value_integer(0) : operand;
    struct value result = checked_number(e, f, span, function(value_to_double(operand)));
    int64_t integer;
    return makes_integers(op) && value_to_integer(result, &integer) ? value_integer(integer)
                                                                    : result;
}

bool number_comparison(enum op op, double a, double b) {
    switch (op) {
    case OP_EQUAL:
        return a == b;
    case OP_NOT_EQUAL:
        return a != b;
    case OP_LESS:
        return a < b;
    case OP_LESS_EQUAL:
        return a <= b;
    case OP_GREATER:
        return a > b;
    default:
        return a >= b;
    }
}
