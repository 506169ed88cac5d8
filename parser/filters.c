/* Turns the rows of a filter as written into one array of numbers. */
#include <math.h>

#include "parser/build.h"

struct filter_number *new_filter_number(struct parser *parser, double value) {
    struct filter_number *number = ARENA_NEW(parser->arena, struct filter_number);
    number->value = value;
    return number;
}

struct filter_row *new_filter_row(struct parser *parser, struct span span,
                                  struct filter_number *numbers) {
    struct filter_row *row = ARENA_NEW(parser->arena, struct filter_row);
    row->span = span;
    row->numbers = numbers;
    return row;
}

struct filter_plane *new_filter_plane(struct parser *parser, struct span span,
                                      struct filter_row *rows) {
    struct filter_plane *plane = ARENA_NEW(parser->arena, struct filter_plane);
    plane->span = span;
    plane->rows = rows;
    return plane;
}

double filter_scale(struct parser *parser, struct span span, double numerator, double denominator) {
    if (denominator == 0) {
        report_error(parser->diagnostics, span, E0204_FILTER_OUT_OF_RANGE,
                     "the filter's scale divides by 0");
        return 1;
    }
    return numerator / denominator;
}

static int64_t count_columns(const struct filter_row *row) {
    int64_t count = 0;
    for (const struct filter_number *number = row->numbers; number; number = number->next) {
        count++;
    }
    return count;
}

static int64_t count_rows(const struct filter_plane *plane) {
    int64_t count = 0;
    for (const struct filter_row *row = plane->rows; row; row = row->next) {
        count++;
    }
    return count;
}

static const char *plural(int64_t count) {
    return count == 1 ? "" : "s";
}

/* Every row is compared with the first of all, every plane's rows with the first plane's. */
static bool check_shape(struct parser *parser, const struct filter_literal *filter,
                        const struct filter_plane *planes) {
    bool fits = true;
    for (const struct filter_plane *plane = planes; plane; plane = plane->next) {
        for (const struct filter_row *row = plane->rows; row; row = row->next) {
            int64_t columns = count_columns(row);
            if (columns != filter->columns) {
                report_error(parser->diagnostics, row->span, E0203_RAGGED_FILTER,
                             "this row has %lld number%s, the first has %lld", (long long)columns,
                             plural(columns), (long long)filter->columns);
                fits = false;
            }
        }
        int64_t rows = count_rows(plane);
        if (rows != filter->rows) {
            report_error(parser->diagnostics, plane->span, E0203_RAGGED_FILTER,
                         "this plane has %lld row%s, the first has %lld", (long long)rows,
                         plural(rows), (long long)filter->rows);
            fits = false;
        }
    }
    return fits;
}

static void copy_values(struct parser *parser, struct filter_literal *filter, double scale,
                        const struct filter_plane *planes) {
    double *next = filter->values;
    for (const struct filter_plane *plane = planes; plane; plane = plane->next) {
        for (const struct filter_row *row = plane->rows; row; row = row->next) {
            for (const struct filter_number *n = row->numbers; n; n = n->next) {
                *next++ = scale * n->value;
                if (!isfinite(scale * n->value)) {
                    report_error(parser->diagnostics, row->span, E0204_FILTER_OUT_OF_RANGE,
                                 "a number of this row is out of range once scaled");
                }
            }
        }
    }
}

struct filter_literal *new_filter_literal(struct parser *parser, struct span span, double scale,
                                          struct filter_plane *planes) {
    struct filter_literal *filter = ARENA_NEW(parser->arena, struct filter_literal);
    filter->span = span;
    filter->rows = count_rows(planes);
    filter->columns = count_columns(planes->rows);
    for (const struct filter_plane *plane = planes; plane; plane = plane->next) {
        filter->planes++;
    }
    if (!check_shape(parser, filter, planes)) {
        /* Reported: what stays is one number, so that the filter has some shape. */
        *filter = (struct filter_literal){.planes = 1, .rows = 1, .columns = 1, .span = span};
        filter->values = ARENA_NEW(parser->arena, double);
        return filter;
    }
    /* No more numbers than the source has bytes, so the product is small. */
    filter->values =
        ARENA_ARRAY(parser->arena, double, filter->planes * filter->rows * filter->columns);
    copy_values(parser, filter, scale, planes);
    return filter;
}
