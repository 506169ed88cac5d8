/* Cast and CastLike: of floats, which hold every type's values as far as they hold them. */
#include "import/operators.h"

/* The sign times what is below the size. */
struct node *truncated_layer(struct step *step, struct node *x) {
    if (!x)
        return NULL;
    struct node *size = layer_of(step, OP_ABS, &x, 1);
    struct node *whole = size ? layer_of(step, OP_FLOOR, &size, 1) : NULL;
    return whole ? pair_layer(step, OP_MUL, whole, layer_of(step, OP_SIGN, &x, 1)) : NULL;
}

/* Whether every value of one type of integers is one of the other. */
static bool holds(int to, int from) {
    bool is_signed = from == ONNX__DATA_TYPE__INT8 || from == ONNX__DATA_TYPE__INT16 ||
                     from == ONNX__DATA_TYPE__INT32 || from == ONNX__DATA_TYPE__INT64;
    bool to_signed = to == ONNX__DATA_TYPE__INT8 || to == ONNX__DATA_TYPE__INT16 ||
                     to == ONNX__DATA_TYPE__INT32 || to == ONNX__DATA_TYPE__INT64;
    if (from == to || from == ONNX__DATA_TYPE__BOOL)
        return true;
    if (is_signed)
        return to_signed && element_size(to) > element_size(from);
    return element_size(to) > element_size(from);
}

static bool cast_to(struct step *step, int to) {
    struct operand *x = step->inputs[0], result;
    int from = x->type;
    if (!element_size(to))
        return refuse(step, E1003_ONNX_OPERATOR, "the type it casts to, %s, is not supported",
                      type_text(to));
    if (to == ONNX__DATA_TYPE__BFLOAT16 && to != from)
        return refuse(step, E1003_ONNX_OPERATOR, "casts to bfloat16 round more than floats do");
    if (!is_float_type(to) && !is_float_type(from) && to != ONNX__DATA_TYPE__BOOL &&
        !holds(to, from))
        return refuse(step, E1003_ONNX_OPERATOR, "casts from %s to %s may wrap", type_text(from),
                      type_text(to));
    struct node *node = operand_node(step, x);
    if (node && to == ONNX__DATA_TYPE__BOOL && from != to)
        node = number_layer(step, OP_NOT_EQUAL, node, 0);
    else if (node && is_float_type(from) && !is_float_type(to))
        node = truncated_layer(step, node);
    if (!node)
        return false;
    result = *x;
    result.node = node;
    result.bytes = NULL;
    result.type = to;
    return result_is(step, 0, &result);
}

bool convert_cast(struct step *step) {
    attribute_int(step, "saturate", 1);
    return cast_to(step, data_type(attribute_int(step, "to", 0)));
}

bool convert_cast_like(struct step *step) {
    attribute_int(step, "saturate", 1);
    return cast_to(step, step->inputs[1]->type);
}
