/* A network file or an ONNX model in, its graph with bound weights out. */
#include "tests/harness/load.h"

#include <stdlib.h>
#include <string.h>

#include "import/import.h"
#include "ir/weights/weights.h"
#include "lexer/limits.h"

/* NULL after a mistake. A model has its weights in itself. */
static struct graph *make_graph(struct arena *arena, struct diagnostics *diagnostics,
                                const char *path, const char *text, size_t length,
                                const char *weights) {
    struct names names = {.arena = arena};
    if (is_onnx(text, length)) {
        const struct import_options options = {.network = "model"};
        return import_onnx(arena, &names, diagnostics->sources, diagnostics, path, text, length,
                           &options);
    }
    const struct elaborate_options options = {0};
    uint32_t source = sources_add(diagnostics->sources, path, text, length);
    struct graph *graph =
        elaborate(arena, &names, diagnostics->sources, diagnostics, source, &options);
    const char *file = strcmp(weights, "-") ? weights : NULL;
    return graph && bind_weights(graph, diagnostics, file) ? graph : NULL;
}

struct graph *load_network(struct arena *arena, const char *path, const char *weights) {
    struct sources *sources = ARENA_NEW(arena, struct sources);
    sources->arena = arena;
    struct diagnostics diagnostics = {.arena = arena, .sources = sources};
    const char *text;
    size_t length;
    if (read_file(sources, path, LIMIT_ONNX_BYTES, &text, &length) != READ_OK) {
        fprintf(stderr, "%s cannot be read\n", path);
        exit(1);
    }
    struct graph *graph = make_graph(arena, &diagnostics, path, text, length, weights);
    if (!graph) {
        print_diagnostics(&diagnostics, stderr, (struct print_style){0});
        exit(1);
    }
    return graph;
}
