/* Turns collected diagnostics into text: sorted by place, each with its line and an underline. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "lexer/diagnostics.h"
#include "lexer/limits.h"
#include "lexer/utf8.h"

/* Of a longer line only what lies around the place is shown, counted in characters. */
enum { LONGEST_EXCERPT = 160, SHOWN_BEFORE = 80 };

/* A line as it is shown: bytes [start, end) of the text. */
struct excerpt {
    const char *text;
    uint32_t start, end;
    bool cut_before, cut_after;
};

static int order(const void *a, const void *b) {
    const struct diagnostic *first = *(const struct diagnostic *const *)a;
    const struct diagnostic *second = *(const struct diagnostic *const *)b;
    if (first->has_place != second->has_place) {
        return first->has_place ? -1 : 1;
    }
    if (first->span.source != second->span.source) {
        return first->span.source < second->span.source ? -1 : 1;
    }
    if (first->span.start != second->span.start) {
        return first->span.start < second->span.start ? -1 : 1;
    }
    return first < second ? -1 : first > second;
}

/* Bytes of the character at `at`, one where it is broken. */
static uint32_t step(const char *text, uint32_t at, uint32_t end) {
    size_t length = utf8_length(text + at, end - at);
    return length ? (uint32_t)length : 1;
}

static struct excerpt take_line(const struct source *source, uint32_t line, uint32_t place) {
    struct excerpt e = {.text = source->text, .start = source->line_starts[line - 1]};
    e.end = line < source->line_count ? source->line_starts[line] - 1 : source->length;
    if (e.end > e.start && e.text[e.end - 1] == '\r') {
        e.end--;
    }
    uint32_t before = 0;
    for (uint32_t at = e.start; at < place && at < e.end; at += step(e.text, at, e.end)) {
        before++;
    }
    for (; before > SHOWN_BEFORE; before--) {
        e.start += step(e.text, e.start, e.end);
        e.cut_before = true;
    }
    uint32_t characters = 0, at = e.start;
    while (at < e.end && characters < LONGEST_EXCERPT) {
        at += step(e.text, at, e.end);
        characters++;
    }
    e.cut_after = at < e.end;
    e.end = at;
    return e;
}

/* What stands for a character that would not show: one column wide, so that carets stay in place.
 */
static void print_line(FILE *stream, uint32_t line, const struct excerpt *e) {
    fprintf(stream, "%5" PRIu32 " | %s", line, e->cut_before ? "..." : "");
    for (uint32_t at = e->start; at < e->end;) {
        uint32_t length = step(e->text, at, e->end);
        bool broken = utf8_length(e->text + at, e->end - at) == 0;
        if (e->text[at] == '\t' || (!broken && utf8_is_visible(e->text + at, length))) {
            fwrite(e->text + at, 1, length, stream);
        } else {
            fputs("\xef\xbf\xbd", stream);
        }
        at += length;
    }
    fprintf(stream, "%s\n", e->cut_after ? "..." : "");
}

/* How wide the character at `at` is shown: what stands for a broken one is one column wide. */
static int columns(const struct excerpt *e, uint32_t at) {
    size_t length = utf8_length(e->text + at, e->end - at);
    return length && utf8_is_visible(e->text + at, length) ? utf8_columns(e->text + at, length) : 1;
}

static void print_repeated(FILE *stream, int byte, int count) {
    for (int i = 0; i < count; i++) {
        fputc(byte, stream);
    }
}

static void print_underline(FILE *stream, const struct excerpt *e, struct span span) {
    fprintf(stream, "      | %s", e->cut_before ? "   " : "");
    uint32_t at = e->start;
    for (; at < span.start && at < e->end; at += step(e->text, at, e->end)) {
        bool tab = e->text[at] == '\t';
        print_repeated(stream, tab ? '\t' : ' ', tab ? 1 : columns(e, at));
    }
    int carets = 0;
    for (; at < span.end && at < e->end; at += step(e->text, at, e->end)) {
        carets += columns(e, at);
    }
    print_repeated(stream, '^', carets ? carets : 1);
    fputc('\n', stream);
}

/* Text of a message: what it quotes from files cannot move the cursor or colour the terminal. */
static void print_text(FILE *stream, const char *text) {
    struct arena arena = {0};
    fputs(printable(&arena, text, strlen(text)), stream);
    arena_free(&arena);
}

/* The escape sequence where colours are wanted. */
static void colour(FILE *stream, struct print_style style, const char *code) {
    if (style.colour) {
        fprintf(stream, "\x1b[%sm", code);
    }
}

static void print_place(FILE *stream, struct print_style style, struct place place) {
    colour(stream, style, "1");
    print_text(stream, place.file);
    fprintf(stream, ":%" PRIu32 ":%" PRIu32 ": ", place.line, place.column);
    colour(stream, style, "0");
}

static void print_word(FILE *stream, struct print_style style, const char *code, const char *word) {
    colour(stream, style, code);
    fprintf(stream, "%s: ", word);
    colour(stream, style, "0");
}

static void print_notes(const struct diagnostics *diagnostics, FILE *stream,
                        struct print_style style, const struct diagnostic *item) {
    for (const struct note *note = item->notes; note; note = note->next) {
        if (note->has_place) {
            print_place(stream, style, source_place(diagnostics->sources, note->span));
            print_word(stream, style, "1;36", "note");
        } else {
            print_word(stream, style, "1;32", "help");
        }
        print_text(stream, note->text);
        fputc('\n', stream);
    }
}

/* `again`: how often more the same is wrong at this place. */
static void print_one(const struct diagnostics *diagnostics, FILE *stream, struct print_style style,
                      const struct diagnostic *item, size_t again) {
    bool error = item->severity == SEVERITY_ERROR;
    struct place place = {0};
    if (item->has_place) {
        place = source_place(diagnostics->sources, item->span);
        print_place(stream, style, place);
    } else {
        fputs("cnnc: ", stream);
    }
    print_word(stream, style, error ? "1;31" : "1;35", error ? "error" : "warning");
    print_text(stream, item->text);
    fprintf(stream, " [%s]\n", messages[item->message].code);
    if (item->has_place) {
        const struct source *source = &diagnostics->sources->items[item->span.source];
        struct excerpt excerpt = take_line(source, place.line, item->span.start);
        print_line(stream, place.line, &excerpt);
        colour(stream, style, error ? "31" : "35");
        print_underline(stream, &excerpt, item->span);
        colour(stream, style, "0");
    }
    print_notes(diagnostics, stream, style, item);
    if (again) {
        fprintf(stream, "... and %zu more of these here\n", again);
    }
}

const struct diagnostic **sorted_diagnostics(const struct diagnostics *diagnostics,
                                             struct arena *arena) {
    const struct diagnostic **sorted =
        ARENA_ARRAY(arena, const struct diagnostic *, diagnostics->count);
    for (size_t i = 0; i < diagnostics->count; i++) {
        sorted[i] = &diagnostics->items[i];
    }
    qsort(sorted, diagnostics->count, sizeof *sorted, order);
    return sorted;
}

static bool equal_but_for_numbers(const char *a, const char *b) {
    for (;;) {
        a += strspn(a, "0123456789");
        b += strspn(b, "0123456789");
        if (*a != *b || !*a) {
            return *a == *b;
        }
        a++;
        b++;
    }
}

/* A loop says the same of one place with other numbers. */
static bool alike(const struct diagnostic *a, const struct diagnostic *b) {
    return a->message == b->message && a->has_place && b->has_place &&
           a->span.source == b->span.source && a->span.start == b->span.start &&
           a->span.end == b->span.end && equal_but_for_numbers(a->text, b->text);
}

/* How many of sorted[from .. count - 1] are like `item`: they lie at its place. */
static size_t count_alike(const struct diagnostic **sorted, size_t from, size_t count,
                          const struct diagnostic *item) {
    size_t found = 0;
    for (size_t i = from; i < count && sorted[i]->span.start == item->span.start; i++) {
        found += alike(sorted[i], item);
    }
    return found;
}

static bool told_before(const struct diagnostic **sorted, size_t at) {
    for (size_t i = at; i > 0 && sorted[i - 1]->span.start == sorted[at]->span.start; i--) {
        if (alike(sorted[i - 1], sorted[at])) {
            return true;
        }
    }
    return false;
}

void print_diagnostics(const struct diagnostics *diagnostics, FILE *stream,
                       struct print_style style) {
    struct arena arena = {0};
    size_t count = diagnostics->count, told = 0, shown = 0;
    const struct diagnostic **sorted = sorted_diagnostics(diagnostics, &arena);
    for (size_t i = 0; i < count && shown < LIMIT_DIAGNOSTICS_PRINTED; i++) {
        if (told_before(sorted, i)) {
            continue;
        }
        size_t again = count_alike(sorted, i + 1, count, sorted[i]);
        print_one(diagnostics, stream, style, sorted[i], again);
        told += 1 + again;
        shown++;
    }
    size_t more = count + diagnostics->dropped - told;
    if (more) {
        fprintf(stream, "... and %zu more\n", more);
    }
    if (style.hint && shown) {
        fprintf(stream, "cnnc explain %s tells more about the first\n",
                messages[sorted[0]->message].code);
    }
    arena_free(&arena);
}
