/* The interior of receptive fields: size, stride and offset far from every border. A field is a
 * short table of what the first units see, which repeats with the jump. */
#include "ir/fields.h"
#include "ir/readings.h"
#include "lexer/checked.h"

enum { PERIOD_MAX = 1 << 16, TAPS_MAX = 1 << 20, UNITS_MAX = 1 << 22 };

static const struct interior not_uniform = {.uniform = false};

static int64_t greatest_divisor(int64_t a, int64_t b) {
    while (b) {
        int64_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

struct interior input_interior(struct graph *graph) {
    struct extent *unit = ARENA_NEW(graph->arena, struct extent);
    return (struct interior){.uniform = true, .jump = 1, .period = 1, .units = unit};
}

static bool is_empty(struct extent extent) {
    return extent.first > extent.last;
}

static struct extent hull(struct extent a, struct extent b) {
    if (is_empty(a) || is_empty(b))
        return is_empty(a) ? b : a;
    return (struct extent){a.first < b.first ? a.first : b.first,
                           a.last > b.last ? a.last : b.last};
}

/* What unit u sees, u any number. */
static bool unit_at(const struct interior *in, int64_t u, struct extent *seen) {
    int64_t turn = u / in->period - (u % in->period < 0), by;
    *seen = in->units[u - turn * in->period];
    if (is_empty(*seen))
        return true;
    return checked_mul(turn, in->jump, &by) && checked_add(seen->first, by, &seen->first) &&
           checked_add(seen->last, by, &seen->last);
}

/* What unit u sees through the reading. What it reads shifts in equal steps, so that the first and
 * the last period of its reads decide. */
static bool read_unit(const struct interior *in, const struct reading *r, int64_t u,
                      int64_t repeats, struct extent *seen) {
    *seen = (struct extent){0, -1};
    for (int64_t k = 0; k < r->count; k++) {
        int64_t unit;
        struct extent part;
        if (k == repeats && r->count > 2 * repeats)
            k = r->count - repeats;
        if (!reads_unit(r, u, k, &unit))
            continue;
        if (!unit_at(in, unit, &part))
            return false;
        *seen = hull(*seen, part);
    }
    return true;
}

/* Room for what the first units see; NULL where a network asks for too much. */
static struct extent *new_table(struct graph *graph, int64_t period) {
    graph->follow.tables += period;
    return graph->follow.tables <= UNITS_MAX ? ARENA_ARRAY(graph->arena, struct extent, period)
                                             : NULL;
}

/* A sliding field through a layer: the unit `period` further on must read a whole number of
 * periods further on. */
static struct interior slide(struct graph *graph, const struct interior *in,
                             const struct reading *reading) {
    struct reading r = *reading; /* for all numbers, not only the units there are */
    struct interior out = {.uniform = true};
    int64_t unit, turns, most;
    r.first = INT64_MIN / 2;
    r.units = INT64_MAX;
    if (!checked_mul(in->period, r.denominator, &unit))
        return not_uniform;
    int64_t divisor = greatest_divisor(r.numerator, unit);
    out.period = unit / divisor;
    turns = r.numerator / divisor; /* periods of `in` that a period here goes on */
    int64_t repeats = r.step > 0 ? unit / greatest_divisor(r.step, unit) : r.count;
    if (!checked_mul(turns, in->jump, &out.jump) || out.period > PERIOD_MAX ||
        !checked_mul(out.period, 2 * repeats < r.count ? 2 * repeats : r.count, &most) ||
        most > TAPS_MAX)
        return not_uniform;
    struct extent *units = new_table(graph, out.period);
    for (int64_t u = 0; units && u < out.period; u++)
        if (!read_unit(in, &r, u, repeats, &units[u]))
            return not_uniform;
    out.units = units;
    return units ? out : not_uniform;
}

static struct interior fixed_at(struct graph *graph, struct extent seen, int64_t jump,
                                int64_t period) {
    struct extent *unit = ARENA_NEW(graph->arena, struct extent);
    *unit = seen;
    return (struct interior){
        .uniform = true, .fixed = true, .jump = jump, .period = period, .units = unit};
}

/* Through one operand. A field that is repeated along the axis has jump 0, until a join knows
 * better. */
static struct interior read_operand(struct graph *graph, const struct operand *operand, int axis,
                                    int64_t extent) {
    const struct reading *r = operand->reading;
    const struct interior *in = &operand->sight->interior[axis];
    if (r->all || r->numerator == 0) {
        const struct view *view = operand->sight->view[axis];
        if (!view)
            return not_uniform;
        struct extent seen = seen_hull(&view->seen[0]);
        for (int64_t u = 1; r->all && u < view->units; u++)
            seen = hull(seen, seen_hull(&view->seen[u]));
        return fixed_at(graph, seen, r->all ? extent : 0, 1);
    }
    if (!in->uniform || r->irregular || r->units != r->output_units) /* side by side with others */
        return not_uniform;
    struct interior out = *in;
    if (!in->fixed) {
        out = reads_same(r) ? *in : slide(graph, in, r);
        out.placed = in->placed || (r->count == 1 && r->start != 0);
        return out;
    }
    int64_t divisor;
    if (!checked_mul(in->jump, r->numerator, &out.jump) ||
        !checked_mul(in->period, r->denominator, &out.period))
        return not_uniform;
    divisor = greatest_divisor(out.jump, out.period);
    out.jump /= divisor;
    out.period /= divisor;
    return out;
}

/* A fixed field that holds all that units of the joined tensor see. */
static bool holds_all(const struct interior *in, const struct view *view) {
    if (!in->uniform || !in->fixed || !view)
        return false;
    for (int64_t u = 0; u < view->units; u++) {
        struct extent seen = seen_hull(&view->seen[u]);
        if (!is_empty(seen) && (seen.first < in->units[0].first || seen.last > in->units[0].last))
            return false;
    }
    return true;
}

static bool equal_strides(const struct interior *a, const struct interior *b) {
    int64_t left, right;
    return checked_mul(a->jump, b->period, &left) && checked_mul(b->jump, a->period, &right) &&
           left == right;
}

/* Two fields that slide alike. */
static struct interior join_sliding(struct graph *graph, const struct interior *a,
                                    const struct interior *b) {
    struct interior out = {.uniform = true, .placed = a->placed || b->placed};
    int64_t times = b->period / greatest_divisor(a->period, b->period);
    if (!equal_strides(a, b) || !checked_mul(a->period, times, &out.period) ||
        !checked_mul(a->jump, times, &out.jump) || out.period > PERIOD_MAX)
        return not_uniform;
    struct extent *units = new_table(graph, out.period);
    for (int64_t u = 0; units && u < out.period; u++) {
        struct extent x, y;
        if (!unit_at(a, u, &x) || !unit_at(b, u, &y))
            return not_uniform;
        units[u] = hull(x, y);
    }
    out.units = units;
    return units ? out : not_uniform;
}

/* What both see. The stride of a fixed field is the maker's to say. */
static struct interior join(struct graph *graph, const struct interior *a, const struct interior *b,
                            const struct view *view) {
    if (a->uniform && b->uniform && !a->fixed && !b->fixed)
        return join_sliding(graph, a, b);
    if (holds_all(a, view))
        return *a;
    if (holds_all(b, view))
        return *b;
    if (a->uniform && b->uniform && a->fixed && b->fixed)
        return fixed_at(graph, hull(a->units[0], b->units[0]), a->jump, a->period);
    return not_uniform;
}

struct interior make_interior(struct graph *graph, const struct operand *operands, int count,
                              int axis, int64_t extent, const struct view *view) {
    struct interior result = not_uniform;
    struct interior leader = not_uniform; /* the first that slides, or else that is not repeated */
    for (int i = 0; i < count; i++) {
        struct interior next = read_operand(graph, &operands[i], axis, extent);
        result = i ? join(graph, &result, &next, view) : next;
        bool slides = next.uniform && !next.fixed;
        bool better = slides ? !leader.uniform || leader.fixed : !leader.uniform;
        if (next.uniform && next.jump != 0 && better)
            leader = next;
    }
    if (result.uniform && result.fixed) {
        result.jump = leader.uniform ? leader.jump : extent; /* repeated: as far as whole inputs */
        result.period = leader.uniform ? leader.period : 1;
    }
    return result;
}
