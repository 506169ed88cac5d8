/* Turns the tokens a grammar state would take into "expected X or Y, found Z". */
#include <stdio.h>
#include <string.h>

#include "parser/state.h"

enum { MOST_NAMES = 16, MOST_SHOWN = 4 };

/* Tokens that together are better called by one word: where all are expected, the word stands for
 * them. The larger groups come first. */
struct group {
    const char *word;
    const char *members[MOST_NAMES];
};

static const struct group groups[] = {
    {"a statement",
     {"a name", "input", "output", "for", "if", "return", "weights", "labels", "assert"}},
    {"a definition", {"a name", "import", "filter", "block", "network"}},
    {"an expression",
     {"a name", "an integer", "a float", "a size", "a string", "true", "false", "(", "[", "-",
      "not", "if"}},
    {"a value",
     {"a name", "an integer", "a float", "a size", "a string", "true", "false", "(", "[", "-",
      "not"}},
    {"a value",
     {"a name", "an integer", "a float", "a size", "a string", "true", "false", "(", "[", "-"}},
    {"a number", {"an integer", "a float", "-"}},
    {"a number", {"an integer", "a float"}},
};

/* Whatever else is expected, an operator would also do: not worth a word. */
static const char *const operators[] = {
    "->", "or", "and", "<", ">", "<=", ">=", "==", "!=", "..", "+", "-", "*", "/", "%", "^"};

struct expectation {
    const char *names[128];
    int count;
};

static int find(const struct expectation *e, const char *name) {
    for (int i = 0; i < e->count; i++) {
        if (strcmp(e->names[i], name) == 0) {
            return i;
        }
    }
    return -1;
}

static void drop(struct expectation *e, const char *name) {
    int at = find(e, name);
    if (at >= 0) {
        e->names[at] = e->names[--e->count];
    }
}

static void replace_group(struct expectation *e, const struct group *group) {
    for (int i = 0; i < MOST_NAMES && group->members[i]; i++) {
        if (find(e, group->members[i]) < 0) {
            return;
        }
    }
    for (int i = 0; i < MOST_NAMES && group->members[i]; i++) {
        drop(e, group->members[i]);
    }
    e->names[e->count++] = group->word;
}

static bool is_one_of(const char *name, const char *const *names, size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (strcmp(name, names[i]) == 0) {
            return true;
        }
    }
    return false;
}

static void drop_operators(struct expectation *e) {
    size_t count = sizeof operators / sizeof operators[0];
    bool wants_range = find(e, "..") >= 0 && find(e, "<") < 0;
    int kept = 0, before = e->count;
    const struct expectation all = *e;
    for (int i = 0; i < before; i++) {
        bool keeps = !is_one_of(e->names[i], operators, count) ||
                     (wants_range && strcmp(e->names[i], "..") == 0);
        if (keeps) {
            e->names[kept++] = e->names[i];
        }
    }
    e->count = kept;
    if (kept == 0 && before < MOST_SHOWN) {
        *e = all;
    } else if (kept == 0) {
        e->names[e->count++] = "an operator";
    } else if (kept > 1 && kept < before) {
        /* Behind a name that could go on as a call or be a label. */
        drop(e, "(");
        drop(e, ":");
    }
}

/* Descriptions ("a name", "end of file") come before marks in quotes, else in the order of text. */
static bool comes_before(const char *a, const char *b) {
    bool a_describes = strchr(a, ' ') != NULL, b_describes = strchr(b, ' ') != NULL;
    return a_describes != b_describes ? a_describes : strcmp(a, b) < 0;
}

static void sort(struct expectation *e) {
    for (int i = 1; i < e->count; i++) {
        const char *name = e->names[i];
        int at = i;
        for (; at > 0 && comes_before(name, e->names[at - 1]); at--) {
            e->names[at] = e->names[at - 1];
        }
        e->names[at] = name;
    }
}

static const char *quote(struct arena *arena, const char *name) {
    return strchr(name, ' ') ? name : arena_printf(arena, "'%s'", name);
}

static const char *list(struct arena *arena, const struct expectation *e) {
    const char *text = "";
    int shown = e->count < MOST_SHOWN ? e->count : MOST_SHOWN;
    for (int i = 0; i < shown; i++) {
        const char *joint = i == 0 ? "" : i + 1 == e->count ? " or " : ", ";
        text = arena_printf(arena, "%s%s%s", text, joint, quote(arena, e->names[i]));
    }
    return shown < e->count ? arena_printf(arena, "%s ...", text) : text;
}

static const char *found(const struct parser *parser) {
    const struct token *token = &parser->current;
    struct arena *arena = parser->arena;
    const struct source *source = &parser->sources->items[parser->file->source];
    const char *text = source->text + token->span.start;
    uint32_t length = token->span.end - token->span.start;
    const char *shown = printable(arena, text, length < 40 ? length : 40);
    switch (token->kind) {
    case TOKEN_END:
        return "end of file";
    case TOKEN_STRING_BEGIN:
        return "a string";
    case TOKEN_INTERPOLATION_END:
        return "the '}' that ends an expression in a string";
    case TOKEN_NAME:
    case TOKEN_INTEGER:
    case TOKEN_FLOAT:
    case TOKEN_SIZE:
        return arena_printf(arena, "%s %s", token_name(token->kind), shown);
    default:
        return arena_printf(arena, "'%s'", shown);
    }
}

static bool misses_closing(const struct parser *parser, const struct expectation *all,
                           enum token_kind open) {
    return (open == TOKEN_PARENTHESIS_OPEN && find(all, ")") >= 0) ||
           (open == TOKEN_BRACKET_OPEN && find(all, "]") >= 0) ||
           (open == TOKEN_BRACE_OPEN && parser->current.kind == TOKEN_END);
}

/* Where the bracket that is still open stands on another line, that line is part of the story. */
static void note_open_bracket(struct parser *parser, struct diagnostic *error,
                              const struct expectation *all) {
    if (parser->open_count == 0) {
        return;
    }
    const struct bracket *open = &parser->open[parser->open_count - 1];
    bool elsewhere = source_place(parser->sources, open->span).line !=
                     source_place(parser->sources, parser->current.span).line;
    if (elsewhere && misses_closing(parser, all, open->kind)) {
        add_note(parser->diagnostics, error, open->span, "'%s' opened here",
                 token_name(open->kind));
    }
}

/* A colon stands behind it. */
static bool is_label(const struct parser *parser, const struct token *token) {
    const char *at = parser->sources->items[parser->file->source].text + token->span.end;
    return at[strspn(at, " \t")] == ':';
}

static uint32_t line_of(const struct parser *parser, struct span span) {
    return source_place(parser->sources, span).line;
}

/* A line ended with a sign, and the next one begins a statement of its own, or closes the body. */
static bool ends_unfinished(const struct parser *parser) {
    const struct token *token = &parser->current, *before = &parser->before;
    bool ends = token_is_keyword(token->kind) || token->kind == TOKEN_BRACE_CLOSE ||
                token->kind == TOKEN_END;
    bool sign = before->kind >= TOKEN_ARROW && before->kind != TOKEN_BRACE_OPEN &&
                before->kind != TOKEN_BRACE_CLOSE && before->kind != TOKEN_PARENTHESIS_CLOSE &&
                before->kind != TOKEN_BRACKET_CLOSE;
    return parser->has_current && ends && sign && !is_label(parser, token) &&
           line_of(parser, before->span) < line_of(parser, token->span);
}

static enum awaited awaited(const struct expectation *all) {
    bool alone = all->count == 1;
    if (alone && find(all, "=") == 0) {
        return AWAITS_BINDING;
    }
    if (alone && find(all, "a string") == 0) {
        return AWAITS_STRING;
    }
    if (find(all, "|") >= 0 && find(all, ";") >= 0) {
        return AWAITS_ROW;
    }
    bool closes = find(all, ")") >= 0 && find(all, ",") < 0 && find(all, "a name") < 0;
    return closes ? AWAITS_CLOSING : AWAITS_OTHER;
}

static void add_advice(struct parser *parser, struct diagnostic *error,
                       const struct expectation *all, const struct expectation *shown) {
    enum token_kind kind = parser->current.kind;
    const char *meant = meant_instead(parser, awaited(all));
    if (ends_unfinished(parser)) {
        add_note(parser->diagnostics, error, parser->before.span,
                 "'%s' waits for what is behind it", token_name(parser->before.kind));
    } else if (meant) {
        add_help(parser->diagnostics, error, "%s", meant);
    } else if (token_is_keyword(kind) && find(shown, "a name") >= 0) {
        const char *word = token_name(kind);
        if (find(shown, "a string") >= 0) {
            add_help(parser->diagnostics, error, "'%s' is a reserved word; as a label write \"%s\"",
                     word, word);
        } else {
            add_help(parser->diagnostics, error, "'%s' is a reserved word", word);
        }
    } else if (kind == TOKEN_ASSIGN && find(all, "==") >= 0) {
        add_help(parser->diagnostics, error, "equality is written ==");
    }
}

void report_unexpected(struct parser *parser, const char *const *expected, int count) {
    uint32_t mark = parser->current.span.start + 1;
    if (parser->stopped || parser->failed_at == mark) {
        return;
    }
    parser->failed_at = mark;
    struct expectation all = {.count = 0}, shown;
    for (int i = 0; i < count && i < (int)(sizeof all.names / sizeof all.names[0]); i++) {
        all.names[all.count++] = expected[i];
    }
    shown = all;
    for (size_t i = 0; i < sizeof groups / sizeof groups[0]; i++) {
        replace_group(&shown, &groups[i]);
    }
    drop_operators(&shown);
    sort(&shown);
    struct diagnostic *error =
        report_error(parser->diagnostics, parser->current.span, E0201_UNEXPECTED_WORD,
                     "expected %s, found %s", list(parser->arena, &shown), found(parser));
    note_open_bracket(parser, error, &all);
    add_advice(parser, error, &all, &shown);
}
