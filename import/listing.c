/* The model as text, a line for each node, then for each input and each output: what messages show
 * and point at. Line n is node n. */
#include <inttypes.h>
#include <string.h>

#include "import/importer.h"

enum { NAME_SHOWN = 80, NAMES_SHOWN = 12 };

static const char *short_name(struct importer *im, const char *name) {
    size_t length = strlen(name);
    if (length <= NAME_SHOWN)
        return printable(im->arena, name, length);
    return arena_printf(im->arena, "%s...", printable(im->arena, name, NAME_SHOWN));
}

static const char *list_of_names(struct importer *im, char *const *names, size_t count) {
    const char *list = "";
    for (size_t i = 0; i < count && i < NAMES_SHOWN; i++)
        list = arena_printf(im->arena, "%s%s%s", list, i ? ", " : "", short_name(im, names[i]));
    return count > NAMES_SHOWN ? arena_printf(im->arena, "%s, ...", list) : list;
}

static const char *node_line(struct importer *im, const Onnx__NodeProto *node) {
    const char *quoted = "";
    if (*node->name)
        quoted = arena_printf(im->arena, " \"%s\"", short_name(im, node->name));
    return arena_printf(im->arena, "%s%s (%s) -> %s", short_name(im, node->op_type), quoted,
                        list_of_names(im, node->input, node->n_input),
                        list_of_names(im, node->output, node->n_output));
}

static const char *port_line(struct importer *im, const char *kind,
                             const Onnx__ValueInfoProto *port) {
    return arena_printf(im->arena, "%s %s", kind, short_name(im, port->name));
}

/* Text that grows by lines. */
struct text {
    char *bytes;
    size_t length, capacity;
};

static void append_line(struct importer *im, struct text *text, const char *line, size_t number) {
    im->lines[number] = (uint32_t)text->length;
    size_t length = strlen(line);
    while (text->length + length + 2 > text->capacity) {
        size_t capacity = text->capacity ? 2 * text->capacity : 4096;
        text->bytes = arena_grow(im->arena, text->bytes, text->length, capacity, 1);
        text->capacity = capacity;
    }
    memcpy(text->bytes + text->length, line, length);
    text->length += length;
    text->bytes[text->length++] = '\n';
}

void make_listing(struct importer *im) {
    const Onnx__GraphProto *graph = im->model->graph;
    struct text text = {0};
    size_t line = 0;
    im->lines =
        ARENA_ARRAY(im->arena, uint32_t, graph->n_node + graph->n_input + graph->n_output + 1);
    for (size_t i = 0; i < graph->n_node; i++)
        append_line(im, &text, node_line(im, graph->node[i]), line++);
    for (size_t i = 0; i < graph->n_input; i++)
        append_line(im, &text, port_line(im, "input", graph->input[i]), line++);
    for (size_t i = 0; i < graph->n_output; i++)
        append_line(im, &text, port_line(im, "output", graph->output[i]), line++);
    im->lines[line] = (uint32_t)text.length;
    char *bytes = arena_strndup(im->arena, text.length ? text.bytes : "", text.length);
    im->source = sources_add(im->sources, im->path, bytes, text.length);
}

static struct span line_span(const struct importer *im, size_t line) {
    return (struct span){im->source, im->lines[line], im->lines[line + 1] - 1};
}

struct span line_of_node(const struct importer *im, size_t node) {
    return line_span(im, node);
}

struct span line_of_input(const struct importer *im, size_t input) {
    return line_span(im, im->model->graph->n_node + input);
}

struct span line_of_output(const struct importer *im, size_t output) {
    return line_span(im, im->model->graph->n_node + im->model->graph->n_input + output);
}
