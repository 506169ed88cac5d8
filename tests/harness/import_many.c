/* Many ONNX models, each by itself: imported, written as a network file, read again, planned.
 *
 * usage: import_many FILE     the models, each behind its length, 4 bytes, the lowest first
 *
 * Prints a line for each: how long it took, in milliseconds of processor time, and "sound", or
 * "wrong" and the first message, or "broken" and why: it should not have been. What crashes has a
 * line without these. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "export/cnn.h"
#include "import/import.h"
#include "ir/elaborate.h"
#include "ir/fuse.h"
#include "ir/padding.h"
#include "ir/plan.h"
#include "ir/simplify.h"
#include "ir/verify.h"
#include "lexer/limits.h"

static struct graph *read_again(struct arena *arena, struct names *names,
                                struct diagnostics *diagnostics, const char *text) {
    const struct elaborate_options options = {0};
    uint32_t source = sources_add(diagnostics->sources, "model.cnn", text, strlen(text));
    return elaborate(arena, names, diagnostics->sources, diagnostics, source, &options);
}

/* What is wrong with a graph that is made of a sound model; NULL: nothing. */
static const char *fault_of(struct arena *arena, struct names *names,
                            struct diagnostics *diagnostics, struct graph *graph) {
    const char *text = export_cnn(arena, graph);
    if (strlen(text) <= LIMIT_SOURCE_BYTES && !read_again(arena, names, diagnostics, text))
        return arena_printf(arena, "its text is not read: %s", diagnostics->items[0].text);
    simplify(graph);
    fuse(graph);
    if (!expose_padding(graph, diagnostics))
        return NULL; /* larger than any memory, which is a message */
    plan_memory(graph);
    return verify_graph(graph);
}

static void import_one(const char *bytes, size_t length) {
    struct arena arena = {0};
    struct names names = {.arena = &arena};
    struct sources sources = {.arena = &arena};
    struct diagnostics diagnostics = {.arena = &arena, .sources = &sources};
    const struct import_options options = {.network = "model"};
    clock_t start = clock();
    struct graph *graph =
        import_onnx(&arena, &names, &sources, &diagnostics, "model.onnx", bytes, length, &options);
    long milliseconds = (long)((clock() - start) * 1000 / CLOCKS_PER_SEC);
    const char *fault = graph ? fault_of(&arena, &names, &diagnostics, graph) : NULL;
    if (!graph && !diagnostics.error_count)
        fault = "no graph and no message";
    printf("%ld %s", milliseconds, fault ? "broken " : graph ? "sound" : "wrong ");
    printf("%s\n", fault ? fault : graph ? "" : diagnostics.items[0].text);
    arena_free(&arena);
}

int main(int argument_count, char **arguments) {
    FILE *file = argument_count == 2 ? fopen(arguments[1], "rb") : NULL;
    unsigned char head[4];
    if (!file)
        return 2;
    while (fread(head, 1, 4, file) == 4) {
        size_t length =
            (size_t)head[0] | (size_t)head[1] << 8 | (size_t)head[2] << 16 | (size_t)head[3] << 24;
        char *bytes = malloc(length ? length : 1); /* of its size: reading beyond it is seen */
        if (!bytes || fread(bytes, 1, length, file) != length)
            return 2;
        fflush(stdout);
        import_one(bytes, length);
        free(bytes);
    }
    return fclose(file);
}
