/* A seed in, parameters to begin training with out. */
#include "ir/weights/initial.h"

#include <math.h>

#include "ir/operators.h"
#include "ir/weights/random.h"

/* 1 / sqrt(fan_in): what Kaiming's uniform bound, sqrt(6 / ((1 + a^2) fan_in)), is for a = sqrt(5).
 * PyTorch counts a weight of [A, B, R, S] as of fan-in B*R*S, transposed convolutions too. */
static double bound_of(const struct tensor *weight) {
    return sqrt(1 / ((double)tensor_count(weight) / (double)weight->dimensions[0]));
}

static void initialise(const struct node *node, int parameter, uint64_t seed) {
    static const double of_norm[] = {1, 0, 0, 1}; /* weight, bias, mean, variance */
    struct tensor *tensor = node->parameters[parameter];
    if (is_norm(node->op))
        fill_random(tensor, seed, of_norm[parameter], 0);
    else if (node->op == OP_PARAMETER)
        fill_random(tensor, seed, 0, 0.02);
    else if (node->op == OP_PRELU)
        fill_random(tensor, seed, 0.25, 0);
    else
        fill_random(tensor, seed, 0, bound_of(node->parameters[0]));
}

void initialise_weights(struct graph *graph, uint64_t seed) {
    for (size_t i = 0; i < graph->node_count; i++) {
        const struct node *node = graph->nodes[i];
        for (int p = 0; p < node->parameter_count; p++) {
            struct tensor *tensor = node->parameters[p];
            if (!tensor || !tensor->name || tensor->data)
                continue;
            tensor->data = ARENA_ARRAY(graph->arena, float, tensor_count(tensor));
            initialise(node, p, seed);
        }
    }
}
