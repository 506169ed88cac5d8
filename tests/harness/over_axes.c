/* Reductions and normalisations: their values, and the bounds of their errors. */
#include <float.h>
#include <math.h>

#include "runtime/naive.h"
#include "tests/harness/bounds.h"

/* A sum of n terms is within gamma(n) of the sum of their sizes; what follows moves with it. A
 * product that is too small for float32's precision is off by UNDERFLOW, times the factors to
 * come. */
static void reduce(struct arena *arena, const struct node *node, const struct value *x,
                   struct value *y) {
    const bool *axes = node->attributes.axes;
    double *terms = ARENA_ARRAY(arena, double, x->count),
           *sum = ARENA_ARRAY(arena, double, y->count);
    double *errors = ARENA_ARRAY(arena, double, y->count);
    const char *name = operators[node->op].name;
    double relative = gamma_of(x->count / y->count + 2);
    bool squares = node->op == OP_REDUCE_L2 || node->op == OP_REDUCE_SUM_SQUARE;
    naive_reduce(name, y->y, x->y, x->shape, axes);
    if (node->op == OP_REDUCE_MAX || node->op == OP_REDUCE_MIN) {
        naive_reduce("reduce_max", y->error, x->error, x->shape, axes);
        return;
    }
    for (int64_t i = 0; i < x->count; i++)
        terms[i] = squares ? pow(fabs(x->y[i]) + x->error[i], 2) : fabs(x->y[i]) + x->error[i];
    if (node->op == OP_REDUCE_PROD) {
        naive_reduce(name, errors, terms, x->shape, axes);
        for (int64_t i = 0; i < x->count; i++)
            terms[i] = fmax(terms[i], 1);
        naive_reduce(name, sum, terms, x->shape, axes);
        for (int64_t i = 0; i < y->count; i++)
            y->error[i] = errors[i] * (1 + relative) - fabs(y->y[i]) +
                          (double)(x->count / y->count) * UNDERFLOW * sum[i];
        return;
    }
    naive_reduce("sum", sum, terms, x->shape, axes);
    for (int64_t i = 0; i < x->count; i++)
        terms[i] = squares ? terms[i] - pow(x->y[i], 2) : x->error[i];
    naive_reduce("sum", errors, terms, x->shape, axes);
    for (int64_t i = 0; i < y->count; i++) {
        double error = errors[i] + relative * sum[i], value = y->y[i];
        if (node->op == OP_MEAN)
            error *= (double)y->count / (double)x->count;
        if (node->op == OP_REDUCE_L2)
            error = fmax(sqrt(value * value + error) - value,
                         value - sqrt(fmax(value * value - error, 0))) +
                    2 * U * value;
        if (node->op == OP_REDUCE_LOG_SUM)
            error = value - log(fmax(exp(value) - error, 0)) + 4 * U * fmax(fabs(value), 1);
        y->error[i] = error;
    }
}

/* log(sum of e^x) moves as x does, at most; the sum's terms are off by their exponents' rounding.
 */
static void log_sum_exp(const struct node *node, const struct value *x, struct value *y) {
    const bool *axes = node->attributes.axes;
    double largest = 0;
    naive_reduce(operators[node->op].name, y->y, x->y, x->shape, axes);
    naive_reduce("reduce_max", y->error, x->error, x->shape, axes);
    for (int64_t i = 0; i < x->count; i++)
        largest = fmax(largest, fabs(x->y[i]));
    double relative = gamma_of(x->count / y->count + 16) + 4 * U * largest;
    for (int64_t i = 0; i < y->count; i++)
        y->error[i] += relative + 2 * U * fabs(y->y[i]);
}

/* The relative error of e^(x - max) / sum is that of its exponents, twice, and of the sum. */
static void softmax(const struct node *node, const struct value *x, struct value *y) {
    bool logarithm = node->op == OP_LOG_SOFTMAX;
    int axis = axis_of(&node->attributes);
    naive_softmax(y->y, x->y, x->shape, axis, logarithm);
    double largest = 0, error = 0;
    for (int64_t i = 0; i < x->count; i++) {
        largest = fmax(largest, fabs(x->y[i]));
        error = fmax(error, x->error[i]);
    }
    double relative = 2 * error + U * (double)(x->shape[axis] + 16) + 4 * U * largest;
    for (int64_t i = 0; i < y->count; i++)
        y->error[i] = relative * (logarithm ? 1 + fabs(y->y[i]) : y->y[i]) + (double)FLT_MIN;
}

/* How long the boxes are that a norm is of. */
static void box_of(const struct node *node, const struct value *x, int64_t box[4]) {
    for (int axis = 0; axis < 4; axis++)
        box[axis] = node->attributes.axes[axis] ? x->shape[axis] : 1;
    if (node->op == OP_GROUPNORM)
        box[3] /= node->attributes.groups;
}

/* The figure of element i's box that a walk over the boxes of a tensor left for it, or adds to. */
static double *box_slot(double *slots, const int64_t shape[4], const int64_t box[4], int64_t i) {
    int64_t position[4], slot = 0;
    for (int axis = 3; axis >= 0; axis--) {
        position[axis] = i % shape[axis] / box[axis];
        i /= shape[axis];
    }
    for (int axis = 0; axis < 4; axis++)
        slot = slot * (shape[axis] / box[axis]) + position[axis];
    return &slots[slot];
}

static void box_sums(double *sums, const double *terms, const struct value *x,
                     const int64_t box[4]) {
    for (int64_t i = 0; i < x->count; i++)
        *box_slot(sums, x->shape, box, i) += terms[i];
}

/* The mean's error shifts every value of a box; root mean squares, with epsilon or without, move no
 * further than that of the shifts (the triangle inequality). */
static void norm(struct arena *arena, const struct node *node, const struct value *x,
                 struct value *y) {
    int64_t box[4];
    box_of(node, x, box);
    double count = (double)(box[0] * box[1] * box[2] * box[3]), epsilon = node->attributes.epsilon;
    double relative = gamma_of((int64_t)count + 4);
    double *terms = ARENA_ARRAY(arena, double, x->count),
           *means = ARENA_ARRAY(arena, double, x->count);
    double *shifts = ARENA_ARRAY(arena, double, x->count),
           *rms = ARENA_ARRAY(arena, double, x->count);
    double *squares = ARENA_ARRAY(arena, double, x->count);
    naive_norm(y->y, x->y, x->shape, box, epsilon);
    box_sums(means, x->y, x, box);
    for (int64_t i = 0; i < x->count; i++)
        terms[i] = (x->error[i] + relative * fabs(x->y[i])) / count;
    box_sums(shifts, terms, x, box);
    for (int64_t i = 0; i < x->count; i++) {
        double from_mean = x->y[i] - *box_slot(means, x->shape, box, i) / count;
        terms[i] = from_mean * from_mean / count;
    }
    box_sums(squares, terms, x, box);
    for (int64_t i = 0; i < x->count; i++) {
        double from_mean = x->y[i] - *box_slot(means, x->shape, box, i) / count;
        double shift = x->error[i] + *box_slot(shifts, x->shape, box, i) + U * fabs(from_mean);
        terms[i] = shift * shift / count;
    }
    box_sums(rms, terms, x, box);
    for (int64_t i = 0; i < x->count; i++) {
        double from_mean = x->y[i] - *box_slot(means, x->shape, box, i) / count;
        double shift = x->error[i] + *box_slot(shifts, x->shape, box, i) + U * fabs(from_mean);
        double deviation = sqrt(*box_slot(squares, x->shape, box, i) + epsilon);
        double moved = sqrt(*box_slot(rms, x->shape, box, i)) + relative * deviation;
        double least = fmax(deviation - moved, sqrt(epsilon) * (1 - 4 * U));
        y->error[i] =
            fabs(from_mean) * (1 / least - 1 / deviation) + shift / least + 6 * U * fabs(y->y[i]);
    }
}

/* Where in a layer norm's weight [C, H, W], or in the axes of it that there are, element i looks.
 */
static int64_t weight_index(const struct node *node, const int64_t shape[4], int64_t i) {
    const bool *axes = node->attributes.axes;
    int64_t c = i % shape[3], w = i / shape[3] % shape[2], h = i / shape[3] / shape[2] % shape[1];
    if (node->op != OP_LAYERNORM)
        return c;
    int64_t index = axes[AXIS_CHANNELS] ? c : 0;
    index = axes[AXIS_HEIGHT] ? index * shape[1] + h : index;
    return axes[AXIS_WIDTH] ? index * shape[2] + w : index;
}

static void learned(struct arena *arena, const struct node *node, struct value *y) {
    double *weight = parameter_values(arena, node, 0), *bias = parameter_values(arena, node, 1);
    for (int64_t i = 0; i < y->count && weight; i++) {
        int64_t at = weight_index(node, y->shape, i);
        y->y[i] *= weight[at];
        y->error[i] = y->error[i] * fabs(weight[at]) + U * fabs(y->y[i]);
        y->y[i] += bias ? bias[at] : 0;
        y->error[i] += U * fabs(y->y[i]) + y->error[i] * 2 * U;
    }
}

static void l2norm(struct arena *arena, const struct node *node, const struct value *x,
                   struct value *y) {
    int64_t box[4];
    box_of(node, x, box);
    double p = (double)node->attributes.p, epsilon = node->attributes.epsilon;
    double relative = gamma_of(box[1] * box[2] * box[3] + 4);
    double *terms = ARENA_ARRAY(arena, double, x->count),
           *sums = ARENA_ARRAY(arena, double, x->count);
    double *errors = ARENA_ARRAY(arena, double, x->count);
    naive_lp_norm(y->y, x->y, x->shape, box, p, epsilon);
    for (int64_t i = 0; i < x->count; i++)
        terms[i] = pow(fabs(x->y[i]), p);
    box_sums(sums, terms, x, box);
    for (int64_t i = 0; i < x->count; i++)
        terms[i] = pow(x->error[i], p);
    box_sums(errors, terms, x, box);
    for (int64_t i = 0; i < x->count; i++) {
        double size = pow(*box_slot(sums, x->shape, box, i), 1 / p);
        double moved = pow(*box_slot(errors, x->shape, box, i), 1 / p);
        double least = fmax(size - moved - relative * (size + moved), epsilon);
        y->error[i] = fabs(x->y[i]) * (1 / least - 1 / fmax(size, epsilon)) + x->error[i] / least +
                      6 * U * fabs(y->y[i]);
    }
}

/* x / (bias + alpha / size * s) ^ beta, s within gamma(size) of the sum of squares. */
static void lrn(struct arena *arena, const struct node *node, const struct value *x,
                struct value *y) {
    const struct attributes *a = &node->attributes;
    double *terms = ARENA_ARRAY(arena, double, x->count),
           *errors = ARENA_ARRAY(arena, double, x->count);
    double factor = a->a / (double)a->near;
    for (int64_t i = 0; i < x->count; i++)
        terms[i] = fabs(x->y[i]) + x->error[i];
    naive_near_squares(errors, terms, x->shape, a->near);
    naive_near_squares(y->y, x->y, x->shape, a->near);
    for (int64_t i = 0; i < x->count; i++) {
        double base = a->value + factor * y->y[i];
        double off = fabs(factor) * (errors[i] * (1 + gamma_of(a->near + 4)) - y->y[i]) +
                     4 * U * (fabs(a->value) + fabs(factor * y->y[i]));
        double power = pow(base, a->b);
        double most = fmax(fabs(1 / pow(base - off, a->b) - 1 / power),
                           fabs(1 / pow(base + off, a->b) - 1 / power));
        y->y[i] = x->y[i] / power;
        y->error[i] =
            (fabs(x->y[i]) + x->error[i]) * most + x->error[i] / power + 12 * U * fabs(y->y[i]);
    }
}

/* Values move by no more than the largest error along the axis; a place is known where x is. */
static void topk(const struct node *node, const struct value *x, struct value *y) {
    const struct attributes *a = &node->attributes;
    double error = 0;
    naive_topk(y->y, y->shape, x->y, x->shape, axis_of(a), !a->largest, a->indices, a->last);
    for (int64_t i = 0; i < x->count; i++)
        error = fmax(error, x->error[i]);
    for (int64_t i = 0; i < y->count; i++)
        y->error[i] = a->indices && error > 0 ? (double)x->shape[axis_of(a)] : error;
}

bool evaluate_over_axes(struct arena *arena, const struct node *node, const struct value *x,
                        struct value *y) {
    switch (node->op) {
    case OP_SOFTMAX:
    case OP_LOG_SOFTMAX:
        softmax(node, x, y);
        return true;
    case OP_MEAN:
    case OP_SUM:
    case OP_REDUCE_MAX:
    case OP_REDUCE_MIN:
    case OP_REDUCE_PROD:
    case OP_REDUCE_L1:
    case OP_REDUCE_L2:
    case OP_REDUCE_SUM_SQUARE:
    case OP_REDUCE_LOG_SUM:
        reduce(arena, node, x, y);
        return true;
    case OP_REDUCE_LOG_SUM_EXP:
        log_sum_exp(node, x, y);
        return true;
    case OP_INSTANCENORM:
    case OP_LAYERNORM:
    case OP_GROUPNORM:
        norm(arena, node, x, y);
        learned(arena, node, y);
        return true;
    case OP_L2NORM:
        l2norm(arena, node, x, y);
        return true;
    case OP_ARGMAX:
    case OP_ARGMIN:
    case OP_TOPK:
        topk(node, x, y);
        return true;
    case OP_LRN:
        lrn(arena, node, x, y);
        return true;
    default:
        return false;
    }
}
