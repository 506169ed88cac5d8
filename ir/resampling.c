/* Positions and filters of resized pictures into tables of weights. Positions are taken in double
 * precision, in the order that docs/language.md gives. */
#include "ir/resampling.h"

#include <math.h>

/* One axis of a resized picture. */
struct axis {
    const struct attributes *attributes;
    int64_t in, out;
    double scale;      /* as given; 0: out / in */
    double start, end; /* of the region */
};

/* `units` of the result, in units of the input. */
static double scaled(const struct axis *a, double units) {
    return a->scale > 0 ? units / a->scale : units * (double)a->in / (double)a->out;
}

/* How long the result would be if lengths were no whole numbers. */
static double length(const struct axis *a) {
    return a->scale > 0 ? a->scale * (double)a->in : (double)a->out;
}

/* Where unit u of the result lies in the input, whose unit i is at i. */
static double position(const struct axis *a, int64_t u) {
    double x = (double)u, in = (double)a->in;
    bool one = length(a) == 1;
    switch (a->attributes->align) {
    case ALIGN_HALF_PIXEL:
        break;
    case ALIGN_CORNERS:
        return one ? 0 : x * (in - 1) / (length(a) - 1);
    case ALIGN_ASYMMETRIC:
        return scaled(a, x);
    case ALIGN_PYTORCH_HALF_PIXEL:
        return length(a) > 1 ? scaled(a, x + 0.5) - 0.5 : 0;
    case ALIGN_HALF_PIXEL_SYMMETRIC:
        return in / 2 * (1 - (double)a->out / length(a)) + scaled(a, x + 0.5) - 0.5;
    case ALIGN_TF_HALF_PIXEL:
        return scaled(a, x + 0.5);
    case ALIGN_CROP:
        return (one ? (a->end - a->start) * (in - 1) / 2
                    : x * (a->end - a->start) * (in - 1) / (length(a) - 1)) +
               a->start * (in - 1);
    }
    return scaled(a, x + 0.5) - 0.5;
}

static double rounded(enum resize_rounding rounding, double x) {
    double below = floor(x), rest = x - below;
    switch (rounding) {
    case ROUNDING_PREFER_FLOOR:
        return rest <= 0.5 ? below : below + 1;
    case ROUNDING_PREFER_CEIL:
        return rest < 0.5 ? below : below + 1;
    case ROUNDING_FLOOR:
        return below;
    case ROUNDING_CEIL:
        return ceil(x);
    }
    return below;
}

/* The weight of what lies t units from a position: a triangle, or Keys' cubic (1981). */
static double filter(const struct attributes *attributes, double t) {
    double a = attributes->coefficient;
    t = fabs(t);
    if (attributes->mode == RESIZE_BILINEAR)
        return t < 1 ? 1 - t : 0;
    if (t < 1)
        return ((a + 2) * t - (a + 3)) * t * t + 1;
    return t < 2 ? ((a * t - 5 * a) * t + 8 * a) * t - 4 * a : 0;
}

/* What the filter is stretched by where a picture shrinks, and how far it reaches then. */
static double stretch(const struct axis *a) {
    double scale = a->scale > 0 ? a->scale : (double)a->out / (double)a->in;
    return a->attributes->antialias && scale < 1 ? scale : 1;
}

static double reach(const struct axis *a) {
    if (a->attributes->mode == RESIZE_NEAREST)
        return 0;
    return (a->attributes->mode == RESIZE_BICUBIC ? 2 : 1) / stretch(a);
}

static int64_t inside(const struct axis *a, double unit) {
    return unit <= 0 ? 0 : unit >= (double)a->in ? a->in - 1 : (int64_t)unit;
}

/* The units first .. last that a position is made of; what lies outside is the border's. */
struct run {
    double at, low, high;
    int64_t first, last;
};

static struct run run_at(const struct axis *a, int64_t u) {
    const double far = 0x1p40; /* everything there is the border's */
    struct run run = {.at = fmin(fmax(position(a, u), -far), far)};
    if (a->attributes->mode == RESIZE_NEAREST)
        run.low = run.high = rounded(a->attributes->rounding, run.at);
    else {
        run.low = floor(run.at - reach(a)) + 1;
        run.high = ceil(run.at + reach(a)) - 1;
    }
    run.first = inside(a, run.low);
    run.last = inside(a, run.high);
    return run;
}

static bool is_outside(const struct axis *a, double at) {
    return a->attributes->align == ALIGN_CROP && (at < 0 || at > (double)(a->in - 1));
}

/* The weights of a run, which begin with that of unit `first`. */
static void weigh(const struct axis *a, const struct run *run, int64_t first, double *weights) {
    double sum = 0;
    if (a->attributes->mode == RESIZE_NEAREST) {
        weights[run->first - first] = 1;
        return;
    }
    for (double i = run->low; i <= run->high; i++) {
        double weight = filter(a->attributes, (i - run->at) * stretch(a));
        bool outside = i < 0 || i > (double)(a->in - 1);
        if (outside && a->attributes->exclude_outside)
            continue;
        weights[inside(a, i) - first] += weight;
        sum += weight;
    }
    for (int64_t k = run->first - first; k <= run->last - first && sum != 0; k++)
        weights[k] /= sum;
    if (sum == 0) /* all of it is excluded */
        weights[inside(a, run->at) - first] = 1;
}

/* False where the table would be too large. */
static bool count_taps(const struct axis *a, int64_t *taps) {
    double steps = (2 * reach(a) + 2) * (double)a->out;
    *taps = 1;
    if (!(steps <= LIMIT_RESAMPLING))
        return false;
    for (int64_t u = 0; u < a->out; u++) {
        struct run run = run_at(a, u);
        int64_t own = run.last - run.first + 1;
        if (!is_outside(a, run.at) && own > *taps)
            *taps = own;
    }
    return true;
}

const struct resampling *make_resampling(struct arena *arena, const struct attributes *attributes,
                                         int axis, int64_t in, int64_t out) {
    struct axis a = {
        .attributes = attributes, .in = in, .out = out, .scale = attributes->scale[axis]};
    a.start = attributes->region[axis ? LEFT : TOP];
    a.end = attributes->region[axis ? RIGHT : BOTTOM];
    struct resampling *table = ARENA_NEW(arena, struct resampling);
    table->units = out;
    if (!count_taps(&a, &table->taps))
        return NULL;
    table->first = ARENA_ARRAY(arena, int64_t, out);
    table->weights = ARENA_ARRAY(arena, double, out * table->taps);
    for (int64_t u = 0; u < out; u++) {
        struct run run = run_at(&a, u);
        int64_t last_start = in - table->taps;
        table->first[u] = run.first < last_start ? run.first : last_start;
        if (is_outside(&a, run.at))
            table->first[u] = -1;
        else
            weigh(&a, &run, table->first[u], &table->weights[u * table->taps]);
    }
    return table;
}
