/* Indices of MaxPool, and MaxUnpool, which puts values there. Layers count the pixels of a picture;
 * ONNX counts the whole tensor, [N, C, H, W], and the pixels row by row or column by column. */
#include <float.h>
#include <inttypes.h>
#include <string.h>

#include "import/operators.h"
#include "ir/weights/stored.h"
#include "lexer/checked.h"
#include "lexer/limits.h"

/* Up to here every integer is a float. */
enum { INDICES_MAX = 1 << FLT_MANT_DIG };

static int64_t pixels_of(const struct operand *x) {
    return x->rank == 4 ? x->dims[2] * x->dims[3] : x->dims[2];
}

/* Where each picture of a tensor begins: a number for each image and channel. */
static struct operand *picture_starts(struct step *step, int rank, const int64_t *dims,
                                      int64_t pixels) {
    int64_t each[RANK_MAX], count = dims[0] * dims[1], all;
    if (!checked_mul(count, pixels, &all) || all > INDICES_MAX) {
        refuse(step, E1009_ONNX_TOO_LARGE,
               "indices in %" PRId64 " pictures of %" PRId64
               " pixels are too large: a float counts to %d",
               count, pixels, INDICES_MAX);
        return NULL;
    }
    for (int i = 0; i < rank; i++)
        each[i] = i < 2 ? dims[i] : 1;
    struct operand *starts = step_constant(step, ONNX__DATA_TYPE__FLOAT, rank, each);
    for (int64_t i = 0; starts && i < count; i++)
        set_real_at(starts, i, (double)(i * pixels));
    if (starts)
        starts->name = "starts";
    return starts;
}

/* Pixels counted row by row, counted column by column: i mod W * H + floor(i / W). */
static struct node *by_columns(struct step *step, struct node *places, struct shape picture) {
    struct node *rows = number_layer(step, OP_DIV, places, (double)picture.w);
    rows = rows ? layer_of(step, OP_FLOOR, &rows, 1) : NULL;
    struct node *columns = number_layer(step, OP_MOD, places, (double)picture.w);
    return pair_layer(step, OP_ADD, number_layer(step, OP_MUL, columns, (double)picture.h), rows);
}

/* Of places in each picture those in the tensor, or the other way round. */
static struct node *moved_by_starts(struct step *step, enum op op, struct node *places, int rank,
                                    const int64_t *dims, int64_t pixels) {
    struct operand *starts = picture_starts(step, rank, dims, pixels);
    if (!starts || operand_count(starts) == 1)
        return starts ? places : NULL;
    return pair_layer(step, op, places, node_on_usual_axes(step, starts));
}

bool result_pool_indices(struct step *step, struct node *places) {
    struct operand *x = step->inputs[0];
    if (places && attribute_int(step, "storage_order", 0))
        places = by_columns(step, places, places->inputs[0]->shape);
    if (places)
        places = moved_by_starts(step, OP_ADD, places, x->rank, x->dims, pixels_of(x));
    if (!result_picture(step, 1, places, x->rank))
        return false;
    step->outputs[1]->type = ONNX__DATA_TYPE__INT64;
    return true;
}

/* The size that the window's attributes give: where the indices count. */
static bool size_before_pooling(struct step *step, int64_t size[2]) {
    const struct operand *x = step->inputs[0];
    int64_t kernel[2], stride[2], pads[4];
    size_t count;
    attribute_ints(step, "kernel_shape", &count);
    if (!count)
        return refuse(step, E1004_ONNX_FORM, "it has no `kernel_shape`");
    if (!spatial_pair(step, "kernel_shape", x->rank, 1, kernel) ||
        !spatial_pair(step, "strides", x->rank, 1, stride) || !read_pads(step, x->rank, pads))
        return false;
    for (int axis = 0; axis < 2; axis++) {
        int64_t windows = axis ? x->dims[x->rank - 1] : x->rank == 4 ? x->dims[2] : 1;
        if (!checked_mul(windows - 1, stride[axis], &size[axis]) ||
            !checked_add(size[axis], kernel[axis], &size[axis]) ||
            !checked_sub(size[axis], pads[axis ? LEFT : TOP], &size[axis]) ||
            !checked_sub(size[axis], pads[axis ? RIGHT : BOTTOM], &size[axis]) || size[axis] < 1 ||
            size[axis] > LIMIT_DIMENSION)
            return refuse(step, E1004_ONNX_FORM,
                          "%" PRId64 " windows of %" PRId64 ", %" PRId64
                          " apart, without pads of %" PRId64 " and %" PRId64 ", are of no picture",
                          windows, kernel[axis], stride[axis], pads[axis ? LEFT : TOP],
                          pads[axis ? RIGHT : BOTTOM]);
    }
    return true;
}

/* Rows and columns of zeros at the end, up to `output_shape`. */
static bool read_rest(struct step *step, const int64_t size[2], int64_t sides[4]) {
    const struct operand *x = step->inputs[0];
    const int64_t *wanted;
    size_t count;
    memset(sides, 0, 4 * sizeof *sides);
    if (!integers_of_input(step, 2, "its output shape", &wanted, &count))
        return false;
    if (!count)
        return true;
    bool fits = count == (size_t)x->rank && wanted[0] == x->dims[0] && wanted[1] == x->dims[1];
    for (int axis = x->rank == 4 ? 0 : 1; fits && axis < 2; axis++) {
        int64_t all = wanted[x->rank - 2 + axis];
        fits = all >= size[axis] && all <= LIMIT_DIMENSION;
        sides[axis ? RIGHT : BOTTOM] = fits ? all - size[axis] : 0;
    }
    return fits ||
           refuse(step, E1004_ONNX_FORM,
                  "an output shape of %s, where %s of %" PRId64 "x%" PRId64 " pixels is unpooled",
                  dimensions_text(step->importer->arena, wanted, (int)count),
                  operand_text(step->importer, x), size[0], size[1]);
}

static struct node *unpool_layer(struct step *step, struct node *x, struct node *places,
                                 const int64_t size[2], const int64_t sides[4]) {
    struct builder *b = step->importer->builder;
    if (!x || !places)
        return NULL;
    builder_layer(b, OP_UNPOOL, step->span, NULL, (struct node *[]){x, places}, 2);
    give_pair(b, "size", size[0], size[1]);
    struct node *node = builder_finish(b);
    if (!node || !(sides[BOTTOM] || sides[RIGHT]))
        return node;
    builder_layer(b, OP_PAD, step->span, NULL, &node, 1);
    give_sides(b, "sides", sides);
    return builder_finish(b);
}

bool convert_max_unpool(struct step *step) {
    struct operand *x = step->inputs[0], *indices = step->inputs[1];
    int64_t size[2], sides[4];
    if (!wants_float_data(step) || !wants_pictures(step, x) || !size_before_pooling(step, size) ||
        !read_rest(step, size, sides))
        return false;
    if (indices->rank != x->rank || memcmp(indices->dims, x->dims, (size_t)x->rank * 8) != 0)
        return refuse(step, E1004_ONNX_FORM, "indices of %s for %s",
                      operand_text(step->importer, indices), operand_text(step->importer, x));
    struct node *node = node_on_usual_axes(step, x);
    struct node *places = node ? node_on_usual_axes(step, indices) : NULL;
    if (places)
        places = moved_by_starts(step, OP_SUB, places, x->rank, x->dims, size[0] * size[1]);
    return result_picture(step, 0, unpool_layer(step, node, places, size, sides), x->rank);
}
