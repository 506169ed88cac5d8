/* A seed and a tensor's name in, values of a sensible size out: activations keep about their
 * variance from layer to layer. */
#include "ir/weights/made_up.h"

#include <math.h>

#include "ir/operators.h"
#include "ir/weights/random.h"

/* How many products are summed into one output value, on average. */
static double fan_in(const struct node *node, const struct tensor *weight) {
    const struct attributes *a = &node->attributes;
    double taps = 1;
    for (int i = 2; i < weight->rank; i++)
        taps *= (double)weight->dimensions[i];
    if (node->op != OP_DECONV)
        return taps * (double)weight->dimensions[1];
    double sum = taps * (double)weight->dimensions[0] / (double)a->groups /
                 ((double)a->stride[0] * (double)a->stride[1]);
    return sum > 1 ? sum : 1;
}

static void fill_parameter(const struct node *node, int index, uint64_t seed) {
    struct tensor *tensor = node->parameters[index];
    if (node->op == OP_PRELU)
        fill_random(tensor, seed, 0.25, 0);
    else if (node->op == OP_PARAMETER)
        fill_random(tensor, seed, 0, 1);
    else if (is_norm(node->op))
        fill_random(tensor, seed, index % 3 ? 0 : 1, index % 3 ? 0.1 : 0.5);
    else if (index == 0) {
        double bound = sqrt(3 / fan_in(node, tensor)); /* variance 1 / fan_in */
        fill_random(tensor, seed, 0, bound);
    } else
        fill_random(tensor, seed, 0, 0.1);
}

void make_random_weights(struct graph *graph, uint64_t seed) {
    for (size_t i = 0; i < graph->node_count; i++) {
        const struct node *node = graph->nodes[i];
        for (int p = 0; p < node->parameter_count; p++) {
            struct tensor *tensor = node->parameters[p];
            if (!tensor || !tensor->name || tensor->data)
                continue;
            tensor->data = ARENA_ARRAY(graph->arena, float, tensor_count(tensor));
            fill_parameter(node, p, seed);
        }
    }
}
