/* What is to be run: rounds of the network, each with a file for every input. */
#ifndef CNN_PROGRAM_ROUNDS_H
#define CNN_PROGRAM_ROUNDS_H

#include "runtime/program/options.h"
#include "runtime/program/paths.h"

struct rounds {
    const struct cnn_program *program;
    int64_t count, capacity;
    const char **files; /* [count][inputs]; "-": standard input */
    int64_t lead;       /* the input whose file a round is named after */
    struct paths owned; /* the files that were found in folders */
};

/* NAME=FILE is the file of its input in every round. The other words are taken in groups of as many
 * as there are other inputs. A folder stands for its pictures, one a round; the folders of a group
 * go side by side, the n-th picture of each together, with its files in every round.
 * rounds_free in any case. */
bool rounds_plan(struct messages *messages, struct rounds *rounds,
                 const struct cnn_program *program, const struct options *options);
void rounds_free(struct rounds *rounds);

const char *round_file(const struct rounds *rounds, int64_t round, int64_t input);

/* The file that the round is named after: of the first input without NAME=; where all have one, of
 * the first that has a folder, or of the first. */
const char *round_name(const struct rounds *rounds, int64_t round);

#endif
