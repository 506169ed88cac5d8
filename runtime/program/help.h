/* What a program says of itself. */
#ifndef CNN_PROGRAM_HELP_H
#define CNN_PROGRAM_HELP_H

#include "runtime/program.h"

void print_help(const struct cnn_program *program, const char *name);
void print_version(const struct cnn_program *program);
/* Layers, fields and costs, as the compiler reported them, and the memory that a run takes. */
void print_info(const struct cnn_program *program);

#endif
