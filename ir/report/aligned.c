/* Cells in, lines of a table out. */
#include "ir/report/aligned.h"

#include <string.h>

#include "lexer/utf8.h"

/* Columns a printable text takes on a terminal. */
static int width_of(const char *text) {
    int width = 0;
    for (size_t rest = strlen(text); rest > 0;) {
        size_t length = utf8_length(text, rest);
        width += length ? utf8_columns(text, length) : 1;
        text += length ? length : 1;
        rest -= length ? length : 1;
    }
    return width;
}

static void print_cell(FILE *stream, const char *text, int width, bool left, bool is_last) {
    int gap = width - width_of(text);
    fprintf(stream, "%*s%s%*s", left ? 0 : gap, "", text, left && !is_last ? gap : 0, "");
}

/* Ends behind the last cell that is not empty. */
static void print_line(FILE *stream, const char *const *cells, const int *widths, size_t columns,
                       const bool *is_text) {
    size_t last = 0;
    for (size_t c = 0; c < columns; c++)
        last = *cells[c] ? c : last;
    for (size_t c = 0; c <= last; c++) {
        fputs(c ? "  " : "", stream);
        print_cell(stream, cells[c], widths[c], is_text[c], c == last);
    }
    fputc('\n', stream);
}

void print_aligned(FILE *stream, struct arena *arena, const char *const *cells, size_t lines,
                   size_t columns, const bool *is_text) {
    int *widths = ARENA_ARRAY(arena, int, columns);
    for (size_t i = 0; i < lines * columns; i++) {
        int width = width_of(cells[i]);
        if (width > widths[i % columns])
            widths[i % columns] = width;
    }
    for (size_t line = 0; line < lines; line++)
        print_line(stream, &cells[line * columns], widths, columns, is_text);
}
