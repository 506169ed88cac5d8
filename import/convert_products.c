/* Gemm and MatMul with one known factor as dense layers: a convolution of 1x1 where there are
 * several rows. */
#include <inttypes.h>
#include <string.h>

#include "import/operators.h"
#include "lexer/checked.h"

/* A known matrix [rows, columns] as weights [columns, rows], or as it is; each value scaled. */
static const float *weights_of(struct step *step, const struct operand *matrix, bool transpose,
                               double scale) {
    struct importer *im = step->importer;
    const float *from = constant_floats(im, matrix);
    if (!transpose && scale == 1)
        return from;
    int64_t rows = matrix->dims[0], columns = matrix->dims[1];
    float *values = ARENA_ARRAY(im->arena, float, rows *columns + 1);
    for (int64_t r = 0; r < rows; r++)
        for (int64_t c = 0; c < columns; c++)
            values[transpose ? c * rows + r : r * columns + c] =
                scale == 1 ? from[r * columns + c] : (float)(scale * (double)from[r * columns + c]);
    return values;
}

/* x . matrix along dimension `dim` of x, which becomes `depth` long. `bias` may be NULL. */
static struct node *product_layer(struct step *step, struct node *x, const struct operand *matrix,
                                  const float *weights, const float *bias, int64_t depth) {
    struct builder *b = step->importer->builder;
    bool vector = x->shape.h == 1 && x->shape.w == 1;
    builder_layer(b, vector ? OP_DENSE : OP_CONV, step->span, label_of(step, matrix), &x, 1);
    if (!vector)
        give_pair(b, "kernel", 1, 1);
    give_integer(b, "depth", depth);
    give_boolean(b, "bias", bias != NULL);
    struct node *node = builder_finish(b);
    if (!node)
        return NULL;
    node->parameters[0]->data = (float *)(uintptr_t)weights;
    if (bias)
        node->parameters[1]->data = (float *)(uintptr_t)bias;
    return node;
}

static bool wants_known_matrix(struct step *step, const struct operand *matrix) {
    if (is_constant(matrix) && matrix->rank == 2 && operand_count(matrix))
        return true;
    return refuse(step, E1003_ONNX_OPERATOR,
                  "it is supported where one factor is a known matrix; `%s` of %s is not",
                  matrix->name, operand_text(step->importer, matrix));
}

static bool wants_equal(struct step *step, int64_t inner, int64_t rows) {
    return inner == rows ||
           refuse(step, E1004_ONNX_FORM, "%" PRId64 " columns times %" PRId64 " rows", inner, rows);
}

/* A known bias that all rows share, scaled; NULL where it is something else. */
static const float *row_bias(struct step *step, const struct operand *c, int64_t depth,
                             double scale) {
    if (!is_constant(c) || c->rank > 2 || (c->rank == 2 && c->dims[0] != 1))
        return NULL;
    int64_t count = operand_count(c);
    if (count != depth && count != 1)
        return NULL;
    const float *from = constant_floats(step->importer, c);
    if (count == depth && scale == 1)
        return from;
    float *bias = ARENA_ARRAY(step->importer->arena, float, depth + 1);
    for (int64_t i = 0; i < depth; i++)
        bias[i] = (float)(scale * (double)from[count == 1 ? 0 : i]);
    return bias;
}

bool convert_gemm(struct step *step) {
    struct operand *a = step->inputs[0], *b = step->inputs[1];
    struct operand *c = step->input_count > 2 ? step->inputs[2] : NULL;
    struct builder *builder = step->importer->builder;
    double alpha = attribute_float(step, "alpha", 1), beta = attribute_float(step, "beta", 1);
    attribute_int(step, "broadcast", 0);
    bool turn_a = attribute_int(step, "transA", 0) != 0;
    bool turn_b = attribute_int(step, "transB", 0) != 0;
    if (!wants_floats(step) || !wants_known_matrix(step, b))
        return false;
    if (a->rank != 2)
        return refuse(step, E1004_ONNX_FORM, "its first factor is %s, no matrix",
                      operand_text(step->importer, a));
    struct operand rows = *a;
    if (!operand_node(step, a))
        return false;
    rows.node = a->node;
    for (int i = 0; i < 2; i++) {
        rows.dims[i] = a->dims[turn_a ? 1 - i : i];
        rows.axes[i] = a->axes[turn_a ? 1 - i : i];
    }
    int64_t depth = b->dims[turn_b ? 0 : 1], dims[2] = {rows.dims[0], depth};
    if (!wants_equal(step, rows.dims[1], b->dims[turn_b ? 1 : 0]))
        return false;
    const float *bias = c && beta != 0 ? row_bias(step, c, depth, beta) : NULL;
    int axes[RANK_MAX] = {AXIS_BATCH, AXIS_CHANNELS};
    struct node *node = node_on_axes(step, &rows, axes);
    if (!node)
        return false;
    node = product_layer(step, node, b, weights_of(step, b, !turn_b, alpha), bias, depth);
    if (!result_node(step, 0, node, a->type, 2, dims, axes))
        return false;
    if (!c || bias || beta == 0)
        return true;
    struct operand product = *step->outputs[0], scaled = *c;
    if (beta != 1) {
        scaled.node = operand_node(step, c);
        if (scaled.node)
            scaled.node =
                builder_with_number(builder, OP_MUL, step->span, scaled.node, beta, false);
        scaled.bytes = NULL;
        memcpy(scaled.axes, c->axes, sizeof scaled.axes);
        if (!scaled.node)
            return false;
    }
    return result_binary(step, 0, OP_ADD, &product, &scaled);
}

struct operand with_one_before(const struct operand *x, int at) {
    struct operand wider = *x;
    wider.rank = x->rank + 1;
    for (int i = x->rank; i > at; i--) {
        wider.dims[i] = x->dims[i - 1];
        wider.axes[i] = x->axes[i - 1];
    }
    wider.dims[at] = 1;
    wider.axes[at] = NO_AXIS;
    return wider;
}

enum { PRODUCTS_MAX = 1 << 26 };

/* [..., M, K, 1] times [..., 1, K, N], summed over K: for products of two tensors, which are few
 * and small in convolutional networks. All M * K * N products lie in memory. */
static bool product_of_tensors(struct step *step, struct operand *a, struct operand *b) {
    struct builder *builder = step->importer->builder;
    struct operand *both[2] = {a, b};
    if (a->rank < 2 || b->rank < 2 || a->rank >= RANK_MAX || b->rank >= RANK_MAX)
        return refuse(step, E1003_ONNX_OPERATOR, "it is supported on matrices, not on %s and %s",
                      operand_text(step->importer, a), operand_text(step->importer, b));
    if (!wants_equal(step, a->dims[a->rank - 1], b->dims[b->rank - 2]))
        return false;
    for (int i = 0; i < 2; i++)
        if (!is_constant(both[i]) && !operand_node(step, both[i]))
            return false;
    struct operand left = with_one_before(a, a->rank), right = with_one_before(b, b->rank - 2);
    struct operand *sides[2] = {&left, &right}, product;
    int64_t dims[RANK_MAX], count = 1;
    int rank;
    if (!joint_dims(step, sides, 2, &rank, dims))
        return false;
    for (int i = 0; i < rank; i++)
        if (!checked_mul(count, dims[i], &count) || count > PRODUCTS_MAX)
            return refuse(step, E1003_ONNX_OPERATOR,
                          "more than %d products of two tensors are not supported", PRODUCTS_MAX);
    if (!result_binary(step, 0, OP_MUL, &left, &right))
        return false;
    product = *step->outputs[0];
    int inner = rank - 2, axes[RANK_MAX], axis;
    if (product.dims[inner] != 1) {
        struct node *node = node_along(step, &product, inner, true, axes, &axis);
        if (!node)
            return false;
        builder_layer(builder, OP_SUM, step->span, NULL, &node, 1);
        give_axes(builder, "axes", &axis, 1);
        product.node = builder_finish(builder);
        product.dims[inner] = 1;
        memcpy(product.axes, axes, sizeof axes);
    }
    return product.node && result_without_dim(step, &product, inner);
}

/* x of any rank times a known matrix, along the last dimension of x; or a known matrix times x,
 * along the last but one. */
static bool product_with_matrix(struct step *step, struct operand *a, struct operand *b) {
    bool left_known = is_constant(a) && !is_constant(b);
    struct operand *x = left_known ? b : a, *matrix = left_known ? a : b;
    if (!wants_known_matrix(step, matrix))
        return false;
    int dim = x->rank - (left_known && x->rank > 1 ? 2 : 1), axes[RANK_MAX];
    if (dim < 0)
        return refuse(step, E1004_ONNX_FORM, "a factor is a single number");
    if (!wants_equal(step, x->dims[dim], matrix->dims[left_known ? 1 : 0]))
        return false;
    int64_t depth = matrix->dims[left_known ? 0 : 1], dims[RANK_MAX];
    memcpy(dims, x->dims, sizeof x->dims);
    dims[dim] = depth;
    struct node *node = node_with_channels(step, x, dim, axes);
    if (!node)
        return false;
    node = product_layer(step, node, matrix, weights_of(step, matrix, !left_known, 1), NULL, depth);
    return result_node(step, 0, node, x->type, x->rank, dims, axes);
}

bool result_matmul(struct step *step, struct operand *a, struct operand *b) {
    bool known = is_constant(b) && b->rank == 2;
    return known || (is_constant(a) && a->rank == 2) ? product_with_matrix(step, a, b)
                                                     : product_of_tensors(step, a, b);
}

bool convert_matmul(struct step *step) {
    return wants_floats(step) && result_matmul(step, step->inputs[0], step->inputs[1]);
}
