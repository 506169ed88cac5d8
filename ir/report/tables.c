/* The report as rows and columns: a table for people, Markdown, CSV. */
#include <string.h>

#include "ir/report/grid.h"
#include "ir/report/report.h"

/* For people, 1,234,567 in columns of large numbers. */
static const char *cell_text(const struct report *report, const struct column *column,
                             const struct report_row *row, bool for_people) {
    if (for_people && strcmp(column->heading, "params") == 0 && row->params)
        return grouped_text(report->arena, row->params);
    if (for_people && strcmp(column->heading, "MACs") == 0 && row->macs)
        return grouped_text(report->arena, row->macs);
    return column->cell(report, row, column->input);
}

static struct grid report_grid(const struct report *report, bool for_people) {
    const struct column *columns = report_columns(report);
    size_t count = 0;
    while (columns[count].heading)
        count++;
    struct grid grid = make_grid(report->arena, report->row_count + 1, count);
    for (size_t c = 0; c < count; c++) {
        grid.is_text[c] = columns[c].is_text;
        set_cell(&grid, report->arena, 0, c, columns[c].heading);
        for (size_t r = 0; r < report->row_count; r++)
            set_cell(&grid, report->arena, r + 1, c,
                     cell_text(report, &columns[c], &report->rows[r], for_people));
    }
    grid.below = report_footer(report);
    return grid;
}

void print_table(FILE *stream, const struct report *report) {
    const struct grid grid = report_grid(report, true);
    print_grid(stream, report->arena, &grid);
}

void print_markdown(FILE *stream, const struct report *report) {
    const struct grid grid = report_grid(report, true);
    print_grid_markdown(stream, &grid);
}

void print_csv(FILE *stream, const struct report *report) {
    const struct grid grid = report_grid(report, false);
    print_grid_csv(stream, &grid);
}
