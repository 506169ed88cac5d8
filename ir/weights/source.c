/* A path of the user's in, an open file out, or a message at the place that named it. */
#include "ir/weights/source.h"

#include <string.h>

struct diagnostic *source_error(const struct weights_source *source, enum message message,
                                const char *text) {
    if (source->from_statement)
        return report_error(source->diagnostics, source->graph->weights_span, message, "%s", text);
    return report_plain_error(source->diagnostics, message, "%s", text);
}

void source_problem(const struct weights_source *source) {
    const struct weights_problem *problem = &source->file.problem;
    struct diagnostic *error = source_error(source, problem->message, problem->text);
    if (problem->help)
        add_help(source->diagnostics, error, "%s", problem->help);
}

/* A file of one tensor without a name is for a network that wants one. */
static bool check_nameless(struct weights_source *source) {
    const struct graph *graph = source->graph;
    if (!source->file.nameless || graph->tensor_count == 1)
        return true;
    struct diagnostic *error =
        source_error(source, E0807_ONE_TENSOR,
                     arena_printf(graph->arena,
                                  "'%s' is one array without a name; the network wants %zu tensors",
                                  source->file.path, graph->tensor_count));
    if (graph->tensor_count) {
        const char *name = graph->tensors[0]->name;
        add_help(source->diagnostics, error,
                 "in Python: numpy.savez(\"FILE.npz\", **{\"%s\": array, ...})",
                 printable(graph->arena, name, strlen(name)));
    }
    return false;
}

bool source_open(struct weights_source *source, struct graph *graph,
                 struct diagnostics *diagnostics, const char *option) {
    *source = (struct weights_source){
        .graph = graph, .diagnostics = diagnostics, .from_statement = !option};
    const char *folder = option ? NULL : graph->weights_folder;
    if (weights_open(&source->file, diagnostics->sources, folder,
                     option ? option : graph->weights_path))
        return check_nameless(source);
    source_problem(source);
    return false;
}

bool *source_used(const struct weights_source *source, const struct wanted_tensor *wanted) {
    const struct graph *graph = source->graph;
    bool *used = ARENA_ARRAY(graph->arena, bool, source->file.count + 1);
    for (size_t i = 0; i < graph->tensor_count; i++) {
        ptrdiff_t at = weights_find(&source->file, wanted[i].key);
        if (at >= 0)
            used[at] = true;
    }
    return used;
}
