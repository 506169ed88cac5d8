/* The report of a plan in every form: a grid of cells, or JSON. */
#include "ir/report/plan_report.h"

#include <inttypes.h>
#include <string.h>

#include "ir/loops.h"
#include "ir/report/grid.h"
#include "ir/report/json_values.h"

enum { DIGITS = 6 }; /* of numbers in JSON */

/* All rows together. */
struct sums {
    int64_t macs, weight_bytes;
    double cycles, limit, seconds;
};

static struct sums add_up(const struct plan_report *report) {
    struct sums sums = {0};
    for (size_t i = 0; i < report->row_count; i++) {
        const struct plan_row *row = &report->rows[i];
        sums.macs += row->macs;
        sums.weight_bytes += row->weight_bytes;
        sums.cycles += row->cycles;
        sums.limit += row->limit;
        sums.seconds += row->seconds;
    }
    return sums;
}

static double milliseconds(const struct plan_report *report, double cycles) {
    return cycles / (report->gigahertz * 1e6);
}

static const char *row_name(const struct plan_report *report, const struct plan_row *row) {
    return strcmp(row->first, row->last)
               ? arena_printf(report->arena, "%s..%s", row->first, row->last)
               : row->first;
}

/* --- cells --- */

/* A large number; for people 1,234,567. Empty for none. */
static const char *count_cell(const struct plan_report *report, int64_t count, bool for_people) {
    return !count       ? ""
           : for_people ? grouped_text(report->arena, count)
                        : arena_printf(report->arena, "%" PRId64, count);
}

static const char *bytes_cell(const struct plan_report *report, int64_t bytes, bool for_people) {
    return bytes && for_people ? bytes_text(report->arena, bytes)
                               : count_cell(report, bytes, false);
}

/* A quotient of two times; empty where the second is not known. */
static const char *quotient_cell(const struct plan_report *report, double a, double b,
                                 bool percent) {
    if (a <= 0 || b <= 0)
        return "";
    return percent ? arena_printf(report->arena, "%.0f%%", 100 * a / b)
                   : arena_printf(report->arena, "%.2f", a / b);
}

static const char *tile_cell(const struct plan_report *report, const struct plan_row *row) {
    return row->tile[0]
               ? arena_printf(report->arena, "%" PRId64 "x%" PRId64, row->tile[0], row->tile[1])
               : "";
}

enum {
    NAME,
    LAYER,
    OUTPUT,
    ALGORITHM,
    TILE,
    MACS,
    WEIGHTS,
    SCRATCH,
    CYCLES,
    TIME,
    OF_LIMIT,
    COLUMNS,
    MEASURED = COLUMNS,
    RATIO,
    MEASURED_COLUMNS
};

static void fill_times(struct grid *grid, size_t line, const struct plan_report *report,
                       const struct sums *of) {
    struct arena *arena = report->arena;
    double predicted = milliseconds(report, of->cycles), least = milliseconds(report, of->limit);
    double measured = 1e3 * of->seconds;
    set_cell(grid, arena, line, CYCLES, arena_printf(arena, "%.0f", of->cycles));
    set_cell(grid, arena, line, TIME, arena_printf(arena, "%.4f", predicted));
    set_cell(grid, arena, line, OF_LIMIT,
             quotient_cell(report, least, report->runs ? measured : predicted, true));
    if (!report->runs)
        return;
    set_cell(grid, arena, line, MEASURED, arena_printf(arena, "%.4f", measured));
    set_cell(grid, arena, line, RATIO, quotient_cell(report, measured, predicted, false));
}

static void fill_line(struct grid *grid, size_t line, const struct plan_report *report,
                      const struct plan_row *row, bool for_people) {
    struct arena *arena = report->arena;
    const struct sums of = {.cycles = row->cycles, .limit = row->limit, .seconds = row->seconds};
    set_cell(grid, arena, line, NAME, row_name(report, row));
    set_cell(grid, arena, line, LAYER, row->layer);
    set_cell(grid, arena, line, OUTPUT, shape_text(arena, row->node->shape));
    set_cell(grid, arena, line, ALGORITHM, row->algorithm);
    set_cell(grid, arena, line, TILE, tile_cell(report, row));
    set_cell(grid, arena, line, MACS, count_cell(report, row->macs, for_people));
    set_cell(grid, arena, line, WEIGHTS, bytes_cell(report, row->weight_bytes, for_people));
    set_cell(grid, arena, line, SCRATCH, bytes_cell(report, row->scratch_bytes, for_people));
    fill_times(grid, line, report, &of);
}

static void fill_total(struct grid *grid, size_t line, const struct plan_report *report) {
    const struct sums sums = add_up(report);
    set_cell(grid, report->arena, line, NAME, "total");
    set_cell(grid, report->arena, line, MACS, count_cell(report, sums.macs, true));
    set_cell(grid, report->arena, line, WEIGHTS, bytes_cell(report, sums.weight_bytes, true));
    fill_times(grid, line, report, &sums);
}

/* A chain of layers that one loop does in passes. */
struct passes {
    const char *from, *to;
    int64_t count, images;
};

/* The next ones, from row *at on, which goes behind them; false: there are no more. */
static bool next_passes(const struct plan_report *report, size_t *at, struct passes *out) {
    const struct plan_row *rows = report->rows;
    while (*at < report->row_count && !rows[*at].node->loop)
        ++*at;
    if (*at == report->row_count)
        return false;
    const struct node *node = rows[*at].node;
    *out = (struct passes){
        .from = rows[*at].first, .count = node_passes(node), .images = images_in_pass(node)};
    while (*at < report->row_count && rows[*at].node->loop == node->loop)
        out->to = rows[(*at)++].last;
    return true;
}

static const char *passes_line(struct arena *arena, const struct passes *passes) {
    return arena_printf(arena, "%s to %s: in %" PRId64 " passes, each over %" PRId64 " image%s",
                        passes->from, passes->to, passes->count, passes->images,
                        passes->images == 1 ? "" : "s");
}

static const char *const *lines_below(const struct plan_report *report) {
    struct arena *arena = report->arena;
    const char **lines = ARENA_ARRAY(arena, const char *, report->row_count + 3);
    lines[0] = arena_printf(
        arena, "predicted for %s at %.2f GHz, vectors of %" PRId64 " floats; workspace %s",
        report->processor, report->gigahertz, report->vector_width,
        bytes_text(arena, report->workspace_bytes));
    if (report->runs)
        lines[1] =
            arena_printf(arena, "measured: the best of %" PRId64 " runs; a whole run takes %.4f ms",
                         report->runs, 1e3 * report->whole);
    struct passes passes;
    size_t count = report->runs ? 2 : 1;
    for (size_t row = 0; next_passes(report, &row, &passes);)
        lines[count++] = passes_line(arena, &passes);
    return lines;
}

/* For people there is a last line with the totals. */
static struct grid plan_grid(const struct plan_report *report, bool for_people) {
    static const char *const heads[] = {"name",
                                        "layer",
                                        "output",
                                        "algorithm",
                                        "tile",
                                        "MACs",
                                        "weights",
                                        "scratch",
                                        "cycles",
                                        "predicted [ms]",
                                        "of limit",
                                        "measured [ms]",
                                        "measured/predicted"};
    size_t lines = report->row_count + 1 + for_people;
    struct grid grid = make_grid(report->arena, lines, report->runs ? MEASURED_COLUMNS : COLUMNS);
    for (size_t c = 0; c < grid.columns; c++) {
        set_cell(&grid, report->arena, 0, c, heads[c]);
        grid.is_text[c] = c == NAME || c == LAYER || c == ALGORITHM;
    }
    for (size_t i = 0; i < report->row_count; i++)
        fill_line(&grid, i + 1, report, &report->rows[i], for_people);
    if (for_people)
        fill_total(&grid, lines - 1, report);
    grid.below = lines_below(report);
    return grid;
}

/* --- JSON --- */

static void set_times(json_t *object, const struct plan_report *report, const struct sums *of) {
    json_object_set_new(object, "macs", json_integer(of->macs));
    json_object_set_new(object, "weight_bytes", json_integer(of->weight_bytes));
    json_object_set_new(object, "cycles", json_integer((json_int_t)(of->cycles + 0.5)));
    json_object_set_new(object, "milliseconds", json_real(milliseconds(report, of->cycles)));
    json_object_set_new(object, "limit_milliseconds", json_real(milliseconds(report, of->limit)));
    if (report->runs)
        json_object_set_new(object, "measured_milliseconds", json_real(1e3 * of->seconds));
}

static json_t *row_object(const struct plan_report *report, const struct plan_row *row) {
    const struct sums of = {row->macs, row->weight_bytes, row->cycles, row->limit, row->seconds};
    const struct shape s = row->node->shape;
    json_t *object = json_object();
    json_object_set_new(object, "name", json_text(report->arena, row_name(report, row)));
    json_object_set_new(object, "layer", json_string(row->layer));
    json_object_set_new(object, "output", json_integers((int64_t[]){s.n, s.h, s.w, s.c}, 4));
    json_object_set_new(object, "algorithm", json_string(row->algorithm));
    json_object_set_new(object, "tile", row->tile[0] ? json_integers(row->tile, 2) : json_null());
    json_object_set_new(object, "scratch_bytes", json_integer(row->scratch_bytes));
    json_object_set_new(object, "passes", json_integer(node_passes(row->node)));
    set_times(object, report, &of);
    return object;
}

static json_t *passes_objects(const struct plan_report *report) {
    json_t *objects = json_array();
    struct passes passes;
    for (size_t row = 0; next_passes(report, &row, &passes);) {
        json_t *object = json_object();
        json_object_set_new(object, "first", json_text(report->arena, passes.from));
        json_object_set_new(object, "last", json_text(report->arena, passes.to));
        json_object_set_new(object, "passes", json_integer(passes.count));
        json_object_set_new(object, "images", json_integer(passes.images));
        json_array_append_new(objects, object);
    }
    return objects;
}

static json_t *totals_object(const struct plan_report *report) {
    const struct sums sums = add_up(report);
    json_t *object = json_object();
    json_object_set_new(object, "workspace_bytes", json_integer(report->workspace_bytes));
    set_times(object, report, &sums);
    if (report->runs) {
        json_object_set_new(object, "runs", json_integer(report->runs));
        json_object_set_new(object, "run_milliseconds", json_real(1e3 * report->whole));
    }
    return object;
}

static void print_plan_json(FILE *stream, const struct plan_report *report) {
    print_json_value(stream, DIGITS, json_text(report->arena, report->network),
                     "{\n  \"network\": ", "");
    print_json_value(stream, DIGITS, json_text(report->arena, report->processor),
                     ",\n  \"processor\": ", "");
    print_json_value(stream, DIGITS, json_real(report->gigahertz), ",\n  \"gigahertz\": ", "");
    print_json_value(stream, DIGITS, json_integer(report->vector_width),
                     ",\n  \"vector_width\": ", ",\n  \"layers\": [");
    for (size_t i = 0; i < report->row_count; i++)
        print_json_value(stream, DIGITS, row_object(report, &report->rows[i]),
                         i ? ",\n    " : "\n    ", "");
    print_json_value(stream, DIGITS, totals_object(report), "\n  ],\n  \"totals\": ", "");
    print_json_value(stream, DIGITS, passes_objects(report), ",\n  \"passes\": ", "\n}\n");
}

void print_plan_report(FILE *stream, const struct plan_report *report, enum report_form form) {
    if (form == REPORT_JSON) {
        print_plan_json(stream, report);
        return;
    }
    const struct grid grid = plan_grid(report, form != REPORT_CSV);
    if (form == REPORT_CSV)
        print_grid_csv(stream, &grid);
    else if (form == REPORT_MARKDOWN)
        print_grid_markdown(stream, &grid);
    else
        print_grid(stream, report->arena, &grid);
}
