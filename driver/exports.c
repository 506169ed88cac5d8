/* The graph in, a file of another language out that describes the same network. */
#include <string.h>

#include "driver/compilation.h"
#include "export/cnn.h"
#include "export/onnx.h"
#include "ir/weights/initial.h"
#include "lexer/limits.h"

void write_cnn(struct compilation *c) {
    const char *text = export_cnn(&c->arena, c->graph);
    if (strlen(text) <= LIMIT_SOURCE_BYTES)
        write_text(c, text);
    else
        fail(c, EXIT_LIMIT, "the network as text is larger than %d bytes, more than cnnc reads",
             LIMIT_SOURCE_BYTES);
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

/* "net.safetensors" of "net.cnn" */
static const char *weights_beside(struct compilation *c, const char *path) {
    size_t length = strlen(path);
    if (length > 4 && !strcmp(path + length - 4, ".cnn"))
        length -= 4;
    return arena_printf(&c->arena, "%.*s.safetensors", (int)length, path);
}

/* The network file, and the weights that it names. */
void write_imported(struct compilation *c) {
    struct content contents[2] = {{.path = result_path(c, ".cnn")}};
    struct graph *graph = c->graph;
    size_t count = 1;
    if (!c->model) {
        fail(c, EXIT_USAGE, "'%s' is no ONNX model, but a network file already",
             shown(c, c->options->file));
        return;
    }
    if (graph->tensor_count) {
        struct content *weights = &contents[count++];
        weights->path = weights_beside(c, contents[0].path);
        const char *slash = strrchr(weights->path, '/');
        graph->has_weights = true;
        graph->weights_path = slash ? slash + 1 : weights->path;
        if (!safetensors_write(graph, &weights->bytes, &weights->length)) {
            fail(c, EXIT_LIMIT,
                 "the names of the weights take a header of %zu bytes; the limit is %d",
                 weights->length, LIMIT_SAFETENSORS_HEADER_BYTES);
            return;
        }
    }
    contents[0].bytes = export_cnn(&c->arena, graph);
    contents[0].length = strlen(contents[0].bytes);
    if (contents[0].length > LIMIT_SOURCE_BYTES)
        fail(c, EXIT_LIMIT, "the network as text is larger than %d bytes, more than cnnc reads",
             LIMIT_SOURCE_BYTES);
    else
        write_contents(c, contents, count);
}
