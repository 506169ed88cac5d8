/* A weights file and a graph's wishes in, bound tensors out. What is missing, of another shape or
 * type, or left over is told with both sides. */
#include "ir/weights/weights.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "ir/weights/made_up.h"
#include "ir/weights/safetensors.h"
#include "lexer/number.h"

enum {
    SHOWN_EXTRA = 5,
    EXPLAINED_MISSING = 20, /* a search of all names each */
};

static const size_t LIMIT_WEIGHTS_BYTES = (size_t)1 << 42;

struct binding {
    struct graph *graph;
    struct arena *arena;
    struct diagnostics *diagnostics;
    bool from_statement; /* else from the command line, which has no place in a source */
    const char *path;    /* printable */
    struct safetensors file;
    const char **names; /* of all its tensors */
    bool *used;         /* by index in the file */
    int missing;
    bool failed;
};

static struct diagnostic *file_error(struct binding *b, const char *text) {
    b->failed = true;
    if (b->from_statement)
        return report_error(b->diagnostics, b->graph->weights_span, E0801_CANNOT_READ_WEIGHTS, "%s",
                            text);
    return report_plain_error(b->diagnostics, E0801_CANNOT_READ_WEIGHTS, "%s", text);
}

static const char *shown(const struct binding *b, const char *text) {
    return printable(b->arena, text, strlen(text));
}

static const char *stored_shape(const struct binding *b, const struct stored_tensor *stored) {
    return dimensions_text(b->arena, stored->dimensions, stored->rank);
}

/* --- the file --- */

static const char *reading_problem(const struct binding *b, enum read_result result) {
    switch (result) {
    case READ_OK:
        return NULL;
    case READ_NOT_REGULAR:
        return "it is not a regular file";
    case READ_TOO_LARGE:
        return arena_printf(b->arena, "it is larger than %zu bytes", LIMIT_WEIGHTS_BYTES);
    case READ_CANNOT_OPEN:
    case READ_FAILED:
        break;
    }
    if (b->from_statement && errno == EXDEV)
        return "it is not beneath the folder of the network file";
    if (b->from_statement && errno == ELOOP)
        return "it is a symbolic link, which a network file may not follow";
    return strerror(errno);
}

/* The statement's path stays beneath the network's folder; the command line's is the user's own. */
static void read_weights(struct binding *b, const char *path) {
    const char *bytes, *error;
    size_t length;
    enum read_result result =
        b->from_statement
            ? read_file_beneath(b->diagnostics->sources, b->graph->weights_folder, path,
                                LIMIT_WEIGHTS_BYTES, &bytes, &length)
            : read_file(b->diagnostics->sources, path, LIMIT_WEIGHTS_BYTES, &bytes, &length);
    b->path = shown(b, path);
    if (result != READ_OK) {
        const char *problem = reading_problem(b, result);
        file_error(b, arena_printf(b->arena, "cannot read the weights '%s': %s", b->path, problem));
        return;
    }
    if (!safetensors_read(b->arena, bytes, length, &b->file, &error)) {
        file_error(b,
                   arena_printf(b->arena, "'%s' is no sound safetensors file: %s", b->path, error));
        return;
    }
    b->used = ARENA_ARRAY(b->arena, bool, b->file.count + 1);
    b->names = ARENA_ARRAY(b->arena, const char *, b->file.count + 1);
    for (size_t i = 0; i < b->file.count; i++)
        b->names[i] = b->file.items[i].name;
}

/* --- one tensor --- */

static const char *key_of(const struct binding *b, const struct tensor *tensor) {
    const char *prefix = b->graph->weights_prefix;
    return prefix ? arena_printf(b->arena, "%s%s", prefix, tensor->name) : tensor->name;
}

static bool is_hwio(const struct graph *graph, const struct tensor *tensor) {
    return graph->weights_order == LAYOUT_HWC && tensor->rank >= 2;
}

/* [R, S, C/G, K] for [K, C/G, R, S], [C, K] for [K, C]; a depthwise kernel is [R, S, C,
 * multiplier].
 */
void stored_dimensions(const struct graph *graph, const struct node *node,
                       const struct tensor *tensor, int64_t wanted[4]) {
    const int64_t *d = tensor->dimensions;
    if (!is_hwio(graph, tensor)) {
        memcpy(wanted, d, sizeof tensor->dimensions);
        return;
    }
    for (int i = 2; i < tensor->rank; i++)
        wanted[i - 2] = d[i];
    wanted[tensor->rank - 2] = d[1];
    wanted[tensor->rank - 1] = d[0];
    if (node->op == OP_DEPTHWISE) {
        wanted[2] = node->inputs[0]->shape.c;
        wanted[3] = d[0] / wanted[2];
    }
}

/* [R][S][I][O] to [O][I][R][S] */
static float *to_pytorch_order(const struct binding *b, const struct tensor *tensor,
                               const float *from) {
    int64_t outputs = tensor->dimensions[0], inputs = tensor->dimensions[1];
    int64_t count = tensor_count(tensor), taps = count / (outputs * inputs);
    float *data = ARENA_ARRAY(b->arena, float, count), *to = data;
    for (int64_t o = 0; o < outputs; o++)
        for (int64_t i = 0; i < inputs; i++)
            for (int64_t tap = 0; tap < taps; tap++)
                *to++ = from[(tap * inputs + i) * outputs + o];
    return data;
}

static void take_values(struct binding *b, struct tensor *tensor,
                        const struct stored_tensor *stored) {
    double large = 0;
    const float *values = stored_floats(b->arena, stored, &large);
    if (!values) {
        report_error(b->diagnostics, tensor->span, E0804_WRONG_TYPE,
                     "'%s' holds %g in '%s', more than a 32-bit float can", shown(b, stored->name),
                     large, b->path);
        b->failed = true;
        return;
    }
    /* nobody writes parameters */
    tensor->data = is_hwio(b->graph, tensor) ? to_pytorch_order(b, tensor, values)
                                             : (float *)(uintptr_t)values;
}

static bool ends_with(const char *text, const char *end) {
    size_t length = strlen(text), end_length = strlen(end);
    return length >= end_length && strcmp(text + length - end_length, end) == 0;
}

/* The name meant, most likely: the same path with more in front, or a misspelt one. */
static const struct stored_tensor *nearest_tensor(const struct binding *b, const char *key) {
    const char *end = arena_printf(b->arena, ".%s", key);
    for (size_t i = 0; i < b->file.count; i++)
        if (ends_with(b->names[i], end))
            return &b->file.items[i];
    const char *name = nearest_name(key, b->names, b->file.count);
    return name ? safetensors_find(&b->file, name) : NULL;
}

static void report_missing(struct binding *b, const struct tensor *tensor, const char *key,
                           const int64_t *wanted) {
    struct diagnostic *error = report_error(b->diagnostics, tensor->span, E0802_NO_SUCH_TENSOR,
                                            "'%s' has no tensor '%s' %s", b->path, shown(b, key),
                                            dimensions_text(b->arena, wanted, tensor->rank));
    b->failed = true;
    if (b->missing++ >= EXPLAINED_MISSING)
        return;
    const struct stored_tensor *near = nearest_tensor(b, key);
    if (!near)
        return;
    size_t more = strlen(near->name) - strlen(key);
    add_help(b->diagnostics, error, "the nearest is '%s' %s", shown(b, near->name),
             stored_shape(b, near));
    if (ends_with(near->name, key) && !b->graph->weights_prefix)
        add_help(b->diagnostics, error, "prefix = \"%s\" in the weights statement would find it",
                 printable(b->arena, near->name, more));
}

static bool check_shape(struct binding *b, const struct tensor *tensor, const int64_t *wanted,
                        const struct stored_tensor *stored) {
    bool equal = stored->rank == tensor->rank;
    for (int i = 0; equal && i < tensor->rank; i++)
        equal = stored->dimensions[i] == wanted[i];
    if (equal)
        return true;
    report_error(b->diagnostics, tensor->span, E0803_WRONG_SHAPE, "'%s' is %s here, but %s in '%s'",
                 shown(b, stored->name), dimensions_text(b->arena, wanted, tensor->rank),
                 stored_shape(b, stored), b->path);
    b->failed = true;
    return false;
}

static bool check_type(struct binding *b, const struct tensor *tensor,
                       const struct stored_tensor *stored) {
    if (stored->kind != STORED_NOT_READ)
        return true;
    struct diagnostic *error = report_error(
        b->diagnostics, tensor->span, E0804_WRONG_TYPE, "'%s' is %s in '%s'; weights are floats",
        shown(b, stored->name), shown(b, stored->type), b->path);
    add_help(b->diagnostics, error, "store the tensor as 32-bit floats");
    b->failed = true;
    return false;
}

static void bind_tensor(struct binding *b, const struct node *node, struct tensor *tensor) {
    const char *key = key_of(b, tensor);
    int64_t wanted[4];
    stored_dimensions(b->graph, node, tensor, wanted);
    const struct stored_tensor *stored = safetensors_find(&b->file, key);
    if (!stored) {
        report_missing(b, tensor, key, wanted);
        return;
    }
    b->used[stored - b->file.items] = true;
    if (check_shape(b, tensor, wanted, stored) && check_type(b, tensor, stored))
        take_values(b, tensor, stored);
}

/* --- what is left over --- */

/* PyTorch's batch norms count their training steps: of no use here, and no news. */
static bool is_expected_extra(const struct binding *b, const struct stored_tensor *stored) {
    const char *prefix = b->graph->weights_prefix ? b->graph->weights_prefix : "";
    return strncmp(stored->name, prefix, strlen(prefix)) != 0 ||
           (ends_with(stored->name, "num_batches_tracked") && strcmp(stored->type, "I64") == 0);
}

static void warn_of_extra(struct binding *b) {
    size_t extra = 0;
    const char *list = NULL;
    for (size_t i = 0; i < b->file.count; i++) {
        const struct stored_tensor *stored = &b->file.items[i];
        if (b->used[i] || is_expected_extra(b, stored))
            continue;
        const char *name = shown(b, stored->name);
        if (extra++ < SHOWN_EXTRA)
            list = list ? arena_printf(b->arena, "%s, '%s'", list, name)
                        : arena_printf(b->arena, "'%s'", name);
    }
    if (!extra)
        return;
    const char *text = arena_printf(b->arena, "%zu tensor%s of '%s' %s not used: %s%s", extra,
                                    extra == 1 ? "" : "s", b->path, extra == 1 ? "is" : "are", list,
                                    extra > SHOWN_EXTRA ? ", ..." : "");
    if (b->from_statement)
        report_warning(b->diagnostics, b->graph->weights_span, W0102_UNUSED_TENSOR, "%s", text);
    else
        report_plain_warning(b->diagnostics, W0102_UNUSED_TENSOR, "%s", text);
}

/* --- all of it --- */

static void bind_file(struct binding *b, const char *path) {
    read_weights(b, path);
    if (b->failed)
        return;
    for (size_t i = 0; i < b->graph->node_count; i++) {
        const struct node *node = b->graph->nodes[i];
        for (int p = 0; p < node->parameter_count; p++) {
            struct tensor *tensor = node->parameters[p];
            if (tensor && tensor->name && !tensor->data)
                bind_tensor(b, node, tensor);
        }
    }
    if (!b->failed)
        warn_of_extra(b);
}

static void bind_random(struct binding *b, const char *text) {
    size_t length = strlen(text);
    int64_t seed;
    if (length && strspn(text, "0123456789") == length && parse_integer(text, length, &seed))
        make_random_weights(b->graph, (uint64_t)seed);
    else
        file_error(b, arena_printf(b->arena, "--weights random:SEED wants a whole number, not '%s'",
                                   shown(b, text)));
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
    struct binding b = {.graph = graph,
                        .arena = graph->arena,
                        .diagnostics = diagnostics,
                        .from_statement = !option && graph->has_weights};
    if (option && strncmp(option, made_up, sizeof made_up - 1) == 0)
        bind_random(&b, option + sizeof made_up - 1);
    else if (option || graph->has_weights)
        bind_file(&b, option ? option : graph->weights_path);
    else if (graph->tensor_count)
        report_no_weights(&b);
    return !b.failed;
}
