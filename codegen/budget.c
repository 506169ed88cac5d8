/* The most gain within a limit of bytes: those that gain most for a byte come first, each as long
 * as there is room. A node may get a second choice that gains more than its first for more bytes.
 */
#include "codegen/budget.h"

#include <stdlib.h>

static int better(const void *left, const void *right) {
    const struct candidate *a = left, *b = right;
    double x = (double)a->gain * (double)b->bytes, y = (double)b->gain * (double)a->bytes;
    if (x != y)
        return x > y ? -1 : 1;
    if (a->node != b->node)
        return a->node->id < b->node->id ? -1 : 1;
    return a->tile < b->tile ? -1 : a->tile > b->tile;
}

static void choose(const struct candidate *c) {
    c->node->winograd = c->tile;
    c->node->cycles = c->cycles;
    c->node->scratch_floats = c->scratch_floats;
}

void choose_within(struct candidate *candidates, size_t count, int64_t budget,
                   const struct graph *graph, struct arena *arena) {
    const struct candidate **chosen =
        ARENA_ARRAY(arena, const struct candidate *, graph->node_count + 1);
    qsort(candidates, count, sizeof *candidates, better);
    for (size_t i = 0; i < count; i++) {
        const struct candidate *c = &candidates[i], *before = chosen[c->node->id];
        int64_t bytes = c->bytes - (before ? before->bytes : 0);
        if (bytes > budget || (before && c->gain <= before->gain))
            continue;
        choose(c);
        chosen[c->node->id] = c;
        budget -= bytes;
    }
}
