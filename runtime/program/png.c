/* PNG in every colour type and depth to values 0..255, and grey levels to PNG, by libpng. */
#include <png.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/program/checked.h"
#include "runtime/program/image.h"

struct png_reading {
    struct decoder *decoder;
    int64_t at; /* bytes read */
    bool no_memory;
    png_bytep bytes;
    png_bytep *rows;
};

static void *allocate_for_read(png_structp png, size_t size) {
    struct png_reading *reading = png_get_mem_ptr(png);
    void *memory = malloc(size);
    reading->no_memory |= !memory;
    return memory;
}

static void release(png_structp png, void *memory) {
    (void)png;
    free(memory);
}

static void read_failed(png_structp png, const char *why) {
    struct png_reading *reading = png_get_error_ptr(png);
    if (reading->no_memory)
        fail_memory(reading->decoder->messages, SHOWN(reading->decoder->path));
    else
        decoder_fail(reading->decoder, why);
    png_longjmp(png, 1);
}

/* libpng warns of what does not touch the pixels: chunks of text, profiles. */
static void ignore_warning(png_structp png, const char *text) {
    (void)png;
    (void)text;
}

static void take_bytes(png_structp png, png_bytep bytes, size_t count) {
    struct png_reading *reading = png_get_io_ptr(png);
    if ((int64_t)count > reading->decoder->size - reading->at)
        png_error(png, "the PNG file ends early");
    memcpy(bytes, reading->decoder->bytes + reading->at, count);
    reading->at += (int64_t)count;
}

/* Asks for rows of grey or RGB, 8 or 16 bits a value, without alpha. */
static void set_transforms(png_structp png, png_infop info) {
    png_byte colour = png_get_color_type(png, info);
    if (colour == PNG_COLOR_TYPE_PALETTE)
        png_set_palette_to_rgb(png);
    if (colour == PNG_COLOR_TYPE_GRAY)
        png_set_expand_gray_1_2_4_to_8(png);
    png_set_strip_alpha(png);
    png_set_interlace_handling(png);
    png_read_update_info(png, info);
}

static bool allocate_rows(struct png_reading *reading, int64_t height, int64_t row_bytes) {
    int64_t bytes;
    if (checked_mul(height, row_bytes, &bytes)) {
        reading->bytes = malloc((size_t)bytes);
        reading->rows = malloc((size_t)height * sizeof *reading->rows);
    }
    if (!reading->bytes || !reading->rows)
        return fail_memory(reading->decoder->messages, SHOWN(reading->decoder->path));
    for (int64_t i = 0; i < height; i++)
        reading->rows[i] = reading->bytes + i * row_bytes;
    return true;
}

static void rows_to_values(const struct png_reading *reading, int64_t row_bytes, bool wide) {
    const struct picture *picture = &reading->decoder->picture;
    int64_t row_values = picture->width * picture->channels;
    for (int64_t y = 0; y < picture->height; y++) {
        const uint8_t *row = reading->bytes + y * row_bytes;
        float *values = picture->values + y * row_values;
        for (int64_t i = 0; i < row_values; i++)
            values[i] = wide ? (float)(row[2 * i] * 256 + row[2 * i + 1]) / 257 : row[i];
    }
}

/* Called where libpng's errors are caught. */
static bool read_pixels(struct png_reading *reading, png_structp png, png_infop info) {
    enum { DEFLATE = 1032 }; /* bytes made of one, at most */
    png_read_info(png, info);
    double bits = png_get_bit_depth(png, info) * png_get_channels(png, info);
    set_transforms(png, info);
    int64_t height = png_get_image_height(png, info), width = png_get_image_width(png, info);
    int64_t row_bytes = (int64_t)png_get_rowbytes(png, info);
    int64_t channels = png_get_channels(png, info);
    if (!picture_begin(reading->decoder, height, width, channels, bits / DEFLATE) ||
        !allocate_rows(reading, height, row_bytes))
        return false;
    png_read_image(png, reading->rows);
    png_read_end(png, NULL);
    rows_to_values(reading, row_bytes, png_get_bit_depth(png, info) == 16);
    return true;
}

bool read_png(struct decoder *decoder) {
    struct png_reading reading = {.decoder = decoder};
    png_structp png =
        png_create_read_struct_2(PNG_LIBPNG_VER_STRING, &reading, read_failed, ignore_warning,
                                 &reading, allocate_for_read, release);
    png_infop info = png ? png_create_info_struct(png) : NULL;
    volatile bool good = false;
    if (!info) {
        if (decoder->messages->code == EXIT_DONE) /* else read_failed has said why */
            fail_memory(decoder->messages, SHOWN(decoder->path));
    } else if (!setjmp(png_jmpbuf(png))) {
        png_set_read_fn(png, &reading, take_bytes);
        good = read_pixels(&reading, png, info);
    }
    png_destroy_read_struct(&png, &info, NULL);
    free(reading.rows);
    free(reading.bytes);
    return good;
}

struct png_writing {
    struct messages *messages;
    struct output_file *file;
    bool said; /* why it failed */
};

static void write_failed(png_structp png, const char *why) {
    struct png_writing *writing = png_get_error_ptr(png);
    if (!writing->said) /* what remains can fail for want of memory only */
        fail(writing->messages, EXIT_MEMORY, "cannot write '%s': %s", SHOWN(writing->file->path),
             SHOWN(why));
    writing->said = true;
    png_longjmp(png, 1);
}

static void give_bytes(png_structp png, png_bytep bytes, size_t count) {
    struct png_writing *writing = png_get_io_ptr(png);
    if (output_write(writing->messages, writing->file, bytes, (int64_t)count))
        return;
    writing->said = true;
    png_error(png, "");
}

static void no_flush(png_structp png) {
    (void)png;
}

static void write_pixels(png_structp png, png_infop info, const uint8_t *levels, int64_t height,
                         int64_t width, int64_t channels) {
    png_set_user_limits(png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
    png_set_IHDR(png, info, (png_uint_32)width, (png_uint_32)height, 8,
                 channels == 3 ? PNG_COLOR_TYPE_RGB : PNG_COLOR_TYPE_GRAY, PNG_INTERLACE_NONE,
                 PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    png_write_info(png, info);
    for (int64_t y = 0; y < height; y++)
        png_write_row(png, levels + y * width * channels);
    png_write_end(png, NULL);
}

bool write_png(struct messages *messages, struct output_file *file, const uint8_t *levels,
               int64_t height, int64_t width, int64_t channels) {
    struct png_writing writing = {messages, file, false};
    png_structp png =
        png_create_write_struct(PNG_LIBPNG_VER_STRING, &writing, write_failed, ignore_warning);
    png_infop info = png ? png_create_info_struct(png) : NULL;
    volatile bool good = false;
    if (!info) {
        if (!writing.said)
            fail_memory(messages, SHOWN(file->path));
    } else if (!setjmp(png_jmpbuf(png))) {
        png_set_write_fn(png, &writing, give_bytes, no_flush);
        write_pixels(png, info, levels, height, width, channels);
        good = true;
    }
    png_destroy_write_struct(&png, &info);
    return good;
}
