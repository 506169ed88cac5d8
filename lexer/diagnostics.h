/* Diagnostics are collected, then sorted by place and printed once, at most 20 of them:
 *
 *     file:line:column: error: message [E0412]
 *         7 |     the line
 *           |     ^^^^
 *     file:4:12: note: message
 *     help: message
 */
#ifndef CNNC_LEXER_DIAGNOSTICS_H
#define CNNC_LEXER_DIAGNOSTICS_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>

#include "lexer/messages.h"
#include "lexer/source.h"

enum severity { SEVERITY_WARNING, SEVERITY_ERROR };

/* What ends a compilation, in the order of the exit codes. */
enum exit_code {
    EXIT_DONE = 0,
    EXIT_INPUT = 1,
    EXIT_USAGE = 2,
    EXIT_LIMIT = 3,
    EXIT_IO = 4,
    EXIT_MEMORY = 5,
    EXIT_INTERNAL = 70,
};

struct note {
    struct span span;
    bool has_place; /* false: a "help:" line */
    const char *text;
    struct note *next;
};

struct diagnostic {
    enum severity severity;
    enum message message;
    struct span span;
    bool has_place; /* false: printed as "cnnc: error: ..." */
    const char *text;
    struct note *notes, *last_note;
};

struct diagnostics {
    struct arena *arena;
    struct sources *sources;
    struct diagnostic *items; /* never moves, so that pointers into it last */
    size_t count, capacity;
    size_t error_count;
    size_t dropped; /* beyond LIMIT_DIAGNOSTICS_KEPT: counted only */
    bool no_warnings;
    bool allowed[MESSAGE_COUNT]; /* warnings of these kinds are not wanted */
};

/* How text is printed. */
struct print_style {
    bool colour; /* with the escape sequences of terminals */
    bool hint;   /* a last line says how to learn more */
};

/* Each appends one diagnostic; a second one with the same place and text is dropped (the returned
 * pointer is then of the first). Notes and help are attached to it. */
struct diagnostic *report_error(struct diagnostics *diagnostics, struct span span,
                                enum message message, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
struct diagnostic *report_warning(struct diagnostics *diagnostics, struct span span,
                                  enum message message, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/* An error of no place in a source: a file that cannot be opened, a weights file's header. */
struct diagnostic *report_plain_error(struct diagnostics *diagnostics, enum message message,
                                      const char *format, ...)
    __attribute__((format(printf, 3, 4)));
struct diagnostic *report_plain_warning(struct diagnostics *diagnostics, enum message message,
                                        const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Something was reported at exactly this place. */
bool reported_at(const struct diagnostics *diagnostics, struct span span);
void add_note(struct diagnostics *diagnostics, struct diagnostic *to, struct span span,
              const char *format, ...) __attribute__((format(printf, 4, 5)));
void add_help(struct diagnostics *diagnostics, struct diagnostic *to, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Messages of one place that differ in numbers only, as a loop makes them, are printed as the first
 * of them. */
void print_diagnostics(const struct diagnostics *diagnostics, FILE *stream,
                       struct print_style style);
/* All diagnostics in the order in which they are printed, in an array of the arena. */
const struct diagnostic **sorted_diagnostics(const struct diagnostics *diagnostics,
                                             struct arena *arena);

/* The candidate nearest to `word` by edit distance, or NULL where none is near enough to suggest.
 */
const char *nearest_name(const char *word, const char *const *candidates, size_t count);
/* Text from a file, made fit to print: control bytes and broken UTF-8 become \xNN. */
const char *printable(struct arena *arena, const char *text, size_t length);

#endif
