/* What a layer reads: for each operator, which units of an input a unit of its output depends on,
 * along one axis. All that is known about receptive fields follows from this. */
#ifndef CNNC_IR_READINGS_H
#define CNNC_IR_READINGS_H

#include "ir/resampling.h"

enum rounding {
    ROUND_EXACT,  /* only where the division leaves no rest */
    ROUND_DOWN,   /* the unit below */
    ROUND_AROUND, /* as many units below as above; where the division leaves no rest, only the one
                   */
};

/* Unit u of the output, first <= u < first + units, reads the units
 *     (numerator * u + start + k * step) / denominator,  k = 0 .. count - 1
 * of the input; outside it lies padding, of the kind `border`. */
struct reading {
    int64_t numerator, start, step, count, denominator;
    enum rounding rounding;
    enum border_mode border;
    int64_t first, units;
    int64_t input_units, output_units;
    bool all;                            /* every unit reads all of the input */
    bool irregular;                      /* the form does not go on beyond these units */
    const struct resampling *resampling; /* in place of the form: what has a weight */
};

/* How `node` reads its input number `input` along height (axis 0) or width (axis 1). */
struct reading reading_of(const struct node *node, int input, int axis);

/* The k-th unit that unit u reads, as if the input had no end; false where there is none. */
bool reads_unit(const struct reading *reading, int64_t u, int64_t k, int64_t *unit);
/* The same for the input as it is: false where it finds padding. */
bool reads_inside(const struct reading *reading, int64_t u, int64_t k, int64_t *unit);
/* Every unit u of the output reads unit u and nothing else, and there are no others. */
bool reads_same(const struct reading *reading);

#endif
