/* From the last layer to the first: what a function that jumps reads, and what makes that. */
#include "ir/exact.h"

#include "ir/rewrite.h"

static bool jumps(enum op op) {
    switch (op) {
    case OP_FLOOR:
    case OP_CEIL:
    case OP_ROUND:
    case OP_SIGN:
    case OP_MOD:
    case OP_FMOD:
    case OP_EQUAL:
    case OP_NOT_EQUAL:
    case OP_LESS:
    case OP_LESS_EQUAL:
    case OP_GREATER:
    case OP_GREATER_EQUAL:
        return true;
    default:
        return false;
    }
}

static bool is_convolution(enum op op) {
    return op == OP_CONV || op == OP_DEPTHWISE || op == OP_DECONV;
}

struct marks {
    bool *exact;
    const struct node *but; /* what is not marked */
};

static void mark(struct node **read, void *context) {
    struct marks *marks = context;
    if (*read != marks->but)
        marks->exact[(*read)->id] = true;
}

bool *find_exact_layers(const struct graph *graph, struct arena *arena) {
    bool *exact = ARENA_ARRAY(arena, bool, graph->node_count + 1);
    for (size_t i = graph->node_count; i-- > 0;) {
        struct node *node = graph->nodes[i];
        bool jump = jumps(node->op);
        for (int k = 0; k < node->epilogue_count; k++)
            jump = jump || jumps(node->epilogue[k]->op);
        exact[i] = exact[i] || jump;
        struct marks marks = {exact, is_convolution(node->op) ? node->inputs[0] : NULL};
        if (exact[i])
            visit_reads(node, mark, &marks);
    }
    return exact;
}
