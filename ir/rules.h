/* The operators' rules, declared from the table, and the helpers they share. */
#ifndef CNNC_IR_RULES_H
#define CNNC_IR_RULES_H

#include "ir/layer.h"
#include "ir/readings.h"
#include "ir/window.h"

#define OP(id, keyword, attributes, inputs, shape, field, cost, parameters, lower, summary)        \
    bool shape_##shape(struct layer *layer);                                                       \
    struct reading reading_##field(const struct node *node, int input, int axis);                  \
    int64_t cost_##cost(const struct node *node);                                                  \
    bool parameters_##parameters(struct layer *layer);
#include "ir/ops.def"
#undef OP

/* A window layer along height (axis 0) or width (axis 1), from its resolved attributes. */
struct window window_of(const struct attributes *attributes, struct shape input, int axis);
/* Reflect padding needs more pixels than it mirrors; the error goes to the named attribute. */
bool check_reflection(struct layer *layer, const char *attribute);
/* Numbers of pixels in such a picture, as floats, are exact; else an error. */
bool check_places(struct layer *layer, struct shape picture);
/* One size of a shape by AXIS_... */
int64_t *shape_along(struct shape *shape, int axis);
const char *axis_text(int axis);       /* "height" */
const char *axis_sizes_text(int axis); /* "heights" */
/* The axis that is set in attributes.axes; AXIS_CHANNELS where none is. */
int chosen_axis(const struct attributes *attributes);

#endif
