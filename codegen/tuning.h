/* Measured choices of how convolutions are computed, and where they are kept. */
#ifndef CNNC_CODEGEN_TUNING_H
#define CNNC_CODEGEN_TUNING_H

#include <stdbool.h>

#include "codegen/codegen.h"
#include "ir/graph.h"
#include "ir/table.h"
#include "lexer/arena.h"
#include "lexer/names.h"

/* How one convolution is computed. */
struct way {
    int64_t winograd;   /* as in struct node */
    struct tuned tuned; /* all 0: what the model says is best */
};

/* Choices by the text of a descriptor. */
struct tuning {
    struct arena *arena;
    struct names *names;
    struct table choices; /* struct way, by interned text */
    size_t measured;      /* of them, now */
    /* NULL, or told how many of so many descriptors have been looked at */
    void (*progress)(size_t done, size_t all);
};

/* What choices hold for: the version of the kernels and this processor, in one line. */
bool tuning_scope(struct arena *arena, const char **scope, const char **error);

/* The text of a file of choices: a head with the scope, and a line for each choice, sorted. */
const char *tuning_text(const struct tuning *tuning, const char *scope);
enum tuning_read {
    TUNING_READ,
    TUNING_OTHER_SCOPE, /* of another version or processor: none is taken */
    TUNING_NOT_ONE,     /* no such file */
};
/* Adds the choices of a text that are not there yet; *broken is the number of its first line that
 * is none, or 0: such lines are left out. The text is NUL-terminated. */
enum tuning_read tuning_parse(struct tuning *tuning, const char *text, const char *scope,
                              int64_t *broken);

struct way *tuning_find(const struct tuning *tuning, const char *descriptor);
void tuning_set(struct tuning *tuning, const char *descriptor, struct way choice);

/* Sets the choice of each convolution of the planned graph, and measures those that are missing.
 * The graph must be planned again. False when the options cannot be met: *error then says why. */
bool tune(struct graph *graph, const struct codegen_options *options, struct tuning *tuning,
          struct arena *arena, const char **error);

#endif
