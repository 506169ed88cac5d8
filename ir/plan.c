/* Offsets in the workspace: storages whose lifetimes meet must not overlap. The largest are laid
 * first, each at the lowest offset that is free over its whole life. */
#include "ir/plan.h"

#include <stdlib.h>

#include "ir/bound.h"
#include "ir/loops.h"
#include "ir/place.h"

/* Storages start at multiples of 64 bytes: the alignment the workspace has. */
enum { STORAGE_ALIGNMENT_FLOATS = 16 };

struct storage {
    struct node *owner;
    bool scratch;    /* not for the owner's tensor, but for its kernel */
    bool all_images; /* not only those of one pass */
    int64_t floats, offset;
    int first, last; /* nodes: the first that writes it, the last that reads it */
};

struct storages {
    struct storage *items;
    size_t count;
};

static int64_t storage_floats(int64_t count) {
    int64_t unit = STORAGE_ALIGNMENT_FLOATS;
    return (count + unit - 1) / unit * unit;
}

static int64_t tensor_floats(const struct placement *placement, const struct node *owner,
                             struct shape s) {
    return storage_floats(s.n * s.h * s.w * pixel_pitch(placement, owner));
}

static struct location whole_buffer(enum memory memory, size_t index, struct shape s,
                                    enum layout layout) {
    if (layout == LAYOUT_CHW)
        return (struct location){memory, (int)index, 0, s.h * s.w * s.c, s.w, 1, s.h * s.w, s.n};
    return (struct location){memory, (int)index, 0, s.h * s.w * s.c, s.w * s.c, s.c, 1, s.n};
}

static void place_buffers(struct graph *graph) {
    for (size_t i = 0; i < graph->input_count; i++) {
        const struct input *input = &graph->inputs[i];
        input->node->location = whole_buffer(MEMORY_INPUT, i, input->node->shape, input->layout);
    }
    for (size_t i = 0; i < graph->node_count; i++)
        if (graph->nodes[i]->op == OP_PARAMETER)
            graph->nodes[i]->location =
                whole_buffer(MEMORY_WEIGHTS, i, graph->nodes[i]->shape, LAYOUT_HWC);
    for (size_t i = 0; i < graph->output_count; i++) {
        const struct output *output = &graph->outputs[i];
        output->node->location =
            whole_buffer(MEMORY_OUTPUT, i, output->node->shape, output->layout);
    }
}

/* How many images, and so for how long and how much. */
static void settle_storage(const struct placement *placement, struct storage *s) {
    const struct node *owner = s->owner;
    s->all_images = widen_to_loops(placement->graph, &s->first, &s->last);
    s->floats =
        tensor_floats(placement, owner, s->all_images ? owner->shape : shape_in_pass(owner, owner));
}

/* One storage for each owner that lies in no buffer of the caller, with its lifetime, and one for
 * the scratch memory of each kernel. */
static struct storages collect_storages(const struct placement *placement) {
    struct graph *graph = placement->graph;
    struct storages all = {ARENA_ARRAY(graph->arena, struct storage, 2 * graph->node_count + 1), 0};
    struct storage **of = ARENA_ARRAY(graph->arena, struct storage *, graph->node_count + 1);
    for (size_t i = 0; i < graph->node_count; i++) {
        struct node *node = graph->nodes[i], *owner = storage_owner(placement, node);
        if (node->scratch_floats)
            all.items[all.count++] = (struct storage){
                node, true, !node->loop, storage_floats(node->scratch_floats), 0, (int)i, (int)i};
        if (owner->location.memory != MEMORY_NONE)
            continue;
        struct storage *storage = of[owner->id];
        if (!storage) {
            storage = of[owner->id] = &all.items[all.count++];
            *storage = (struct storage){.owner = owner, .first = (int)i};
        }
        if (placement->last_read[i] > storage->last)
            storage->last = placement->last_read[i];
    }
    for (size_t i = 0; i < all.count; i++)
        if (!all.items[i].scratch)
            settle_storage(placement, &all.items[i]);
    return all;
}

static int larger_first(const void *a, const void *b) {
    const struct storage *x = a, *y = b;
    if (x->floats != y->floats)
        return x->floats > y->floats ? -1 : 1;
    return x->first < y->first ? -1 : x->first > y->first;
}

static bool live_together(const struct storage *a, const struct storage *b) {
    return a->first <= b->last && b->first <= a->last;
}

/* The lowest gap from `begin` on among the storages laid so far; `laid` is sorted by offset. */
static int64_t lowest_offset(const struct storage *storage, struct storage *const *laid,
                             size_t count, int64_t begin) {
    int64_t offset = begin;
    for (size_t i = 0; i < count; i++) {
        if (!live_together(storage, laid[i]))
            continue;
        if (laid[i]->offset >= offset + storage->floats)
            break;
        if (laid[i]->offset + laid[i]->floats > offset)
            offset = laid[i]->offset + laid[i]->floats;
    }
    return offset;
}

static void insert_by_offset(struct storage **laid, size_t count, struct storage *storage) {
    for (; count > 0 && laid[count - 1]->offset > storage->offset; count--)
        laid[count] = laid[count - 1];
    laid[count] = storage;
}

static void set_offset(const struct storage *storage) {
    if (storage->scratch) {
        storage->owner->scratch = storage->offset;
        return;
    }
    storage->owner->location.memory = MEMORY_WORKSPACE;
    storage->owner->location.images = storage->all_images ? storage->owner->shape.n : 0;
    storage->owner->location.offset = storage->offset;
}

/* Those that are wanted in one pass only, or the others, from `begin` on. Returns where they end.
 */
static int64_t lay_out(struct graph *graph, const struct storages *storages, bool of_pass,
                       int64_t begin) {
    struct storage **laid = ARENA_ARRAY(graph->arena, struct storage *, storages->count + 1);
    int64_t end = begin;
    size_t count = 0;
    for (size_t i = 0; i < storages->count; i++) {
        struct storage *storage = &storages->items[i];
        if (storage->all_images == of_pass)
            continue;
        storage->offset = lowest_offset(storage, laid, count, begin);
        insert_by_offset(laid, count++, storage);
        set_offset(storage);
        if (storage->offset + storage->floats > end)
            end = storage->offset + storage->floats;
    }
    return end;
}

/* Parts that share a loop have memory of their own for a pass, so that lies together. */
static void lay_out_all(struct graph *graph, struct storages *storages) {
    qsort(storages->items, storages->count, sizeof *storages->items, larger_first);
    int64_t common = lay_out(graph, storages, false, 0);
    graph->workspace_floats = lay_out(graph, storages, true, common);
    graph->pass_floats = graph->workspace_floats - common;
}

void plan_memory(struct graph *graph) {
    struct placement placement;
    for (size_t i = 0; i < graph->node_count; i++) { /* as if it were the first time */
        graph->nodes[i]->location = (struct location){0};
        graph->nodes[i]->scratch = 0;
    }
    place_tensors(&placement, graph);
    place_buffers(graph);
    struct storages storages = collect_storages(&placement);
    lay_out_all(graph, &storages);
    locate_tensors(&placement);
    graph->least_floats = least_workspace(graph);
}
