/* Nodes that are done pass by pass: which can be, and what that is for their tensors. */
#include "ir/loops.h"

#include "ir/rewrite.h"

/* Images of the result are made of other images than those in their place. */
static bool mixes_images(const struct node *node) {
    const struct attributes *a = &node->attributes;
    return a->axes[AXIS_BATCH] || a->batch_padding[0] || a->batch_padding[1] ||
           (node->op == OP_PERMUTE && a->permutation.of[AXIS_BATCH] != AXIS_BATCH);
}

struct reader {
    const struct node *node;
    bool mixes;
};

/* Elementwise layers repeat one image for all. */
static void compare_images(struct node **read, void *context) {
    struct reader *reader = context;
    const struct node *node = reader->node;
    int64_t count = (*read)->shape.n;
    bool repeats = operators[node->op].elementwise || *read != node->inputs[0];
    if (count != node->shape.n && !(count == 1 && repeats))
        reader->mixes = true;
}

bool may_be_in_passes(struct node *node, int64_t passes) {
    if (is_given(node)) /* nothing is done */
        return true;
    struct reader reader = {node, node->shape.n % passes != 0 || mixes_images(node)};
    for (int i = 0; i < node->epilogue_count; i++)
        reader.mixes = reader.mixes || mixes_images(node->epilogue[i]);
    visit_reads(node, compare_images, &reader);
    return !reader.mixes;
}

void set_loop(struct graph *graph, int first, int last, int64_t passes) {
    struct loop *loop = NULL;
    if (passes > 1) {
        loop = ARENA_NEW(graph->arena, struct loop);
        *loop = (struct loop){first, last, passes};
    }
    for (int i = first; i <= last; i++)
        graph->nodes[i]->loop = loop;
}

int64_t node_passes(const struct node *node) {
    return node->loop ? node->loop->passes : 1;
}

int64_t images_in_pass(const struct node *node) {
    return shape_in_pass(node, node).n;
}

struct shape shape_in_pass(const struct node *node, const struct node *tensor) {
    struct shape shape = tensor->shape;
    if (shape.n > 1)
        shape.n /= node_passes(node);
    return shape;
}

bool widen_to_loops(const struct graph *graph, int *first, int *last) {
    int end = (int)graph->node_count - 1;
    const struct loop *begins = graph->nodes[*first]->loop;
    const struct loop *ends = *last <= end ? graph->nodes[*last]->loop : NULL;
    if (begins && begins == ends)
        return false;
    if (begins)
        *first = begins->first;
    if (ends)
        *last = ends->last;
    return true;
}
