/* A weights file and a graph's wishes in, bound tensors out. What is missing, of another shape or
 * type, or left over is told with both sides. */
#include <inttypes.h>
#include <string.h>

#include "ir/weights/made_up.h"
#include "ir/weights/source.h"
#include "ir/weights/weights.h"
#include "lexer/number.h"

enum { SHOWN_EXTRA = 5 };

struct binding {
    struct graph *graph;
    struct arena *arena;
    struct diagnostics *diagnostics;
    struct weights_source source;
    struct weights_file *file; /* of the source */
    const bool *used;          /* by position in the file */
    bool failed;
};

static const char *shown(const struct binding *b, const char *text) {
    return printable(b->arena, text, strlen(text));
}

static const char *shape_of(const struct binding *b, const struct stored_tensor *stored) {
    return dimensions_text(b->arena, stored->dimensions, stored->rank);
}

static void report_problem(struct binding *b) {
    source_problem(&b->source);
    b->failed = true;
}

/* --- one tensor --- */

static void take_values(struct binding *b, const struct wanted_tensor *wanted,
                        const struct stored_tensor *stored) {
    struct tensor *tensor = wanted->tensor;
    double large = 0;
    const float *values = stored_floats(b->arena, stored, &large);
    if (!values) {
        report_error(b->diagnostics, tensor->span, E0804_WRONG_TYPE,
                     "'%s' holds %g in '%s', more than a 32-bit float can", shown(b, wanted->key),
                     large, b->file->path);
        b->failed = true;
        return;
    }
    /* nobody writes parameters */
    tensor->data = (float *)(uintptr_t)from_stored_order(b->graph, wanted, values);
}

static void report_missing(struct binding *b, const struct wanted_tensor *wanted) {
    const char *key = wanted->key;
    struct diagnostic *error =
        report_error(b->diagnostics, wanted->tensor->span, E0802_NO_SUCH_TENSOR,
                     "'%s' has no tensor '%s' %s", b->file->path, shown(b, key),
                     dimensions_text(b->arena, wanted->dimensions, wanted->tensor->rank));
    b->failed = true;
    const char *near = weights_nearest(b->file, b->used, key);
    if (!near)
        return;
    const struct stored_tensor *stored = b->file->tensors[weights_find(b->file, near)];
    add_help(b->diagnostics, error, "the nearest is '%s'%s", shown(b, near),
             stored ? arena_printf(b->arena, " %s", shape_of(b, stored)) : "");
    size_t more = strlen(near) - strlen(key);
    if (text_ends(near, key) && !b->graph->weights_prefix)
        add_help(b->diagnostics, error, "prefix = \"%s\" in the weights statement would find it",
                 printable(b->arena, near, more));
}

static bool check_shape(struct binding *b, const struct wanted_tensor *wanted,
                        const struct stored_tensor *stored) {
    if (wanted_fits(wanted, stored))
        return true;
    report_error(b->diagnostics, wanted->tensor->span, E0803_WRONG_SHAPE,
                 "'%s' is %s here, but %s in '%s'", shown(b, wanted->key),
                 dimensions_text(b->arena, wanted->dimensions, wanted->tensor->rank),
                 shape_of(b, stored), b->file->path);
    b->failed = true;
    return false;
}

static bool check_type(struct binding *b, const struct wanted_tensor *wanted,
                       const struct stored_tensor *stored) {
    if (stored->kind != STORED_NOT_READ)
        return true;
    struct diagnostic *error =
        report_error(b->diagnostics, wanted->tensor->span, E0804_WRONG_TYPE,
                     "'%s' is %s in '%s'; weights are floats", shown(b, wanted->key),
                     shown(b, stored->type), b->file->path);
    if (strcmp(stored->type, "|O") == 0)
        add_help(b->diagnostics, error,
                 "pickled Python objects are not read; numpy.asarray(..., numpy.float32) makes "
                 "numbers of them");
    else
        add_help(b->diagnostics, error, "store the tensor as 32-bit floats");
    b->failed = true;
    return false;
}

static void bind_tensor(struct binding *b, const struct wanted_tensor *wanted) {
    ptrdiff_t at = weights_find(b->file, wanted->key);
    if (at < 0) {
        report_missing(b, wanted);
        return;
    }
    struct stored_tensor *stored = weights_tensor(b->file, at);
    if (!stored) {
        report_problem(b);
        return;
    }
    if (!check_shape(b, wanted, stored) || !check_type(b, wanted, stored))
        return;
    if (weights_load(b->file, stored))
        take_values(b, wanted, stored);
    else
        report_problem(b);
}

/* --- what is left over --- */

/* PyTorch's batch norms count their training steps: of no use here, and no news. */
static bool is_expected_extra(const struct binding *b, const char *name) {
    const char *prefix = b->graph->weights_prefix ? b->graph->weights_prefix : "";
    return strncmp(name, prefix, strlen(prefix)) != 0 || text_ends(name, "num_batches_tracked");
}

static void warn_of_extra(struct binding *b) {
    size_t extra = 0;
    const char *list = NULL;
    for (size_t i = 0; i < b->file->count; i++) {
        if (b->used[i] || is_expected_extra(b, b->file->names[i]))
            continue;
        const char *name = shown(b, b->file->names[i]);
        if (extra++ < SHOWN_EXTRA)
            list = list ? arena_printf(b->arena, "%s, '%s'", list, name)
                        : arena_printf(b->arena, "'%s'", name);
    }
    if (!extra)
        return;
    const char *text = arena_printf(b->arena, "%zu tensor%s of '%s' %s not used: %s%s", extra,
                                    extra == 1 ? "" : "s", b->file->path, extra == 1 ? "is" : "are",
                                    list, extra > SHOWN_EXTRA ? ", ..." : "");
    if (b->source.from_statement)
        report_warning(b->diagnostics, b->graph->weights_span, W0102_UNUSED_TENSOR, "%s", text);
    else
        report_plain_warning(b->diagnostics, W0102_UNUSED_TENSOR, "%s", text);
}

/* --- all of it --- */

static void bind_tensors(struct binding *b) {
    const struct wanted_tensor *wanted = wanted_tensors(b->graph);
    b->used = source_used(&b->source, wanted);
    for (size_t i = 0; i < b->graph->tensor_count; i++)
        bind_tensor(b, &wanted[i]);
    if (!b->failed)
        warn_of_extra(b);
}

static void bind_file(struct binding *b, const char *option) {
    if (source_open(&b->source, b->graph, b->diagnostics, option))
        bind_tensors(b);
    else
        b->failed = true;
    weights_close(b->file);
}

static void bind_random(struct binding *b, const char *text) {
    size_t length = strlen(text);
    int64_t seed;
    if (length && strspn(text, "0123456789") == length && parse_integer(text, length, &seed))
        make_random_weights(b->graph, (uint64_t)seed);
    else {
        report_plain_error(b->diagnostics, E0801_CANNOT_READ_WEIGHTS,
                           "--weights random:SEED wants a whole number, not '%s'", shown(b, text));
        b->failed = true;
    }
}

static void report_no_weights(struct binding *b) {
    const struct graph *graph = b->graph;
    struct diagnostic *error =
        report_error(b->diagnostics, graph->span, E0805_NO_WEIGHTS,
                     "network %s has %zu parameter tensor%s, such as '%s', and no weights",
                     graph->name, graph->tensor_count, graph->tensor_count == 1 ? "" : "s",
                     shown(b, graph->tensors[0]->name));
    add_help(b->diagnostics, error,
             "weights \"FILE.safetensors\" in the network names them, or --weights FILE; "
             "--weights random:1 makes some up");
    b->failed = true;
}

bool bind_weights(struct graph *graph, struct diagnostics *diagnostics, const char *option) {
    static const char made_up[] = "random:";
    struct binding b = {.graph = graph, .arena = graph->arena, .diagnostics = diagnostics};
    b.file = &b.source.file;
    if (option && strncmp(option, made_up, sizeof made_up - 1) == 0)
        bind_random(&b, option + sizeof made_up - 1);
    else if (option || graph->has_weights)
        bind_file(&b, option);
    else if (graph->tensor_count)
        report_no_weights(&b);
    return !b.failed;
}
