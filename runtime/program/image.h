/* Pictures: PNG, JPEG and PNM read to values 0..255; PNG and PNM written from grey levels. */
#ifndef CNN_PROGRAM_IMAGE_H
#define CNN_PROGRAM_IMAGE_H

#include "runtime/program/input.h"
#include "runtime/program/output.h"
#include "runtime/program/resize.h"
#include "runtime/program/tensor.h"

struct picture {
    int64_t height, width;
    int64_t channels; /* 1 grey, 3 red, green, blue */
    float *values;    /* [height, width, channels], 0..255 whatever the file's bits; from malloc */
};

/* What becomes of pictures of another size than the input's. */
struct picture_rules {
    enum resize_mode resize;
    bool has_fill; /* else the range's lower end */
    double fill;   /* around a picture made to fit: a value of the input's */
};

/* One picture file, its bytes in memory, on its way to the input it is for. */
struct decoder {
    struct messages *messages;
    const char *path;
    const uint8_t *bytes;
    int64_t size;
    const struct cnn_port *port;
    const struct picture_rules *rules;
    struct picture picture;
};

/* Fills `buffer` with the picture in `file`: its values, 0..255, mapped to the input's range where
 * it has one, or rounded to bytes where it is made of them; grey to colour by repeating, colour to
 * grey by 0.299 R + 0.587 G + 0.114 B. Transparency is dropped: the colours stored are used, as if
 * all were opaque. Profiles, gamma and orientation are not applied. A picture that has not the
 * input's height and width is resized as the rules say. */
bool image_read(struct messages *messages, const struct input_file *file,
                const struct cnn_port *port, const struct picture_rules *rules, void *buffer);

/* What the readers below call when they know the size, before they allocate anything that depends
 * on it: fails unless the input takes this size, and the file could hold it at `least` bits a
 * pixel; then allocates the values. */
bool picture_begin(struct decoder *decoder, int64_t height, int64_t width, int64_t channels,
                   double least);

/* Fails with EXIT_INPUT and the file's name. */
bool decoder_fail(struct decoder *decoder, const char *why);

bool read_png(struct decoder *decoder);
bool read_jpeg(struct decoder *decoder);
bool read_pnm(struct decoder *decoder); /* P1 to P6 */

/* Writes grey levels [height, width, channels], 1 or 3 channels. */
bool write_png(struct messages *messages, struct output_file *file, const uint8_t *levels,
               int64_t height, int64_t width, int64_t channels);
bool write_pnm(struct messages *messages, struct output_file *file, const uint8_t *levels,
               int64_t height, int64_t width, int64_t channels);

#endif
