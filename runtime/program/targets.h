/* Which file each output of each round goes to. */
#ifndef CNN_PROGRAM_TARGETS_H
#define CNN_PROGRAM_TARGETS_H

#include "runtime/program/rounds.h"

/* Of one output: a file, a folder with a file for each round, or, both NULL, none: it is printed.
 */
struct target {
    const char *file, *folder;
};

struct targets {
    const struct rounds *rounds;
    const struct options *options;
    struct target *items; /* by output */
};

/* Sorts the words of -o, and fails unless every round writes to files of its own, none of which it
 * reads. targets_free in any case. */
bool targets_plan(struct messages *messages, struct targets *targets, const struct rounds *rounds,
                  const struct options *options);
void targets_free(struct targets *targets);

/* Makes the folders that are not there. */
bool targets_make_folders(struct messages *messages, const struct targets *targets);

/* Sets *path, from malloc, to where `output` of the round goes; NULL: nowhere. In a folder a file
 * is called after the round's: STEM.SUFFIX, or STEM.OUTPUT.SUFFIX where the network has several
 * outputs. */
bool target_path(struct messages *messages, const struct targets *targets, int64_t round,
                 int64_t output, char **path);

#endif
