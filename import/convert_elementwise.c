/* Operators that work element by element. */
#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "import/operators.h"

/* Doubles hold values that the floats of the compiled code do not. */
static bool is_computed(int type) {
    return is_float_type(type) && type != ONNX__DATA_TYPE__DOUBLE;
}

bool wants_floats(struct step *step) {
    for (int i = 0; i < step->input_count; i++)
        if (step->inputs[i] && !is_computed(step->inputs[i]->type))
            return refuse(step, E1003_ONNX_OPERATOR, "it is supported on floats, not on `%s` of %s",
                          step->inputs[i]->name, type_text(step->inputs[i]->type));
    return true;
}

bool wants_float_data(struct step *step) {
    return is_computed(step->inputs[0]->type) ||
           refuse(step, E1003_ONNX_OPERATOR, "it is supported on floats, not on `%s` of %s",
                  step->inputs[0]->name, type_text(step->inputs[0]->type));
}

/* Starts a layer of one input, the step's first; false after an error. */
static bool begin_unary(struct step *step, enum op op) {
    if (!wants_floats(step))
        return false;
    struct node *x = operand_node(step, step->inputs[0]);
    if (!x)
        return false;
    builder_layer(step->importer->builder, op, step->span, NULL, &x, 1);
    return true;
}

static bool finish_unary(struct step *step) {
    const struct operand *x = step->inputs[0];
    return result_like(step, 0, builder_finish(step->importer->builder), x->type, x);
}

bool convert_unary(struct step *step) {
    return begin_unary(step, step->row->op) && finish_unary(step);
}

bool convert_unfolded(struct step *step) {
    return refuse(step, E1003_ONNX_OPERATOR, "it is supported on constants only");
}

/* x op number, or number op x. */
static bool with_number(struct step *step, int output, enum op op, struct operand *x, double number,
                        bool number_first) {
    struct node *node = operand_node(step, x);
    if (!node)
        return false;
    node = builder_with_number(step->importer->builder, op, step->span, node, number, number_first);
    return result_like(step, output, node, x->type, x);
}

bool convert_reciprocal(struct step *step) {
    return wants_floats(step) && with_number(step, 0, OP_DIV, step->inputs[0], 1, true);
}

bool convert_slope(struct step *step) {
    double alpha = attribute_float(step, "alpha", step->row->op == OP_LEAKY_RELU ? 0.01 : 1);
    if (!begin_unary(step, step->row->op))
        return false;
    give_number(step->importer->builder, step->row->op == OP_LEAKY_RELU ? "slope" : "alpha", alpha);
    return finish_unary(step);
}

bool convert_thresholded_relu(struct step *step) {
    double alpha = attribute_float(step, "alpha", 1);
    if (!begin_unary(step, OP_THRESHOLD))
        return false;
    give_number(step->importer->builder, "threshold", alpha);
    give_number(step->importer->builder, "value", 0);
    return finish_unary(step);
}

/* A layer of two numbers, which attributes of other names give. */
static bool two_numbers(struct step *step, const char *first, double first_otherwise,
                        const char *our_first, const char *second, double second_otherwise,
                        const char *our_second) {
    struct builder *b = step->importer->builder;
    double values[2] = {attribute_float(step, first, first_otherwise),
                        attribute_float(step, second, second_otherwise)};
    if (!begin_unary(step, step->row->op))
        return false;
    give_number(b, our_first, values[0]);
    give_number(b, our_second, values[1]);
    return finish_unary(step);
}

bool convert_selu(struct step *step) {
    return two_numbers(step, "alpha", 1.67326319217681884765625, "alpha", "gamma",
                       1.05070102214813232421875, "gamma");
}

bool convert_hard_sigmoid(struct step *step) {
    return two_numbers(step, "alpha", 0.2, "alpha", "beta", 0.5, "beta");
}

bool convert_shrink(struct step *step) {
    return two_numbers(step, "lambd", 0.5, "lambda", "bias", 0, "bias");
}

bool convert_gelu(struct step *step) {
    const char *approximate = attribute_string(step, "approximate", "none");
    bool tanh = strcmp(approximate, "tanh") == 0;
    if (!tanh && strcmp(approximate, "none") != 0)
        return refuse(step, E1004_ONNX_FORM, "`approximate` is \"%s\"", approximate);
    if (!begin_unary(step, OP_GELU))
        return false;
    give_word(step->importer->builder, "approximate", tanh ? "tanh" : "none");
    return finish_unary(step);
}

/* An operand of one value, known, that changes no dimensions of the other. */
static bool is_number(const struct operand *operand, const struct operand *other) {
    return is_constant(operand) && operand_count(operand) == 1 && operand->rank <= other->rank &&
           fabs(constant_real(operand, 0)) <= (double)FLT_MAX;
}

/* Its value, as short as the float allows; a float again where it is used. */
static double number_of(struct importer *im, const struct operand *constant) {
    double value = constant_real(constant, 0);
    return constant->type == ONNX__DATA_TYPE__FLOAT ? decimal_of(im, (float)value) : value;
}

/* Both operands on common axes; false after an error. */
static bool join_operands(struct step *step, struct operand *const operands[2],
                          struct node *nodes[2], int *rank, int64_t *dims, int *axes) {
    if (!joint_dims(step, operands, 2, rank, dims))
        return false;
    if (!operands[0]->node && !operands[1]->node && !operand_node(step, operands[0]))
        return false;
    joint_axes(operands, 2, NO_AXIS, *rank, dims, axes);
    for (int i = 0; i < 2; i++) {
        nodes[i] = joined_node(step, operands[i], *rank, dims, axes);
        if (!nodes[i])
            return false;
    }
    return true;
}

struct node *layer_of(struct step *step, enum op op, struct node *const *inputs, int count) {
    builder_layer(step->importer->builder, op, step->span, NULL, inputs, count);
    return builder_finish(step->importer->builder);
}

bool result_binary(struct step *step, int output, enum op op, struct operand *left,
                   struct operand *right) {
    struct operand *operands[2] = {left, right};
    if (is_number(right, left) &&
        !((op == OP_DIV || op == OP_MOD || op == OP_FMOD) && constant_real(right, 0) == 0))
        return with_number(step, output, op, left, number_of(step->importer, right), false);
    if (is_number(left, right))
        return with_number(step, output, op, right, number_of(step->importer, left), true);
    struct node *nodes[2];
    int rank, axes[RANK_MAX];
    int64_t dims[RANK_MAX];
    if (!join_operands(step, operands, nodes, &rank, dims, axes))
        return false;
    return result_node(step, output, layer_of(step, op, nodes, 2), left->type, rank, dims, axes);
}

/* Before operator set 7 the second operand is repeated only where `broadcast` says so: along its
 * last dimensions, or from dimension `axis` on. */
static bool align_second(struct step *step, struct operand *second) {
    const struct operand *first = step->inputs[0];
    int64_t axis = attribute_int(step, "axis", first->rank - second->rank);
    if (!attribute_int(step, "broadcast", 0))
        return true;
    axis = axis < 0 ? axis + first->rank : axis;
    if (axis < 0 || axis > first->rank - second->rank)
        return refuse(step, E1004_ONNX_FORM, "%s does not fit %s from its dimension %" PRId64 " on",
                      operand_text(step->importer, second), operand_text(step->importer, first),
                      axis);
    for (; second->rank < first->rank - axis; second->rank++) {
        second->dims[second->rank] = 1;
        second->axes[second->rank] = NO_AXIS;
    }
    return true;
}

bool convert_binary(struct step *step) {
    struct operand aligned = *step->inputs[1], *second = step->inputs[1];
    bool wraps = wraps_exactly(step);
    if ((!wraps && !wants_floats(step)) || (step->opset < 7 && !align_second(step, &aligned)))
        return false;
    if (step->opset < 7)
        second = &aligned;
    return wraps ? result_wrapped(step, step->inputs[0], second)
                 : result_binary(step, 0, step->row->op, step->inputs[0], second);
}

/* All inputs, one after the other. */
static bool chain(struct step *step, enum op op) {
    bool exact = op == OP_MIN || op == OP_MAX; /* of integers too */
    if (!exact && !wants_floats(step))
        return false;
    if (step->input_count == 1)
        return result_is(step, 0, step->inputs[0]);
    struct operand *so_far = step->inputs[0], *result = step->outputs[0];
    for (int i = 1; i < step->input_count; i++) {
        if (!step->inputs[i] || !result_binary(step, 0, op, so_far, step->inputs[i]))
            return false;
        so_far = ARENA_NEW(step->importer->arena, struct operand);
        *so_far = *result;
    }
    return true;
}

bool convert_variadic(struct step *step) {
    return chain(step, step->row->op);
}

bool convert_average(struct step *step) {
    if (!chain(step, OP_ADD))
        return false;
    if (step->input_count == 1)
        return true;
    struct operand sum = *step->outputs[0];
    return with_number(step, 0, OP_DIV, &sum, step->input_count, false);
}

bool convert_power(struct step *step) {
    struct operand second = *step->inputs[1];
    return wants_float_data(step) && (step->opset >= 7 || align_second(step, &second)) &&
           result_binary(step, 0, OP_POWER, step->inputs[0], &second);
}

/* A result of 0 or 1. */
static bool as_truth(struct step *step, bool made) {
    if (made && step->outputs[0])
        step->outputs[0]->type = ONNX__DATA_TYPE__BOOL;
    return made;
}

/* Of numbers of any type, which floats hold as far as they hold them. */
bool convert_comparison(struct step *step) {
    return as_truth(step, result_binary(step, 0, step->row->op, step->inputs[0], step->inputs[1]));
}

/* And, Or, Xor of 0 and 1: the smaller, the larger, whether they differ. */
bool convert_logic(struct step *step) {
    for (int i = 0; i < step->input_count; i++)
        if (step->inputs[i]->type != ONNX__DATA_TYPE__BOOL)
            return refuse(step, E1004_ONNX_FORM, "`%s` is %s, not bool", step->inputs[i]->name,
                          type_text(step->inputs[i]->type));
    return convert_comparison(step);
}

bool convert_not(struct step *step) {
    return as_truth(step, with_number(step, 0, OP_EQUAL, step->inputs[0], 0, false));
}

bool convert_isnan(struct step *step) {
    return as_truth(step, convert_unary(step));
}

/* Of one sign alone: beyond the largest float; of none: what is never so. */
bool convert_isinf(struct step *step) {
    bool negative = attribute_int(step, "detect_negative", 1) != 0;
    bool positive = attribute_int(step, "detect_positive", 1) != 0;
    struct operand *x = step->inputs[0];
    if (!wants_floats(step))
        return false;
    if (negative && positive)
        return as_truth(step, convert_unary(step));
    if (!negative && !positive)
        return as_truth(step, result_binary(step, 0, OP_LESS, x, x));
    double most = negative ? -(double)FLT_MAX : (double)FLT_MAX;
    return as_truth(step, with_number(step, 0, negative ? OP_LESS : OP_GREATER, x, most, false));
}

bool convert_mod(struct step *step) {
    bool as_c = attribute_int(step, "fmod", 0) != 0;
    return result_binary(step, 0, as_c ? OP_FMOD : OP_MOD, step->inputs[0], step->inputs[1]);
}

bool convert_where(struct step *step) {
    return result_choice(step, step->inputs);
}

bool result_choice(struct step *step, struct operand *const *in) {
    struct node *nodes[3];
    int rank = 0, axes[RANK_MAX];
    int64_t dims[RANK_MAX];
    if (!joint_dims(step, in, 3, &rank, dims))
        return false;
    if (!in[0]->node && !in[1]->node && !in[2]->node && !operand_node(step, in[0]))
        return false;
    joint_axes(in, 3, NO_AXIS, rank, dims, axes);
    for (int i = 0; i < 3; i++) {
        nodes[i] = joined_node(step, in[i], rank, dims, axes);
        if (!nodes[i])
            return false;
    }
    return result_node(step, 0, layer_of(step, OP_WHERE, nodes, 3), in[1]->type, rank, dims, axes);
}

/* A bound of Clip: an attribute up to operator set 10, an input since; `otherwise` where left out.
 */
static bool read_bound(struct step *step, const char *name, int index, double otherwise,
                       double *bound) {
    *bound = otherwise;
    if (step->opset < 11) {
        *bound = attribute_float(step, name, otherwise);
        return true;
    }
    const struct operand *operand = index < step->input_count ? step->inputs[index] : NULL;
    if (!operand)
        return true;
    if (!is_constant(operand) || operand_count(operand) != 1)
        return refuse(step, E1004_ONNX_FORM, "its bound `%s` is not one known number",
                      operand->name);
    *bound = constant_real(operand, 0);
    return true;
}

bool convert_clip(struct step *step) {
    double low, high;
    struct builder *b = step->importer->builder;
    struct operand *x = step->inputs[0];
    if (!read_bound(step, "min", 1, -INFINITY, &low) ||
        !read_bound(step, "max", 2, INFINITY, &high))
        return false;
    bool has_low = low > -(double)FLT_MAX, has_high = high < (double)FLT_MAX;
    if (!has_low && !has_high)
        return result_is(step, 0, x);
    if (!has_high)
        return with_number(step, 0, OP_MAX, x, low, false);
    if (!has_low)
        return with_number(step, 0, OP_MIN, x, high, false);
    if (low > high) /* the upper bound is applied last */
        low = high;
    bool relu6 = low == 0 && high == 6;
    struct node *node = operand_node(step, x);
    if (!node)
        return false;
    builder_layer(b, relu6 ? OP_RELU6 : OP_CLIP, step->span, NULL, &node, 1);
    if (!relu6) {
        give_number(b, "low", low);
        give_number(b, "high", high);
    }
    return finish_unary(step);
}

/* One slope, or one for each channel: a layer; others: max(x, 0) + slope * min(x, 0). */
bool convert_prelu(struct step *step) {
    struct importer *im = step->importer;
    struct operand *x = step->inputs[0], by_channel = *step->inputs[1], *slope = &by_channel;
    struct builder *b = im->builder;
    if (!wants_floats(step))
        return false;
    for (; step->opset < 7 && slope->rank && slope->rank < x->rank - 1; slope->rank++) {
        slope->dims[slope->rank] = 1; /* one for each channel, whatever its rank */
        slope->axes[slope->rank] = NO_AXIS;
    }
    bool one = is_constant(slope) && operand_count(slope) == 1;
    int channels = slope->rank == x->rank ? 1 : 0;
    bool each = is_constant(slope) && (slope->rank == x->rank || slope->rank == x->rank - 1) &&
                x->rank > 1 && slope->dims[channels] == x->dims[1] &&
                operand_count(slope) == x->dims[1];
    struct node *node = operand_node(step, x);
    if (!node)
        return false;
    if (one || each) {
        int axes[RANK_MAX];
        memcpy(axes, x->axes, sizeof axes);
        if (each)
            node = node_with_channels(step, x, 1, axes);
        if (!node)
            return false;
        builder_layer(b, OP_PRELU, step->span, label_of(step, slope), &node, 1);
        give_boolean(b, "per_channel", !one);
        struct node *result = builder_finish(b);
        if (result)
            result->parameters[0]->data = (float *)(uintptr_t)constant_floats(im, slope);
        return result_node(step, 0, result, x->type, x->rank, x->dims, axes);
    }
    struct operand above = *x, below = *x;
    above.node = builder_with_number(b, OP_MAX, step->span, node, 0, false);
    below.node = builder_with_number(b, OP_MIN, step->span, node, 0, false);
    if (!above.node || !below.node || !result_binary(step, 0, OP_MUL, &below, slope))
        return false;
    below = *step->outputs[0];
    return result_binary(step, 0, OP_ADD, &above, &below);
}
