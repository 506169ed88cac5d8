/* Cost rules: multiply-accumulates of a layer. */
#include "ir/rules.h"
#include "lexer/checked.h"

int64_t cost_none(const struct node *node) {
    (void)node;
    return 0;
}

static int64_t product(const int64_t *factors, int count) {
    int64_t result = 1;
    for (int i = 0; i < count; i++)
        if (!checked_mul(result, factors[i], &result))
            return INT64_MAX;
    return result;
}

/* Every output value is a sum over C/G channels and R x S taps. */
int64_t cost_conv(const struct node *node) {
    const struct attributes *a = &node->attributes;
    int64_t factors[] = {shape_count(node->shape), node->inputs[0]->shape.c / a->groups,
                         a->kernel[0], a->kernel[1]};
    return product(factors, 4);
}

int64_t cost_depthwise(const struct node *node) {
    return cost_conv(node); /* groups is the number of channels */
}

/* Every input value is spread over K/G channels and R x S taps. */
int64_t cost_deconv(const struct node *node) {
    const struct attributes *a = &node->attributes;
    int64_t factors[] = {shape_count(node->inputs[0]->shape), node->shape.c / a->groups,
                         a->kernel[0], a->kernel[1]};
    return product(factors, 4);
}

int64_t cost_dense(const struct node *node) {
    int64_t factors[] = {shape_count(node->shape), node->inputs[0]->shape.c};
    return product(factors, 2);
}
