/* Matrices by their diagonals: EyeLike makes one of ones, Trilu keeps what lies on one side. */
#include "import/operators.h"

/* On or above diagonal k, or on or below it. */
static bool is_kept(int64_t row, int64_t column, int64_t k, bool upper) {
    return upper ? column - row >= k : column - row <= k;
}

/* No diagonal of the matrix is further out. */
static int64_t nearest(int64_t k, int64_t rows, int64_t columns) {
    return k < -rows ? -rows : k > columns ? columns : k;
}

/* Of the size of its input, whatever that holds. */
bool convert_eye_like(struct step *step) {
    const struct operand *x = step->inputs[0];
    int type = data_type(attribute_int(step, "dtype", x->type));
    if (x->rank != 2)
        return refuse(step, E1004_ONNX_FORM, "it makes a matrix, not %s",
                      operand_text(step->importer, x));
    if (!element_size(type))
        return refuse(step, E1003_ONNX_OPERATOR, "the type it makes, %s, is not supported",
                      type_text(type));
    int64_t rows = x->dims[0], columns = x->dims[1];
    int64_t k = nearest(attribute_int(step, "k", 0), rows, columns);
    struct operand *eye = step_constant(step, folded_type(type), 2, x->dims);
    for (int64_t row = 0; eye && row < rows; row++)
        if (row + k >= 0 && row + k < columns)
            set_integer_at(eye, row * columns + row + k, 1);
    return eye && result_is(step, 0, eye);
}

/* Where the mask of the last two dimensions is 0, so is the result, whatever x is there. */
bool convert_trilu(struct step *step) {
    struct operand *x = step->inputs[0];
    const int64_t *given;
    size_t count;
    bool upper = attribute_int(step, "upper", 1) != 0;
    if (!integers_of_input(step, 1, "its diagonal", &given, &count))
        return false;
    if (x->rank < 2 || count > 1)
        return refuse(step, E1004_ONNX_FORM, "%zu diagonals of %s", count,
                      operand_text(step->importer, x));
    const int64_t *dims = x->dims + x->rank - 2;
    int64_t k = count ? nearest(given[0], dims[0], dims[1]) : 0;
    struct operand *mask = step_constant(step, ONNX__DATA_TYPE__FLOAT, 2, dims);
    struct operand *zero = step_constant(step, ONNX__DATA_TYPE__FLOAT, 0, NULL);
    if (!mask || !zero)
        return false;
    mask->name = "mask";
    zero->name = "zero";
    for (int64_t i = 0; i < operand_count(mask); i++)
        set_real_at(mask, i, is_kept(i / dims[1], i % dims[1], k, upper));
    return result_choice(step, (struct operand *[]){mask, x, zero});
}
