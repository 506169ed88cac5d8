/* The classes with the greatest values. */
#ifndef CNN_PROGRAM_CLASSES_H
#define CNN_PROGRAM_CLASSES_H

#include "runtime/program/tensor.h"

struct class {
    float value;
    int64_t index;
};

/* The *top greatest of the port's channels, best first; of equals the first. Values that are not
 * numbers come last. *top becomes the number of channels where it is more. From malloc, NULL after
 * a failure. */
struct class *best_classes(struct messages *messages, const struct cnn_port *port,
                           const float *values, int64_t *top);

/* The name of a class, or NULL. */
const char *class_label(const struct cnn_port *port, int64_t index);

#endif
