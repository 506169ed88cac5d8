/* Operators and functions on values: exact on integers, in double on numbers, layers on tensors. */
#include <float.h>
#include <math.h>
#include <string.h>

#include "ir/elaborator.h"
#include "lexer/checked.h"

static struct value overflow(struct elaborator *e, struct frame *f, struct span span) {
    elaborate_error(e, f, span, E0601_RESULT_TOO_LARGE, "the result is too large for an integer");
    return value_unknown();
}

struct value checked_number(struct elaborator *e, struct frame *f, struct span span,
                            double number) {
    if (isfinite(number))
        return value_number(number);
    elaborate_error(e, f, span, E0601_RESULT_TOO_LARGE, "the result is not a finite number");
    return value_unknown();
}

static bool integer_power(int64_t base, int64_t exponent, int64_t *result) {
    *result = 1;
    while (exponent > 0) {
        if ((exponent & 1) && !checked_mul(*result, base, result))
            return false;
        exponent >>= 1;
        if (exponent && !checked_mul(base, base, &base))
            return false;
    }
    return true;
}

static struct value integer_operation(struct elaborator *e, struct frame *f, struct span span,
                                      enum operator_kind operator, int64_t a, int64_t b) {
    int64_t result = 0;
    bool fits = true;
    if ((operator == OPERATOR_DIVIDE || operator == OPERATOR_REMAINDER) && b == 0) {
        elaborate_error(e, f, span, E0602_DIVISION_BY_ZERO, "division by zero");
        return value_unknown();
    }
    switch (operator) {
    case OPERATOR_ADD:
        fits = checked_add(a, b, &result);
        break;
    case OPERATOR_SUBTRACT:
        fits = checked_sub(a, b, &result);
        break;
    case OPERATOR_MULTIPLY:
        fits = checked_mul(a, b, &result);
        break;
    case OPERATOR_REMAINDER: /* of the floored quotient: it has the sign of b */
        result = b == -1 ? 0 : a % b;
        result += result && (result < 0) != (b < 0) ? b : 0;
        break;
    case OPERATOR_DIVIDE:
        if (b == -1)
            fits = checked_sub(0, a, &result);
        else if (a % b)
            return value_number((double)a / (double)b);
        else
            result = a / b;
        break;
    default:
        if (b < 0)
            return checked_number(e, f, span, pow((double)a, (double)b));
        fits = integer_power(a, b, &result);
        break;
    }
    return fits ? value_integer(result) : overflow(e, f, span);
}

static struct value number_operation(struct elaborator *e, struct frame *f, struct span span,
                                     enum operator_kind operator, double a, double b) {
    switch (operator) {
    case OPERATOR_ADD:
        return checked_number(e, f, span, a + b);
    case OPERATOR_SUBTRACT:
        return checked_number(e, f, span, a - b);
    case OPERATOR_MULTIPLY:
        return checked_number(e, f, span, a * b);
    case OPERATOR_POWER:
        return checked_number(e, f, span, pow(a, b));
    default:
        break;
    }
    if (b == 0) {
        elaborate_error(e, f, span, E0602_DIVISION_BY_ZERO, "division by zero");
        return value_unknown();
    }
    return checked_number(e, f, span, operator == OPERATOR_DIVIDE ? a / b : a - b * floor(a / b));
}

/* A tensor with a tensor or a number: a layer. */
static struct value tensor_operation(struct elaborator *e, struct frame *f, struct span span,
                                     enum op op, const char *path, struct value a, struct value b) {
    struct layer layer;
    struct node *inputs[2];
    int count = 0;
    if (a.kind == VALUE_TENSOR)
        inputs[count++] = a.tensor;
    if (b.kind == VALUE_TENSOR)
        inputs[count++] = b.tensor;
    begin_layer(e, f, &layer, op, span, path, inputs, count);
    struct attributes *attributes = &layer.node->attributes;
    if (count == 1) {
        attributes->has_scalar = true;
        attributes->scalar_first = a.kind != VALUE_TENSOR;
        attributes->scalar = value_to_double(a.kind == VALUE_TENSOR ? b : a);
        if (fabs(attributes->scalar) > (double)FLT_MAX) {
            elaborate_error(e, f, span, E0601_RESULT_TOO_LARGE, "%s is too large for a float",
                            number_text(e->arena, attributes->scalar));
            return value_unknown();
        }
        bool divides = op == OP_DIV || op == OP_MOD || op == OP_FMOD;
        if (divides && !attributes->scalar_first && attributes->scalar == 0) {
            elaborate_error(e, f, span, E0602_DIVISION_BY_ZERO, "division by zero");
            return value_unknown();
        }
    }
    struct node *node = finish_layer(e, f, &layer);
    return node ? value_tensor(node) : value_unknown();
}

static struct value smaller_or_larger(struct value a, struct value b, bool larger) {
    bool second =
        larger ? value_to_double(b) > value_to_double(a) : value_to_double(b) < value_to_double(a);
    return second ? b : a;
}

static struct value number_operands(struct elaborator *e, struct frame *f, struct span span,
                                    enum op op, struct value a, struct value b) {
    static const enum operator_kind operators_of[] = {
        [OP_ADD] = OPERATOR_ADD,    [OP_SUB] = OPERATOR_SUBTRACT, [OP_MUL] = OPERATOR_MULTIPLY,
        [OP_DIV] = OPERATOR_DIVIDE, [OP_POWER] = OPERATOR_POWER,  [OP_MOD] = OPERATOR_REMAINDER};
    if (op == OP_MIN || op == OP_MAX)
        return smaller_or_larger(a, b, op == OP_MAX);
    if (op >= OP_EQUAL && op <= OP_GREATER_EQUAL)
        return value_integer(number_comparison(op, value_to_double(a), value_to_double(b)));
    if (op == OP_FMOD)
        return checked_number(e, f, span, fmod(value_to_double(a), value_to_double(b)));
    if (a.kind == VALUE_INTEGER && b.kind == VALUE_INTEGER)
        return integer_operation(e, f, span, operators_of[op], a.integer, b.integer);
    return number_operation(e, f, span, operators_of[op], value_to_double(a), value_to_double(b));
}

struct value fold_operands(struct elaborator *e, struct frame *f, struct span span, enum op op,
                           const char *label, const struct value_list *operands) {
    struct value result = operands->items[0];
    const char *path = NULL;
    for (size_t i = 1; i < operands->count && result.kind != VALUE_UNKNOWN; i++) {
        struct value next = operands->items[i];
        if (value_is_number(result) && value_is_number(next)) {
            result = number_operands(e, f, span, op, result, next);
            continue;
        }
        if (!path)
            path = path_in_frame(e, f, label, operators[op].name);
        result = tensor_operation(e, f, span, op, path, result, next);
        if (result.kind == VALUE_TENSOR)
            result.tensor->labelled = label != NULL;
    }
    return result;
}

/* Whether a choice of `where` is a number, which then is *number. */
static bool take_choice(struct value choice, double *number) {
    if (choice.kind == VALUE_TENSOR)
        return false;
    *number = value_to_double(choice);
    return true;
}

struct value choose_operands(struct elaborator *e, struct frame *f, struct span span,
                             const char *label, const struct value_list *operands) {
    struct layer layer;
    struct node *inputs[3];
    int count = 0;
    const struct value *given = operands->items;
    for (int i = 0; i < 3; i++)
        if (given[i].kind == VALUE_TENSOR)
            inputs[count++] = given[i].tensor;
    const char *path = path_in_frame(e, f, label, operators[OP_WHERE].name);
    begin_layer(e, f, &layer, OP_WHERE, span, path, inputs, count);
    struct attributes *a = &layer.node->attributes;
    a->is_number[0] = take_choice(given[1], &a->a);
    a->is_number[1] = take_choice(given[2], &a->b);
    layer.node->labelled = label != NULL;
    struct node *node = finish_layer(e, f, &layer);
    return node ? value_tensor(node) : value_unknown();
}

struct value apply_function(struct elaborator *e, struct frame *f, struct span span, enum op op,
                            const char *label, struct value operand) {
    if (operand.kind != VALUE_TENSOR)
        return number_function(e, f, span, op, operand);
    struct layer layer;
    const char *path = path_in_frame(e, f, label, operators[op].name);
    begin_layer(e, f, &layer, op, span, path, &operand.tensor, 1);
    layer.node->labelled = label != NULL;
    struct node *node = finish_layer(e, f, &layer);
    return node ? value_tensor(node) : value_unknown();
}

struct value negate_value(struct elaborator *e, struct frame *f, struct span span,
                          struct value value) {
    switch (value.kind) {
    case VALUE_UNKNOWN:
        return value;
    case VALUE_INTEGER: {
        int64_t result;
        return checked_sub(0, value.integer, &result) ? value_integer(result)
                                                      : overflow(e, f, span);
    }
    case VALUE_NUMBER:
        return value_number(-value.number);
    case VALUE_TENSOR:
        return apply_function(e, f, span, OP_NEGATE, NULL, value);
    default:
        elaborate_error(e, f, span, E0603_WRONG_OPERANDS, "`-` takes a number or a tensor, not %s",
                        value_description(e->arena, value));
        return value_unknown();
    }
}

/* -1, 0 or 1; 2 where the two cannot be compared. */
static int compare(struct value a, struct value b, bool ordered) {
    if (a.kind == VALUE_INTEGER && b.kind == VALUE_INTEGER)
        return (a.integer > b.integer) - (a.integer < b.integer);
    if (value_is_number(a) && value_is_number(b)) {
        double x = value_to_double(a), y = value_to_double(b);
        return (x > y) - (x < y);
    }
    if (ordered || a.kind != b.kind)
        return 2;
    if (a.kind == VALUE_BOOLEAN)
        return a.boolean != b.boolean;
    if (a.kind == VALUE_STRING)
        return strcmp(a.string, b.string) != 0;
    if (a.kind == VALUE_SIZE)
        return a.dimension_count != b.dimension_count ||
               memcmp(a.dimensions, b.dimensions,
                      (size_t)a.dimension_count * sizeof *a.dimensions) != 0;
    return 2;
}

static struct value comparison(struct elaborator *e, struct frame *f, const struct expression *x,
                               struct value a, struct value b) {
    bool equality = x->operator == OPERATOR_EQUAL || x->operator == OPERATOR_NOT_EQUAL;
    int order = compare(a, b, !equality);
    if (order == 2) {
        elaborate_error(e, f, x->operator_span, E0603_WRONG_OPERANDS, "cannot compare %s with %s",
                        value_description(e->arena, a), value_description(e->arena, b));
        return value_unknown();
    }
    switch (x->operator) {
    case OPERATOR_LESS:
        return value_boolean(order < 0);
    case OPERATOR_GREATER:
        return value_boolean(order > 0);
    case OPERATOR_LESS_EQUAL:
        return value_boolean(order <= 0);
    case OPERATOR_GREATER_EQUAL:
        return value_boolean(order >= 0);
    case OPERATOR_EQUAL:
        return value_boolean(order == 0);
    default:
        return value_boolean(order != 0);
    }
}

/* The layer of an arithmetic operator; OP_COUNT for %, which tensors do not have. */
static enum op layer_of(enum operator_kind operator) {
    switch (operator) {
    case OPERATOR_ADD:
        return OP_ADD;
    case OPERATOR_SUBTRACT:
        return OP_SUB;
    case OPERATOR_MULTIPLY:
        return OP_MUL;
    case OPERATOR_DIVIDE:
        return OP_DIV;
    case OPERATOR_POWER:
        return OP_POWER;
    default:
        return OP_COUNT;
    }
}

static const char *operator_text(enum operator_kind operator) {
    static const char *const texts[] = {[OPERATOR_ADD] = "+",       [OPERATOR_SUBTRACT] = "-",
                                        [OPERATOR_MULTIPLY] = "*",  [OPERATOR_DIVIDE] = "/",
                                        [OPERATOR_REMAINDER] = "%", [OPERATOR_POWER] = "^"};
    return texts[operator];
}

struct value binary_value(struct elaborator *e, struct frame *f, const struct expression *x,
                          struct value a, struct value b) {
    if (a.kind == VALUE_UNKNOWN || b.kind == VALUE_UNKNOWN)
        return value_unknown();
    if (x->operator >= OPERATOR_LESS)
        return comparison(e, f, x, a, b);
    bool numbers = value_is_number(a) && value_is_number(b);
    bool tensors = (a.kind == VALUE_TENSOR || value_is_number(a)) &&
                   (b.kind == VALUE_TENSOR || value_is_number(b));
    enum op op = layer_of(x->operator);
    if (!tensors || (!numbers && op == OP_COUNT)) {
        elaborate_error(e, f, x->operator_span, E0603_WRONG_OPERANDS,
                        "`%s` does not take %s and %s", operator_text(x->operator),
                        value_description(e->arena, a), value_description(e->arena, b));
        return value_unknown();
    }
    if (op == OP_COUNT)
        return a.kind == VALUE_INTEGER && b.kind == VALUE_INTEGER
                   ? integer_operation(e, f, x->span, x->operator, a.integer, b.integer)
                   : number_operation(e, f, x->span, x->operator, value_to_double(a),
                                      value_to_double(b));
    struct value items[2] = {a, b};
    struct value_list operands = {items, 2, 2};
    struct span span = numbers ? x->span : x->operator_span;
    return fold_operands(e, f, span, op, NULL, &operands);
}
