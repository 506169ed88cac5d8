/* A vector of values to the best classes. */
#include "runtime/program/classes.h"

#include <math.h>
#include <stdlib.h>

/* Best first; a total order, so that sorting is the same everywhere. */
static int compare(const void *left, const void *right) {
    const struct class *a = left, *b = right;
    bool a_number = !isnan(a->value), b_number = !isnan(b->value);
    if (a_number != b_number)
        return a_number ? -1 : 1;
    if (a_number && a->value != b->value)
        return a->value > b->value ? -1 : 1;
    return a->index < b->index ? -1 : 1;
}

struct class *best_classes(struct messages *messages, const struct cnn_port *port,
                           const float *values, int64_t *top) {
    int64_t count = port->shape[PORT_C];
    struct class *classes = malloc((size_t)count * sizeof *classes);
    if (!classes) {
        fail_memory(messages, "the classes");
        return NULL;
    }
    for (int64_t i = 0; i < count; i++)
        classes[i] = (struct class){values[i], i};
    qsort(classes, (size_t)count, sizeof *classes, compare);
    *top = *top < count ? *top : count;
    return classes;
}

const char *class_label(const struct cnn_port *port, int64_t index) {
    return index < port->label_count ? port->labels[index] : NULL;
}
