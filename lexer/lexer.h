/* A source in, one token after the other out. A string comes as STRING_BEGIN, TEXT and
 * INTERPOLATION_BEGIN ... INTERPOLATION_END in any order, STRING_END. */
#ifndef CNNC_LEXER_LEXER_H
#define CNNC_LEXER_LEXER_H

#include <stdbool.h>
#include <stdint.h>

#include "lexer/arena.h"
#include "lexer/diagnostics.h"
#include "lexer/names.h"
#include "lexer/source.h"

enum token_kind {
#define TOKEN(id, shown) TOKEN_##id,
#include "lexer/tokens.def"
};

struct size_literal {
    int64_t dimensions[4];
    int count;
};

struct token {
    enum token_kind kind;
    struct span span;
    union {
        const char *text;                /* NAME: interned; TEXT: escapes resolved */
        int64_t integer;                 /* INTEGER */
        double number;                   /* FLOAT */
        const struct size_literal *size; /* SIZE */
    };
};

struct lexer;

/* The lexer lives in the arena and needs no closing. */
struct lexer *lexer_open(struct arena *arena, struct names *names, struct diagnostics *diagnostics,
                         const struct sources *sources, uint32_t source);
/* The next token; END again and again at the end. What is no token is reported and comes as
 * INVALID. */
struct token lexer_next(struct lexer *lexer);

const char *token_name(enum token_kind kind);
bool token_is_keyword(enum token_kind kind);

#endif
