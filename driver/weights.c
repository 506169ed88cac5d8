/* The graph in, a list of its weights beside those of a file out; or a file of weights to begin
 * training with. */
#include "driver/compilation.h"
#include "driver/output.h"
#include "ir/weights/initial.h"
#include "ir/weights/listing.h"
#include "lexer/limits.h"

void print_weights(struct compilation *c) {
    if (!list_weights(stdout, c->graph, &c->diagnostics, c->options->weights))
        c->code = EXIT_INPUT;
}

/* What training has found is not lost to a slip. */
static void spare_own_weights(struct compilation *c, const char *path) {
    const struct graph *graph = c->graph;
    if (graph->has_weights &&
        same_file(path, path_beneath(&c->arena, graph->weights_folder, graph->weights_path)))
        fail(c, EXIT_USAGE, "'%s' has the network's weights: it would be overwritten",
             shown(c, path));
}

bool pack_weights(struct compilation *c, struct content *content) {
    if (safetensors_write(c->graph, &content->bytes, &content->length))
        return true;
    fail(c, EXIT_LIMIT, "the names of the weights take a header of %zu bytes; the limit is %d",
         content->length, LIMIT_SAFETENSORS_HEADER_BYTES);
    return false;
}

void write_initial_weights(struct compilation *c) {
    struct content content = {.path = result_path(c, ".safetensors")};
    spare_own_weights(c, content.path);
    if (c->code != EXIT_DONE)
        return;
    initialise_weights(c->graph, (uint64_t)c->options->seed);
    if (pack_weights(c, &content))
        write_contents(c, &content, 1);
}
