/* Words FILE and NAME=FILE of the command line, and the inputs or outputs that they name. */
#ifndef CNN_PROGRAM_PORTS_H
#define CNN_PROGRAM_PORTS_H

#include "runtime/program.h"
#include "runtime/program/message.h"

struct ports {
    const char *kind; /* "input" or "output" */
    const struct cnn_port *items;
    int64_t count;
};

/* The port whose name stands before an '=' at the beginning of `word`, or -1; *file is then what
 * follows the '=', else the word. */
int64_t named_port(const struct ports *ports, const char *word, const char **file);

/* " (a, b)", as much of it as fits; without the ports that `skip` is true for, where it is given.
 */
const char *port_names(const struct ports *ports, const bool *skip, struct shown *names);

#endif
