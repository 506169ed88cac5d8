/* Decides which tensors are views of others, so that padding, concatenation and slicing move
 * nothing: the input of a PAD lies in its interior, the inputs of a CONCAT side by side in it; the
 * result of a SLICE, CROP, FLATTEN, RESHAPE or PERMUTE lies in its input; an elementwise result
 * replaces an operand that nothing reads any more, border and all where both have one. Whoever
 * comes first wins; codegen copies where a tensor is not where it is wanted. */
#include "ir/place.h"

#include <string.h>

#include "ir/rewrite.h"
#include "ir/rules.h"

struct node *storage_owner(const struct placement *placement, struct node *node) {
    while (placement->homes[node->id].in)
        node = placement->homes[node->id].in;
    return node;
}

static bool is_output(const struct graph *graph, const struct node *node) {
    for (size_t i = 0; i < graph->output_count; i++)
        if (graph->outputs[i].node == node)
            return true;
    return false;
}

static bool is_homeless(const struct placement *p, const struct node *node) {
    return !is_given(node) && !p->homes[node->id].in && !is_output(p->graph, node);
}

static void settle(struct placement *p, struct node *node, struct home home) {
    p->homes[node->id] = home;
}

/* --- into the reader --- */

static void place_into_pad(struct placement *p, struct node *pad) {
    struct node *input = pad->inputs[0];
    if (is_homeless(p, input))
        settle(p, input,
               (struct home){.in = pad,
                             .kind = VIEW_PART,
                             .start = {[AXIS_HEIGHT] = pad->attributes.padding[TOP],
                                       [AXIS_WIDTH] = pad->attributes.padding[LEFT]}});
}

static void place_into_concat(struct placement *p, struct node *concat) {
    int axis = chosen_axis(&concat->attributes);
    struct home home = {.in = concat, .kind = VIEW_PART};
    for (int i = 0; i < concat->input_count; i++) {
        struct node *input = concat->inputs[i];
        if (is_homeless(p, input))
            settle(p, input, home);
        home.start[axis] += *shape_along(&input->shape, axis);
    }
}

/* --- views of the input --- */

/* Axes of more than one unit stay in their order. */
static bool keeps_axes_in_order(const struct node *permute) {
    const int *of = permute->attributes.permutation.of;
    struct shape shape = permute->shape;
    int last = 0;
    for (int axis = 0; axis < 4; axis++) {
        bool counts = *shape_along(&shape, axis) > 1;
        if (counts && of[axis] < last)
            return false;
        last = counts ? of[axis] : last;
    }
    return true;
}

/* In the order hwc, which is memory's, or in an order that comes to the same. */
static bool is_memory_order(const struct node *node) {
    struct shape a = node->inputs[0]->shape, b = node->shape;
    struct shape picture = is_vector_of(a, b) ? b : a;
    if (node->op == OP_PERMUTE)
        return keeps_axes_in_order(node);
    return node->attributes.order == LAYOUT_HWC || picture.c == 1 ||
           (picture.h == 1 && picture.w == 1);
}

/* Inputs in planes are the exception to channels lying side by side. */
static bool is_planar_input(const struct graph *graph, const struct node *node) {
    for (size_t i = 0; i < graph->input_count; i++)
        if (graph->inputs[i].node == node)
            return graph->inputs[i].layout == LAYOUT_CHW && node->shape.c > 1;
    return false;
}

/* Owns its storage, or is all of one: its values can lie without gaps. A tensor in another may not.
 */
static bool is_dense(const struct placement *p, const struct node *node) {
    const struct home *home = &p->homes[node->id];
    return !home->in || (home->kind != VIEW_PART && is_dense(p, home->in));
}

static void place_view(struct placement *p, struct node *node) {
    struct node *input = node->inputs[0];
    const struct attributes *a = &node->attributes;
    struct home home = {.in = input, .kind = VIEW_PART};
    if (!is_homeless(p, node) || is_planar_input(p->graph, input) || input->op == OP_PARAMETER)
        return;
    if (node->op == OP_CROP) {
        home.start[AXIS_HEIGHT] = a->sides[TOP];
        home.start[AXIS_WIDTH] = a->sides[LEFT];
    } else if (node->op == OP_SLICE) {
        if (a->step != 1)
            return;
        home.start[chosen_axis(a)] = a->start;
    } else {
        if (!is_dense(p, input) || !is_memory_order(node))
            return;
        home.kind = VIEW_LINEAR;
    }
    settle(p, node, home);
}

/* --- in place --- */

struct overlap {
    const struct placement *placement;
    const struct node *owner, *allowed;
    bool found;
};

static void check_overlap(struct node **read, void *context) {
    struct overlap *overlap = context;
    if (*read != overlap->allowed && storage_owner(overlap->placement, *read) == overlap->owner)
        overlap->found = true;
}

/* The kernel reads every element of `operand` just before it writes the same element of `node`,
 * reads nothing else of that storage, and nobody does later. storage_last: the last read of any
 * tensor in a storage, by its owner's id. */
static bool may_overwrite(const struct placement *p, const int *storage_last, struct node *node,
                          struct node *operand) {
    struct node *owner = storage_owner(p, operand);
    if (!shape_equal(operand->shape, node->shape) || is_given(owner) ||
        is_output(p->graph, owner) || storage_last[owner->id] > node->id)
        return false;
    struct overlap overlap = {p, owner, operand, false};
    visit_reads(node, check_overlap, &overlap);
    for (int i = 0; !operators[node->op].elementwise && i < node->input_count; i++)
        if (node->inputs[i] == operand) /* read by windows too, not element by element */
            return false;
    return !overlap.found;
}

/* The tensor with a border that the node lies in alone; NULL where it does not. */
static struct node *own_border(const struct placement *p, const struct node *node) {
    struct node *in = p->homes[node->id].in;
    bool alone = in && in->op == OP_PAD && in->inputs[0] == node && node->op != OP_CONCAT;
    return alone ? in : NULL;
}

/* Values within equal borders are replaced with the border around them. */
static bool equal_borders(const struct placement *p, const struct node *node,
                          const struct node *operand) {
    const struct node *mine = own_border(p, node), *its = own_border(p, operand);
    return mine && its && is_homeless(p, mine) && !p->homes[its->id].in &&
           shape_equal(mine->shape, its->shape) &&
           memcmp(p->homes[node->id].start, p->homes[operand->id].start,
                  sizeof p->homes[node->id].start) == 0;
}

static bool may_replace(const struct placement *p, const int *storage_last, struct node *node,
                        struct node *operand) {
    bool alike = is_homeless(p, node) ? is_dense(p, operand) : equal_borders(p, node, operand);
    return alike && may_overwrite(p, storage_last, node, operand);
}

struct candidates {
    struct placement *placement;
    const int *storage_last;
    struct node *node, *found;
};

static void consider(struct node **read, void *context) {
    struct candidates *c = context;
    if (!c->found && may_replace(c->placement, c->storage_last, c->node, *read))
        c->found = *read;
}

/* In a loop, over tensors of as many images: where others are in the same storage, layers before
 * may read in the next pass what this one would write over in this pass. */
static void place_over_operand(struct placement *p, int *storage_last, bool *mixed,
                               struct node *node) {
    struct candidates c = {p, storage_last, node, NULL};
    struct node *border = own_border(p, node);
    if (!is_homeless(p, node) && !border)
        return;
    visit_reads(node, consider, &c);
    if (!c.found)
        return;
    struct node *moved = border ? border : node;
    struct node *in = border ? own_border(p, c.found) : c.found;
    struct node *owner = storage_owner(p, in);
    if (node->loop && mixed[owner->id])
        return;
    mixed[owner->id] = mixed[owner->id] || mixed[moved->id];
    if (storage_last[moved->id] > storage_last[owner->id])
        storage_last[owner->id] = storage_last[moved->id];
    settle(p, moved, (struct home){.in = in, .kind = VIEW_SAME});
}

/* By the owner's id: whether tensors in its storage have other numbers of images. */
static bool *find_mixed_storages(const struct placement *p) {
    bool *mixed = ARENA_ARRAY(p->graph->arena, bool, p->graph->node_count + 1);
    for (size_t i = 0; i < p->graph->node_count; i++) {
        const struct node *node = p->graph->nodes[i];
        const struct node *owner = storage_owner(p, p->graph->nodes[i]);
        mixed[owner->id] = mixed[owner->id] || node->shape.n != owner->shape.n;
    }
    return mixed;
}

static int *last_reads_of_storages(const struct placement *p) {
    int *last = ARENA_ARRAY(p->graph->arena, int, p->graph->node_count + 1);
    for (size_t i = 0; i < p->graph->node_count; i++) {
        int *of_storage = &last[storage_owner(p, p->graph->nodes[i])->id];
        if (p->last_read[i] > *of_storage)
            *of_storage = p->last_read[i];
    }
    return last;
}

/* --- gaps --- */

/* Somewhere in its storage lies a tensor in other strides. */
static bool *find_dense_storages(const struct placement *p) {
    bool *dense = ARENA_ARRAY(p->graph->arena, bool, p->graph->node_count + 1);
    for (size_t i = 0; i < p->graph->node_count; i++)
        if (p->homes[i].in && p->homes[i].kind == VIEW_LINEAR)
            dense[storage_owner(p, p->homes[i].in)->id] = true;
    return dense;
}

/* Pixels that lie multiples of this apart are in the same few sets of the nearest cache, from
 * where they drive each other out: a cache line between them spreads them. */
enum { UNLUCKY_FLOATS = 256, GAP_FLOATS = 16 };

int64_t pixel_pitch(const struct placement *p, const struct node *node) {
    bool unlucky = node->shape.c % UNLUCKY_FLOATS == 0 && node->shape.h * node->shape.w > 1;
    return node->shape.c + (unlucky && !p->dense[node->id] ? GAP_FLOATS : 0);
}

/* --- all of it --- */

/* One that nobody reads still needs room while it is made. */
static int *last_reads_of_tensors(const struct graph *graph) {
    int *last = find_last_reads(graph, graph->arena);
    for (size_t i = 0; i < graph->output_count; i++)
        last[graph->outputs[i].node->id] = READ_FOR_EVER;
    return last;
}

void place_tensors(struct placement *p, struct graph *graph) {
    p->graph = graph;
    p->homes = ARENA_ARRAY(graph->arena, struct home, graph->node_count + 1);
    p->last_read = last_reads_of_tensors(graph);
    for (size_t i = graph->node_count; i-- > 0;) { /* the outermost joins first */
        struct node *node = graph->nodes[i];
        if (node->op == OP_PAD)
            place_into_pad(p, node);
        else if (node->op == OP_CONCAT)
            place_into_concat(p, node);
    }
    for (size_t i = 0; i < graph->node_count; i++) {
        struct node *node = graph->nodes[i];
        if (node->op == OP_SLICE || node->op == OP_CROP || node->op == OP_FLATTEN ||
            node->op == OP_RESHAPE || node->op == OP_PERMUTE)
            place_view(p, node);
    }
    int *storage_last = last_reads_of_storages(p);
    bool *mixed = find_mixed_storages(p);
    for (size_t i = 0; i < graph->node_count; i++)
        place_over_operand(p, storage_last, mixed, graph->nodes[i]);
    p->dense = find_dense_storages(p);
}

static void set_strides(struct location *location, struct shape shape, int64_t pixel) {
    location->channel = 1;
    location->pixel = pixel;
    location->row = shape.w * pixel;
    location->image = shape.h * shape.w * pixel;
}

static void locate_in_home(const struct home *home, struct node *node) {
    struct location *at = &node->location;
    *at = home->in->location;
    const int64_t *start = home->start;
    at->offset += start[AXIS_BATCH] * at->image + start[AXIS_HEIGHT] * at->row +
                  start[AXIS_WIDTH] * at->pixel + start[AXIS_CHANNELS] * at->channel;
    if (at->images)
        at->images = node->shape.n;
    if (home->kind == VIEW_LINEAR) /* of a tensor without gaps */
        set_strides(at, node->shape, node->shape.c);
}

/* Homes may be nested as deep as the network: first up to one that is located, then back down. */
static void locate(const struct placement *p, struct node *node, struct node **path) {
    size_t depth = 0;
    for (; node->location.memory == MEMORY_NONE; node = p->homes[node->id].in)
        path[depth++] = node;
    while (depth-- > 0)
        locate_in_home(&p->homes[path[depth]->id], path[depth]);
}

void locate_tensors(const struct placement *p) {
    for (size_t i = 0; i < p->graph->node_count; i++) {
        struct node *node = p->graph->nodes[i];
        if (node->location.memory == MEMORY_WORKSPACE)
            set_strides(&node->location, node->shape, pixel_pitch(p, node));
    }
    struct node **path = ARENA_ARRAY(p->graph->arena, struct node *, p->graph->node_count + 1);
    for (size_t i = 0; i < p->graph->node_count; i++)
        locate(p, p->graph->nodes[i], path);
}
