/* Results for people, on stdout. */
#ifndef CNN_PROGRAM_TEXT_H
#define CNN_PROGRAM_TEXT_H

#include "runtime/program/settings.h"
#include "runtime/program/summary.h"

/* The best classes of what run `run` made, a vector for each of the port's images. One image of one
 * file: a line a class, "RANK  LABEL  VALUE" in columns. An image of a batch:
 * "IMAGE<tab>CLASS<tab>LABEL<tab>VALUE", the last three --top times. An image of several files:
 * "FILE<tab>LABEL<tab>VALUE", the last two --top times, FILE[IMAGE] where the file is a batch. A
 * class without label is called by its index. */
bool text_classes(struct messages *messages, const struct settings *settings,
                  const struct cnn_port *port, const float *values, int64_t run);

/* A map's size and figures, and how to write it to a file. */
void text_summary(const struct settings *settings, const struct cnn_port *port,
                  const struct summary *summary);

#endif
