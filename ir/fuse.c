/* Fusion: an elementwise layer becomes a step of the epilogue of the node that makes its input,
 * where nothing else reads that node. The kernel then runs at the layer's place in the order, so
 * that its other operands exist. */
#include "ir/fuse.h"

#include "ir/rewrite.h"

static bool takes_epilogue(enum op op) {
    switch (op) {
    case OP_CONV:
    case OP_DEPTHWISE:
    case OP_DECONV:
    case OP_MAXPOOL:
    case OP_AVGPOOL:
    case OP_SUMPOOL:
    case OP_UPSAMPLE:
    case OP_RESIZE:
    case OP_MEAN:
    case OP_SUM:
    case OP_REDUCE_MAX:
    case OP_REDUCE_MIN:
    case OP_REDUCE_PROD:
    case OP_REDUCE_L1:
    case OP_REDUCE_SUM_SQUARE:
    case OP_INSTANCENORM:
    case OP_LAYERNORM:
    case OP_GROUPNORM:
    case OP_LRN:
    case OP_ARGMAX:
    case OP_ARGMIN:
    case OP_TOPK:
    case OP_L2NORM:
        return true;
    default:
        return operators[op].elementwise;
    }
}

/* uses: of the old nodes. A node of the new list keeps its old id until the pass ends, and stands
 * for the last layer fused into it. */
static bool may_fuse(const struct node *layer, const struct node *producer, int uses) {
    int reads = 0;
    for (int i = 0; i < layer->input_count; i++)
        reads += layer->inputs[i] == producer;
    return takes_epilogue(producer->op) && reads == uses &&
           shape_equal(layer->shape, producer->shape) &&
           producer->epilogue_count < LIMIT_FUSED_LAYERS;
}

static void absorb(struct arena *arena, struct node *producer, struct node *layer) {
    struct node **epilogue = ARENA_ARRAY(arena, struct node *, producer->epilogue_count + 1);
    for (int i = 0; i < producer->epilogue_count; i++)
        epilogue[i] = producer->epilogue[i];
    epilogue[producer->epilogue_count++] = layer;
    producer->epilogue = epilogue;
}

/* The one to fuse with; the latest, for a convolution rather than what it is added to. */
static struct node *find_producer(const struct node *layer, const int *uses_of) {
    struct node *found = NULL;
    for (int i = 0; i < layer->input_count; i++) {
        struct node *producer = layer->inputs[i];
        if (may_fuse(layer, producer, uses_of[producer->id]) &&
            (!found || producer->id > found->id))
            found = producer;
    }
    return found;
}

static void move_to_end(struct graph *graph, struct node *node) {
    size_t at = graph->node_count - 1;
    while (graph->nodes[at] != node)
        at--;
    for (; at + 1 < graph->node_count; at++)
        graph->nodes[at] = graph->nodes[at + 1];
    graph->nodes[at] = node;
}

void fuse(struct graph *graph) {
    int *uses = count_uses(graph, graph->arena);
    struct rewrite rewrite;
    rewrite_open(&rewrite, graph);
    for (size_t i = 0; i < rewrite.old_count; i++) {
        struct node *layer = rewrite.old[i];
        rewrite_inputs(&rewrite, layer);
        struct node *producer =
            operators[layer->op].elementwise ? find_producer(layer, uses) : NULL;
        if (!producer) {
            rewrite_keep(&rewrite, layer);
            continue;
        }
        absorb(graph->arena, producer, layer);
        uses[producer->id] = uses[layer->id];
        rewrite_replace(&rewrite, layer, producer);
        move_to_end(graph, producer);
    }
    rewrite_close(&rewrite);
}
