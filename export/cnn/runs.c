/* Nodes into runs that a block could be called for, each with a key that like runs share.
 *
 * From every node backwards, as far as a run may be long: so the time is that of the nodes. */
#include <limits.h>
#include <string.h>

#include "export/cnn/repeats.h"

#define FACTOR UINT64_C(0x9e3779b97f4a7c15)

static uint64_t mix(uint64_t a, uint64_t b) {
    uint64_t value = (a ^ (b + FACTOR + (a << 6) + (a >> 2))) * UINT64_C(0xff51afd7ed558ccd);
    return value ^ value >> 33;
}

/* --- paths --- */

/* The longest beginning of `path`, at most `most` bytes and with a dot and more behind it, that is
 * also one of `other`. */
static size_t common_prefix(const char *path, const char *other, size_t most) {
    size_t best = 0;
    for (size_t i = 0; i <= most && path[i]; i++) {
        if (i && path[i] == '.' && other[i] == '.' && path[i + 1] && other[i + 1])
            best = i;
        if (path[i] != other[i])
            break;
    }
    return best;
}

/* The prefix of a run that one more path belongs to. */
static size_t prefix_with(const char *first, size_t prefix, const char *path) {
    return first ? common_prefix(path, first, prefix) : common_prefix(path, path, strlen(path));
}

size_t prefix_of_run(const struct outline *outline, struct run run, const char **first) {
    size_t prefix = 0;
    *first = NULL;
    for (int i = run.begin; i < run.begin + run.length; i++) {
        const char *path = outline->paths[i];
        prefix = path ? prefix_with(*first, prefix, path) : prefix;
        *first = *first ? *first : path;
    }
    return prefix;
}

static uint64_t text_hash(const char *text) {
    uint64_t value = FACTOR;
    for (; *text; text++)
        value = mix(value, (unsigned char)*text);
    return value;
}

/* --- runs alike --- */

static bool inputs_alike(const struct node *a, const struct node *b, int begin_a, int begin_b) {
    for (int i = 0; i < a->input_count; i++) {
        int at_a = a->inputs[i]->id - begin_a, at_b = b->inputs[i]->id - begin_b;
        if (at_a != at_b && (at_a >= 0 || at_b >= 0))
            return false;
    }
    return true;
}

static bool paths_alike(const char *a, const char *b, size_t prefix_a, size_t prefix_b) {
    return a && b ? strcmp(a + prefix_a, b + prefix_b) == 0 : a == b;
}

bool runs_alike(const struct outline *outline, struct run run, int begin) {
    const char *first;
    size_t prefix = prefix_of_run(outline, run, &first);
    size_t other = prefix_of_run(outline, (struct run){begin, run.length}, &first);
    for (int i = 0; i < run.length; i++) {
        int a = run.begin + i, b = begin + i;
        if (outline->forms[a] != outline->forms[b] ||
            !paths_alike(outline->paths[a], outline->paths[b], prefix, other) ||
            !inputs_alike(outline->graph->nodes[a], outline->graph->nodes[b], run.begin, begin))
            return false;
    }
    return true;
}

struct node *entry_of_run(const struct graph *graph, struct run run) {
    for (int i = run.begin;; i++)
        for (int k = 0; k < graph->nodes[i]->input_count; k++)
            if (graph->nodes[i]->inputs[k]->id < run.begin)
                return graph->nodes[i]->inputs[k];
}

int by_key(const void *a, const void *b) {
    const struct candidate *x = a, *y = b;
    if (x->key != y->key)
        return x->key < y->key ? -1 : 1;
    return x->run.begin - y->run.begin;
}

/* --- the search --- */

/* A run that grows from its end. */
struct growing {
    int end, outside; /* outside: the nodes before it that it reads */
    uint64_t key, paths_key;
    const char *first; /* of its paths, from behind */
    size_t prefix;
};

struct search {
    const struct outline *outline;
    struct arena *scratch; /* for what is found */
    struct candidates found;
    /* By a node's id: */
    int *last;         /* the last that reads it; INT_MAX: an output */
    uint64_t *readers; /* a hash of how far away those are that read it, and as which input */
    int *reads;        /* how often the run so far reads it */
    uint64_t *tails;   /* a hash of its path behind as many bytes as lengths says */
    size_t *lengths;
    struct growing run;
};

static void follow_readers(struct search *s) {
    const struct graph *graph = s->outline->graph;
    for (size_t i = 0; i < graph->node_count; i++)
        for (int k = 0; k < graph->nodes[i]->input_count; k++) {
            int input = graph->nodes[i]->inputs[k]->id;
            s->last[input] = (int)i;
            s->readers[input] += mix(i - (size_t)input, (uint64_t)k);
        }
    for (size_t i = 0; i < graph->output_count; i++)
        s->last[graph->outputs[i].node->id] = INT_MAX;
}

static uint64_t tail_of(struct search *s, int id) {
    if (s->lengths[id] != s->run.prefix) {
        s->lengths[id] = s->run.prefix;
        s->tails[id] = text_hash(s->outline->paths[id] + s->run.prefix);
    }
    return mix(s->tails[id], (uint64_t)(s->run.end - id));
}

/* False where the run has no prefix then. */
static bool add_path(struct search *s, int id) {
    const char *path = s->outline->paths[id];
    if (!path)
        return true;
    size_t prefix = prefix_with(s->run.first, s->run.prefix, path);
    bool same = prefix == s->run.prefix;
    s->run.first = s->run.first ? s->run.first : path;
    s->run.prefix = prefix;
    s->run.paths_key = same ? s->run.paths_key : 0;
    for (int i = same ? id : s->run.end - 1; i >= id; i--)
        s->run.paths_key += s->outline->paths[i] ? tail_of(s, i) : 0;
    return prefix > 0;
}

/* Counts what the run reads outside, the node `id` being in it from now on. */
static void add_reads(struct search *s, const struct node *node) {
    s->run.outside -= s->reads[node->id] > 0;
    for (int k = 0; k < node->input_count; k++)
        s->run.outside += s->reads[node->inputs[k]->id]++ == 0;
}

static void forget_reads(struct search *s, int begin) {
    for (int i = begin; i < s->run.end; i++)
        for (int k = 0; k < s->outline->graph->nodes[i]->input_count; k++)
            s->reads[s->outline->graph->nodes[i]->inputs[k]->id] = 0;
}

/* Puts one more node before the run; false where no run goes on there. */
static bool extend(struct search *s, int id) {
    bool is_last = id == s->run.end - 1;
    int form = s->outline->forms[id];
    if (!form || s->outline->taken[id] || (!is_last && s->last[id] >= s->run.end) ||
        !add_path(s, id))
        return false;
    s->run.key +=
        mix(mix((uint64_t)form, is_last ? 0 : s->readers[id]), (uint64_t)(s->run.end - id));
    add_reads(s, s->outline->graph->nodes[id]);
    return true;
}

static void find_runs_to(struct search *s, int end) {
    int begin = end;
    s->run = (struct growing){.end = end};
    while (begin > 0 && end - begin < RUN_MOST && extend(s, begin - 1)) {
        begin--;
        uint64_t key = mix(mix(s->run.key, s->run.paths_key), (uint64_t)(end - begin));
        if (end - begin >= RUN_LEAST && s->run.outside == 1)
            ARENA_PUSH(s->scratch, s->found.items, s->found.count, s->found.capacity,
                       ((struct candidate){key, {begin, end - begin}}));
    }
    forget_reads(s, begin);
}

struct candidates find_runs(const struct outline *outline, struct arena *scratch) {
    size_t count = outline->graph->node_count;
    struct search search = {.outline = outline,
                            .scratch = scratch,
                            .last = ARENA_ARRAY(scratch, int, count + 1),
                            .readers = ARENA_ARRAY(scratch, uint64_t, count + 1),
                            .reads = ARENA_ARRAY(scratch, int, count + 1),
                            .tails = ARENA_ARRAY(scratch, uint64_t, count + 1),
                            .lengths = ARENA_ARRAY(scratch, size_t, count + 1)};
    follow_readers(&search);
    for (size_t end = RUN_LEAST; end <= count; end++)
        find_runs_to(&search, (int)end);
    return search.found;
}
