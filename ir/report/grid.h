/* Rows and columns of texts, in the forms that have such: a table for people, Markdown, CSV. */
#ifndef CNNC_IR_REPORT_GRID_H
#define CNNC_IR_REPORT_GRID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "lexer/arena.h"

struct grid {
    size_t lines, columns;    /* the first line has the headings */
    const char **cells;       /* [lines][columns], printable */
    bool *is_text;            /* of each column: left-aligned */
    const char *const *below; /* lines under it, ended by NULL; not in CSV */
};

/* Empty cells. */
struct grid make_grid(struct arena *arena, size_t lines, size_t columns);
void set_cell(struct grid *grid, struct arena *arena, size_t line, size_t column, const char *text);

void print_grid(FILE *stream, struct arena *arena, const struct grid *grid);
void print_grid_markdown(FILE *stream, const struct grid *grid);
void print_grid_csv(FILE *stream, const struct grid *grid);

#endif
