/* Which file belongs to which input and which output. */
#ifndef CNN_PROGRAM_ASSIGN_H
#define CNN_PROGRAM_ASSIGN_H

#include "runtime/program/options.h"

/* paths[i]: the file of input i. NAME=FILE takes its input, the others take the rest in order.
 * Every input must have one. */
bool assign_inputs(struct messages *messages, const struct cnn_program *program,
                   const struct options *options, const char **paths);

/* paths[i]: the file of output i, or NULL where none was asked for; from malloc, the caller's. A
 * folder, made if it is not there, takes every output that has no file of its own. */
bool assign_outputs(struct messages *messages, const struct cnn_program *program,
                    const struct options *options, char **paths);

#endif
