/* A planned graph in, the fewest floats out that its order of nodes needs in the workspace: what
 * must be kept at once, without borders, gaps and rounding. So it tells what placement costs.
 *
 * What only arranges values has none of its own: they are those of its inputs, which live as long
 * as it. A part of a tensor counts once the tensor does not. */
#include "ir/bound.h"

#include "ir/rewrite.h"

struct life {
    int64_t floats;
    int last; /* the last node that reads it */
};

struct lives {
    const struct graph *graph;
    struct life *items; /* by node id */
    int reader;
};

static bool arranges(const struct node *node) {
    return node->op == OP_PAD || node->op == OP_CONCAT || node->op == OP_FLATTEN ||
           node->op == OP_RESHAPE;
}

static bool is_part(const struct node *node) {
    return node->op == OP_SLICE || node->op == OP_CROP;
}

static void note_read(struct node **read, void *context) {
    const struct lives *lives = context;
    struct life *life = &lives->items[(*read)->id];
    int last = lives->reader;
    if (arranges(lives->graph->nodes[last]) && lives->items[last].last > last)
        last = lives->items[last].last;
    if (last > life->last)
        life->last = last;
}

/* Readers first, since what arranges values passes its own life on. */
static struct life *find_lives(const struct graph *graph) {
    struct lives lives = {graph, ARENA_ARRAY(graph->arena, struct life, graph->node_count + 1), 0};
    for (size_t i = graph->node_count; i-- > 0;) {
        struct node *node = graph->nodes[i];
        struct life *life = &lives.items[i];
        if (life->last < (int)i)
            life->last = (int)i;
        if (node->location.memory == MEMORY_WORKSPACE && !arranges(node))
            life->floats = shape_count(node->shape);
        lives.reader = (int)i;
        visit_reads(node, note_read, &lives);
    }
    return lives.items;
}

/* The tensor whose values a node has. */
static const struct node *maker(const struct node *node) {
    while (node->op == OP_FLATTEN || node->op == OP_RESHAPE)
        node = node->inputs[0];
    return node;
}

struct replacing {
    const struct life *lives;
    const struct node *node;
    int64_t floats;
};

/* Windows read their input's values again after results are written. */
static bool reads_by_windows(const struct node *node, const struct node *value) {
    for (int i = 0; !operators[node->op].elementwise && i < node->input_count; i++)
        if (maker(node->inputs[i]) == value)
            return true;
    return false;
}

/* A result may take the place of a value that is read last where it is made, element by element. */
static void consider(struct node **read, void *context) {
    struct replacing *r = context;
    const struct node *value = maker(*read);
    int64_t floats = r->lives[value->id].floats;
    if (r->lives[value->id].last == r->node->id && shape_equal((*read)->shape, r->node->shape) &&
        !reads_by_windows(r->node, value) && floats > r->floats)
        r->floats = floats;
}

static int64_t replaced_floats(const struct life *lives, struct node *node) {
    struct replacing r = {lives, node, 0};
    visit_reads(node, consider, &r);
    return r.floats < lives[node->id].floats ? r.floats : lives[node->id].floats;
}

int64_t least_workspace(const struct graph *graph) {
    const struct life *lives = find_lives(graph);
    int64_t *change = ARENA_ARRAY(graph->arena, int64_t, graph->node_count + 2);
    for (size_t i = 0; i < graph->node_count; i++) {
        const struct node *node = graph->nodes[i];
        int first = (int)i, whole = is_part(node) ? lives[node->inputs[0]->id].last + 1 : first;
        if (whole > first)
            first = whole;
        if (first > lives[i].last)
            continue;
        change[first] += lives[i].floats;
        change[lives[i].last + 1] -= lives[i].floats;
    }
    int64_t live = 0, most = 0;
    for (size_t i = 0; i < graph->node_count; i++) {
        struct node *node = graph->nodes[i];
        live += change[i];
        int64_t now = live - replaced_floats(lives, node) + node->scratch_floats;
        if (now > most)
            most = now;
    }
    return most;
}
