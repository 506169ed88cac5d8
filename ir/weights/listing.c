/* A graph's wishes and a weights file in, a table out: name and shape wanted; name, shape and type
 * in the file; whether they fit. */
#include "ir/weights/listing.h"

#include <string.h>

#include "ir/report/aligned.h"
#include "ir/report/report.h"
#include "ir/weights/source.h"

enum state { STATE_OK, STATE_MISSING, STATE_OTHER_SHAPE, STATE_OTHER_TYPE, STATE_UNUSED, STATES };

enum { WANTED, WANTED_SHAPE, WANTED_COLUMNS, FOUND = WANTED_COLUMNS, SHAPE, TYPE, STATE, COLUMNS };

struct listing {
    struct arena *arena;
    size_t columns; /* WANTED_COLUMNS where there is no file */
    const char **cells;
    size_t cell_count, cell_capacity;
    size_t states[STATES];
};

static void add_cell(struct listing *l, const char *text) {
    ARENA_PUSH(l->arena, l->cells, l->cell_count, l->cell_capacity,
               printable(l->arena, text, strlen(text)));
}

static void add_wanted(struct listing *l, const struct wanted_tensor *wanted) {
    add_cell(l, wanted->key);
    add_cell(l, dimensions_text(l->arena, wanted->dimensions, wanted->tensor->rank));
}

/* `stored` is NULL where the file has nothing of the kind. */
static void add_found(struct listing *l, const struct stored_tensor *stored, enum state state,
                      const char *text) {
    add_cell(l, !stored ? "" : *stored->name ? stored->name : "(no name)");
    add_cell(l, stored ? dimensions_text(l->arena, stored->dimensions, stored->rank) : "");
    add_cell(l, stored ? stored->type : "");
    add_cell(l, text);
    l->states[state]++;
}

static void add_headings(struct listing *l) {
    static const char *const headings[COLUMNS] = {[WANTED] = "wanted",     [WANTED_SHAPE] = "shape",
                                                  [FOUND] = "in the file", [SHAPE] = "shape",
                                                  [TYPE] = "type",         [STATE] = "state"};
    for (size_t c = 0; c < l->columns; c++)
        add_cell(l, headings[c]);
}

static void add_missing(struct listing *l, struct weights_file *file, const bool *used,
                        const char *key) {
    const char *near = weights_nearest(file, used, key);
    add_found(l, NULL, STATE_MISSING,
              near ? arena_printf(l->arena, "missing; the nearest is %s", near) : "missing");
}

/* False where a shard cannot be read. */
static bool add_row(struct listing *l, struct weights_file *file, const bool *used,
                    const struct wanted_tensor *wanted) {
    ptrdiff_t at = weights_find(file, wanted->key);
    add_wanted(l, wanted);
    if (at < 0) {
        add_missing(l, file, used, wanted->key);
        return true;
    }
    const struct stored_tensor *stored = weights_tensor(file, at);
    if (!stored)
        return false;
    if (!wanted_fits(wanted, stored))
        add_found(l, stored, STATE_OTHER_SHAPE, "another shape");
    else if (stored->kind == STORED_NOT_READ)
        add_found(l, stored, STATE_OTHER_TYPE, "no floats");
    else
        add_found(l, stored, STATE_OK, "ok");
    return true;
}

static bool add_unused(struct listing *l, struct weights_file *file, const bool *used) {
    for (size_t i = 0; i < file->count; i++) {
        const struct stored_tensor *stored = used[i] ? NULL : weights_tensor(file, (ptrdiff_t)i);
        if (used[i])
            continue;
        if (!stored)
            return false;
        add_cell(l, "");
        add_cell(l, "");
        add_found(l, stored, STATE_UNUSED, "unused");
    }
    return true;
}

static void print_table_of(FILE *stream, const struct listing *l) {
    static const bool is_text[COLUMNS] = {true, true, true, true, true, true};
    print_aligned(stream, l->arena, l->cells, l->cell_count / l->columns, l->columns, is_text);
}

/* "10 tensors with 61,706 values wanted" */
static void print_wanted_total(FILE *stream, const struct graph *graph) {
    int64_t values = 0;
    for (size_t i = 0; i < graph->tensor_count; i++)
        values += tensor_count(graph->tensors[i]); /* 2^40 each, of at most 2^18 */
    fprintf(stream, "\n%zu tensor%s with %s values wanted", graph->tensor_count,
            graph->tensor_count == 1 ? "" : "s", grouped_text(graph->arena, values));
}

static void print_total(FILE *stream, const struct listing *l, const struct graph *graph,
                        const struct weights_file *file) {
    static const char *const texts[STATES] = {[STATE_OK] = "ok",
                                              [STATE_MISSING] = "missing",
                                              [STATE_OTHER_SHAPE] = "of another shape",
                                              [STATE_OTHER_TYPE] = "of no floats",
                                              [STATE_UNUSED] = "unused"};
    print_wanted_total(stream, graph);
    fprintf(stream, "; in %s ", file->path);
    for (int state = 0; state < STATES; state++)
        if (l->states[state] || state == STATE_OK)
            fprintf(stream, "%s%zu %s", state == STATE_OK ? "" : ", ", l->states[state],
                    texts[state]);
    fputc('\n', stream);
}

static void list_wanted(FILE *stream, const struct graph *graph) {
    struct listing l = {.arena = graph->arena, .columns = WANTED_COLUMNS};
    const struct wanted_tensor *wanted = wanted_tensors(graph);
    add_headings(&l);
    for (size_t i = 0; i < graph->tensor_count; i++)
        add_wanted(&l, &wanted[i]);
    print_table_of(stream, &l);
    print_wanted_total(stream, graph);
    fputc('\n', stream);
}

static bool list_both(FILE *stream, struct weights_source *source) {
    const struct graph *graph = source->graph;
    struct weights_file *file = &source->file;
    struct listing l = {.arena = graph->arena, .columns = COLUMNS};
    const struct wanted_tensor *wanted = wanted_tensors(graph);
    const bool *used = source_used(source, wanted);
    add_headings(&l);
    for (size_t i = 0; i < graph->tensor_count; i++)
        if (!add_row(&l, file, used, &wanted[i]))
            return false;
    if (!add_unused(&l, file, used))
        return false;
    print_table_of(stream, &l);
    print_total(stream, &l, graph, file);
    return l.states[STATE_OK] == graph->tensor_count;
}

bool list_weights(FILE *stream, struct graph *graph, struct diagnostics *diagnostics,
                  const char *option) {
    struct weights_source source;
    if (!option && !graph->has_weights) {
        list_wanted(stream, graph);
        return true;
    }
    bool fits = source_open(&source, graph, diagnostics, option);
    if (fits) {
        fits = list_both(stream, &source);
        if (source.file.problem.text)
            source_problem(&source);
    }
    weights_close(&source.file);
    return fits;
}
