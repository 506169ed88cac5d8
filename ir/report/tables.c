/* The report as rows and columns: a table for people, Markdown, CSV. */
#include <string.h>

#include "ir/report/aligned.h"
#include "ir/report/report.h"
#include "lexer/diagnostics.h"

static const char *cell_text(const struct report *report, const struct column *column,
                             const struct report_row *row) {
    const char *text = column->cell(report, row, column->input);
    return printable(report->arena, text, strlen(text));
}

/* 1,234,567 in columns of large numbers. */
static const char *spaced(const struct report *report, const struct column *column,
                          const struct report_row *row) {
    if (strcmp(column->heading, "params") == 0 && row->params)
        return grouped_text(report->arena, row->params);
    if (strcmp(column->heading, "MACs") == 0 && row->macs)
        return grouped_text(report->arena, row->macs);
    return cell_text(report, column, row);
}

void print_table(FILE *stream, const struct report *report) {
    const struct column *columns = report_columns(report);
    size_t count = 0;
    while (columns[count].heading)
        count++;
    size_t lines = report->row_count + 1;
    bool *is_text = ARENA_ARRAY(report->arena, bool, count);
    const char **cells = ARENA_ARRAY(report->arena, const char *, lines *count);
    for (size_t c = 0; c < count; c++) {
        is_text[c] = columns[c].is_text;
        cells[c] = printable(report->arena, columns[c].heading, strlen(columns[c].heading));
        for (size_t r = 0; r < report->row_count; r++)
            cells[(r + 1) * count + c] = spaced(report, &columns[c], &report->rows[r]);
    }
    print_aligned(stream, report->arena, cells, lines, count, is_text);
    fputc('\n', stream);
    for (const char *const *line = report_footer(report); *line; line++)
        fprintf(stream, "%s\n", *line);
}

/* What would end a cell, or be read as something else. */
static void print_markdown_cell(FILE *stream, const char *text) {
    for (; *text; text++) {
        if (strchr("|*_`\\<[", *text))
            fputc('\\', stream);
        fputc(*text, stream);
    }
}

void print_markdown(FILE *stream, const struct report *report) {
    const struct column *columns = report_columns(report);
    for (const struct column *c = columns; c->heading; c++) {
        fputs("| ", stream);
        print_markdown_cell(stream, c->heading);
        fputc(' ', stream);
    }
    fputs("|\n", stream);
    for (const struct column *c = columns; c->heading; c++)
        fputs(c->is_text ? "| --- " : "| ---: ", stream);
    fputs("|\n", stream);
    for (size_t r = 0; r < report->row_count; r++) {
        for (const struct column *c = columns; c->heading; c++) {
            const char *text = spaced(report, c, &report->rows[r]);
            fputs("| ", stream);
            print_markdown_cell(stream, text);
            fputs(*text ? " " : "", stream);
        }
        fputs("|\n", stream);
    }
    fputc('\n', stream);
    for (const char *const *line = report_footer(report); *line; line++)
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

void print_csv(FILE *stream, const struct report *report) {
    const struct column *columns = report_columns(report);
    for (const struct column *c = columns; c->heading; c++) {
        fputs(c == columns ? "" : ",", stream);
        print_csv_cell(stream, c->heading);
    }
    fputs("\n", stream);
    for (size_t r = 0; r < report->row_count; r++) {
        for (const struct column *c = columns; c->heading; c++) {
            fputs(c == columns ? "" : ",", stream);
            print_csv_cell(stream, cell_text(report, c, &report->rows[r]));
        }
        fputs("\n", stream);
    }
}
