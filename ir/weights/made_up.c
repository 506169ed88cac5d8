/* A seed and a tensor's name in, values of a sensible size out: activations keep about their
 * variance from layer to layer. */
#include "ir/weights/made_up.h"

#include <math.h>
#include <string.h>

/* SplitMix64 (Steele, Lea, Flood 2014): a counter, scrambled. */
static uint64_t next_random(uint64_t *state) {
    uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

/* The stream of one tensor: FNV-1a of its name, mixed with the seed. */
static uint64_t stream_of(const char *name, uint64_t seed) {
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (; *name; name++)
        hash = (hash ^ (unsigned char)*name) * UINT64_C(0x100000001b3);
    hash ^= next_random(&seed);
    return next_random(&hash);
}

/* Even in low..high: 24 bits, so that every value is exact before it is scaled. */
static void fill(struct tensor *tensor, uint64_t seed, double low, double high) {
    uint64_t state = stream_of(tensor->name, seed);
    int64_t count = tensor_count(tensor);
    for (int64_t i = 0; i < count; i++) {
        double unit = (double)(next_random(&state) >> 40) * 0x1p-24;
        tensor->data[i] = (float)(low + (high - low) * unit);
    }
}

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
        fill(tensor, seed, 0.25, 0.25);
    else if (node->op == OP_BATCHNORM)
        fill(tensor, seed, index % 3 ? -0.1 : 0.5, index % 3 ? 0.1 : 1.5);
    else if (index == 0) {
        double bound = sqrt(3 / fan_in(node, tensor)); /* variance 1 / fan_in */
        fill(tensor, seed, -bound, bound);
    } else
        fill(tensor, seed, -0.1, 0.1);
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
