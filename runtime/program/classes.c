/* A vector of values to the best classes. */
#include "runtime/program/classes.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct class {
    float value;
    int64_t index;
};

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

/* From malloc; NULL after a failure. */
static struct class *sort_classes(struct messages *messages, const float *values, int64_t count) {
    struct class *classes = malloc((size_t)count * sizeof *classes);
    if (!classes) {
        fail_memory(messages, "the classes");
        return NULL;
    }
    for (int64_t i = 0; i < count; i++)
        classes[i] = (struct class){values[i], i};
    qsort(classes, (size_t)count, sizeof *classes, compare);
    return classes;
}

static const char *label_of(const struct cnn_port *port, int64_t index) {
    return index < port->label_count ? port->labels[index] : NULL;
}

/* Characters that the label takes, escapes as they are. */
static int label_width(const struct cnn_port *port, int64_t index) {
    const char *label = label_of(port, index);
    if (!label)
        return snprintf(NULL, 0, "%lld", (long long)index);
    int width = 0;
    for (const char *at = SHOWN(label); *at; at++)
        width += (*at & 0xc0) != 0x80; /* not the later bytes of a character */
    return width;
}

static void print_label(const struct cnn_port *port, int64_t index) {
    const char *label = label_of(port, index);
    if (label)
        print_escaped(stdout, label);
    else
        printf("%lld", (long long)index);
}

/* printf shows the sign of what is not a number, which means nothing. */
static void print_value(float value) {
    if (isnan(value))
        printf("nan");
    else
        printf("%.6g", value);
}

static int64_t least(int64_t a, int64_t b) {
    return a < b ? a : b;
}

bool classes_print(struct messages *messages, const struct cnn_port *port, const float *values,
                   int64_t top) {
    int64_t count = port->shape[PORT_C];
    struct class *classes = sort_classes(messages, values, count);
    if (!classes)
        return false;
    top = least(top, count);
    int widest = 0;
    for (int64_t rank = 0; rank < top; rank++) {
        int width = label_width(port, classes[rank].index);
        widest = width > widest ? width : widest;
    }
    int rank_width = snprintf(NULL, 0, "%lld", (long long)top);
    for (int64_t rank = 0; rank < top; rank++) {
        int64_t index = classes[rank].index;
        printf("%*lld  ", rank_width, (long long)rank + 1);
        print_label(port, index);
        printf("%*s  ", widest - label_width(port, index), "");
        print_value(classes[rank].value);
        printf("\n");
    }
    free(classes);
    return true;
}

bool classes_print_row(struct messages *messages, const struct cnn_port *port, const float *values,
                       int64_t top, int64_t index) {
    int64_t count = port->shape[PORT_C];
    struct class *classes = sort_classes(messages, values, count);
    if (!classes)
        return false;
    printf("%lld", (long long)index);
    for (int64_t rank = 0; rank < least(top, count); rank++) {
        printf("\t%lld\t", (long long)classes[rank].index);
        print_label(port, classes[rank].index);
        printf("\t");
        print_value(classes[rank].value);
    }
    printf("\n");
    free(classes);
    return true;
}
