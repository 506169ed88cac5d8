/* Files to the buffers of inputs. */
#include "runtime/program/source.h"

/* The axes that are not 1. */
static int64_t squeeze(const int64_t *axes, int64_t rank, int64_t squeezed[NPY_MAX_RANK]) {
    int64_t count = 0;
    for (int64_t i = 0; i < rank; i++)
        if (axes[i] != 1)
            squeezed[count++] = axes[i];
    return count;
}

/* Whether two shapes are the same but for axes of 1, which do not change the elements' order. */
static bool same_shape(const int64_t *a, int64_t rank_a, const int64_t *b, int64_t rank_b) {
    int64_t left[NPY_MAX_RANK], right[NPY_MAX_RANK];
    int64_t count = squeeze(a, rank_a, left);
    if (count != squeeze(b, rank_b, right))
        return false;
    for (int64_t i = 0; i < count; i++)
        if (left[i] != right[i])
            return false;
    return true;
}

/* Sets `batch`, or fails: the array is neither what the port wants nor a batch of it. */
static bool match_shape(struct messages *messages, struct source *source) {
    const struct npy *npy = &source->npy;
    const char *path = source->file.path;
    int64_t axes[4], rank = port_axes(source->port, axes);
    source->batch = 0;
    if (npy->rank <= rank && same_shape(npy->shape, npy->rank, axes, rank))
        return true;
    if (npy->rank > 0 && same_shape(npy->shape + 1, npy->rank - 1, axes, rank)) {
        source->batch = npy->shape[0];
        return source->batch || fail(messages, EXIT_INPUT, "'%s': the batch is empty", SHOWN(path));
    }
    struct size_text is, wanted;
    bool chw = source->port->layout == CNN_LAYOUT_CHW;
    return fail(
        messages, EXIT_INPUT,
        "'%s' is %s, but input '%s' wants %s (%s%s), or a batch of them along an axis before",
        SHOWN(path), size_text(&is, npy->shape, npy->rank), SHOWN(source->port->name),
        size_text(&wanted, axes, rank), rank == 4 ? "images x " : "",
        chw ? "channels x height x width" : "height x width x channels");
}

/* An input of bytes takes bytes only: numbers of another type would have to be rounded. */
static bool match_type(struct messages *messages, const struct source *source) {
    if (source->port->type != CNN_TYPE_U8 || source->npy.type == NPY_UINT8)
        return true;
    return fail(messages, EXIT_INPUT, "'%s' holds %s, but input '%s' wants uint8",
                SHOWN(source->file.path), npy_type_name(source->npy.type),
                SHOWN(source->port->name));
}

/* Image `index` of an array to the buffer. */
static bool read_array(struct messages *messages, const struct source *source, int64_t index,
                       void *buffer) {
    const struct npy *npy = &source->npy;
    int64_t count = port_count(source->port), first = index * count;
    if (source->port->type == CNN_TYPE_U8)
        return input_read(messages, &source->file, npy->data_offset + first, buffer, count);
    return npy_read(messages, npy, &source->file, first, count, buffer);
}

static bool open_array(struct messages *messages, struct source *source, void *buffer) {
    return npy_open(messages, &source->npy, &source->file) && match_type(messages, source) &&
           match_shape(messages, source) &&
           (source->batch || read_array(messages, source, 0, buffer));
}

bool source_open(struct messages *messages, struct source *source, const struct cnn_port *port,
                 const char *path, const struct picture_rules *rules, void *buffer) {
    char start[8] = {0};
    *source = (struct source){.port = port};
    if (!input_open(messages, &source->file, path))
        return false;
    int64_t count = source->file.size < 8 ? source->file.size : 8;
    bool good = input_read(messages, &source->file, 0, start, count) &&
                (is_npy(start, count) ? open_array(messages, source, buffer)
                                      : image_read(messages, &source->file, port, rules, buffer));
    if (!good || !source->batch)
        input_close(&source->file);
    if (good)
        source->path = path;
    return good;
}

bool source_load(struct messages *messages, const struct source *source, int64_t index,
                 void *buffer) {
    return !source->batch || read_array(messages, source, index, buffer);
}

void source_close(struct source *source) {
    if (source->path)
        input_close(&source->file);
    source->path = NULL;
}
