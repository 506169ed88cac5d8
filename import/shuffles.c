/* Views of pictures in five and six dimensions: a reshaping that splits dimensions, a transposing,
 * and a reshaping that joins them again are one layer that shuffles channels or pixels. */
#include <string.h>

#include "import/operators.h"

bool result_view(struct step *step, struct operand *whole, int rank, const int64_t *dims,
                 const int *order) {
    struct operand view = {.type = whole->type, .rank = rank, .whole = whole};
    for (int i = 0; i < rank; i++) {
        view.order[i] = order[i];
        view.dims[i] = dims[order[i]];
        view.split[i] = dims[i];
    }
    return result_is(step, 0, &view);
}

bool transpose_view(struct step *step, const struct operand *view, const int *order) {
    int both[RANK_MAX];
    for (int i = 0; i < view->rank; i++)
        both[i] = view->order[order[i]];
    return result_view(step, view->whole, view->rank, view->split, both);
}

static bool is_order(const struct operand *view, int rank, const char *order) {
    for (int i = 0; i < rank; i++)
        if (view->rank != rank || view->order[i] != order[i] - '0')
            return false;
    return true;
}

static bool are_dims(int rank, const int64_t *dims, int64_t n, int64_t c, int64_t h, int64_t w) {
    return rank == 4 && dims[0] == n && dims[1] == c && dims[2] == h && dims[3] == w;
}

static struct node *shuffle_channels(struct step *step, struct node *x, int64_t groups) {
    struct builder *b = step->importer->builder;
    builder_layer(b, OP_CHANNEL_SHUFFLE, step->span, NULL, &x, 1);
    give_integer(b, "groups", groups);
    return builder_finish(b);
}

static struct node *shuffle_pixels(struct step *step, enum op op, struct node *x, int64_t rows,
                                   int64_t columns) {
    struct builder *b = step->importer->builder;
    builder_layer(b, op, step->span, NULL, &x, 1);
    give_pair(b, "factor", rows, columns);
    return builder_finish(b);
}

/* Channels by block: (i, j, c) where pixel_shuffle has (c, i, j). */
static struct node *depth_to_space(struct step *step, struct node *x, int64_t rows, int64_t columns,
                                   bool by_block) {
    if (by_block)
        x = shuffle_channels(step, x, rows * columns);
    return x ? shuffle_pixels(step, OP_PIXEL_SHUFFLE, x, rows, columns) : NULL;
}

static struct node *space_to_depth(struct step *step, struct node *x, int64_t rows, int64_t columns,
                                   bool by_block) {
    int64_t channels = x->shape.c;
    x = shuffle_pixels(step, OP_PIXEL_UNSHUFFLE, x, rows, columns);
    return x && by_block ? shuffle_channels(step, x, channels) : x;
}

/* The picture whose dimensions the view splits: n, then what its order says. */
static struct node *shuffled(struct step *step, const struct operand *view, struct node *x,
                             int rank, const int64_t *dims, bool *known) {
    const int64_t *d = view->split;
    struct shape s = x->shape;
    *known = d[0] == s.n;
    if (is_order(view, 5, "02134") && d[3] == s.h && d[4] == s.w &&
        are_dims(rank, dims, s.n, s.c, s.h, s.w))
        return shuffle_channels(step, x, d[1]);
    bool split_channels = view->rank == 6 && d[4] == s.h && d[5] == s.w;
    if (split_channels && is_order(view, 6, "014253") && d[2] == d[3] &&
        are_dims(rank, dims, s.n, d[1], d[2] * s.h, d[3] * s.w))
        return depth_to_space(step, x, d[2], d[3], false);
    if (split_channels && is_order(view, 6, "034152") && d[1] == d[2] &&
        are_dims(rank, dims, s.n, d[3], d[1] * s.h, d[2] * s.w))
        return depth_to_space(step, x, d[1], d[2], true);
    bool split_pixels = view->rank == 6 && d[1] == s.c && d[2] * d[3] == s.h && d[4] * d[5] == s.w;
    bool by_block = is_order(view, 6, "035124");
    if (split_pixels && (by_block || is_order(view, 6, "013524")) &&
        are_dims(rank, dims, s.n, d[3] * d[5] * s.c, d[2], d[4]))
        return space_to_depth(step, x, d[3], d[5], by_block);
    *known = false;
    return NULL;
}

bool convert_shuffle(struct step *step, const struct operand *view, int rank, const int64_t *dims,
                     bool *known) {
    struct node *x = node_on_usual_axes(step, view->whole);
    *known = true;
    if (!x)
        return false;
    struct node *result = shuffled(step, view, x, rank, dims, known);
    return *known && result_picture(step, 0, result, 4);
}

static struct node *square_picture(struct step *step, int64_t *block) {
    struct operand *x = step->inputs[0];
    *block = attribute_int(step, "blocksize", 0);
    if (x->rank != 4) {
        refuse(step, E1004_ONNX_FORM, "its input is %s, no pictures",
               operand_text(step->importer, x));
        return NULL;
    }
    return node_on_usual_axes(step, x);
}

bool convert_depth_to_space(struct step *step) {
    int64_t block;
    const char *mode = attribute_string(step, "mode", "DCR");
    bool by_block = strcmp(mode, "DCR") == 0;
    if (!by_block && strcmp(mode, "CRD") != 0)
        return refuse(step, E1004_ONNX_FORM, "`mode` is \"%s\"", mode);
    struct node *x = square_picture(step, &block);
    if (x && (block < 1 || x->shape.c % block || x->shape.c / block % block))
        return refuse(step, E1004_ONNX_FORM, "`blocksize` does not fit the channels");
    return x && result_picture(step, 0, depth_to_space(step, x, block, block, by_block), 4);
}

bool convert_space_to_depth(struct step *step) {
    int64_t block;
    struct node *x = square_picture(step, &block);
    return x && result_picture(step, 0, space_to_depth(step, x, block, block, true), 4);
}
