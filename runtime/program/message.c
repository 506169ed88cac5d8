/* Failures and warnings to stderr, foreign text escaped. */
#include "runtime/program/message.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include "runtime/program/utf8.h"

static void print_message(struct messages *messages, const char *kind, const char *format,
                          va_list arguments) {
    fflush(stdout);
    progress_hide(&messages->progress);
    fprintf(stderr, "%s: %s: ", messages->program, kind);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
}

bool fail(struct messages *messages, enum exit_code code, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    print_message(messages, "error", format, arguments);
    va_end(arguments);
    messages->code = code;
    return false;
}

bool fail_memory(struct messages *messages, const char *what) {
    return fail(messages, EXIT_MEMORY, "not enough memory for %s", what);
}

void warn(struct messages *messages, const char *format, ...) {
    if (messages->quiet)
        return;
    va_list arguments;
    va_start(arguments, format);
    print_message(messages, "warning", format, arguments);
    va_end(arguments);
}

bool flush_text(struct messages *messages) {
    if (!fflush(stdout) && !ferror(stdout))
        return true;
    return fail(messages, EXIT_IO, "cannot write standard output: %s", strerror(errno));
}

/* The length of the printable UTF-8 character at `text`; 0: the byte there begins none. */
static size_t printable_length(const unsigned char *text) {
    uint32_t code;
    size_t length = utf8_character(text, &code);
    bool control = code < 0x20 || (code >= 0x7f && code < 0xa0);
    /* marks that change the direction of what follows could disguise a name */
    bool direction = (code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
    return control || direction || code == '\\' ? 0 : length;
}

enum { PIECE = 5 }; /* bytes of the longest piece, with its NUL */

/* Writes the next character of *text, or its escape, and advances; false at the end. */
static bool next_piece(const char **text, char piece[PIECE]) {
    const unsigned char *at = (const unsigned char *)*text;
    if (!*at)
        return false;
    size_t length = printable_length(at);
    if (length) {
        memcpy(piece, at, length);
        piece[length] = '\0';
    } else if (*at == '\\') {
        length = 1;
        strcpy(piece, "\\\\");
    } else {
        length = 1;
        snprintf(piece, PIECE, "\\x%02x", *at);
    }
    *text += length;
    return true;
}

const char *show(struct shown *shown, const char *text) {
    static const char tail[] = "...";
    size_t used = 0;
    char piece[PIECE];
    while (next_piece(&text, piece)) {
        size_t length = strlen(piece);
        if (used + length + sizeof tail > sizeof shown->text) {
            strcpy(shown->text + used, tail);
            return shown->text;
        }
        memcpy(shown->text + used, piece, length);
        used += length;
    }
    shown->text[used] = '\0';
    return shown->text;
}

int shown_width(const char *text) {
    int width = 0;
    for (; *text; text++)
        width += (*text & 0xc0) != 0x80; /* not the later bytes of a character */
    return width;
}

void print_escaped(FILE *stream, const char *text) {
    char piece[PIECE];
    while (next_piece(&text, piece))
        fputs(piece, stream);
}
