/* How the results of one round are told. */
#ifndef CNN_PROGRAM_SETTINGS_H
#define CNN_PROGRAM_SETTINGS_H

#include "runtime/program/options.h"

struct settings {
    enum printing printing;
    const char *file; /* what the round is named after */
    bool several;     /* rounds: each takes a line, which begins with the file */
    int64_t batch;    /* runs of the round; 0: one, without an axis for it */
    int64_t top;      /* classes to print; 0: not said */
    bool named;       /* several outputs: what is printed begins with the name */
    bool extremes;    /* pictures: black and white are the minimum and the maximum */
    double low, high; /* else these */
};

#endif
