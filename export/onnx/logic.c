/* Comparisons and choices, whose truth is a type of its own in ONNX: made floats, 1 and 0. */
#include "export/onnx/exporter.h"

static void truth_as_float(struct exporter *x, const struct node *node, Onnx__NodeProto *truth) {
    struct dims dims = result_dims(x, node);
    cast(x, end_typed(x, truth, ONNX__DATA_TYPE__BOOL, dims), ONNX__DATA_TYPE__FLOAT, dims);
}

/* Of one value. */
FORM_FUNCTION(test) {
    truth_as_float(x, node, begin_node(x, form->type, in[0], NULL));
}

FORM_FUNCTION(compare) {
    struct operands of = operands_of(x, node, in);
    truth_as_float(x, node, begin_node(x, form->type, of.first, of.second, NULL));
}

FORM_FUNCTION(not_equal) {
    (void)form;
    struct operands of = operands_of(x, node, in);
    Onnx__NodeProto *equal = begin_node(x, "Equal", of.first, of.second, NULL);
    const char *same = end_typed(x, equal, ONNX__DATA_TYPE__BOOL, result_dims(x, node));
    truth_as_float(x, node, begin_node(x, "Not", same, NULL));
}

/* Choices that are numbers are no inputs. */
FORM_FUNCTION(where) {
    (void)form;
    const struct attributes *a = &node->attributes;
    const double numbers[] = {a->a, a->b};
    const char *choices[2];
    struct shape s = node->inputs[0]->shape;
    for (int i = 0, next = 1; i < 2; i++)
        choices[i] = a->is_number[i] ? scalar(x, numbers[i]) : in[next++];
    struct dims dims = x->vector ? vector_dims(s) : picture_dims(s);
    const char *condition = cast(x, in[0], ONNX__DATA_TYPE__BOOL, dims);
    end_node(x, begin_node(x, "Where", condition, choices[0], choices[1], NULL),
             result_dims(x, node));
}

/* With the first one's sign. */
static const char *remainder_of(struct exporter *x, const struct node *node, struct operands of) {
    Onnx__NodeProto *mod = begin_node(x, "Mod", of.first, of.second, NULL);
    set_int(x, mod, "fmod", 1);
    return end_node(x, mod, result_dims(x, node));
}

FORM_FUNCTION(fmod) {
    (void)form;
    remainder_of(x, node, operands_of(x, node, in));
}

/* With the second one's sign: added to where it is another. */
FORM_FUNCTION(mod) {
    (void)form;
    struct operands of = operands_of(x, node, in);
    struct dims dims = result_dims(x, node);
    const char *rest = remainder_of(x, node, of);
    const char *signs = apply_two(x, "Mul", apply(x, "Sign", rest, dims), of.second, dims);
    Onnx__NodeProto *less = begin_node(x, "Less", signs, scalar(x, 0), NULL);
    const char *differs = end_typed(x, less, ONNX__DATA_TYPE__BOOL, dims);
    const char *sum = apply_two(x, "Add", rest, of.second, dims);
    end_node(x, begin_node(x, "Where", differs, sum, rest, NULL), dims);
}
