/* The exact side of receptive fields: the set of rows or columns that each unit sees, from the sets
 * of the units that it reads. */
#include <stdlib.h>

#include "ir/fields.h"
#include "ir/readings.h"
#include "lexer/checked.h"

/* One network may take this much: reads followed, units and ranges kept. */
enum { READS_MAX = 1 << 26, UNITS_MAX = 1 << 22, RANGES_MAX = 1 << 24 };

/* A set under construction. */
struct gathering {
    struct arena *arena;
    struct extent *ranges;
    size_t count, capacity;
    bool unsorted;
    const struct seen *only; /* the one set it was made of so far */
};

static void gather(struct gathering *g, const struct seen *seen) {
    if (g->count == 0)
        g->only = seen;
    else if (g->only && g->only->ranges != seen->ranges)
        g->only = NULL;
    for (int64_t i = 0; i < seen->count; i++) {
        struct extent new = seen->ranges[i], *end = g->count ? &g->ranges[g->count - 1] : NULL;
        if (end && new.first >= end->first && new.first <= end->last + 1) {
            end->last = new.last > end->last ? new.last : end->last;
            continue;
        }
        g->unsorted = g->unsorted || (end && new.first < end->first);
        ARENA_PUSH(g->arena, g->ranges, g->count, g->capacity, new);
    }
}

static int by_first(const void *a, const void *b) {
    const struct extent *x = a, *y = b;
    return x->first < y->first ? -1 : x->first > y->first;
}

static void sort(struct gathering *g) {
    qsort(g->ranges, g->count, sizeof *g->ranges, by_first);
    size_t kept = 1;
    for (size_t i = 1; i < g->count; i++) {
        struct extent *end = &g->ranges[kept - 1];
        if (g->ranges[i].first > end->last + 1)
            g->ranges[kept++] = g->ranges[i];
        else if (g->ranges[i].last > end->last)
            end->last = g->ranges[i].last;
    }
    g->count = kept;
    g->unsorted = false;
}

static bool seen_equal(const struct seen *a, const struct gathering *g) {
    if (a->count != (int64_t)g->count)
        return false;
    for (size_t i = 0; i < g->count; i++)
        if (a->ranges[i].first != g->ranges[i].first || a->ranges[i].last != g->ranges[i].last)
            return false;
    return true;
}

/* The finished set; it shares the ranges of `before`, the neighbour's set, where they are equal. */
static struct seen keep(struct graph *graph, struct gathering *g, const struct seen *before) {
    if (g->unsorted)
        sort(g);
    if (g->count && g->only)
        return *g->only;
    if (before && seen_equal(before, g))
        return *before;
    struct extent *ranges = ARENA_ARRAY(graph->arena, struct extent, g->count + 1);
    for (size_t i = 0; i < g->count; i++)
        ranges[i] = g->ranges[i];
    graph->follow.ranges += (int64_t)g->count + 1;
    return (struct seen){ranges, (int64_t)g->count};
}

/* What both see. */
static void intersect(struct gathering *result, const struct seen *a, const struct seen *b) {
    for (int64_t i = 0, j = 0; i < a->count && j < b->count;) {
        const struct extent *x = &a->ranges[i], *y = &b->ranges[j];
        struct extent both = {x->first > y->first ? x->first : y->first,
                              x->last < y->last ? x->last : y->last};
        if (both.first <= both.last)
            ARENA_PUSH(result->arena, result->ranges, result->count, result->capacity, both);
        if (x->last < y->last)
            i++;
        else
            j++;
    }
}

static int64_t reads(const struct reading *reading) {
    return reading->all ? reading->input_units : reading->count;
}

static void restart(struct gathering *g) {
    g->count = 0;
    g->unsorted = false;
    g->only = NULL;
}

/* What unit u reads of one operand, united. False where it reads nothing that exists. */
static bool gather_operand(struct gathering *g, const struct operand *operand, int axis, int64_t u,
                           bool every) {
    const struct view *from = operand->sight->view[axis];
    bool any = false;
    for (int64_t k = 0, unit; k < reads(operand->reading); k++)
        if (reads_inside(operand->reading, u, k, &unit)) {
            const struct seen *seen = every ? &from->every[unit] : &from->seen[unit];
            if (seen->count)
                gather(g, seen);
            any = any || seen->count;
        }
    return any;
}

static void add_weights(struct weight *sum, const struct operand *operand, int axis, int64_t u) {
    const struct view *from = operand->sight->view[axis];
    struct weight all = {0, 0, 0};
    int64_t count = 0;
    for (int64_t k = 0, unit; k < reads(operand->reading); k++) {
        count += reads_unit(operand->reading, u, k, &unit);
        if (!reads_inside(operand->reading, u, k, &unit))
            continue;
        all.mass += from->weights[unit].mass;
        all.first += from->weights[unit].first;
        all.second += from->weights[unit].second;
    }
    double share = count ? operand->share / (double)count : 0;
    sum->mass += all.mass * share;
    sum->first += all.first * share;
    sum->second += all.second * share;
}

/* Every unit reads the same. */
static bool all_alike(const struct operand *operands, int count) {
    for (int i = 0; i < count; i++)
        if (!operands[i].reading->all && operands[i].reading->numerator != 0)
            return false;
    return true;
}

/* Union over the operands. */
static const struct seen *unite(struct graph *graph, struct gathering *g, int64_t units,
                                const struct operand *operands, int count, int axis) {
    struct seen *seen = ARENA_ARRAY(graph->arena, struct seen, units);
    for (int64_t u = 0; u < units; u++) {
        restart(g);
        for (int i = 0; i < count; i++)
            gather_operand(g, &operands[i], axis, u, false);
        seen[u] = keep(graph, g, u ? &seen[u - 1] : NULL);
        if (all_alike(operands, count)) {
            while (++u < units)
                seen[u] = seen[0];
        }
    }
    return seen;
}

/* Intersection over the operands that a unit reads at all. */
static const struct seen *meet(struct graph *graph, struct gathering *g, struct gathering *both,
                               int64_t units, const struct operand *operands, int count, int axis) {
    struct seen *every = ARENA_ARRAY(graph->arena, struct seen, units);
    for (int64_t u = 0; u < units; u++) {
        bool any = false;
        for (int i = 0; i < count; i++) {
            restart(g);
            if (!gather_operand(g, &operands[i], axis, u, true))
                continue;
            struct seen next = keep(graph, g, u ? &every[u - 1] : NULL);
            if (any) {
                restart(both);
                intersect(both, &every[u], &next);
                next = keep(graph, both, u ? &every[u - 1] : NULL);
            }
            every[u] = next;
            any = true;
        }
        if (all_alike(operands, count)) {
            while (++u < units)
                every[u] = every[0];
        }
    }
    return every;
}

static bool affordable(struct graph *graph, int64_t units, const struct operand *operands,
                       int count, int axis) {
    struct follow *follow = &graph->follow;
    follow->units += units;
    int64_t different = all_alike(operands, count) ? 1 : units;
    for (int i = 0; i < count; i++) {
        const struct view *from = operands[i].sight->view[axis];
        int64_t cost;
        if (!from || !checked_mul(different, reads(operands[i].reading), &cost) ||
            !checked_mul(cost, from->most, &cost) || cost > READS_MAX)
            return false;
        follow->reads += cost;
    }
    return follow->units <= UNITS_MAX && follow->ranges <= RANGES_MAX && follow->reads <= READS_MAX;
}

const struct view *make_view(struct graph *graph, int64_t units, const struct operand *operands,
                             int count, int axis) {
    if (count == 1 && operands[0].share >= 1 && reads_same(operands[0].reading))
        return operands[0].sight->view[axis];
    if (!affordable(graph, units, operands, count, axis))
        return NULL;
    struct arena scratch = {0};
    struct gathering g = {.arena = &scratch}, both = {.arena = &scratch};
    struct view *view = ARENA_NEW(graph->arena, struct view);
    view->units = units;
    view->seen = unite(graph, &g, units, operands, count, axis);
    for (int64_t u = 0; u < units; u++)
        view->most = view->seen[u].count > view->most ? view->seen[u].count : view->most;
    const struct view *first = operands[0].sight->view[axis];
    view->every = count == 1 && first->every == first->seen
                      ? view->seen
                      : meet(graph, &g, &both, units, operands, count, axis);
    struct weight *weights = ARENA_ARRAY(graph->arena, struct weight, units);
    for (int64_t u = 0; u < units; u++) {
        if (u > 0 && all_alike(operands, count)) {
            weights[u] = weights[0];
            continue;
        }
        for (int i = 0; i < count; i++)
            add_weights(&weights[u], &operands[i], axis, u);
    }
    view->weights = weights;
    arena_free(&scratch);
    return view;
}

const struct view *input_view(struct graph *graph, int64_t units) {
    graph->follow.units += units;
    if (graph->follow.units > UNITS_MAX)
        return NULL;
    struct view *view = ARENA_NEW(graph->arena, struct view);
    struct seen *seen = ARENA_ARRAY(graph->arena, struct seen, units);
    struct extent *ranges = ARENA_ARRAY(graph->arena, struct extent, units);
    struct weight *weights = ARENA_ARRAY(graph->arena, struct weight, units);
    for (int64_t u = 0; u < units; u++) {
        double x = (double)u - (double)(units - 1) / 2;
        ranges[u] = (struct extent){u, u};
        seen[u] = (struct seen){&ranges[u], 1};
        weights[u] = (struct weight){1, x, x * x};
    }
    *view = (struct view){units, 1, seen, seen, weights};
    return view;
}
