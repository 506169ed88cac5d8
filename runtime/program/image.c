/* A picture file of any kind to the buffer of an input. */
#include "runtime/program/image.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/program/checked.h"

enum { MAX_PICTURE_FILE = 1 << 30 }; /* bytes */

bool decoder_fail(struct decoder *decoder, const char *why) {
    return fail(decoder->messages, EXIT_INPUT, "'%s': %s", SHOWN(decoder->path), SHOWN(why));
}

static bool wrong_size(struct decoder *decoder, int64_t height, int64_t width, int64_t channels) {
    struct size_text is, wanted;
    return fail(decoder->messages, EXIT_INPUT,
                "'%s' is %s (height x width x channels), but input '%s' wants %s",
                SHOWN(decoder->path), size_text(&is, (int64_t[]){height, width, channels}, 3),
                SHOWN(decoder->port->name), port_size_text(&wanted, decoder->port));
}

bool picture_begin(struct decoder *decoder, int64_t height, int64_t width, int64_t channels) {
    const int64_t *wanted = decoder->port->shape;
    if (height != wanted[PORT_H] || width != wanted[PORT_W])
        return wrong_size(decoder, height, width, channels);
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

/* Colour to grey or grey to colour where the input asks for it, then the range; into [H, W, C]. */
static void convert(const struct picture *picture, const struct cnn_port *port, float *image) {
    int64_t have = picture->channels, want = port->shape[PORT_C];
    double low = port->has_range ? port->range_low : 0;
    double high = port->has_range ? port->range_high : 255;
    const float *pixel = picture->values;
    for (int64_t i = 0; i < picture->height * picture->width; i++, pixel += have)
        for (int64_t c = 0; c < want; c++) {
            double value = have == want ? pixel[c] : pixel[0];
            if (have > want)
                value = 0.299 * pixel[0] + 0.587 * pixel[1] + 0.114 * pixel[2];
            *image++ = (float)(low + value * (high - low) / 255);
        }
}

static bool fill(struct decoder *decoder, float *buffer) {
    if (decoder->port->layout != CNN_LAYOUT_CHW) {
        convert(&decoder->picture, decoder->port, buffer);
        return true;
    }
    float *image = allocate_port(decoder->messages, decoder->port);
    if (!image)
        return false;
    convert(&decoder->picture, decoder->port, image);
    image_to_layout(decoder->port, image, buffer);
    free(image);
    return true;
}

bool image_read(struct messages *messages, const struct input_file *file,
                const struct cnn_port *port, float *buffer) {
    if (file->size > MAX_PICTURE_FILE)
        return fail(messages, EXIT_INPUT, "'%s' is too large for a picture: %lld bytes",
                    SHOWN(file->path), (long long)file->size);
    uint8_t *bytes = malloc((size_t)file->size + 1);
    if (!bytes)
        return fail_memory(messages, SHOWN(file->path));
    struct decoder decoder = {messages, file->path, bytes, file->size, port, {0}};
    bool good = input_read(messages, file, 0, bytes, file->size) && decode(&decoder) &&
                fill(&decoder, buffer);
    free(decoder.picture.values);
    free(bytes);
    return good;
}
