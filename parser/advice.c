/* Turns a word that stands where it cannot, and the text around it, into a hint about what was
 * meant: signs of other languages and their words here. */
#include <string.h>

#include "parser/state.h"

static bool is_space(char c) {
    return c == ' ' || c == '\t';
}

static bool in_word(char c) {
    return c == '_' || (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z');
}

/* The word before a place, on its line; where `length` is 0, there is none. */
static const char *word_before(const char *text, uint32_t at, size_t *length) {
    while (at > 0 && is_space(text[at - 1])) {
        at--;
    }
    uint32_t end = at;
    while (at > 0 && in_word(text[at - 1])) {
        at--;
    }
    *length = end - at;
    return text + at;
}

static bool is_word(const char *word, size_t length, const char *const *words) {
    for (; *words; words++) {
        if (strlen(*words) == length && memcmp(word, *words, length) == 0) {
            return true;
        }
    }
    return false;
}

/* What can stand behind the first word of a statement, and not behind a name that is bound. */
static bool follows_keyword(enum token_kind kind) {
    switch (kind) {
    case TOKEN_NAME:
    case TOKEN_INTEGER:
    case TOKEN_FLOAT:
    case TOKEN_SIZE:
    case TOKEN_STRING_BEGIN:
    case TOKEN_PARENTHESIS_OPEN:
    case TOKEN_BRACKET_OPEN:
    case TOKEN_BRACE_OPEN:
        return true;
    default:
        return token_is_keyword(kind);
    }
}

/* "did you mean `input`?", where the word is near one that begins a statement or an item. */
static const char *meant_by_misspelling(const struct parser *parser, const char *word,
                                        size_t length) {
    const char *keywords[TOKEN_ASSERT - TOKEN_IMPORT + 1];
    size_t count = 0;
    for (int kind = TOKEN_IMPORT; kind <= TOKEN_ASSERT; kind++) {
        if (kind != TOKEN_IN && kind != TOKEN_THEN) {
            keywords[count++] = token_name((enum token_kind)kind);
        }
    }
    const char *near = nearest_name(arena_strndup(parser->arena, word, length), keywords, count);
    return near ? arena_printf(parser->arena, "did you mean `%s`?", near) : NULL;
}

/* A binding waits for its `=`; `other_sign`: something else stands in its place. */
static const char *meant_by_name(const struct parser *parser, const char *text, bool other_sign) {
    static const char *const conditions[] = {"elif", "elsif", "elseif", NULL};
    static const char *const functions[] = {"def", "fn", "func", "function", "class", NULL};
    static const char *const networks[] = {"net", "model", "graph", NULL};
    size_t length;
    const char *word = word_before(text, parser->current.span.start, &length);
    if (is_word(word, length, conditions)) {
        return "a second condition is written else if";
    }
    if (is_word(word, length, functions)) {
        return "what can be called is written block name(x) { ... return x }";
    }
    if (is_word(word, length, networks)) {
        return "what is compiled is written network name { ... }";
    }
    const char *near =
        follows_keyword(parser->current.kind) ? meant_by_misspelling(parser, word, length) : NULL;
    return near || !other_sign ? near : "a binding is written name = expression";
}

static const char *meant_by_sign(char before, char sign, char after) {
    if ((sign == '/' || sign == '*') && (before == '/' || after == '/' || after == '*')) {
        return "a comment begins with #";
    }
    if (sign == '*' && before == '*') {
        return "a power is written ^, as in 2 ^ 3";
    }
    if (sign == '|' || (sign == '=' && after == '>') || (sign == '-' && before == '-')) {
        return "a layer is applied by ->, as in x -> relu";
    }
    if (strchr("+-*/", sign) && after == '=') {
        return "a name is bound again by n = n + 1";
    }
    return sign == ';' ? "nothing stands between statements; only rows of filters end with ;"
                       : NULL;
}

const char *meant_instead(const struct parser *parser, enum awaited awaited) {
    const struct token *token = &parser->current;
    const char *text = parser->sources->items[parser->file->source].text;
    uint32_t start = token->span.start;
    size_t length;
    if (text[start] == '\0') {
        return NULL; /* the file's end */
    }
    const char *help = meant_by_sign(start ? text[start - 1] : ' ', text[start], text[start + 1]);
    if (help) {
        return help;
    }
    if (token->kind == TOKEN_COMMA && awaited == AWAITS_CLOSING) {
        return "two values are written 3x3, height x width, and several as a list: [1, 2]";
    }
    if (token->kind == TOKEN_COMMA && awaited == AWAITS_ROW) {
        return "the numbers of a filter have blanks between them, and its rows ;";
    }
    if (token->kind == TOKEN_NAME && awaited == AWAITS_STRING) {
        return "a file's name stands in double quotes";
    }
    const char *word = word_before(text, start, &length);
    if (token->kind == TOKEN_INTEGER && length == 1 && (*word | 32) == 'x') {
        return "a size is written without spaces: 28x28";
    }
    bool other_sign = token->kind == TOKEN_NAME || token->kind == TOKEN_COLON ||
                      token->kind == TOKEN_EQUAL || token->kind == TOKEN_LESS;
    return awaited == AWAITS_BINDING ? meant_by_name(parser, text, other_sign) : NULL;
}
