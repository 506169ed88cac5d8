/* make_jpeg FILE WIDTH HEIGHT CHANNELS [progressive]: bytes from stdin as a JPEG of quality 100;
 * 1 channel grey, 3 RGB, 4 CMYK. */
#include <stdio.h>
#include <stdlib.h>

#include <jpeglib.h>

int main(int count, char **words) {
    if (count < 5)
        return 2;
    int channels = atoi(words[4]);
    FILE *file = fopen(words[1], "wb");
    struct jpeg_compress_struct jpeg;
    struct jpeg_error_mgr errors;
    jpeg.err = jpeg_std_error(&errors);
    jpeg_create_compress(&jpeg);
    jpeg_stdio_dest(&jpeg, file);
    jpeg.image_width = (JDIMENSION)atoi(words[2]);
    jpeg.image_height = (JDIMENSION)atoi(words[3]);
    jpeg.input_components = channels;
    jpeg.in_color_space = channels == 1 ? JCS_GRAYSCALE : channels == 3 ? JCS_RGB : JCS_CMYK;
    jpeg_set_defaults(&jpeg);
    jpeg_set_quality(&jpeg, 100, TRUE);
    if (count > 5)
        jpeg_simple_progression(&jpeg);
    jpeg_start_compress(&jpeg, TRUE);
    size_t length = (size_t)jpeg.image_width * (size_t)channels;
    JSAMPROW row = malloc(length);
    while (jpeg.next_scanline < jpeg.image_height) {
        if (fread(row, 1, length, stdin) != length)
            return 1;
        jpeg_write_scanlines(&jpeg, &row, 1);
    }
    jpeg_finish_compress(&jpeg);
    jpeg_destroy_compress(&jpeg);
    free(row);
    return fclose(file) != 0;
}
