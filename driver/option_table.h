/* The words of the command line as tables: commands, options and what options take. */
#ifndef CNNC_DRIVER_OPTION_TABLE_H
#define CNNC_DRIVER_OPTION_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "lexer/arena.h"

enum option_id {
#define OPTION(id, ...) OPTION_##id,
#include "driver/options.def"
#undef OPTION
    OPTION_COUNT
};

/* What kind of argument an option takes; shells complete by it. */
enum takes {
    TAKES_NOTHING,
    TAKES_WORD,            /* one of its words */
    TAKES_WORD_OR_NOTHING, /* only as --option=word; by itself it means the first */
    TAKES_TEXT,
    TAKES_FILE,
    TAKES_WEIGHTS,
    TAKES_CPU,
    TAKES_CODES, /* of warnings */
};

struct option_word {
    const char *text;
    int value;
};

struct option {
    enum option_id id;
    const char *text; /* "-o", "--cpu" */
    enum takes takes;
    const struct option_word *words; /* the only arguments allowed, ended by NULL; or NULL */
    const char *argument;            /* what --help calls it; NULL: by its words */
    const char *help;
};

/* What the first word says is wanted. */
enum command {
    COMMAND_COMPILE,
    COMMAND_EXPLAIN,
    COMMAND_WEIGHTS,
    COMMAND_INIT,
    COMMAND_RUN,
    COMMAND_IMPORT
};

/* A way to call cnnc. */
struct usage {
    enum command command;
    const char *word; /* the first one; NULL: none */
    const char *arguments;
    const char *help;
};

extern const struct option option_table[OPTION_COUNT];
extern const struct usage usage_table[]; /* ended by one without arguments */

/* "FILE", "exe|obj|asm", or NULL where the option takes none. */
const char *option_argument(struct arena *arena, const struct option *option);
/* The option with its argument as it is written: "-o FILE", "-O0|1|2|3", "--report[=table|json]".
 */
const char *option_synopsis(struct arena *arena, const struct option *option);

#endif
