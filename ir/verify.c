/* Checks a planned graph before code is made of it. */
#include "ir/verify.h"

#include <inttypes.h>

#include "ir/loops.h"
#include "ir/rewrite.h"

struct check {
    const struct graph *graph;
    const struct node *node;
    const char *broken;
};

static void say(struct check *check, const char *what) {
    if (!check->broken)
        check->broken = arena_printf(
            check->graph->arena, "node %d (%s): %s", check->node->id,
            operators[check->node->op].name ? operators[check->node->op].name : "internal", what);
}

static void check_read(struct node **read, void *context) {
    struct check *check = context;
    int id = (*read)->id;
    if (id < 0 || id >= check->node->id || check->graph->nodes[id] != *read)
        say(check, "reads a node that does not come before it");
}

/* The floats from the first to behind the last of a tensor, counted from its first. */
static int64_t location_span(const struct node *node) {
    const struct location *at = &node->location;
    const struct shape s = at->images ? node->shape : shape_in_pass(node, node);
    return (s.n - 1) * at->image + (s.h - 1) * at->row + (s.w - 1) * at->pixel +
           (s.c - 1) * at->channel + 1;
}

static void check_location(struct check *check) {
    const struct node *node = check->node;
    const struct location *at = &node->location;
    int64_t end = at->offset + location_span(node), room = INT64_MAX;
    switch (at->memory) {
    case MEMORY_NONE:
        say(check, "has no place");
        return;
    case MEMORY_WORKSPACE:
        room = check->graph->workspace_floats;
        break;
    case MEMORY_INPUT:
        room = shape_count(check->graph->inputs[at->index].node->shape);
        break;
    case MEMORY_OUTPUT:
        room = shape_count(check->graph->outputs[at->index].node->shape);
        break;
    case MEMORY_WEIGHTS:
        room = shape_count(check->graph->nodes[at->index]->shape);
        break;
    }
    if (at->offset < 0 || end > room)
        say(check, "lies outside its buffer");
    if (at->images != node->shape.n && (at->images || !node->loop))
        say(check, "has a place for other images");
}

/* The windows of a convolution stay inside its input, which has its border. */
static void check_windows(struct check *check) {
    const struct node *node = check->node;
    const struct attributes *a = &node->attributes;
    if (node->op != OP_CONV && node->op != OP_DEPTHWISE)
        return;
    const int64_t out[] = {node->shape.h, node->shape.w};
    const int64_t in[] = {node->inputs[0]->shape.h, node->inputs[0]->shape.w};
    for (int axis = 0; axis < 2; axis++) {
        int64_t first = node->border[axis] - a->padding[axis];
        int64_t last =
            first + (out[axis] - 1) * a->stride[axis] + (a->kernel[axis] - 1) * a->dilation[axis];
        if (first < 0 || last >= in[axis])
            say(check, "reads beyond the border of its input");
    }
}

/* Its nodes know the loop, no others do, and each can be done in its passes. */
static void check_loop(struct check *check, struct node *node) {
    const struct loop *loop = node->loop;
    if (!loop)
        return;
    bool inside = loop->first >= 0 && loop->first <= node->id && node->id <= loop->last &&
                  loop->last < (int)check->graph->node_count;
    if (!inside || check->graph->nodes[loop->first]->loop != loop ||
        check->graph->nodes[loop->last]->loop != loop || loop->passes < 2)
        say(check, "is in a loop that is broken");
    else if (!may_be_in_passes(node, loop->passes))
        say(check, "cannot be done in passes");
}

/* --- no tensor is overwritten while it is wanted ---
 * Tensors that share memory on purpose, as views of each other or in place, are one family, known
 * by its first member. Families that are alive at the same time must lie apart; those that more
 * than one loop knows are alive from the beginning of the first to the end of the last. */

struct family {
    int first, last;      /* the node that writes it first, the one that reads it last */
    int64_t begin, end;   /* in the workspace */
    struct family *other; /* with the same first node */
};

struct sharing {
    const struct graph *graph;
    int *last_read;          /* by node id */
    int *parent;             /* by node id: union-find */
    struct family *families; /* by the id of the family's root */
    const struct node *lost; /* read in another loop, of one pass; NULL: none is */
};

static int root_of(const struct sharing *s, int id) {
    while (s->parent[id] != id)
        id = s->parent[id] = s->parent[s->parent[id]];
    return id;
}

static bool overlap(const struct node *a, const struct node *b) {
    return a->location.memory == MEMORY_WORKSPACE && b->location.memory == MEMORY_WORKSPACE &&
           a->location.offset < b->location.offset + location_span(b) &&
           b->location.offset < a->location.offset + location_span(a);
}

static bool same_location(const struct location *a, const struct location *b) {
    return a->memory == b->memory && a->index == b->index && a->offset == b->offset &&
           a->image == b->image && a->row == b->row && a->pixel == b->pixel &&
           a->channel == b->channel;
}

static bool is_view(enum op op) {
    return op == OP_PAD || op == OP_CONCAT || op == OP_SLICE || op == OP_CROP || op == OP_FLATTEN ||
           op == OP_RESHAPE || op == OP_PERMUTE;
}

struct reader {
    struct sharing *sharing;
    const struct node *node;
};

static void note_read(struct node **read, void *context) {
    const struct reader *r = context;
    struct sharing *s = r->sharing;
    const struct node *node = r->node, *x = *read;
    s->last_read[x->id] = node->id;
    if (x->loop != node->loop && !x->location.images)
        s->lost = x;
    bool in_place =
        shape_equal(x->shape, node->shape) && same_location(&x->location, &node->location);
    if (overlap(x, node) && (is_view(node->op) || in_place))
        s->parent[root_of(s, x->id)] = root_of(s, node->id);
}

static void find_families(struct sharing *s) {
    const struct graph *graph = s->graph;
    for (size_t i = 0; i < graph->node_count; i++)
        s->parent[i] = s->last_read[i] = (int)i;
    for (size_t i = 0; i < graph->node_count; i++)
        visit_reads(graph->nodes[i], note_read, &(struct reader){s, graph->nodes[i]});
    for (size_t i = 0; i < graph->node_count; i++)
        s->families[i] = (struct family){INT32_MAX, 0, INT64_MAX, 0, NULL};
    for (size_t i = 0; i < graph->node_count; i++) {
        const struct node *node = graph->nodes[i];
        struct family *family = &s->families[root_of(s, (int)i)];
        int64_t begin = node->location.offset, end = begin + location_span(node);
        if (node->location.memory != MEMORY_WORKSPACE)
            continue;
        family->first = family->first < (int)i ? family->first : (int)i;
        family->last = family->last > s->last_read[i] ? family->last : s->last_read[i];
        family->begin = family->begin < begin ? family->begin : begin;
        family->end = family->end > end ? family->end : end;
    }
    for (size_t i = 0; i < graph->node_count; i++)
        if (s->families[i].last >= s->families[i].first)
            widen_to_loops(graph, &s->families[i].first, &s->families[i].last);
}

static bool collide(const struct family *a, const struct family *b) {
    return a->first <= b->last && b->first <= a->last && a->begin < b->end && b->begin < a->end;
}

static void check_scratch(struct check *check, const struct family *const *open, size_t count) {
    const struct node *node = check->node;
    const struct family scratch = {node->id, node->id, node->scratch,
                                   node->scratch + node->scratch_floats, NULL};
    if (scratch.begin < 0 || scratch.end > check->graph->workspace_floats)
        say(check, "works outside of the workspace");
    for (size_t i = 0; i < count; i++)
        if (collide(open[i], &scratch))
            say(check, "works over a tensor that is still wanted");
}

/* By their first node, from the last to the first. */
static struct family **sort_families(const struct sharing *s) {
    size_t count = s->graph->node_count;
    struct family **sorted = ARENA_ARRAY(s->graph->arena, struct family *, count + 1);
    for (size_t i = 0; i < count; i++) {
        struct family *family = &s->families[i];
        if (family->first > family->last) /* of no one */
            continue;
        family->other = sorted[family->first];
        sorted[family->first] = family;
    }
    return sorted;
}

static void check_sharing(struct check *check) {
    const struct graph *graph = check->graph;
    size_t count = graph->node_count, alive = 0;
    struct sharing s = {graph, ARENA_ARRAY(graph->arena, int, count + 1),
                        ARENA_ARRAY(graph->arena, int, count + 1),
                        ARENA_ARRAY(graph->arena, struct family, count + 1), NULL};
    const struct family **open = ARENA_ARRAY(graph->arena, const struct family *, count + 1);
    find_families(&s);
    if (s.lost) {
        check->node = s.lost;
        say(check, "is kept for one pass, and read in another loop");
    }
    struct family *const *sorted = sort_families(&s);
    for (size_t i = 0; i < count; i++) { /* families open at their first node */
        check->node = graph->nodes[i];
        for (const struct family *family = sorted[i]; family; family = family->other) {
            size_t kept = 0;
            for (size_t k = 0; k < alive; k++) {
                if (collide(open[k], family))
                    say(check, "lies over a tensor that is still wanted");
                if (open[k]->last >= (int)i)
                    open[kept++] = open[k];
            }
            alive = kept;
            open[alive++] = family;
        }
        check_scratch(check, open, alive);
    }
}

const char *verify_graph(const struct graph *graph) {
    struct check check = {graph, NULL, NULL};
    for (size_t i = 0; i < graph->node_count; i++) {
        struct node *node = graph->nodes[i];
        check.node = node;
        if (node->id != (int)i)
            say(&check, "is numbered wrongly");
        if (node->shape.n < 1 || node->shape.h < 1 || node->shape.w < 1 || node->shape.c < 1)
            say(&check, "is empty");
        visit_reads(node, check_read, &check);
        check_location(&check);
        check_loop(&check, node);
        check_windows(&check);
    }
    if (!check.broken)
        check_sharing(&check);
    return check.broken;
}
