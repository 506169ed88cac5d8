/* Runs into repeats: of the runs that are alike, again and again those that save most.
 *
 * What a text takes is estimated in sixths of a line. A layer that computes begins a line; others
 * share one. */
#include <stdlib.h>
#include <string.h>

#include "export/cnn/repeats.h"

enum {
    ROUNDS_MOST = 256,
    ODD_MOST = 3,  /* runs that are left out so that the others need few parameters */
    COMPUTING = 6, /* a layer with multiply-accumulates */
    LEARNED = 2,   /* another one with parameters, and so with a label */
    OTHER = 1,
    BRANCHING = 6, /* what is read twice is bound to a name, which begins a statement */
    CALL = 4,
    ARGUMENT = 1,
    DEFINITION = 18, /* beside its body */
};

/* Candidates of one key. */
struct group {
    const struct candidate *items;
    size_t count;
    int64_t weight; /* of one run */
    int64_t most;   /* that it can save */
    bool tested;    /* its parameters were counted */
};

struct choice {
    struct outline *outline;
    struct arena scratch;
    struct group *groups;
    size_t group_count, group_capacity;
    int64_t *weights; /* of all nodes before one, by its id; one more than there are nodes */
    int *taken;       /* nodes before one that are taken, likewise */
};

static int64_t weight_of_run(const struct choice *c, struct run run) {
    const struct graph *graph = c->outline->graph;
    int entries = 0;
    for (int i = run.begin; i < run.begin + run.length; i++)
        for (int k = 0; k < graph->nodes[i]->input_count; k++)
            entries += graph->nodes[i]->inputs[k]->id < run.begin;
    return c->weights[run.begin + run.length] - c->weights[run.begin] +
           (entries > 1 ? BRANCHING : 0);
}

static void add_group(struct choice *c, const struct candidate *items, size_t count) {
    if (count > 1)
        ARENA_PUSH(&c->scratch, c->groups, c->group_count, c->group_capacity,
                   ((struct group){items, count, weight_of_run(c, items->run), INT64_MAX, false}));
}

static void make_groups(struct choice *c, struct candidates candidates) {
    size_t first = 0;
    if (candidates.count)
        qsort(candidates.items, candidates.count, sizeof *candidates.items, by_key);
    for (size_t i = 1; i <= candidates.count; i++)
        if (i == candidates.count || candidates.items[i].key != candidates.items[first].key) {
            add_group(c, &candidates.items[first], i - first);
            first = i;
        }
}

static void weigh_nodes(struct choice *c) {
    const struct graph *graph = c->outline->graph;
    for (size_t i = 0; i < graph->node_count; i++)
        c->weights[i + 1] = c->weights[i] + (graph->nodes[i]->macs > 0          ? COMPUTING
                                             : graph->nodes[i]->parameter_count ? LEARNED
                                                                                : OTHER);
}

static void count_taken(struct choice *c) {
    for (size_t i = 0; i < c->outline->graph->node_count; i++)
        c->taken[i + 1] = c->taken[i] + c->outline->taken[i];
}

static bool is_free(const struct choice *c, struct run run) {
    return c->taken[run.begin + run.length] == c->taken[run.begin];
}

static int64_t saved(const struct group *group, size_t count) {
    return (int64_t)count * (group->weight - CALL) - group->weight - DEFINITION;
}

/* What the runs of a group would save that are free and not over each other. */
static int64_t saved_by_group(const struct choice *c, const struct group *group) {
    size_t count = 0;
    int next = 0;
    for (size_t i = 0; i < group->count; i++) {
        struct run run = group->items[i].run;
        if (run.begin >= next && is_free(c, run)) {
            next = run.begin + run.length;
            count++;
        }
    }
    return saved(group, count);
}

/* The runs themselves, each compared with the first. */
static struct repeat alike_in_group(struct choice *c, const struct group *group) {
    struct repeat repeat = {.length = group->items->run.length,
                            .begins = ARENA_ARRAY(&c->scratch, int, group->count)};
    int next = 0;
    for (size_t i = 0; i < group->count; i++) {
        struct run run = group->items[i].run;
        struct run first = {repeat.count ? repeat.begins[0] : run.begin, run.length};
        if (run.begin < next || !is_free(c, run) || run.length != first.length ||
            (repeat.count && !runs_alike(c->outline, first, run.begin)))
            continue;
        repeat.begins[repeat.count++] = run.begin;
        next = run.begin + run.length;
    }
    return repeat;
}

/* What those save that one block can stand for. */
static int64_t saved_by_repeat(struct choice *c, const struct group *group, struct repeat *repeat) {
    struct parameters parameters = {0};
    *repeat = alike_in_group(c, group);
    for (int odd = 0; !find_parameters(c->outline, repeat, &parameters); odd++)
        if (odd < ODD_MOST && repeat->count > 2)
            drop_odd_run(c->outline, repeat, &c->scratch);
        else
            keep_equal_runs(c->outline, repeat, &c->scratch);
    return saved(group, repeat->count) - (int64_t)(repeat->count * parameters.count) * ARGUMENT;
}

/* Every node of the run at `begin` reads the run or the node before it. */
static bool continues_from_before(const struct graph *graph, int begin, int length) {
    for (int i = begin; i < begin + length; i++)
        for (int k = 0; k < graph->nodes[i]->input_count; k++)
            if (graph->nodes[i]->inputs[k]->id < begin - 1)
                return false;
    return true;
}

/* The run is one of `length` nodes several times. */
static bool is_several(const struct outline *outline, struct run run, int length) {
    for (int at = length; at < run.length; at += length)
        if (!runs_alike(outline, (struct run){run.begin, length}, run.begin + at) ||
            !same_values(outline, run.begin, run.begin + at, length) ||
            !continues_from_before(outline->graph, run.begin + at, length))
            return false;
    return true;
}

/* The run is a shorter one several times, the last time perhaps in part, with the rest behind it:
 * then the shorter one is the better block. */
static bool is_periodic(const struct outline *outline, struct run run) {
    for (int length = 1; length < run.length; length++) {
        int least = (RUN_LEAST + length - 1) / length * length;
        struct run whole = {run.begin, (run.length + length - 1) / length * length};
        bool inside = (size_t)(whole.begin + whole.length) <= outline->graph->node_count;
        if (run.length > least && inside && is_several(outline, whole, length))
            return true;
    }
    return false;
}

/* Where an activation between two runs could belong to either, it belongs to the one before. */
static bool begins_well(const struct choice *c, const struct group *group) {
    return c->outline->graph->nodes[group->items->run.begin]->parameter_count > 0;
}

static bool is_better(const struct choice *c, const struct group *group, const struct group *best) {
    struct run run = group->items->run, other = best->items->run;
    if (group->most != best->most)
        return group->most > best->most;
    if (begins_well(c, group) != begins_well(c, best))
        return begins_well(c, group);
    return run.begin != other.begin ? run.begin < other.begin : run.length > other.length;
}

static void lower(struct group *group, int64_t most) {
    group->most = most < group->most ? most : group->most;
}

/* Once: most groups never seem the best so far. */
static void test(struct choice *c, struct group *group) {
    struct repeat repeat;
    if (!group->tested)
        lower(group,
              is_periodic(c->outline, group->items->run) ? 0 : saved_by_repeat(c, group, &repeat));
    group->tested = true;
}

static bool seems_best(const struct choice *c, const struct group *group,
                       const struct group *best) {
    return group->most > 0 && (!best || is_better(c, group, best));
}

/* The group that saves most; NULL where none saves anything. */
static struct group *best_group(struct choice *c) {
    struct group *best = NULL;
    for (size_t i = 0; i < c->group_count; i++) {
        struct group *group = &c->groups[i];
        if (group->most <= 0 || (best && group->most < best->most))
            continue;
        lower(group, saved_by_group(c, group));
        if (seems_best(c, group, best))
            test(c, group);
        if (seems_best(c, group, best))
            best = group;
    }
    return best;
}

static void take(struct choice *c, const struct repeat *repeat) {
    for (size_t i = 0; i < repeat->count; i++)
        memset(&c->outline->taken[repeat->begins[i]], true, (size_t)repeat->length);
    count_taken(c);
}

/* False where nothing is left. */
static bool choose(struct choice *c, struct repeats *repeats) {
    struct group *group = best_group(c);
    if (!group)
        return false;
    struct repeat repeat;
    int64_t gain = saved_by_repeat(c, group, &repeat);
    if (gain < group->most) { /* since it was tested some were taken */
        group->most = gain;
        return true;
    }
    take(c, &repeat);
    repeat.begins = arena_grow(c->outline->arena, repeat.begins, repeat.count, repeat.count,
                               sizeof *repeat.begins);
    ARENA_PUSH(c->outline->arena, repeats->items, repeats->count, repeats->capacity, repeat);
    return true;
}

struct repeats find_repeats(struct outline *outline) {
    size_t count = outline->graph->node_count + 1;
    struct choice choice = {.outline = outline};
    struct repeats repeats = {0};
    choice.weights = ARENA_ARRAY(&choice.scratch, int64_t, count);
    choice.taken = ARENA_ARRAY(&choice.scratch, int, count);
    weigh_nodes(&choice);
    count_taken(&choice);
    make_groups(&choice, find_runs(outline, &choice.scratch));
    for (int round = 0; round < ROUNDS_MOST && choose(&choice, &repeats); round++)
        ;
    arena_free(&choice.scratch);
    return repeats;
}
