/* A report in, the block of bytes out that NAME_info() returns. */
#include "codegen/info.h"

#include <math.h>
#include <string.h>

#include "codegen/interface.h"

/* A block under construction: it grows at its end, and distances from its beginning stay. */
struct builder {
    struct arena *arena;
    char *bytes;
    size_t length, capacity;
};

static int64_t append(struct builder *b, const void *bytes, size_t length) {
    size_t start = (b->length + 7) / 8 * 8;
    if (start + length > b->capacity) {
        b->capacity = 2 * (start + length);
        b->bytes = arena_grow(b->arena, b->bytes, b->length, b->capacity, 1);
    }
    memset(b->bytes + b->length, 0, start - b->length);
    memcpy(b->bytes + start, bytes, length);
    b->length = start + length;
    return (int64_t)start;
}

static int64_t append_text(struct builder *b, const char *text) {
    return append(b, text, strlen(text) + 1);
}

static int64_t append_labels(struct builder *b, const char *const *labels, int64_t count) {
    int64_t *texts = ARENA_ARRAY(b->arena, int64_t, count + 1);
    for (int64_t i = 0; i < count; i++)
        texts[i] = append_text(b, labels[i]);
    return append(b, texts, (size_t)count * sizeof *texts);
}

static void copy_shape(int64_t to[4], struct shape shape) {
    memcpy(to, (int64_t[]){shape.n, shape.h, shape.w, shape.c}, 4 * sizeof *to);
}

static struct cnn_info_tensor describe_port(struct builder *b, const struct port *port) {
    struct cnn_info_tensor tensor = {
        .name = append_text(b, port->name),
        .type = port->element == ELEMENT_U8 ? CNN_INFO_BYTE : CNN_INFO_FLOAT,
        .layout = port->layout == LAYOUT_CHW ? CNN_INFO_CHW : CNN_INFO_HWC,
    };
    copy_shape(tensor.shape, port->shape);
    if (port->input && port->input->has_range) {
        tensor.has_range = 1;
        tensor.range[0] = port->input->range_low;
        tensor.range[1] = port->input->range_high;
    }
    if (port->output && port->output->labels) {
        tensor.label_count = port->output->label_count;
        tensor.labels = append_labels(b, port->output->labels, tensor.label_count);
    }
    return tensor;
}

static int64_t append_ports(struct builder *b, const struct graph *graph, size_t first,
                            size_t count) {
    struct cnn_info_tensor *tensors = ARENA_ARRAY(b->arena, struct cnn_info_tensor, count + 1);
    for (size_t i = 0; i < count; i++) {
        struct port port = graph_port(graph, first + i);
        tensors[i] = describe_port(b, &port);
    }
    return append(b, tensors, count * sizeof *tensors);
}

static int64_t input_number(const struct graph *graph, const struct node *node) {
    for (size_t i = 0; i < graph->input_count; i++)
        if (graph->inputs[i].node == node)
            return (int64_t)i;
    return -1;
}

static void describe_field(struct cnn_info_layer *layer, const struct sight *sight) {
    for (int axis = 0; axis < 2; axis++) {
        int64_t size, jump, period, offset;
        layer->field[axis] = layer->stride[axis] = layer->offset[axis] = NAN;
        if (!sight)
            continue;
        if (field_size(sight, axis, &size))
            layer->field[axis] = (double)size;
        if (field_stride(sight, axis, &jump, &period))
            layer->stride[axis] = (double)jump / (double)period;
        if (field_offset(sight, axis, &offset))
            layer->offset[axis] = (double)offset;
    }
}

static struct cnn_info_layer describe_layer(struct builder *b, const struct report *report,
                                            const struct report_row *row) {
    const struct sight *sight = row->node->sights;
    struct cnn_info_layer layer = {
        .name = append_text(b, row->name),
        .word = append_text(b, row->layer),
        .parameters = row->params,
        .macs = row->macs,
        .input = sight ? input_number(report->graph, sight->input) : -1,
    };
    copy_shape(layer.shape, row->node->shape);
    describe_field(&layer, sight);
    return layer;
}

static int64_t append_layers(struct builder *b, const struct report *report) {
    size_t count = report->row_count;
    struct cnn_info_layer *layers = ARENA_ARRAY(b->arena, struct cnn_info_layer, count + 1);
    for (size_t i = 0; i < count; i++)
        layers[i] = describe_layer(b, report, &report->rows[i]);
    return append(b, layers, count * sizeof *layers);
}

static struct cnn_info *finish(struct builder *b, struct cnn_info head) {
    head.bytes = (int64_t)b->length;
    memcpy(b->bytes, &head, sizeof head);
    return (struct cnn_info *)(void *)b->bytes;
}

struct cnn_info *describe_network(const struct report *report) {
    const struct graph *graph = report->graph;
    struct builder b = {.arena = report->arena};
    struct cnn_info head = {.alignment = BUFFER_ALIGNMENT};
    append(&b, &head, sizeof head);
    memcpy(head.magic, CNN_INFO_MAGIC, sizeof head.magic);
    head.network = append_text(&b, graph->name);
    head.compiler = append_text(&b, CNNC_VERSION);
    head.input_count = (int64_t)graph->input_count;
    head.inputs = append_ports(&b, graph, 0, graph->input_count);
    head.output_count = (int64_t)graph->output_count;
    head.outputs = append_ports(&b, graph, graph->input_count, graph->output_count);
    head.layer_count = (int64_t)report->row_count;
    head.layers = append_layers(&b, report);
    head.parameters = report->totals.params;
    head.macs = report->totals.macs;
    return finish(&b, head);
}

struct cnn_info *info_complete(struct arena *arena, const struct cnn_info *info,
                               const char *identity, const char *target, const char *cpu,
                               int64_t workspace_bytes, int64_t part_bytes, int64_t weights_bytes) {
    struct builder b = {.arena = arena};
    struct cnn_info head = *info;
    append(&b, info, (size_t)info->bytes);
    memcpy(head.identity, identity, sizeof head.identity);
    head.target = append_text(&b, target);
    head.cpu = append_text(&b, cpu);
    head.workspace_bytes = workspace_bytes;
    head.part_bytes = part_bytes;
    head.weights_bytes = weights_bytes;
    return finish(&b, head);
}
