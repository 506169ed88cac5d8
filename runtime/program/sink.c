/* Values of outputs to text and files. */
#include "runtime/program/sink.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/program/image.h"
#include "runtime/program/npy.h"
#include "runtime/program/text.h"

static bool ends_with(const char *path, const char *suffix) {
    size_t length = strlen(path), tail = strlen(suffix);
    return length > tail && !strcmp(path + length - tail, suffix);
}

static bool find_kind(struct messages *messages, struct sink *sink, const char *path) {
    static const struct {
        const char *suffix;
        enum sink_kind kind;
        int64_t channels; /* 0: 1 or 3 */
    } kinds[] = {
        {".npy", SINK_NPY, 0}, {".png", SINK_PNG, 0}, {".pgm", SINK_PNM, 1}, {".ppm", SINK_PNM, 3}};
    int64_t channels = sink->port->shape[PORT_C];
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (!ends_with(path, kinds[i].suffix))
            continue;
        sink->kind = kinds[i].kind;
        int64_t wanted = kinds[i].channels;
        if (sink->kind == SINK_NPY || channels == wanted ||
            (!wanted && (channels == 1 || channels == 3)))
            return true;
        return fail(messages, EXIT_USAGE,
                    "output '%s' has %lld channels, a %s file %s: write it as .npy",
                    SHOWN(sink->port->name), (long long)channels, kinds[i].suffix,
                    !wanted       ? "1 or 3"
                    : wanted == 1 ? "1"
                                  : "3");
    }
    return fail(messages, EXIT_USAGE, "'%s' ends in neither .npy, .png, .pgm nor .ppm",
                SHOWN(path));
}

static bool write_header(struct messages *messages, struct sink *sink) {
    int64_t shape[NPY_MAX_RANK], rank = 0;
    const struct cnn_port *port = sink->port;
    if (sink->settings->batch)
        shape[rank++] = sink->settings->batch;
    if (port_is_vector(port)) {
        if (port->shape[PORT_N] > 1)
            shape[rank++] = port->shape[PORT_N];
        shape[rank++] = port->shape[PORT_C];
    } else {
        rank += port_axes(port, shape + rank);
    }
    char header[NPY_MAX_WRITTEN_HEADER];
    int64_t length = npy_header(header, shape, rank);
    return output_write(messages, &sink->file, header, length);
}

bool sink_open(struct messages *messages, struct sink *sink, const struct cnn_port *port,
               const struct settings *settings, const char *path) {
    *sink = (struct sink){.port = port, .settings = settings, .file.descriptor = -1};
    if (!path) {
        sink->kind = settings->printing != PRINT_TEXT ? SINK_NONE
                     : port_is_vector(port)           ? SINK_CLASSES
                                                      : SINK_SUMMARY;
        return true;
    }
    if (!find_kind(messages, sink, path))
        return false;
    if (sink->kind != SINK_NPY && (settings->batch > 1 || port->shape[PORT_N] > 1))
        return fail(messages, EXIT_USAGE, "'%s': a batch is no single picture: write it as .npy",
                    SHOWN(path));
    return output_begin(messages, &sink->file, path) &&
           (sink->kind != SINK_NPY || write_header(messages, sink));
}

/* Rounded to the nearest, halves up, clipped to 0..255; what is not a number is black. */
static uint8_t grey_level(double value) {
    if (!(value > 0))
        return 0;
    return value >= 255 ? 255 : (uint8_t)(value + 0.5);
}

/* The values, in the port's layout, to levels [H, W, C]. */
static void to_levels(const struct sink *sink, const float *values, uint8_t *levels) {
    const struct settings *settings = sink->settings;
    int64_t channels = sink->port->shape[PORT_C], count = port_count(sink->port);
    double low = settings->low, high = settings->high;
    if (settings->extremes) {
        struct summary summary = {0};
        summary_add(&summary, values, count);
        low = summary.minimum;
        high = summary.maximum > low ? summary.maximum : low + 1;
    }
    for (int64_t i = 0; i < count; i++)
        levels[i] = grey_level((values[port_index(sink->port, i / channels, i % channels)] - low) *
                               255 / (high - low));
}

static bool write_picture(struct messages *messages, struct sink *sink, const float *values) {
    const struct cnn_port *port = sink->port;
    const int64_t *shape = port->shape;
    uint8_t *levels = allocate_aligned(messages, port_count(port), 64, SHOWN(port->name));
    if (!levels)
        return false;
    to_levels(sink, values, levels);
    bool good = (sink->kind == SINK_PNG ? write_png : write_pnm)(
        messages, &sink->file, levels, shape[PORT_H], shape[PORT_W], shape[PORT_C]);
    free(levels);
    return good;
}

bool sink_take(struct messages *messages, struct sink *sink, int64_t index, const float *values) {
    int64_t count = port_count(sink->port);
    switch (sink->kind) {
    case SINK_NONE:
        return true;
    case SINK_CLASSES:
        return text_classes(messages, sink->settings, sink->port, values, index);
    case SINK_SUMMARY:
        summary_add(&sink->summary, values, count);
        return true;
    case SINK_NPY:
        return output_write(messages, &sink->file, values, count * (int64_t)sizeof *values);
    case SINK_PNG:
    case SINK_PNM:
        return write_picture(messages, sink, values);
    }
    return fail(messages, EXIT_INTERNAL, "an output that goes nowhere");
}

bool sink_finish(struct messages *messages, struct sink *sink) {
    if (sink->kind == SINK_SUMMARY)
        text_summary(sink->settings, sink->port, &sink->summary);
    return !sink->file.temporary || output_commit(messages, &sink->file);
}

void sink_close(struct sink *sink) {
    output_discard(&sink->file);
}
