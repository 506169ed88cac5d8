/* A network file in, its graph with bound weights out. */
#include "tests/harness/load.h"

#include <stdlib.h>
#include <string.h>

#include "ir/elaborate.h"
#include "ir/weights/weights.h"
#include "lexer/limits.h"

struct graph *load_network(struct arena *arena, const char *path, const char *weights) {
    struct names names = {.arena = arena};
    struct sources *sources = ARENA_NEW(arena, struct sources);
    sources->arena = arena;
    struct diagnostics diagnostics = {.arena = arena, .sources = sources};
    const char *text;
    size_t length;
    if (read_file(sources, path, LIMIT_SOURCE_BYTES, &text, &length) != READ_OK) {
        fprintf(stderr, "%s cannot be read\n", path);
        exit(1);
    }
    uint32_t source = sources_add(sources, path, text, length);
    struct elaborate_options options = {0};
    struct graph *graph = elaborate(arena, &names, sources, &diagnostics, source, &options);
    bool good = graph && bind_weights(graph, &diagnostics, strcmp(weights, "-") ? weights : NULL);
    if (!good) {
        print_diagnostics(&diagnostics, stderr, (struct print_style){0});
        exit(1);
    }
    return graph;
}
