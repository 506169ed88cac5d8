/* Turns the scanner's matches into names, keywords and numbers, or into errors. */
#include <string.h>

#include "lexer/number.h"
#include "lexer/state.h"
#include "lexer/utf8.h"

static const char *const token_names[] = {
#define TOKEN(id, shown) shown,
#include "lexer/tokens.def"
};

const char *token_name(enum token_kind kind) {
    return token_names[kind];
}

bool token_is_keyword(enum token_kind kind) {
    return kind >= TOKEN_IMPORT && kind <= TOKEN_FALSE;
}

struct span match_span(const struct lexer *lexer) {
    return (struct span){.source = lexer->source, .start = lexer->start, .end = lexer->end};
}

static size_t match_length(const struct lexer *lexer) {
    return lexer->end - lexer->start;
}

static const char *shown(struct lexer *lexer, const char *text) {
    size_t length = match_length(lexer), most = 40;
    return length <= most
               ? printable(lexer->arena, text, length)
               : arena_printf(lexer->arena, "%s...", printable(lexer->arena, text, most));
}

enum token_kind lex_word(struct lexer *lexer, struct token *token, const char *text) {
    static const struct {
        const char *text;
        enum token_kind kind;
    } keywords[] = {
#define KEYWORD(id, word) {word, TOKEN_##id},
#include "lexer/tokens.def"
    };
    for (size_t i = 0; i < sizeof keywords / sizeof keywords[0]; i++) {
        if (strcmp(text, keywords[i].text) == 0) {
            return keywords[i].kind;
        }
    }
    token->text = intern(lexer->names, text, match_length(lexer));
    return TOKEN_NAME;
}

enum token_kind lex_integer(struct lexer *lexer, struct token *token, const char *text) {
    if (!parse_integer(text, match_length(lexer), &token->integer)) {
        report_error(lexer->diagnostics, match_span(lexer), E0104_NUMBER_OUT_OF_RANGE,
                     "%s is more than the largest integer %lld", shown(lexer, text),
                     (long long)INT64_MAX);
        token->integer = 1;
    }
    return TOKEN_INTEGER;
}

enum token_kind lex_float(struct lexer *lexer, struct token *token, const char *text) {
    if (!parse_float(text, match_length(lexer), &token->number)) {
        report_error(lexer->diagnostics, match_span(lexer), E0104_NUMBER_OUT_OF_RANGE,
                     "%s is outside the range of numbers, 4.9e-324 to 1.8e308", shown(lexer, text));
        token->number = 1;
    }
    return TOKEN_FLOAT;
}

/* One number of a size, whose first `length` bytes are digits. */
static bool lex_dimension(struct lexer *lexer, const char *text, size_t length,
                          int64_t *dimension) {
    if (!parse_integer(text, length, dimension) || *dimension > LIMIT_DIMENSION) {
        report_error(lexer->diagnostics, match_span(lexer), E0104_NUMBER_OUT_OF_RANGE,
                     "%s is more than the largest size along an axis, %lld",
                     printable(lexer->arena, text, length < 40 ? length : 40),
                     (long long)LIMIT_DIMENSION);
        return false;
    }
    return true;
}

enum token_kind lex_size(struct lexer *lexer, struct token *token, const char *text) {
    struct size_literal *size = ARENA_NEW(lexer->arena, struct size_literal);
    token->size = size;
    for (const char *at = text, *end = text + match_length(lexer); at < end;) {
        size_t length = strcspn(at, "x");
        if (size->count == 4) {
            report_error(lexer->diagnostics, match_span(lexer), E0105_TOO_MANY_AXES,
                         "the size %s has more than 4 axes: batch x height x width x channels",
                         shown(lexer, text));
            break;
        }
        if (!lex_dimension(lexer, at, length, &size->dimensions[size->count])) {
            size->dimensions[size->count] = 1;
        }
        size->count++;
        at += length + (at + length < end);
    }
    return TOKEN_SIZE;
}

enum token_kind reject_number(struct lexer *lexer, const char *text) {
    struct diagnostic *error =
        report_error(lexer->diagnostics, match_span(lexer), E0103_NOT_A_NUMBER,
                     "'%s' is not a number", shown(lexer, text));
    add_help(lexer->diagnostics, error,
             "a number looks like 3, 0.5, 1e-5 or 2.5M, a size like 3x5 or 28x28x1");
    return TOKEN_INVALID;
}

/* Whether this is the first text of its line that is no token. */
static bool is_news(struct lexer *lexer) {
    bool news = !lexer->rejected;
    lexer->rejected = true;
    return news;
}

static void report_byte(struct lexer *lexer, const char *text) {
    unsigned byte = (unsigned char)*text;
    if (byte < 0x80) {
        report_error(lexer->diagnostics, match_span(lexer), E0101_UNEXPECTED_CHARACTER,
                     "control byte 0x%02x in the text", byte);
    } else {
        report_error(lexer->diagnostics, match_span(lexer), E0102_NOT_UTF8,
                     "byte 0x%02x is not UTF-8", byte);
    }
}

void reject_byte(struct lexer *lexer, const char *text) {
    if (is_news(lexer)) {
        report_byte(lexer, text);
    }
}

/* What is meant by a character beyond ASCII: editors and word processors put some for ours. */
static const char *help_for_wide(const char *text, size_t length) {
    static const struct {
        const char *character, *help;
    } known[] = {
        {"×", "a size is written with the letter x: 28x28"},
        {"−", "minus is written -"},
        {"–", "minus is written -"},
        {"→", "an arrow is written ->"},
        {"“", "strings stand in double quotes: \"conv1\""},
        {"”", "strings stand in double quotes: \"conv1\""},
        {"‘", "strings stand in double quotes: \"conv1\""},
    };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (strlen(known[i].character) == length && !memcmp(known[i].character, text, length)) {
            return known[i].help;
        }
    }
    return "names have the letters A to Z and a to z, digits and _";
}

/* What is meant by a character `c` behind `before`. */
static const char *help_for(char c, char before) {
    switch (c) {
    case '.':
        if (before == ')' || before == '_' || ((before | 32) >= 'a' && (before | 32) <= 'z')) {
            return "a layer is applied by ->, as in x -> relu; names have no points";
        }
        return "a number has digits on both sides of its point: 0.5, 1.0";
    case '!':
        return "negation is written not, inequality !=";
    case '&':
        return "both is written and";
    case '?':
        return "a choice is written if c then a else b";
    case '\'':
        return "strings stand in double quotes";
    default:
        return NULL;
    }
}

enum token_kind reject(struct lexer *lexer, const char *text) {
    size_t length = match_length(lexer);
    if (!is_news(lexer)) {
        return TOKEN_INVALID;
    }
    if (utf8_length(text, length) == 0 || (length == 1 && !utf8_is_visible(text, 1))) {
        report_byte(lexer, text);
        return TOKEN_INVALID;
    }
    struct diagnostic *error =
        report_error(lexer->diagnostics, match_span(lexer), E0101_UNEXPECTED_CHARACTER,
                     "unexpected character '%s'", shown(lexer, text));
    const char *source = lexer->diagnostics->sources->items[lexer->source].text;
    const char *help = length > 1 ? help_for_wide(text, length)
                                  : help_for(*text, lexer->start ? source[lexer->start - 1] : ' ');
    if (help) {
        add_help(lexer->diagnostics, error, "%s", help);
    }
    return TOKEN_INVALID;
}
