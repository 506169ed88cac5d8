/* Convolutions and products of quantised values: sums of integers.
 *
 * A float counts integers up to 2^24. A sum of products that may become larger is made of parts
 * that cannot, and their total is taken in two halves, so that it is rounded once, as an int32 is
 * where it becomes a float. Rounding such a sum changes nothing, but keeps the scale behind it from
 * being folded into the weights. */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "import/operators.h"
#include "lexer/checked.h"

#define EXACT  0x1p24 /* every integer of at most this size is a float */
#define HALVES 4096.0

/* Known weights less their zero, which is one number or one for each place along `dim`. */
static struct operand *centred_weights(struct step *step, const struct operand *w,
                                       const struct operand *zero, int dim) {
    struct importer *im = step->importer;
    int64_t each = 1;
    if (!wants_known(step, w, "weights", "are"))
        return NULL;
    if (zero && !wants_known(step, zero, "zero", "is"))
        return NULL;
    int64_t count = zero ? operand_count(zero) : 1;
    if (count != 1 && count != w->dims[dim]) {
        refuse(step, E1004_ONNX_FORM, "`%s` is %s for weights of %s", zero->name,
               operand_text(im, zero), operand_text(im, w));
        return NULL;
    }
    struct operand *centred = step_constant(step, ONNX__DATA_TYPE__FLOAT, w->rank, w->dims);
    if (!centred)
        return NULL;
    centred->name = w->name;
    for (int i = dim + 1; i < w->rank; i++)
        each *= w->dims[i];
    for (int64_t i = 0; i < operand_count(w); i++) {
        int64_t at = count == 1 ? 0 : i / each % count;
        int64_t less = zero ? constant_integer(zero, at) : 0;
        set_real_at(centred, i, (double)(constant_integer(w, i) - less));
    }
    return centred;
}

/* x less its zero, which is one number or one for each place along `dim`. */
static bool centre(struct step *step, struct operand *x, struct operand *zero, int dim) {
    struct operand fitting;
    if (!zero)
        return operand_node(step, x) != NULL;
    return along_dim(step, zero, x, dim, &fitting) && apply_operand(step, x, OP_SUB, &fitting);
}

/* Either a convolution or the product with a matrix, on a part of what is summed over. */
struct summing {
    struct operand *x, *w;
    int x_dim, w_dim;   /* that are summed over */
    int64_t groups;     /* of a convolution; 0: a product */
    double magnitude;   /* of x at most */
    double w_magnitude; /* of w at most, where that is no known matrix or filter; else 0 */
};

/* The largest sum of sizes of weights, of those first..first+count-1 along the summed dimension: of
 * each output by itself. */
static double largest_sum(const struct summing *s, int64_t first, int64_t count) {
    const struct operand *w = s->w;
    if (s->w_magnitude > 0)
        return (double)count * s->w_magnitude;
    int64_t outputs = s->w_dim ? w->dims[0] : w->dims[1], taps = 1;
    int64_t by_term = s->w_dim ? 1 : outputs; /* from one term of a sum to the next */
    for (int i = 2; i < w->rank; i++)
        taps *= w->dims[i];
    double largest = 0;
    for (int64_t output = 0; output < outputs; output++) {
        int64_t begin = s->w_dim ? output * w->dims[1] * taps : output;
        double sum = 0;
        for (int64_t term = first * taps; term < (first + count) * taps; term++)
            sum += fabs(constant_real(w, begin + term * by_term));
        largest = fmax(largest, sum);
    }
    return largest;
}

/* The part of an operand along a dimension; of weights, a constant again. */
static bool part_of(struct step *step, const struct operand *whole, int dim, int64_t first,
                    int64_t count, struct operand *part) {
    int64_t dims[RANK_MAX], inner = 1, outer = 1;
    memcpy(dims, whole->dims, sizeof dims);
    dims[dim] = count;
    if (!is_constant(whole)) {
        struct operand copy = *whole;
        if (!result_sliced(step, 0, &copy, dim, first, count, 1))
            return false;
        *part = *step->outputs[0];
        return true;
    }
    struct operand *made = step_constant(step, whole->type, whole->rank, dims);
    if (!made)
        return false;
    for (int i = 0; i < dim; i++)
        outer *= dims[i];
    for (int i = dim + 1; i < whole->rank; i++)
        inner *= dims[i];
    for (int64_t o = 0; o < outer; o++)
        for (int64_t i = 0; i < count * inner; i++)
            set_real_at(made, o * count * inner + i,
                        constant_real(whole, (o * whole->dims[dim] + first) * inner + i));
    made->name = whole->name;
    *part = *made;
    return true;
}

/* The sums of products of x and w, which are exact. */
static bool sum_products(struct step *step, int64_t groups, struct operand *x, struct operand *w,
                         struct operand *sums) {
    if (!(groups ? result_conv(step, x, w, NULL, groups) : result_matmul(step, x, w)))
        return false;
    *sums = *step->outputs[0];
    return apply_layer(step, sums, OP_ROUND);
}

static bool sum_part(struct step *step, const struct summing *s, int64_t first, int64_t count,
                     struct operand *sums) {
    struct operand x, w;
    return part_of(step, s->x, s->x_dim, first, count, &x) &&
           part_of(step, s->w, s->w_dim, first, count, &w) &&
           sum_products(step, s->groups, &x, &w, sums);
}

/* Adds an exact part to a total that is kept in two halves. */
static bool add_part(struct step *step, struct operand total[2], const struct operand *part,
                     bool is_first) {
    struct operand high = *part, low = *part, whole;
    if (!apply_number(step, &high, OP_MUL, 1 / HALVES) || !apply_layer(step, &high, OP_FLOOR))
        return false;
    whole = high;
    if (!apply_number(step, &whole, OP_MUL, HALVES) || !apply_operand(step, &low, OP_SUB, &whole))
        return false;
    if (is_first) {
        total[0] = high;
        total[1] = low;
        return true;
    }
    return apply_operand(step, &total[0], OP_ADD, &high) &&
           apply_operand(step, &total[1], OP_ADD, &low);
}

/* The bias, one number a channel, added to what it fits. */
static bool add_bias(struct step *step, struct operand *sums, const struct operand *bias) {
    struct operand fitting;
    return !bias || (along_dim(step, bias, sums, 1, &fitting) &&
                     apply_operand(step, sums, OP_ADD, &fitting));
}

/* One half of each number of a bias, as totals are kept. */
static struct operand *half_of_bias(struct step *step, const struct operand *bias, int half) {
    struct operand *numbers = step_constant(step, ONNX__DATA_TYPE__FLOAT, bias->rank, bias->dims);
    if (!numbers)
        return NULL;
    numbers->name = bias->name;
    for (int64_t i = 0; i < operand_count(bias); i++) {
        double value = constant_real(bias, i), high = floor(value / HALVES);
        set_real_at(numbers, i, half ? value - high * HALVES : high);
    }
    return numbers;
}

/* Sums that floats do not count: of parts that they do. */
static bool sum_in_parts(struct step *step, const struct summing *s, const struct operand *bias,
                         struct operand *sums) {
    struct operand total[2], part;
    int64_t size = s->w->dims[s->w_dim], first = 0;
    if (s->groups > 1)
        return refuse(step, E1003_ONNX_OPERATOR, "sums beyond 2^24 in groups are not supported");
    while (first < size) {
        int64_t count = size - first;
        while (count > 1 && largest_sum(s, first, count) * s->magnitude >= EXACT)
            count = (count + 1) / 2;
        if (!sum_part(step, s, first, count, &part) || !add_part(step, total, &part, first == 0))
            return false;
        first += count;
    }
    for (int half = 0; bias && half < 2; half++) {
        const struct operand *numbers = half_of_bias(step, bias, half);
        if (!numbers || !add_bias(step, &total[half], numbers))
            return false;
    }
    *sums = total[0];
    return apply_number(step, sums, OP_MUL, HALVES) && apply_operand(step, sums, OP_ADD, &total[1]);
}

/* The exact sums, as floats: rounded once where they are larger than 2^24. */
static bool exact_sums(struct step *step, const struct summing *s, const struct operand *bias,
                       struct operand *sums) {
    double most = largest_sum(s, 0, s->w->dims[s->w_dim]) * s->magnitude, largest_bias = 0;
    if (bias && !wants_known(step, bias, "bias", "is"))
        return false;
    for (int64_t i = 0; bias && i < operand_count(bias); i++)
        largest_bias = fmax(largest_bias, fabs(constant_real(bias, i)));
    if (most + largest_bias >= EXACT)
        return sum_in_parts(step, s, bias, sums);
    return sum_products(step, s->groups, s->x, s->w, sums) && add_bias(step, sums, bias);
}

/* The largest size of a byte less its zero. */
static double magnitude_of(const struct operand *x, const struct operand *zero) {
    bool is_signed = x->type == ONNX__DATA_TYPE__INT8;
    double low = is_signed ? -128 : 0, high = is_signed ? 127 : 255;
    if (!is_constant(zero))
        return zero ? 255 : fmax(-low, high);
    double most = 0;
    for (int64_t i = 0; i < operand_count(zero); i++) {
        double at = (double)constant_integer(zero, i);
        most = fmax(most, fmax(at - low, high - at));
    }
    return most;
}

static bool wants_bytes(struct step *step, const struct operand *x, const struct operand *w) {
    const struct operand *both[2] = {x, w};
    for (int i = 0; i < 2; i++)
        if (both[i]->type != ONNX__DATA_TYPE__UINT8 && both[i]->type != ONNX__DATA_TYPE__INT8)
            return refuse(step, E1004_ONNX_FORM, "`%s` is %s, not bytes", both[i]->name,
                          type_text(both[i]->type));
    return true;
}

/* What is multiplied with, less its zero: a known filter or matrix, or a factor as x is one. */
static bool centre_weights(struct step *step, struct summing *s, const struct operand *given,
                           struct operand *zero, struct operand *factor) {
    if (s->groups || (is_constant(given) && given->rank == 2)) {
        s->w = centred_weights(step, given, zero, s->groups ? 0 : given->rank - 1);
        return s->w != NULL;
    }
    *factor = *given;
    s->w = factor;
    s->w_magnitude = magnitude_of(given, zero);
    bool centred = centre(step, factor, zero, -1);
    factor->type = ONNX__DATA_TYPE__FLOAT;
    return centred;
}

/* The exact sums of a convolution, or of a product, of x and w less their zeros. */
static bool centred_sums(struct step *step, bool product, const struct operand *given,
                         struct operand *x_zero, const struct operand *given_w,
                         struct operand *w_zero, struct operand *bias, struct operand *sums) {
    struct operand x = *given, factor;
    int64_t terms;
    if (!wants_bytes(step, given, given_w))
        return false;
    struct summing s = {.x = &x, .groups = product ? 0 : attribute_int(step, "group", 1)};
    s.x_dim = product ? x.rank - 1 : 1;
    s.w_dim = product ? given_w->rank - 2 : 1;
    if (x.rank < 2 || given_w->rank < 2 || (!product && s.groups < 1) || !operand_count(given_w) ||
        !checked_mul(given_w->dims[s.w_dim], product ? 1 : s.groups, &terms) ||
        terms != x.dims[s.x_dim])
        return refuse(step, E1004_ONNX_FORM, "%s and %s do not fit together",
                      operand_text(step->importer, given), operand_text(step->importer, given_w));
    s.magnitude = magnitude_of(given, x_zero);
    if (!centre_weights(step, &s, given_w, w_zero, &factor) ||
        !centre(step, &x, x_zero, product ? -2 : 0))
        return false;
    x.type = ONNX__DATA_TYPE__FLOAT;
    if (!exact_sums(step, &s, bias, sums))
        return false;
    sums->type = ONNX__DATA_TYPE__INT32;
    return true;
}

static bool integer_sums(struct step *step, bool product) {
    struct operand sums;
    return centred_sums(step, product, step->inputs[0], input_at(step, 2), step->inputs[1],
                        input_at(step, 3), NULL, &sums) &&
           result_is(step, 0, &sums);
}

bool convert_conv_integer(struct step *step) {
    return integer_sums(step, false);
}

bool convert_matmul_integer(struct step *step) {
    return integer_sums(step, true);
}

/* saturate(round(sums * (x_scale * w_scale / y_scale)) + y_zero) */
static bool requantise(struct step *step, struct operand *sums, int dim) {
    const struct operand *scales[3] = {step->inputs[1], step->inputs[4], step->inputs[6]};
    struct operand fitting, zero;
    for (int i = 0; i < 3; i++)
        if (!is_constant(scales[i]) || (i != 1 && operand_count(scales[i]) != 1))
            return refuse(step, E1004_ONNX_FORM, "its scale `%s` is not one known number",
                          scales[i]->name);
    struct operand *factor =
        step_constant(step, ONNX__DATA_TYPE__FLOAT, scales[1]->rank, scales[1]->dims);
    if (!factor)
        return false;
    factor->name = scales[1]->name;
    for (int64_t i = 0; i < operand_count(factor); i++) {
        float product = (float)constant_real(scales[0], 0) * (float)constant_real(scales[1], i);
        set_real_at(factor, i, (double)(product / (float)constant_real(scales[2], 0)));
    }
    sums->type = ONNX__DATA_TYPE__FLOAT;
    return along_dim(step, factor, sums, dim, &fitting) &&
           along_dim(step, step->inputs[7], sums, dim, &zero) &&
           apply_operand(step, sums, OP_MUL, &fitting) &&
           saturate(step, sums, &zero, step->inputs[7]->type);
}

static bool quantised_sums(struct step *step, bool product, struct operand *bias) {
    struct operand sums;
    if (!centred_sums(step, product, step->inputs[0], step->inputs[2], step->inputs[3],
                      step->inputs[5], bias, &sums) ||
        !requantise(step, &sums, product ? sums.rank - 1 : 1))
        return false;
    sums.type = step->inputs[7]->type;
    return result_is(step, 0, &sums);
}

bool convert_qlinear_conv(struct step *step) {
    return quantised_sums(step, false, input_at(step, 8));
}

bool convert_qlinear_matmul(struct step *step) {
    return quantised_sums(step, true, NULL);
}
