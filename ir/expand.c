/* Layers as several others: see each function. */
#include "ir/expand.h"

#include <float.h>
#include <string.h>

static struct node *reduce(struct rewrite *rewrite, enum op op, const struct node *like,
                           struct node *x) {
    struct node *reduced = rewrite_add(rewrite, op, like, x);
    memcpy(reduced->attributes.axes, like->attributes.axes, sizeof like->attributes.axes);
    return reduced;
}

static struct node *combine(struct rewrite *rewrite, enum op op, const struct node *like,
                            struct node *left, struct node *right) {
    struct node *node = rewrite_add(rewrite, op, like, left);
    node->input_count = 2;
    node->inputs = ARENA_ARRAY(rewrite->graph->arena, struct node *, 2);
    node->inputs[0] = left;
    node->inputs[1] = right;
    return node;
}

/* log(sum of e^x) = m + log(sum of e^(x - m)), m the largest x: no power overflows, and one is 1.
 * An infinite m is moved to the nearest float, which leaves infinities what they are. */
static struct node *log_sum_exp(struct rewrite *rewrite, const struct node *node) {
    struct node *x = node->inputs[0];
    struct node *largest = reduce(rewrite, OP_REDUCE_MAX, node, x);
    largest = rewrite_add(rewrite, OP_CLIP, node, largest);
    largest->attributes.a = -(double)FLT_MAX;
    largest->attributes.b = (double)FLT_MAX;
    struct node *powers = combine(rewrite, OP_SUB, node, x, largest);
    powers->shape = x->shape;
    powers = rewrite_add(rewrite, OP_EXP, powers, powers);
    struct node *sum = reduce(rewrite, OP_SUM, node, powers);
    sum = rewrite_add(rewrite, OP_LOG, node, sum);
    return combine(rewrite, OP_ADD, node, sum, largest);
}

struct node *expand_reduction(struct rewrite *rewrite, const struct node *node) {
    struct node *x = node->inputs[0], *result;
    if (node->op == OP_REDUCE_LOG_SUM_EXP)
        result = log_sum_exp(rewrite, node);
    else if (node->op == OP_REDUCE_L2)
        result =
            rewrite_add(rewrite, OP_SQRT, node, reduce(rewrite, OP_REDUCE_SUM_SQUARE, node, x));
    else
        result = rewrite_add(rewrite, OP_LOG, node, reduce(rewrite, OP_SUM, node, x));
    result->makes = node->path;
    return result;
}

static struct node *power(struct rewrite *rewrite, const struct node *like, struct node *x,
                          double exponent) {
    struct node *node = rewrite_add(rewrite, OP_POWER, like, x);
    node->attributes.has_scalar = true;
    node->attributes.scalar = exponent;
    return node;
}

/* Sizes and squares are taken while they are summed; |x|^p of another p is a layer before. */
struct node *expand_lppool(struct rewrite *rewrite, const struct node *node) {
    struct node *x = node->inputs[0];
    double p = node->attributes.a;
    bool taken = p == 1 || p == 2;
    if (!taken) {
        struct node as_input = *node;
        as_input.shape = x->shape;
        x = rewrite_add(rewrite, OP_ABS, &as_input, x);
        x = power(rewrite, &as_input, x, p);
    }
    struct node *sums = rewrite_add(rewrite, OP_SUMPOOL, node, x);
    sums->attributes = node->attributes;
    sums->attributes.a = taken ? p : 1;
    struct node *result = p == 1 ? sums : power(rewrite, node, sums, 1 / p);
    result->makes = node->path;
    return result;
}
