/* Receptive fields: what each tensor sees of each input, exactly. docs/receptive-fields.md defines
 * every word that is used here. */
#ifndef CNNC_IR_FIELDS_H
#define CNNC_IR_FIELDS_H

#include "ir/graph.h"

/* Rows (or columns) of an input, both ends included; first > last: none. */
struct extent {
    int64_t first, last;
};

/* What one unit sees, as ranges in ascending order that do not touch. */
struct seen {
    const struct extent *ranges;
    int64_t count;
};

/* Where the weight of a unit falls on the input, every window being a mean of what it reads: the
 * sums of w, w*x and w*x*x over its pixels, x counted from the input's middle. */
struct weight {
    double mass, first, second;
};

/* Of every unit along one axis. */
struct view {
    int64_t units, most;          /* most: ranges of one unit */
    const struct seen *seen;      /* by any path */
    const struct seen *every;     /* by every path: where branches meet, what all of them see */
    const struct weight *weights; /* by any path */
};

/* The interior: what units would see if no tensor had borders. Unit u + period sees what unit u
 * sees, `jump` pixels further on. */
struct interior {
    bool uniform; /* else no such formula holds, and nothing else here is of use */
    bool fixed;   /* every unit sees what units[0] says */
    bool placed;  /* a slice, crop or pad has put it where it is, on purpose */
    int64_t jump, period;
    const struct extent *units; /* of the units 0 .. period - 1 */
};

/* What a tensor sees of one input, along height and width. */
struct sight {
    const struct node *input;
    struct interior interior[2];
    const struct view *view[2]; /* NULL: too much to follow */
    struct sight *next;
};

/* Fills node->sights from those of its inputs; nodes are followed in the graph's order. Where a
 * network asks for more than memory and time allow, views are NULL from there on. */
void follow_fields(struct graph *graph, struct node *node);

/* Figures of a sight along an axis. Each is false where it is not known. */
bool field_size(const struct sight *sight, int axis, int64_t *size);
bool field_stride(const struct sight *sight, int axis, int64_t *jump, int64_t *period);
bool field_offset(const struct sight *sight, int axis, int64_t *offset);
bool field_centre(const struct sight *sight, int axis, double *centre);
/* How many units are cut at the input's beginning and at its end. */
bool field_borders(const struct sight *sight, int axis, int64_t *before, int64_t *after);
/* Of the middle unit: the share of its interval that it sees, and the standard deviation of its
 * weight in pixels. */
bool field_density(const struct sight *sight, int axis, double *share);
bool field_effective(const struct sight *sight, int axis, double *deviation);
/* First and last of what a unit sees. */
struct extent seen_hull(const struct seen *seen);
/* The input's size along the axis. */
int64_t sight_extent(const struct sight *sight, int axis);

/* views.c */
/* What one operand brings to a view: how it is read, what it sees, its share where means are
 * taken. */
struct operand {
    struct reading *reading;
    const struct sight *sight;
    double share;
};
const struct view *make_view(struct graph *graph, int64_t units, const struct operand *operands,
                             int count, int axis);
const struct view *input_view(struct graph *graph, int64_t units);
/* interior.c */
struct interior make_interior(struct graph *graph, const struct operand *operands, int count,
                              int axis, int64_t extent, const struct view *view);
struct interior input_interior(struct graph *graph);

#endif
