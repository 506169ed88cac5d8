/* Baseline and progressive JPEG, grey or YCbCr or RGB, to values 0..255, by libjpeg-turbo. */
#include <setjmp.h>
#include <stdio.h>
#include <string.h>

#include <jpeglib.h>
#include <jerror.h>

#include "runtime/program/image.h"

/* A progressive file may hold scans without end, each of which costs a pass over the picture. */
enum { MAX_SCANS = 100 };

struct jpeg_reading {
    struct jpeg_error_mgr errors; /* first: libjpeg hands its address around */
    struct jpeg_progress_mgr progress;
    struct decoder *decoder;
    jmp_buf caught;
    long warnings;
    char first_warning[JMSG_LENGTH_MAX];
};

static struct jpeg_reading *reading_of(j_common_ptr jpeg) {
    return (struct jpeg_reading *)jpeg->err;
}

static void end_reading(j_common_ptr jpeg, const char *why) {
    struct jpeg_reading *reading = reading_of(jpeg);
    decoder_fail(reading->decoder, why);
    longjmp(reading->caught, 1);
}

static void read_failed(j_common_ptr jpeg) {
    struct jpeg_reading *reading = reading_of(jpeg);
    char why[JMSG_LENGTH_MAX];
    if (jpeg->err->msg_code == JERR_OUT_OF_MEMORY) {
        fail_memory(reading->decoder->messages, SHOWN(reading->decoder->path));
        longjmp(reading->caught, 1);
    }
    jpeg->err->format_message(jpeg, why);
    end_reading(jpeg, why);
}

/* Level -1 is a warning of damage; the others trace. A picture without its end is refused. */
static void hear_message(j_common_ptr jpeg, int level) {
    struct jpeg_reading *reading = reading_of(jpeg);
    if (level >= 0)
        return;
    if (jpeg->err->msg_code == JWRN_JPEG_EOF)
        end_reading(jpeg, "the JPEG file ends early");
    if (reading->warnings++ == 0)
        jpeg->err->format_message(jpeg, reading->first_warning);
}

static void count_scans(j_common_ptr jpeg) {
    if (((j_decompress_ptr)jpeg)->input_scan_number > MAX_SCANS)
        end_reading(jpeg, "the JPEG file has too many scans");
}

static void set_handlers(struct jpeg_reading *reading, struct jpeg_decompress_struct *jpeg) {
    jpeg->err = jpeg_std_error(&reading->errors);
    reading->errors.error_exit = read_failed;
    reading->errors.emit_message = hear_message;
    reading->progress.progress_monitor = count_scans;
}

/* Called where libjpeg's errors are caught. */
static bool read_pixels(struct jpeg_reading *reading, struct jpeg_decompress_struct *jpeg) {
    struct decoder *decoder = reading->decoder;
    jpeg_create_decompress(jpeg);
    jpeg->progress = &reading->progress;
    jpeg_mem_src(jpeg, decoder->bytes, (unsigned long)decoder->size);
    jpeg_read_header(jpeg, TRUE);
    bool grey = jpeg->jpeg_color_space == JCS_GRAYSCALE;
    if (!grey && jpeg->jpeg_color_space != JCS_YCbCr && jpeg->jpeg_color_space != JCS_RGB)
        return decoder_fail(decoder, "neither grey nor RGB (CMYK, perhaps): convert it first");
    int64_t channels = grey ? 1 : 3;
    /* blocks of a progressive file may take no bit of their own */
    if (!picture_begin(decoder, jpeg->image_height, jpeg->image_width, channels, 0))
        return false;
    jpeg->out_color_space = grey ? JCS_GRAYSCALE : JCS_RGB;
    jpeg->dct_method = JDCT_ISLOW;
    jpeg_start_decompress(jpeg);
    int64_t row_values = decoder->picture.width * channels;
    JSAMPARRAY row =
        jpeg->mem->alloc_sarray((j_common_ptr)jpeg, JPOOL_IMAGE, (JDIMENSION)row_values, 1);
    float *values = decoder->picture.values;
    while (jpeg->output_scanline < jpeg->output_height) {
        jpeg_read_scanlines(jpeg, row, 1);
        for (int64_t i = 0; i < row_values; i++)
            *values++ = row[0][i];
    }
    return true;
}

bool read_jpeg(struct decoder *decoder) {
    struct jpeg_reading reading = {.decoder = decoder};
    struct jpeg_decompress_struct jpeg = {0};
    set_handlers(&reading, &jpeg);
    volatile bool good = false;
    if (!setjmp(reading.caught))
        good = read_pixels(&reading, &jpeg);
    jpeg_destroy_decompress(&jpeg);
    if (good && reading.warnings)
        warn(decoder->messages, "'%s': %s (%ld such warning%s)", SHOWN(decoder->path),
             SHOWN(reading.first_warning), reading.warnings, reading.warnings > 1 ? "s" : "");
    return good;
}
