/* Statements into lines of a page's width, each with the size of the value that it ends with. */
#include <string.h>

#include "export/cnn/writer.h"

enum { NOTE_COLUMN_MOST = 76 };

size_t text_length(const char *text) {
    size_t length = 0;
    for (; *text; text++)
        length += ((unsigned char)*text & 0xc0) != 0x80; /* characters of UTF-8 */
    return length;
}

static void push_line(struct writer *writer, const char *text, const char *note) {
    ARENA_PUSH(writer->arena, writer->lines, writer->line_count, writer->line_capacity,
               ((struct line){text, note}));
}

/* The last soft space within `width` characters, or else the first behind them; NULL where there is
 * none, or no more than that is left. */
static char *break_of(char *text, size_t width) {
    char *best = NULL;
    size_t column = 0;
    for (; *text && (column <= width || !best); text++, column++)
        if (*text == *SOFT_SPACE)
            best = text;
    return column <= width ? NULL : best;
}

static void harden(char *text) {
    for (; (text = strchr(text, *SOFT_SPACE)); text++)
        *text = ' ';
}

void add_line(struct writer *writer, const char *text, const char *note) {
    char *rest = arena_strndup(writer->arena, text, strlen(text)), *at;
    size_t indent = strspn(text, " "), used = 0;
    while ((at = break_of(rest, PAGE_WIDTH - used))) {
        *at = '\0';
        harden(rest);
        push_line(writer, arena_printf(writer->arena, "%*s%s", (int)used, "", rest), NULL);
        used = indent + 4;
        rest = at + 1;
    }
    harden(rest);
    push_line(writer, arena_printf(writer->arena, "%*s%s", (int)used, "", rest), note);
}

static const char *note_of(struct writer *writer, struct shape shape) {
    return shape.n ? shape_text(writer->arena, shape) : NULL;
}

static void add_on_one_line(struct writer *writer, const char *lead, const struct phrase *phrase,
                            const char *tail, struct shape shape) {
    const char *text = arena_printf(writer->arena, "%s%s", lead, phrase->head);
    for (size_t i = 0; i < phrase->stage_count; i++)
        text = arena_printf(writer->arena, "%s" ARROW "%s", text, phrase->stages[i].text);
    add_line(writer, arena_printf(writer->arena, "%s%s", text, tail), note_of(writer, shape));
}

/* The head by itself, then lines of stages, each beginning with a heavy one where it can. */
static void add_on_lines(struct writer *writer, const char *lead, const struct phrase *phrase,
                         const char *tail) {
    struct arena *arena = writer->arena;
    const char *text = NULL;
    add_line(writer, arena_printf(arena, "%s%s", lead, phrase->head), NULL);
    for (size_t i = 0; i < phrase->stage_count; i++) {
        const struct stage *stage = &phrase->stages[i];
        size_t length = text_length(stage->text) + strlen(ARROW);
        size_t width = stage->shape.n ? LINE_WIDTH : PAGE_WIDTH;
        if (text && (stage->heavy || text_length(text) + length > width)) {
            add_line(writer, text, note_of(writer, phrase->stages[i - 1].shape));
            text = NULL;
        }
        text = arena_printf(arena, "%s" ARROW "%s", text ? text : "       ", stage->text);
    }
    const struct stage *last = &phrase->stages[phrase->stage_count - 1];
    add_line(writer, arena_printf(arena, "%s%s", text, tail), note_of(writer, last->shape));
}

void add_statement(struct writer *writer, const char *lead, const struct phrase *phrase,
                   const char *tail, struct shape shape) {
    size_t length = text_length(lead) + phrase->length + text_length(tail);
    if (length <= LINE_WIDTH || phrase->stage_count == 0)
        add_on_one_line(writer, lead, phrase, tail, shape);
    else
        add_on_lines(writer, lead, phrase, tail);
}

void print_lines(FILE *stream, const struct writer *writer) {
    size_t column = 0;
    for (size_t i = 0; i < writer->line_count; i++) {
        size_t length = text_length(writer->lines[i].text);
        if (writer->lines[i].note && length <= NOTE_COLUMN_MOST && length > column)
            column = length;
    }
    for (size_t i = 0; i < writer->line_count; i++) {
        const struct line *line = &writer->lines[i];
        size_t length = text_length(line->text);
        int gap = length < column ? (int)(column - length) : 0;
        fputs(line->text, stream);
        if (line->note)
            fprintf(stream, "%*s  # %s", gap, "", line->note);
        fputc('\n', stream);
    }
}
