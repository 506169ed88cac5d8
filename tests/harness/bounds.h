/* What the evaluation of layers shares: see the head of evaluate.c. */
#ifndef CNNC_TESTS_BOUNDS_H
#define CNNC_TESTS_BOUNDS_H

#include "tests/harness/evaluate.h"

static const double U = 0x1p-24;
/* Half the smallest number: how far rounding moves a result below the smallest normal one (Higham,
 * 2.1). */
static const double UNDERFLOW = 0x1p-150;

static inline double gamma_of(int64_t k) {
    return (double)k * U / (1 - (double)k * U);
}

/* The only axis that is set, channels where none is. */
static inline int axis_of(const struct attributes *a) {
    for (int axis = 0; axis < 4; axis++)
        if (a->axes[axis])
            return axis;
    return AXIS_CHANNELS;
}

/* A parameter in double; NULL where the layer has none. */
static inline double *parameter_values(struct arena *arena, const struct node *node, int index) {
    if (index >= node->parameter_count || !node->parameters[index])
        return NULL;
    const struct tensor *tensor = node->parameters[index];
    int64_t count = tensor_count(tensor);
    double *result = ARENA_ARRAY(arena, double, count);
    for (int64_t i = 0; i < count; i++)
        result[i] = tensor->data[i];
    return result;
}

/* Layers over axes; false for any other. */
bool evaluate_over_axes(struct arena *arena, const struct node *node, const struct value *x,
                        struct value *y);

#endif
