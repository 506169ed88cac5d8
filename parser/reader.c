/* Turns the lexer's tokens into the grammar's: counts brackets, and after a mistake skips to where
 * reading on makes sense. Only here do line ends and indentation mean something. */
#include "parser/state.h"

void stop_parsing(struct parser *parser, struct span span, const char *message) {
    if (!parser->stopped) {
        parser->stopped = true;
        report_error(parser->diagnostics, span, E0902_NESTED_TOO_DEEPLY, "%s", message);
    }
}

static struct token scan(struct parser *parser) {
    if (parser->has_peeked) {
        parser->has_peeked = false;
        return parser->peeked;
    }
    return lexer_next(parser->lexer);
}

static struct token peek(struct parser *parser) {
    if (!parser->has_peeked) {
        parser->peeked = lexer_next(parser->lexer);
        parser->has_peeked = true;
    }
    return parser->peeked;
}

static bool opens(enum token_kind kind) {
    return kind == TOKEN_PARENTHESIS_OPEN || kind == TOKEN_BRACKET_OPEN ||
           kind == TOKEN_BRACE_OPEN || kind == TOKEN_INTERPOLATION_BEGIN;
}

static bool closes(enum token_kind kind) {
    return kind == TOKEN_PARENTHESIS_CLOSE || kind == TOKEN_BRACKET_CLOSE ||
           kind == TOKEN_BRACE_CLOSE || kind == TOKEN_INTERPOLATION_END;
}

/* The grammar asks for the token after `current`, so it has taken `current`. */
static void count_bracket(struct parser *parser, const struct token *current) {
    if (opens(current->kind)) {
        if (parser->open_count == LIMIT_NESTING) {
            const char *message =
                arena_printf(parser->arena, "nested more than %d deep", LIMIT_NESTING);
            stop_parsing(parser, current->span, message);
            return;
        }
        parser->open[parser->open_count++] = (struct bracket){current->kind, current->span};
    } else if (closes(current->kind) && parser->open_count > 0) {
        parser->open_count--;
    }
}

static struct token make_token(const struct parser *parser, enum token_kind kind) {
    struct span span = parser->current.span;
    span.end = span.start;
    span.source = parser->file->source;
    return (struct token){.kind = kind, .span = span};
}

struct token read_token(struct parser *parser) {
    if (parser->closers > 0) {
        parser->closers--;
        return make_token(parser, TOKEN_BRACE_CLOSE);
    }
    if (parser->again) {
        parser->again = false;
        return parser->current;
    }
    if (parser->has_current) {
        count_bracket(parser, &parser->current);
        parser->before = parser->current;
    }
    if (!parser->stopped) {
        parser->current = scan(parser);
        parser->has_current = true;
    } else {
        parser->current = make_token(parser, TOKEN_END);
    }
    return parser->current;
}

static const char *text_of(const struct parser *parser) {
    return parser->sources->items[parser->file->source].text;
}

static bool is_blank(char c) {
    return c == ' ' || c == '\t';
}

static bool is_first_on_line(const struct parser *parser, uint32_t start) {
    const char *text = text_of(parser);
    uint32_t at = start;
    while (at > 0 && is_blank(text[at - 1])) {
        at--;
    }
    return at == 0 || text[at - 1] == '\n';
}

/* Blanks at the start of the line that holds the byte. */
static uint32_t indentation(const struct parser *parser, uint32_t offset) {
    const char *text = text_of(parser);
    uint32_t start = offset;
    while (start > 0 && text[start - 1] != '\n') {
        start--;
    }
    uint32_t end = start;
    while (is_blank(text[end])) {
        end++;
    }
    return end - start;
}

/* How far what comes after a failed statement or item may be indented: as far as that; as far as it
 * likes where that stood behind something else on its line. */
static uint32_t most_indentation(const struct parser *parser, struct span failed) {
    return is_first_on_line(parser, failed.start) ? indentation(parser, failed.start) : UINT32_MAX;
}

/* Whether the token begins a line that is indented by no more than `most`. */
static bool begins_line(const struct parser *parser, const struct token *token, uint32_t most) {
    return is_first_on_line(parser, token->span.start) &&
           indentation(parser, token->span.start) <= most;
}

static bool starts_item(const struct token *token) {
    return token->kind == TOKEN_IMPORT || token->kind == TOKEN_FILTER ||
           token->kind == TOKEN_BLOCK || token->kind == TOKEN_NETWORK;
}

static bool starts_binding(struct parser *parser, const struct token *token, uint32_t most) {
    return token->kind == TOKEN_NAME && begins_line(parser, token, most) &&
           peek(parser).kind == TOKEN_ASSIGN;
}

/* `wrong` is the token where the statement before went wrong. A reserved word there is more likely
 * a name that is not allowed than the start of a statement, unless it begins its line. */
static bool starts_statement(struct parser *parser, const struct token *token, uint32_t most,
                             uint32_t wrong) {
    switch (token->kind) {
    case TOKEN_INPUT:
    case TOKEN_OUTPUT:
    case TOKEN_FOR:
    case TOKEN_RETURN:
    case TOKEN_WEIGHTS:
    case TOKEN_LABELS:
    case TOKEN_ASSERT:
        return token->span.start != wrong || is_first_on_line(parser, wrong);
    case TOKEN_IF:
        return begins_line(parser, token, most);
    default:
        return starts_binding(parser, token, most);
    }
}

/* Moves on unless recovery stopped at this very token before. Returns false where too much is
 * wrong. */
static bool begin_recovery(struct parser *parser) {
    if (parser->diagnostics->error_count >= LIMIT_DIAGNOSTICS_KEPT) {
        parser->stopped = true;
    }
    if (parser->stopped) {
        parser->current = make_token(parser, TOKEN_END);
        return false;
    }
    if (parser->recovered_at == parser->current.span.start + 1 &&
        parser->current.kind != TOKEN_END) {
        parser->current = scan(parser);
    }
    return true;
}

static void end_recovery(struct parser *parser) {
    parser->recovered_at = parser->current.span.start + 1;
    parser->again = true;
}

/* Counts braces passed over; false at the one that closes what is around. */
static bool pass_brace(const struct token *token, int *depth) {
    if (token->kind == TOKEN_BRACE_OPEN) {
        ++*depth;
    } else if (token->kind == TOKEN_BRACE_CLOSE) {
        return --*depth >= 0;
    }
    return true;
}

/* Brackets opened since the innermost body began belong to the statement that is given up. */
static void close_to_brace(struct parser *parser) {
    while (parser->open_count > 0 &&
           parser->open[parser->open_count - 1].kind != TOKEN_BRACE_OPEN) {
        parser->open_count--;
    }
}

void recover_to_statement(struct parser *parser, struct span failed) {
    bool reads_on = begin_recovery(parser);
    close_to_brace(parser);
    uint32_t most = most_indentation(parser, failed);
    uint32_t item_indent = parser->open_count ? indentation(parser, parser->open[0].span.start) : 0;
    uint32_t wrong = parser->current.span.start;
    bool ends_body = !reads_on;
    for (int depth = 0; reads_on; parser->current = scan(parser)) {
        const struct token *token = &parser->current;
        ends_body = token->kind == TOKEN_END ||
                    (starts_item(token) && begins_line(parser, token, item_indent));
        if (ends_body || (depth == 0 && starts_statement(parser, token, most, wrong)) ||
            !pass_brace(token, &depth)) {
            break;
        }
    }
    if (ends_body) {
        /* The grammar is within a body, even where a limit kept its brace from being counted. */
        parser->closers = parser->open_count > 0 ? parser->open_count : 1;
        parser->open_count = 0;
    }
    end_recovery(parser);
}

void recover_to_item(struct parser *parser, struct span failed) {
    bool reads_on = begin_recovery(parser);
    parser->open_count = 0;
    uint32_t most = most_indentation(parser, failed);
    for (int depth = 0; reads_on; parser->current = scan(parser)) {
        const struct token *token = &parser->current;
        if (token->kind == TOKEN_END || starts_item(token) ||
            (depth == 0 && starts_binding(parser, token, most))) {
            break;
        }
        if (!pass_brace(token, &depth)) {
            depth = 0;
        }
    }
    end_recovery(parser);
}
