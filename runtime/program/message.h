/* What the program says on stderr, and the exit code that goes with it. Text that comes from files
 * or the command line is escaped before it is printed. */
#ifndef CNN_PROGRAM_MESSAGE_H
#define CNN_PROGRAM_MESSAGE_H

#include <stdbool.h>
#include <stdio.h>

#include "runtime/program/progress.h"

enum exit_code {
    EXIT_DONE = 0,
    EXIT_INPUT = 1, /* a file holds something wrong */
    EXIT_USAGE = 2,
    EXIT_IO = 4,
    EXIT_MEMORY = 5,
    EXIT_INTERNAL = 70,
};

struct messages {
    const char *program;
    enum exit_code code; /* of the last failure; EXIT_DONE: none */
    bool quiet;          /* no warnings */
    struct progress progress;
};

/* Prints "PROGRAM: error: ...", keeps the code and returns false. */
bool fail(struct messages *messages, enum exit_code code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Fails with EXIT_MEMORY: there is no memory for `what`. */
bool fail_memory(struct messages *messages, const char *what);

/* Prints "PROGRAM: warning: ...", but if quiet. */
void warn(struct messages *messages, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Everything printed on stdout leaves the program; a failure is EXIT_IO. */
bool flush_text(struct messages *messages);

struct shown {
    char text[256];
};

/* The text with everything but printable UTF-8 as \xNN; the tail of a long one is "...". */
const char *show(struct shown *shown, const char *text);

/* Columns that a text of show() takes on a terminal, where each character takes one. */
int shown_width(const char *text);

/* show() for an argument: valid to the end of the enclosing block. */
#define SHOWN(string) show(&(struct shown){{0}}, string)

/* Prints a text of any length, escaped likewise. */
void print_escaped(FILE *stream, const char *text);

#endif
