/* Convolutions whose windows are runs of floats: 1x1, and those of one window, as dense layers are.
 * As matrix products they read each block of weights once for many rows. */
#include "codegen/algorithms.h"

#include "codegen/integers.h"
#include "codegen/tiles.h"

/* A block of weights takes about half of the nearest cache, its rows of inputs as much, sums a
 * small part of the second. */
enum { BLOCK_TERMS = 256, BLOCK_ROWS = 64, SUMS = 8 * 1024 };

/* Of several images: these kernels take several times as long to compile as cnn_conv's. */
bool is_product(const struct node *node) {
    enum { SEVERAL = 4 };
    const struct attributes *a = &node->attributes;
    if (node->op != OP_CONV || a->groups != 1 || images_in_pass(node) < SEVERAL)
        return false;
    struct shape x = node->inputs[0]->shape, y = node->shape;
    bool point = a->kernel[0] == 1 && a->kernel[1] == 1;
    bool picture = a->kernel[0] == x.h && a->kernel[1] == x.w && y.h == 1 && y.w == 1;
    return point || picture;
}

struct cnn_product product_descriptor(const struct target *target, const struct node *node) {
    const int64_t *kernel = node->attributes.kernel;
    struct cnn_product d = {
        .batch = images_in_pass(node),
        .out_height = node->shape.h,
        .out_width = node->shape.w,
        .channels = node->inputs[0]->shape.c * kernel[0] * kernel[1],
        .out_channels = node->shape.c,
    };
    int64_t rows = d.batch * d.out_height * d.out_width;
    d.block_terms = even_portion(d.channels, BLOCK_TERMS);
    choose_tile(target, rows, d.out_channels, d.block_terms, &d.tile_pixels, &d.tile_vectors);
    d.block_rows = round_up(smaller(BLOCK_ROWS, rows), d.tile_pixels);
    int64_t panel = d.tile_vectors * target->vector_width;
    int64_t panels = rounded_up_quotient(d.out_channels, panel);
    d.panels = smaller(panels, 1 + SUMS / (d.block_rows * panel));
    return d;
}

int64_t product_floats(const struct target *target, const struct node *node) {
    struct cnn_product d = product_descriptor(target, node);
    return cnn_product_floats(&d, target->vector_width);
}
