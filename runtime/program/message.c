/* Failures and warnings to stderr, foreign text escaped. */
#include "runtime/program/message.h"

#include <stdarg.h>
#include <stdint.h>
#include <string.h>

static void print_message(const struct messages *messages, const char *kind, const char *format,
                          va_list arguments) {
    fflush(stdout);
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

void warn(const struct messages *messages, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    print_message(messages, "warning", format, arguments);
    va_end(arguments);
}

/* The length of the printable UTF-8 character at `text`; 0: the byte there begins none. */
static size_t printable_length(const unsigned char *text) {
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000}; /* shorter forms are invalid */
    unsigned char first = text[0];
    if (first < 0x80)
        return first >= 0x20 && first != 0x7f && first != '\\';
    size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
    if (first < 0xc2 || first > 0xf4)
        return 0;
    uint32_t code = first & (0x7fu >> length);
    for (size_t i = 1; i < length; i++) {
        if ((text[i] & 0xc0) != 0x80)
            return 0;
        code = code << 6 | (text[i] & 0x3f);
    }
    bool surrogate = code >= 0xd800 && code <= 0xdfff, control = code < 0xa0;
    /* marks that change the direction of what follows could disguise a name */
    bool direction = (code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
    bool valid = code >= least[length] && code <= 0x10ffff && !surrogate;
    return valid && !control && !direction ? length : 0;
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

void print_escaped(FILE *stream, const char *text) {
    char piece[PIECE];
    while (next_piece(&text, piece))
        fputs(piece, stream);
}
