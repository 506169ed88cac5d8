/* Batch norm behind a convolution costs nothing, nor does a parameter that is added or multiplied:
 * factors go into the weights, a shift into the bias. Products are made in double and rounded once.
 */
#include "ir/fold.h"

#include "ir/rewrite.h"

struct tensor *folded_tensor(struct arena *arena, int rank, const int64_t *dimensions) {
    struct tensor *tensor = ARENA_NEW(arena, struct tensor);
    int64_t count = 1;
    tensor->rank = rank;
    for (int i = 0; i < rank; i++)
        count *= tensor->dimensions[i] = dimensions[i];
    tensor->data = ARENA_ARRAY(arena, float, count);
    return tensor;
}

/* A channel vector may hold one value for all channels; NULL holds `otherwise`. */
static double channel_value(const struct tensor *vector, int64_t channel, double otherwise) {
    return !vector ? otherwise : vector->data[vector->dimensions[0] == 1 ? 0 : channel];
}

static bool has_weights(const struct node *node) {
    return node->op == OP_CONV || node->op == OP_DEPTHWISE || node->op == OP_DECONV;
}

/* The output channel that the weights [a][b] of the two outer dimensions belong to. */
static int64_t output_channel(const struct node *node, const struct tensor *weight, int64_t a,
                              int64_t b) {
    if (node->op != OP_DECONV)
        return a;
    int64_t channels = weight->dimensions[0] / node->attributes.groups;
    return a / channels * weight->dimensions[1] + b;
}

static struct tensor *scaled_weight(struct arena *arena, const struct node *node,
                                    const struct tensor *scale) {
    struct tensor *weight = node->parameters[0];
    if (!scale)
        return weight;
    struct tensor *scaled = folded_tensor(arena, weight->rank, weight->dimensions);
    int64_t taps = weight->dimensions[2] * weight->dimensions[3], at = 0;
    for (int64_t a = 0; a < weight->dimensions[0]; a++)
        for (int64_t b = 0; b < weight->dimensions[1]; b++) {
            double factor = channel_value(scale, output_channel(node, weight, a, b), 1);
            for (int64_t tap = 0; tap < taps; tap++, at++)
                scaled->data[at] = (float)(weight->data[at] * factor);
        }
    return scaled;
}

static struct tensor *scaled_bias(struct arena *arena, const struct node *node,
                                  const struct tensor *scale, const struct tensor *shift) {
    const struct tensor *bias = node->parameter_count > 1 ? node->parameters[1] : NULL;
    struct tensor *scaled = folded_tensor(arena, 1, &node->shape.c);
    for (int64_t k = 0; k < node->shape.c; k++)
        scaled->data[k] = (float)(channel_value(bias, k, 0) * channel_value(scale, k, 1) +
                                  channel_value(shift, k, 0));
    return scaled;
}

/* New tensors, for the old ones may be shared with another layer. */
static void fold_into(struct arena *arena, struct node *node, const struct node *affine) {
    struct tensor **folded = ARENA_ARRAY(arena, struct tensor *, 2);
    folded[0] = scaled_weight(arena, node, affine->parameters[0]);
    folded[1] = scaled_bias(arena, node, affine->parameters[0], affine->parameters[1]);
    node->parameters = folded;
    node->parameter_count = 2;
    node->attributes.bias = true;
    node->words = arena_printf(arena, "%s+%s", node->words, affine->words);
    node->makes = affine->makes;
}

void fold_affine_layers(struct graph *graph) {
    int *uses = count_uses(graph, graph->arena);
    struct rewrite rewrite;
    rewrite_open(&rewrite, graph);
    for (size_t i = 0; i < rewrite.old_count; i++) {
        struct node *node = rewrite.old[i];
        bool alone = node->op == OP_AFFINE && uses[node->inputs[0]->id] == 1;
        rewrite_inputs(&rewrite, node);
        if (alone && has_weights(node->inputs[0])) {
            fold_into(graph->arena, node->inputs[0], node);
            rewrite_replace(&rewrite, node, node->inputs[0]);
        } else
            rewrite_keep(&rewrite, node);
    }
    rewrite_close(&rewrite);
}
