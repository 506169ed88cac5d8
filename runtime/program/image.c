/* A picture file of any kind to the buffer of an input. */
#include "runtime/program/image.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/program/checked.h"

enum {
    MAX_PICTURE_FILE = 1 << 30, /* bytes */
    MAX_PIXELS = 1 << 27,       /* of a picture that is resized */
};

bool decoder_fail(struct decoder *decoder, const char *why) {
    return fail(decoder->messages, EXIT_INPUT, "'%s': %s", SHOWN(decoder->path), SHOWN(why));
}

static bool wrong_size(struct decoder *decoder, int64_t height, int64_t width, int64_t channels) {
    struct size_text is, wanted;
    return fail(decoder->messages, EXIT_INPUT,
                "'%s' is %s (height x width x channels), but input '%s' wants %s; --resize fit, "
                "crop or stretch makes it that",
                SHOWN(decoder->path), size_text(&is, (int64_t[]){height, width, channels}, 3),
                SHOWN(decoder->port->name), port_size_text(&wanted, decoder->port));
}

/* A size that costs more memory than any picture is worth, or more than the file can hold, fails.
 */
static bool check_size(struct decoder *decoder, int64_t height, int64_t width, double least) {
    double pixels = (double)height * (double)width;
    struct size_text is;
    const char *size = size_text(&is, (int64_t[]){height, width}, 2);
    if (pixels > MAX_PIXELS)
        return fail(decoder->messages, EXIT_INPUT, "'%s' is %s: more than %d pixels are not read",
                    SHOWN(decoder->path), size, MAX_PIXELS);
    if (pixels * least > 8 * (double)decoder->size)
        return fail(decoder->messages, EXIT_INPUT,
                    "'%s' ends early: %lld bytes hold no picture of %s", SHOWN(decoder->path),
                    (long long)decoder->size, size);
    return true;
}

bool picture_begin(struct decoder *decoder, int64_t height, int64_t width, int64_t channels,
                   double least) {
    const int64_t *wanted = decoder->port->shape;
    bool another = height != wanted[PORT_H] || width != wanted[PORT_W];
    if (another && (decoder->rules->resize == RESIZE_NONE || !height || !width))
        return wrong_size(decoder, height, width, channels);
    if (another && !check_size(decoder, height, width, least))
        return false;
    int64_t bytes;
    float *values = NULL;
    if (checked_product((int64_t[]){height, width, channels, sizeof(float)}, 4, &bytes))
        values = malloc((size_t)bytes);
    if (!values)
        return fail_memory(decoder->messages, SHOWN(decoder->path));
    decoder->picture = (struct picture){height, width, channels, values};
    return true;
}

/* Whether any picture can be what the input wants. */
static bool check_port(struct decoder *decoder) {
    const struct cnn_port *port = decoder->port;
    struct size_text wanted;
    int64_t channels = port->shape[PORT_C];
    if (port->shape[PORT_N] == 1 && (channels == 1 || channels == 3))
        return true;
    return fail(decoder->messages, EXIT_INPUT,
                "'%s' is one picture of 1 or 3 channels, but input '%s' wants %s: give it as NPY",
                SHOWN(decoder->path), SHOWN(port->name), port_size_text(&wanted, port));
}

static bool decode(struct decoder *decoder) {
    static const struct {
        const char *magic;
        bool (*read)(struct decoder *);
    } kinds[] = {
        {"\x89PNG", read_png}, {"\xff\xd8\xff", read_jpeg},
        {"P1", read_pnm},      {"P2", read_pnm},
        {"P3", read_pnm},      {"P4", read_pnm},
        {"P5", read_pnm},      {"P6", read_pnm},
    };
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        size_t length = strlen(kinds[i].magic);
        if ((int64_t)length <= decoder->size && !memcmp(decoder->bytes, kinds[i].magic, length))
            return check_port(decoder) && kinds[i].read(decoder);
    }
    return decoder_fail(decoder, "neither PNG, JPEG, PNM (P1 to P6) nor NPY");
}

/* Channel `c` of a pixel as the input counts channels: colour to grey, grey to colour. */
static double channel_of(const float *pixel, int64_t have, int64_t want, int64_t c) {
    if (have == want)
        return pixel[c];
    return have == 1 ? pixel[0] : 0.299 * pixel[0] + 0.587 * pixel[1] + 0.114 * pixel[2];
}

/* A value of 0..255 becomes element `at` of the buffer: a byte, or a float in the range. */
static void put(const struct cnn_port *port, void *buffer, int64_t at, double value) {
    double low = port->has_range ? port->range_low : 0;
    double high = port->has_range ? port->range_high : 255;
    if (port->type == CNN_TYPE_U8)
        ((uint8_t *)buffer)[at] = (uint8_t)(value + 0.5);
    else
        ((float *)buffer)[at] = (float)(low + value * (high - low) / 255);
}

/* Every element as it is around a picture that leaves some of the input free. */
static void fill(const struct cnn_port *port, const struct picture_rules *rules, void *buffer) {
    double low = port->has_range && port->type != CNN_TYPE_U8 ? port->range_low : 0;
    double value = rules->has_fill ? rules->fill : low;
    for (int64_t i = 0; i < port_count(port); i++)
        if (port->type == CNN_TYPE_U8)
            ((uint8_t *)buffer)[i] = (uint8_t)(value + 0.5);
        else
            ((float *)buffer)[i] = (float)value;
}

/* Values [rows, columns, channels of the picture] to their place in the input. */
static void place(const float *values, int64_t have, const struct fitting *f,
                  const struct cnn_port *port, void *buffer) {
    int64_t want = port->shape[PORT_C], width = port->shape[PORT_W];
    for (int64_t y = 0; y < f->rows; y++)
        for (int64_t x = 0; x < f->columns; x++, values += have)
            for (int64_t c = 0; c < want; c++)
                put(port, buffer, port_index(port, (f->row + y) * width + f->column + x, c),
                    channel_of(values, have, want, c));
}

static bool deliver(struct decoder *decoder, void *buffer) {
    const struct picture *p = &decoder->picture;
    const struct cnn_port *port = decoder->port;
    int64_t height = port->shape[PORT_H], width = port->shape[PORT_W];
    struct fitting whole = {.rows = height, .columns = width};
    if (p->height == height && p->width == width) {
        place(p->values, p->channels, &whole, port, buffer);
        return true;
    }
    struct fitting fitting =
        fit_picture(decoder->rules->resize, p->height, p->width, height, width);
    float *values =
        resize_picture(decoder->messages, p->values, p->height, p->width, p->channels, &fitting);
    if (!values)
        return false;
    fill(port, decoder->rules, buffer);
    place(values, p->channels, &fitting, port, buffer);
    free(values);
    return true;
}

bool image_read(struct messages *messages, const struct input_file *file,
                const struct cnn_port *port, const struct picture_rules *rules, void *buffer) {
    if (file->size > MAX_PICTURE_FILE)
        return fail(messages, EXIT_INPUT, "'%s' is too large for a picture: %lld bytes",
                    SHOWN(file->path), (long long)file->size);
    uint8_t *bytes = malloc((size_t)file->size + 1);
    if (!bytes)
        return fail_memory(messages, SHOWN(file->path));
    struct decoder decoder = {messages, file->path, bytes, file->size, port, rules, {0}};
    bool good = input_read(messages, file, 0, bytes, file->size) && decode(&decoder) &&
                deliver(&decoder, buffer);
    free(decoder.picture.values);
    free(bytes);
    return good;
}
