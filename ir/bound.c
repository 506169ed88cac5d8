/* A planned graph in, the fewest floats out that its order of nodes needs in the workspace: what
 * must be kept at once, without borders, gaps and rounding. So it tells what placement costs.
 *
 * What only arranges values has none of its own: they are those of its inputs, which live as long
 * as it. A part of a tensor counts once the tensor does not. */
#include "ir/bound.h"

#include "ir/loops.h"
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

/* Has its input's values, in other axes; a permutation, where no value moves. */
static bool is_other_shape(const struct node *node) {
    const struct location *y = &node->location;
    if (node->op != OP_PERMUTE)
        return node->op == OP_FLATTEN || node->op == OP_RESHAPE;
    const struct location *x = &node->inputs[0]->location;
    return x->memory == y->memory && x->offset == y->offset;
}

/* Not where it goes to the caller's memory, while others still read the values. */
static bool arranges(const struct node *node) {
    return node->location.memory == MEMORY_WORKSPACE &&
           (node->op == OP_PAD || node->op == OP_CONCAT || is_other_shape(node));
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
        int first = (int)i, last = life->last;
        bool all = widen_to_loops(graph, &first, &last);
        if (node->location.memory == MEMORY_WORKSPACE && !arranges(node))
            life->floats = shape_count(all ? node->shape : shape_in_pass(node, node));
        lives.reader = (int)i;
        visit_reads(node, note_read, &lives);
    }
    return lives.items;
}

/* The tensor whose values a node has. */
static const struct node *maker(const struct node *node) {
    while (is_other_shape(node))
        node = node->inputs[0];
    return node;
}

struct replacing {
    const struct life *lives;
    const struct node *node;
    bool possible;
};

/* Windows read their input's values again after results are written. */
static bool reads_by_windows(const struct node *node, const struct node *value) {
    for (int i = 0; !operators[node->op].elementwise && i < node->input_count; i++)
        if (maker(node->inputs[i]) == value)
            return true;
    return false;
}

/* A result may take the place of values that are read last where it is made, element by element. */
static void consider(struct node **read, void *context) {
    struct replacing *r = context;
    const struct node *value = maker(*read);
    if (r->lives[value->id].last == r->node->id && shape_equal((*read)->shape, r->node->shape) &&
        !reads_by_windows(r->node, value))
        r->possible = true;
}

static bool may_replace(const struct life *lives, struct node *node) {
    struct replacing r = {lives, node, false};
    visit_reads(node, consider, &r);
    return r.possible;
}

/* From which node to which the values are kept. In a loop those of a value and of what may replace
 * it are one tensor's, counted once: up to there, and from there on. */
static void find_span(const struct graph *graph, const struct life *lives, int id, int *first,
                      int *last) {
    int begins = *first = id, ends = *last = lives[id].last;
    widen_to_loops(graph, first, last);
    if (may_replace(lives, graph->nodes[id]))
        *first = begins;
    if (ends > id && may_replace(lives, graph->nodes[ends]))
        *last = ends;
}

/* By node id, and one more: floats that are wanted there and were not wanted before, less those
 * that were. */
static int64_t *find_changes(const struct graph *graph, const struct life *lives) {
    int64_t *change = ARENA_ARRAY(graph->arena, int64_t, graph->node_count + 2);
    int *whole = ARENA_ARRAY(graph->arena, int, graph->node_count + 1); /* counts, until there */
    for (size_t i = 0; i < graph->node_count; i++) {
        const struct node *node = graph->nodes[i], *input = is_part(node) ? node->inputs[0] : node;
        int first, last, of_whole;
        find_span(graph, lives, input->id, &of_whole, &last);
        whole[i] = input == node ? -1 : whole[input->id] > last ? whole[input->id] : last;
        find_span(graph, lives, (int)i, &first, &last);
        if (whole[i] >= first)
            first = whole[i] + 1;
        if (first > last)
            continue;
        change[first] += lives[i].floats;
        change[last + 1] -= lives[i].floats;
    }
    return change;
}

int64_t least_workspace(const struct graph *graph) {
    const struct life *lives = find_lives(graph);
    const int64_t *change = find_changes(graph, lives);
    int64_t *ending = ARENA_ARRAY(graph->arena, int64_t, graph->node_count + 1);
    for (size_t i = 0; i < graph->node_count; i++)
        if (lives[i].last > (int)i)
            ending[lives[i].last] += lives[i].floats;
    int64_t live = 0, most = 0;
    for (size_t i = 0; i < graph->node_count; i++) {
        struct node *node = graph->nodes[i];
        int64_t own = lives[i].floats, replaced = ending[i] < own ? ending[i] : own;
        live += change[i];
        int64_t now = live + node->scratch_floats - (may_replace(lives, node) ? replaced : 0);
        if (now > most)
            most = now;
    }
    return most;
}
