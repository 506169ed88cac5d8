/* The graph in, a file of another language out that describes the same network. */
#include <string.h>

#include "driver/compilation.h"
#include "export/cnn.h"
#include "export/onnx.h"
#include "lexer/limits.h"

/* The network as text; NULL, after a failure, where it is more than cnnc reads. */
static const char *network_text(struct compilation *c) {
    const char *text = export_cnn(&c->arena, c->graph);
    if (strlen(text) <= LIMIT_SOURCE_BYTES)
        return text;
    fail(c, EXIT_LIMIT, "the network as text is larger than %d bytes, more than cnnc reads",
         LIMIT_SOURCE_BYTES);
    return NULL;
}

void write_cnn(struct compilation *c) {
    const char *text = network_text(c);
    if (text)
        write_text(c, text);
}

void write_onnx(struct compilation *c) {
    size_t length;
    const struct node *strange = without_form(c->graph);
    if (strange) {
        fail(c, EXIT_INTERNAL, "internal error: `%s` cannot be written in ONNX; please report this",
             shown(c, strange->path));
        return;
    }
    const char *bytes = export_onnx(&c->arena, c->graph, CNNC_VERSION, &length);
    if (bytes)
        write_bytes(c, result_path(c, ".onnx"), bytes, length);
    else
        fail(c, EXIT_LIMIT, "the model takes %zu bytes; an ONNX file holds at most %d", length,
             INT32_MAX);
}

/* The network file, and the weights that it names: "net.safetensors" beside "net.cnn". */
void write_imported(struct compilation *c) {
    struct content contents[2] = {{.path = result_path(c, ".cnn")}};
    struct content *network = &contents[0], *weights = &contents[1];
    struct graph *graph = c->graph;
    if (!c->model) {
        fail(c, EXIT_USAGE, "'%s' is no ONNX model, but a network file already",
             shown(c, c->options->file));
        return;
    }
    if (graph->tensor_count) {
        weights->path =
            arena_printf(&c->arena, "%s.safetensors", without_suffix(c, network->path, ".cnn"));
        const char *slash = strrchr(weights->path, '/');
        graph->has_weights = true;
        graph->weights_path = slash ? slash + 1 : weights->path;
        if (!pack_weights(c, weights))
            return;
    }
    network->bytes = network_text(c);
    if (!network->bytes)
        return;
    network->length = strlen(network->bytes);
    write_contents(c, contents, graph->tensor_count ? 2 : 1);
}
