/* A grid in, lines of a table, of Markdown or of CSV out. */
#include "ir/report/grid.h"

#include <string.h>

#include "ir/report/aligned.h"
#include "lexer/diagnostics.h"

struct grid make_grid(struct arena *arena, size_t lines, size_t columns) {
    struct grid grid = {lines, columns, ARENA_ARRAY(arena, const char *, lines *columns + 1),
                        ARENA_ARRAY(arena, bool, columns + 1), NULL};
    for (size_t i = 0; i < lines * columns; i++)
        grid.cells[i] = "";
    return grid;
}

void set_cell(struct grid *grid, struct arena *arena, size_t line, size_t column,
              const char *text) {
    grid->cells[line * grid->columns + column] = printable(arena, text, strlen(text));
}

void print_grid(FILE *stream, struct arena *arena, const struct grid *grid) {
    print_aligned(stream, arena, grid->cells, grid->lines, grid->columns, grid->is_text);
    fputc('\n', stream);
    for (const char *const *line = grid->below; line && *line; line++)
        fprintf(stream, "%s\n", *line);
}

/* What would end a cell, or be read as something else. */
static void print_markdown_cell(FILE *stream, const char *text) {
    fputs("| ", stream);
    for (const char *at = text; *at; at++) {
        if (strchr("|*_`\\<[", *at))
            fputc('\\', stream);
        fputc(*at, stream);
    }
    fputs(*text ? " " : "", stream);
}

void print_grid_markdown(FILE *stream, const struct grid *grid) {
    for (size_t line = 0; line < grid->lines; line++) {
        for (size_t c = 0; c < grid->columns; c++)
            print_markdown_cell(stream, grid->cells[line * grid->columns + c]);
        fputs("|\n", stream);
        for (size_t c = 0; line == 0 && c < grid->columns; c++)
            fputs(grid->is_text[c] ? "| --- " : "| ---: ", stream);
        fputs(line == 0 ? "|\n" : "", stream);
    }
    fputc('\n', stream);
    for (const char *const *line = grid->below; line && *line; line++)
        fprintf(stream, "%s%s\n", *line, line[1] ? "\\" : "");
}

/* RFC 4180: quoted where a comma, quote or space is inside. */
static void print_csv_cell(FILE *stream, const char *text) {
    if (!strpbrk(text, ",\" \r\n")) {
        fputs(text, stream);
        return;
    }
    fputc('"', stream);
    for (; *text; text++) {
        if (*text == '"')
            fputc('"', stream);
        fputc(*text, stream);
    }
    fputc('"', stream);
}

void print_grid_csv(FILE *stream, const struct grid *grid) {
    for (size_t i = 0; i < grid->lines * grid->columns; i++) {
        fputs(i % grid->columns ? "," : "", stream);
        print_csv_cell(stream, grid->cells[i]);
        fputs((i + 1) % grid->columns ? "" : "\n", stream);
    }
}
