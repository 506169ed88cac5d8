/* Turns the inside of double quotes into text and interpolated expressions. */
#include <string.h>

#include "lexer/state.h"

void open_string(struct lexer *lexer) {
    lexer->string_start = lexer->start;
    lexer->piece_count = 0;
}

void string_append(struct lexer *lexer, const char *text, size_t length) {
    if (lexer->piece_count == 0) {
        lexer->piece_start = lexer->start;
    }
    size_t needed = lexer->piece_count + length;
    if (needed > lexer->piece_capacity) {
        size_t capacity = needed * 2;
        lexer->piece =
            arena_grow(lexer->arena, lexer->piece, lexer->piece_count, capacity, sizeof(char));
        lexer->piece_capacity = capacity;
    }
    memcpy(lexer->piece + lexer->piece_count, text, length);
    lexer->piece_count = needed;
}

enum token_kind string_text(struct lexer *lexer, struct token *token) {
    token->span = (struct span){lexer->source, lexer->piece_start, lexer->end};
    token->text = arena_strndup(lexer->arena, lexer->piece, lexer->piece_count);
    lexer->piece_count = 0;
    return TOKEN_TEXT;
}

bool open_interpolation(struct lexer *lexer) {
    if (lexer->open_count == LIMIT_NESTING) {
        report_error(lexer->diagnostics, match_span(lexer), E0902_NESTED_TOO_DEEPLY,
                     "nested more than %d deep", LIMIT_NESTING);
        return false;
    }
    lexer->open[lexer->open_count++] =
        (struct open_string){.start = lexer->string_start, .interpolation = lexer->start};
    return true;
}

void open_brace(struct lexer *lexer) {
    if (lexer->open_count) {
        lexer->open[lexer->open_count - 1].braces++;
    }
}

bool close_brace(struct lexer *lexer) {
    if (lexer->open_count == 0) {
        return true;
    }
    struct open_string *open = &lexer->open[lexer->open_count - 1];
    if (open->braces > 0) {
        open->braces--;
        return true;
    }
    lexer->string_start = open->start;
    lexer->open_count--;
    return false;
}

void reject_escape(struct lexer *lexer, const char *text) {
    size_t length = lexer->end - lexer->start;
    struct diagnostic *error =
        report_error(lexer->diagnostics, match_span(lexer), E0107_UNKNOWN_ESCAPE,
                     "unknown escape '%s' in a string", printable(lexer->arena, text, length));
    add_help(lexer->diagnostics, error, "the escapes are \\n \\t \\\" \\\\ \\{");
}

/* Ends every string that is open: what follows the line's end is not meant to be in them. */
static enum token_kind end_strings(struct lexer *lexer) {
    lexer->open_count = 0;
    return TOKEN_INVALID;
}

enum token_kind unclosed_string(struct lexer *lexer) {
    struct span span = {lexer->source, lexer->string_start, lexer->end};
    report_error(lexer->diagnostics, span, E0106_STRING_NOT_CLOSED,
                 "the string is not closed on its line");
    return end_strings(lexer);
}

enum token_kind unclosed_interpolation(struct lexer *lexer) {
    uint32_t start = lexer->open[lexer->open_count - 1].interpolation;
    struct span span = {lexer->source, start, lexer->end};
    struct diagnostic *error = report_error(lexer->diagnostics, span, E0106_STRING_NOT_CLOSED,
                                            "'{' in a string is not closed on its line");
    add_help(lexer->diagnostics, error, "a brace that is meant as text is written \\{");
    return end_strings(lexer);
}
