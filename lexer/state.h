/* What the scanner keeps between two tokens, and the actions of its rules that are more than a
 * line. */
#ifndef CNNC_LEXER_STATE_H
#define CNNC_LEXER_STATE_H

#include "lexer/lexer.h"
#include "lexer/limits.h"

/* A string in which an expression is being read. */
struct open_string {
    uint32_t start;         /* of the string */
    uint32_t interpolation; /* of the "{" */
    int braces;             /* open within the expression */
};

struct lexer {
    struct arena *arena;
    struct names *names;
    struct diagnostics *diagnostics;
    uint32_t source;
    uint32_t start, end; /* of the match */
    void *scanner;       /* flex's */
    bool finished;       /* a limit was met: only END from here on */
    bool rejected;       /* text of this line was no token: one message about a line is enough */
    struct open_string open[LIMIT_NESTING];
    int open_count;
    uint32_t string_start, piece_start;
    char *piece; /* the text of the string since its start or the last interpolation */
    size_t piece_count, piece_capacity;
};

struct span match_span(const struct lexer *lexer);

/* word.c: names and numbers; `text` is the match. */
enum token_kind lex_word(struct lexer *lexer, struct token *token, const char *text);
enum token_kind lex_integer(struct lexer *lexer, struct token *token, const char *text);
enum token_kind lex_float(struct lexer *lexer, struct token *token, const char *text);
enum token_kind lex_size(struct lexer *lexer, struct token *token, const char *text);
enum token_kind reject_number(struct lexer *lexer, const char *text);
/* A character that starts no token. */
enum token_kind reject(struct lexer *lexer, const char *text);
/* A byte that no string or comment may hold. */
void reject_byte(struct lexer *lexer, const char *text);

/* string.c: strings and the expressions in them. */
void open_string(struct lexer *lexer);
void string_append(struct lexer *lexer, const char *text, size_t length);
/* Hands the text gathered since the last piece over. */
enum token_kind string_text(struct lexer *lexer, struct token *token);
/* False where strings are nested too deeply, which is reported. */
bool open_interpolation(struct lexer *lexer);
void open_brace(struct lexer *lexer);
/* False where the brace ends an interpolation. */
bool close_brace(struct lexer *lexer);
void reject_escape(struct lexer *lexer, const char *text);
/* A line or the file ends within a string: reported, and the string taken as ended. */
enum token_kind unclosed_string(struct lexer *lexer);
enum token_kind unclosed_interpolation(struct lexer *lexer);

#endif
