/* Arithmetic of integers of one or two bytes, which wraps: floats hold what it gives before it is
 * brought back into the type's range. */
#include "import/operators.h"

#define EXACT 0x1p24 /* every integer of at most this size is a float */

static bool is_signed_type(int type) {
    return type == ONNX__DATA_TYPE__INT8 || type == ONNX__DATA_TYPE__INT16;
}

static bool is_unsigned_type(int type) {
    return type == ONNX__DATA_TYPE__UINT8 || type == ONNX__DATA_TYPE__UINT16;
}

/* How many values the type has. */
static double values_of(int type) {
    return element_size(type) == 1 ? 0x1p8 : 0x1p16;
}

bool wraps_exactly(const struct step *step) {
    int type = step->inputs[0]->type;
    bool product = step->row->op == OP_MUL;
    return (is_signed_type(type) || is_unsigned_type(type)) && step->inputs[1]->type == type &&
           (!product || values_of(type) * values_of(type) <= EXACT);
}

bool result_wrapped(struct step *step, struct operand *left, struct operand *right) {
    int type = left->type;
    double count = values_of(type), below = is_signed_type(type) ? count / 2 : 0;
    if (!result_binary(step, 0, step->row->op, left, right))
        return false;
    struct operand value = *step->outputs[0];
    if (step->row->op == OP_DIV)
        value.node = truncated_layer(step, value.node);
    if (below > 0)
        value.node = number_layer(step, OP_ADD, value.node, below);
    value.node = number_layer(step, OP_MOD, value.node, count);
    if (below > 0)
        value.node = number_layer(step, OP_SUB, value.node, below);
    value.type = type;
    return value.node && result_is(step, 0, &value);
}
