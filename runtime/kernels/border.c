/* The border of a tensor whose interior is there: first the sides of the interior's rows, then
 * whole rows above and below. */
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

/* Pixels first..end-1 of one row from their sources in it. */
CNN_INLINE void repeat_pixels(const struct cnn_border *d, float *row, int64_t first, int64_t end) {
    for (int64_t w = first; w < end; w++)
        copy(row + w * d->y.pixel, row + source(d->mode, w, d->width) * d->y.pixel, d->channels);
}

/* Row h of the border, sides included. */
CNN_INLINE void border_row(const struct cnn_border *d, float *image, int64_t h, float value) {
    float *row = image + h * d->y.row;
    if (d->mode == CNN_BORDER_CONSTANT) {
        fill_pixels(d, row, -d->left, d->width + d->right, value);
        return;
    }
    const float *from = image + source(d->mode, h, d->height) * d->y.row;
    for (int64_t w = -d->left; w < d->width + d->right; w++)
        copy(row + w * d->y.pixel, from + w * d->y.pixel, d->channels);
}

CNN_PRIMITIVE void cnn_border(const struct cnn_border *d, float *y, float value) {
    for (int64_t n = 0; n < d->batch; n++) {
        float *image = y + n * d->y.image;
        for (int64_t h = 0; h < d->height; h++) {
            float *row = image + h * d->y.row;
            if (d->mode == CNN_BORDER_CONSTANT) {
                fill_pixels(d, row, -d->left, 0, value);
                fill_pixels(d, row, d->width, d->width + d->right, value);
            } else {
                repeat_pixels(d, row, -d->left, 0);
                repeat_pixels(d, row, d->width, d->width + d->right);
            }
        }
        for (int64_t h = -d->top; h < 0; h++)
            border_row(d, image, h, value);
        for (int64_t h = d->height; h < d->height + d->bottom; h++)
            border_row(d, image, h, value);
    }
}
