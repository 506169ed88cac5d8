/* The border of a tensor whose interior is there: row by row, whole ones above and below, and the
 * sides of the interior's. */
#include "runtime/kernels/vector.h"

/* The interior coordinate that border coordinate i repeats. */
CNN_INLINE int64_t source(int64_t mode, int64_t i, int64_t size) {
    if (mode == CNN_BORDER_REPLICATE)
        return i < 0 ? 0 : smaller(i, size - 1);
    if (mode == CNN_BORDER_WRAP)
        return (i % size + size) % size;
    return i < 0 ? -i : i >= size ? 2 * (size - 1) - i : i;
}

CNN_INLINE void fill(float *y, float value, int64_t count) {
    CNN_FOR_VECTORS(count, store_lanes(y + i, splat(value), lanes));
}

CNN_INLINE void copy(float *y, const float *x, int64_t count) {
    CNN_FOR_VECTORS(count, store_lanes(y + i, load_lanes(x + i, lanes), lanes));
}

/* Pixels first..end-1 of one row; as one run where pixels are contiguous. */
CNN_INLINE void fill_pixels(const struct cnn_border *d, float *row, int64_t first, int64_t end,
                            float value) {
    const bool one_run = d->y.pixel == d->channels;
    const int64_t run = one_run ? (end - first) * d->channels : d->channels;
    for (int64_t w = first; w < (one_run ? first + (end > first) : end); w++)
        fill(row + w * d->y.pixel, value, run);
}

/* Pixels first..end-1 of one row from their sources in a row of the interior. */
CNN_INLINE void repeat_pixels(const struct cnn_border *d, float *row, const float *from,
                              int64_t first, int64_t end) {
    for (int64_t w = first; w < end; w++)
        copy(row + w * d->y.pixel, from + source(d->mode, w, d->width) * d->y.pixel, d->channels);
}

/* A row above or below the interior, from one of it: not from the sides, which may not be there
 * yet. */
CNN_INLINE void border_row(const struct cnn_border *d, float *image, int64_t h, float value) {
    float *row = image + h * d->y.row;
    if (d->mode == CNN_BORDER_CONSTANT)
        fill_pixels(d, row, -d->left, d->width + d->right, value);
    else
        repeat_pixels(d, row, image + source(d->mode, h, d->height) * d->y.row, -d->left,
                      d->width + d->right);
}

/* The sides of a row of the interior. */
CNN_INLINE void border_sides(const struct cnn_border *d, float *row, float value) {
    if (d->mode == CNN_BORDER_CONSTANT) {
        fill_pixels(d, row, -d->left, 0, value);
        fill_pixels(d, row, d->width, d->width + d->right, value);
    } else {
        repeat_pixels(d, row, row, -d->left, 0);
        repeat_pixels(d, row, row, d->width, d->width + d->right);
    }
}

CNN_PRIMITIVE void cnn_border_part(const struct cnn_border *d, float *y, float value, int64_t first,
                                   int64_t end) {
    const int64_t rows = d->top + d->height + d->bottom;
    for (int64_t piece = first; piece < end; piece++) {
        float *image = y + piece / rows * d->y.image;
        const int64_t h = piece % rows - d->top;
        if (h >= 0 && h < d->height)
            border_sides(d, image + h * d->y.row, value);
        else
            border_row(d, image, h, value);
    }
}

CNN_PRIMITIVE void cnn_border(const struct cnn_border *d, float *y, float value) {
    cnn_border_part(d, y, value, 0, cnn_border_pieces(d));
}
