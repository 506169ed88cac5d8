/* Parameter layers in, scalars and affine layers out. */
#include "ir/absorb.h"

#include "ir/fold.h"
#include "ir/operators.h"

static void keep_operand(struct node *node, struct node *operand) {
    node->inputs[0] = operand;
    node->input_count = 1;
}

static void take_scalar(struct node *node, struct node *operand, double scalar, bool first) {
    node->attributes.has_scalar = true;
    node->attributes.scalar = scalar;
    node->attributes.scalar_first = first;
    keep_operand(node, operand);
}

/* vector * factor; with a vector of NULL the factor itself. */
static struct tensor *channels_of(struct arena *arena, int64_t channels,
                                  const struct tensor *vector, float factor) {
    struct tensor *tensor = folded_tensor(arena, 1, &channels);
    for (int64_t c = 0; c < channels; c++)
        tensor->data[c] = vector ? vector->data[c] * factor : factor;
    return tensor;
}

/* x + p, x - p, p - x or x * p; false where the layer is none of these. */
static bool become_affine(struct arena *arena, struct node *node, struct node *operand,
                          const struct tensor *vector, bool first) {
    struct tensor *scale = NULL, *shift = NULL;
    int64_t channels = node->shape.c;
    if (node->op == OP_MUL)
        scale = channels_of(arena, channels, vector, 1);
    else if (node->op == OP_ADD || node->op == OP_SUB)
        shift = channels_of(arena, channels, vector, node->op == OP_SUB && !first ? -1 : 1);
    else
        return false;
    if (node->op == OP_SUB && first)
        scale = channels_of(arena, channels, NULL, -1);
    node->op = OP_AFFINE;
    node->parameters = ARENA_ARRAY(arena, struct tensor *, 2);
    node->parameters[0] = scale;
    node->parameters[1] = shift;
    node->parameter_count = 2;
    keep_operand(node, operand);
    return true;
}

/* The layer's input number `side`, if that is a parameter that the other one need not be repeated
 * for. */
static bool absorb(struct arena *arena, struct node *node, int side) {
    const struct node *parameter = node->inputs[side];
    struct node *operand = node->inputs[1 - side];
    if (parameter->op != OP_PARAMETER || !shape_equal(operand->shape, node->shape))
        return false;
    const struct tensor *values = parameter->parameters[0];
    if (shape_count(parameter->shape) == 1)
        take_scalar(node, operand, values->data[0], side == 0);
    else if (shape_count(parameter->shape) != parameter->shape.c)
        return false;
    else
        return become_affine(arena, node, operand, values, side == 0);
    return true;
}

/* The choices of `where` that are parameters of one number. */
static void take_choices(struct node *node) {
    struct attributes *a = &node->attributes;
    double *const numbers[] = {&a->a, &a->b};
    int kept = 1;
    for (int choice = 0, read = 1; choice < 2; choice++) {
        struct node *input = a->is_number[choice] ? NULL : node->inputs[read++];
        if (!input)
            continue;
        if (input->op == OP_PARAMETER && shape_count(input->shape) == 1) {
            a->is_number[choice] = true;
            *numbers[choice] = input->parameters[0]->data[0];
        } else
            node->inputs[kept++] = input;
    }
    node->input_count = kept;
}

void absorb_parameters(struct graph *graph) {
    for (size_t i = 0; i < graph->node_count; i++) {
        struct node *node = graph->nodes[i];
        enum arity arity = operator_rules[node->op].arity;
        if (arity == ARITY_CHOICE)
            take_choices(node);
        else if ((arity == ARITY_OPERANDS || arity == ARITY_PAIR) && node->input_count == 2 &&
                 !absorb(graph->arena, node, 1))
            absorb(graph->arena, node, 0);
    }
}
