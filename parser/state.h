/* What the parser keeps while the grammar runs: the tokens at hand, the open brackets, the tree. */
#ifndef CNNC_PARSER_STATE_H
#define CNNC_PARSER_STATE_H

#include "lexer/lexer.h"
#include "lexer/limits.h"
#include "parser/parser.h"

struct bracket {
    enum token_kind kind;
    struct span span;
};

struct parser {
    struct arena *arena;
    struct names *names;
    struct diagnostics *diagnostics;
    const struct sources *sources;
    struct lexer *lexer;
    struct file *file;
    struct item *last_item;

    struct token before;  /* the one that the grammar has taken last */
    struct token current; /* the one the grammar looks at */
    struct token peeked;  /* the one behind it, read ahead by recovery */
    bool has_current, has_peeked;
    bool again;                         /* the grammar gets `current` once more */
    int closers;                        /* braces that recovery closes before the next token */
    bool stopped;                       /* a limit was met: the rest of the file is not read */
    uint32_t recovered_at, failed_at;   /* 1 + start of the last token recovered to, or reported */
    struct bracket open[LIMIT_NESTING]; /* around `current` */
    int open_count;
};

/* reader.c: the next token for the grammar. */
struct token read_token(struct parser *parser);
/* Reports a limit once and lets the file end here. */
void stop_parsing(struct parser *parser, struct span span, const char *message);
/* Skip to what looks like the start of the next statement or item, after one that went wrong from
 * `failed` on. The grammar's lookahead must be cleared after. */
void recover_to_statement(struct parser *parser, struct span failed);
void recover_to_item(struct parser *parser, struct span failed);

/* expected.c: reports that none of the `count` expected tokens, by their names in the grammar, is
 * there. */
void report_unexpected(struct parser *parser, const char *const *expected, int count);

/* What the grammar waits for, where that tells what was meant by something else. */
enum awaited {
    AWAITS_OTHER,
    AWAITS_BINDING, /* the `=` behind a name */
    AWAITS_CLOSING, /* of parentheses around one expression */
    AWAITS_ROW,     /* more numbers of a filter */
    AWAITS_STRING,
};

/* advice.c: a hint about what `current` was meant to be, or NULL. */
const char *meant_instead(const struct parser *parser, enum awaited awaited);

#endif
