/* The classes with the greatest values. */
#ifndef CNN_PROGRAM_CLASSES_H
#define CNN_PROGRAM_CLASSES_H

#include "runtime/program/tensor.h"

/* Prints the `top` greatest of the port's channels, best first; of equals the first. Values that
 * are not numbers come last. A class without label is called by its index. classes_print: a line
 * each, "RANK  LABEL  VALUE", in columns. classes_print_row: one line,
 * "INDEX<tab>CLASS<tab>LABEL<tab>VALUE", the last three `top` times. */
bool classes_print(struct messages *messages, const struct cnn_port *port, const float *values,
                   int64_t top);
bool classes_print_row(struct messages *messages, const struct cnn_port *port, const float *values,
                       int64_t top, int64_t index);

#endif
