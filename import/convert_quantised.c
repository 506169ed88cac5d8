/* Quantised values, of bytes that floats hold exactly: made and turned back. */
#include "import/operators.h"

bool apply_layer(struct step *step, struct operand *value, enum op op) {
    value->node = operand_node(step, value);
    value->bytes = NULL;
    value->node = value->node ? layer_of(step, op, &value->node, 1) : NULL;
    return value->node != NULL;
}

bool apply_number(struct step *step, struct operand *value, enum op op, double number) {
    value->node = operand_node(step, value);
    value->bytes = NULL;
    value->node = number_layer(step, op, value->node, number);
    return value->node != NULL;
}

bool apply_operand(struct step *step, struct operand *value, enum op op, struct operand *other) {
    struct operand left = *value;
    if (!result_binary(step, 0, op, &left, other))
        return false;
    *value = *step->outputs[0];
    return true;
}

bool apply_clip(struct step *step, struct operand *value, double low, double high) {
    struct builder *b = step->importer->builder;
    struct node *node = operand_node(step, value);
    if (!node)
        return false;
    builder_layer(b, OP_CLIP, step->span, NULL, &node, 1);
    give_number(b, "low", low);
    give_number(b, "high", high);
    value->bytes = NULL;
    value->node = builder_finish(b);
    return value->node != NULL;
}

static bool range_of(struct step *step, int type, double *low, double *high) {
    static const struct {
        int type;
        double low, high;
    } ranges[] = {{ONNX__DATA_TYPE__UINT8, 0, 255},
                  {ONNX__DATA_TYPE__INT8, -128, 127},
                  {ONNX__DATA_TYPE__UINT16, 0, 65535},
                  {ONNX__DATA_TYPE__INT16, -32768, 32767}};
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++)
        if (ranges[i].type == type) {
            *low = ranges[i].low;
            *high = ranges[i].high;
            return true;
        }
    return refuse(step, E1003_ONNX_OPERATOR, "quantised values of %s are not supported",
                  type_text(type));
}

bool along_dim(struct step *step, const struct operand *given, const struct operand *x,
               int64_t axis, struct operand *fitting) {
    *fitting = *given;
    if (operand_count(given) == 1) {
        fitting->rank = 0;
        return true;
    }
    int dim = normal_axis(step, axis, x->rank);
    if (dim < 0)
        return false;
    if (given->rank != 1 || given->dims[0] != x->dims[dim])
        return refuse(step, E1004_ONNX_FORM, "`%s` is %s for dimension %d of %s", given->name,
                      operand_text(step->importer, given), dim, operand_text(step->importer, x));
    fitting->rank = x->rank - dim;
    for (int i = 1; i < fitting->rank; i++) {
        fitting->dims[i] = 1;
        fitting->axes[i] = NO_AXIS;
    }
    return true;
}

struct operand *input_at(struct step *step, int index) {
    return index < step->input_count ? step->inputs[index] : NULL;
}

bool saturate(struct step *step, struct operand *value, struct operand *zero, int type) {
    double low = 0, high = 0;
    value->type = type;
    return range_of(step, type, &low, &high) && apply_layer(step, value, OP_ROUND) &&
           (!zero || apply_operand(step, value, OP_ADD, zero)) &&
           apply_clip(step, value, low, high);
}

static bool wants_no_blocks(struct step *step) {
    return !attribute_int(step, "block_size", 0) ||
           refuse(step, E1003_ONNX_OPERATOR, "`block_size` is not supported");
}

bool convert_quantize(struct step *step) {
    struct operand value = *step->inputs[0], scale, zero;
    struct operand *given = input_at(step, 2);
    int64_t axis = attribute_int(step, "axis", 1);
    int type = (int)attribute_int(step, "output_dtype", ONNX__DATA_TYPE__UINT8);
    attribute_int(step, "saturate", 1);
    type = given ? given->type : type ? type : (int)ONNX__DATA_TYPE__UINT8;
    if (!wants_float_data(step) || !wants_no_blocks(step) ||
        !along_dim(step, step->inputs[1], &value, axis, &scale) ||
        (given && !along_dim(step, given, &value, axis, &zero)))
        return false;
    if (!apply_operand(step, &value, OP_DIV, &scale) ||
        !saturate(step, &value, given ? &zero : NULL, type))
        return false;
    value.type = type;
    return result_is(step, 0, &value);
}

/* (x - zero) * scale, of constants too, so that weights may be kept as bytes. */
bool fold_dequantize(struct step *step) {
    const struct operand *x = step->inputs[0], *zero = input_at(step, 2);
    struct operand scale;
    int64_t axis = attribute_int(step, "axis", 1), each = 1;
    if (attribute_int(step, "block_size", 0) ||
        !along_dim(step, step->inputs[1], x, axis, &scale) ||
        (zero && operand_count(zero) != operand_count(&scale)))
        return false;
    struct operand *result = new_constant(step->importer, ONNX__DATA_TYPE__FLOAT, x->rank, x->dims);
    if (!result)
        return false;
    for (int i = x->rank - scale.rank + 1; i < x->rank; i++)
        each *= x->dims[i];
    for (int64_t i = 0; i < operand_count(x); i++) {
        int64_t at = scale.rank ? i / each % scale.dims[0] : 0;
        double less = zero ? (double)constant_integer(zero, at) : 0;
        set_real_at(result, i, ((double)constant_integer(x, i) - less) * constant_real(&scale, at));
    }
    return result_is(step, 0, result);
}

bool convert_dequantize(struct step *step) {
    struct operand value = *step->inputs[0], scale, zero;
    struct operand *given = input_at(step, 2);
    int64_t axis = attribute_int(step, "axis", 1);
    attribute_int(step, "output_dtype", 0);
    if (!wants_no_blocks(step) || !along_dim(step, step->inputs[1], &value, axis, &scale) ||
        (given && !along_dim(step, given, &value, axis, &zero)))
        return false;
    if (given && !apply_operand(step, &value, OP_SUB, &zero))
        return false;
    if (!apply_operand(step, &value, OP_MUL, &scale))
        return false;
    value.type = ONNX__DATA_TYPE__FLOAT;
    return result_is(step, 0, &value);
}

/* One of the extremes of all values, and 0. */
static struct node *extreme(struct step *step, struct operand *x, enum op reduction, enum op op) {
    static const int all[] = {AXIS_BATCH, AXIS_HEIGHT, AXIS_WIDTH, AXIS_CHANNELS};
    struct builder *b = step->importer->builder;
    struct node *node = operand_node(step, x);
    if (!node)
        return NULL;
    builder_layer(b, reduction, step->span, NULL, &node, 1);
    give_axes(b, "axes", all, 4);
    return number_layer(step, op, builder_finish(b), 0);
}

bool convert_dynamic_quantize(struct step *step) {
    struct operand value = *step->inputs[0], scale = {.type = value.type};
    struct operand zero = {.type = ONNX__DATA_TYPE__UINT8};
    if (!wants_floats(step))
        return false;
    struct node *high = extreme(step, &value, OP_REDUCE_MAX, OP_MAX);
    struct node *low = extreme(step, &value, OP_REDUCE_MIN, OP_MIN);
    scale.node = number_layer(step, OP_DIV, pair_layer(step, OP_SUB, high, low), 255);
    zero.node = pair_layer(step, OP_DIV, low, scale.node);
    zero.node = zero.node ? layer_of(step, OP_NEGATE, &zero.node, 1) : NULL;
    if (!zero.node || !apply_clip(step, &zero, 0, 255) || !apply_layer(step, &zero, OP_ROUND))
        return false;
    if (!apply_operand(step, &value, OP_DIV, &scale) ||
        !saturate(step, &value, &zero, ONNX__DATA_TYPE__UINT8))
        return false;
    value.type = ONNX__DATA_TYPE__UINT8;
    return result_is(step, 0, &value) && result_is(step, 1, &scale) && result_is(step, 2, &zero);
}
