/* Why branches that were halved and doubled again do not meet: the layer where a size was no
 * multiple of the stride. */
#include <inttypes.h>

#include "ir/elaborator.h"
#include "ir/fields.h"
#include "ir/operators.h"
#include "ir/rules.h"

static int64_t size_along(const struct node *node, int axis) {
    return axis ? node->shape.w : node->shape.h;
}

static bool leaves_rest(const struct node *node, int axis) {
    if (operator_rules[node->op].reading != reading_window || node->attributes.global)
        return false;
    return size_along(node->inputs[0], axis) % node->attributes.stride[axis] != 0;
}

/* The last such layer on the way to `node`, along the first inputs. */
static const struct node *find_rest(const struct node *node, int axis) {
    enum { STEPS_MAX = 1000 };
    for (int i = 0; node->input_count && i < STEPS_MAX; i++) {
        if (leaves_rest(node, axis))
            return node;
        node = node->inputs[0];
    }
    return NULL;
}

static void help_with_multiple(struct elaborator *e, struct diagnostic *error,
                               const struct node *node, int axis) {
    int64_t jump, period;
    if (node->sights && field_stride(node->sights, axis, &jump, &period) && jump % period == 0)
        add_help(e->diagnostics, error, "an input whose %s is a multiple of %" PRId64 " fits",
                 axis ? "width" : "height", jump / period);
}

void explain_remainder(struct elaborator *e, struct diagnostic *error, const struct node *join) {
    for (int axis = 0; axis < 2; axis++)
        for (int i = 0; i < join->input_count; i++) {
            const struct node *input = join->inputs[i], *rest;
            bool differs = size_along(input, axis) != size_along(join->inputs[i ? 0 : 1], axis);
            if (!differs || !(rest = find_rest(input, axis)))
                continue;
            int64_t stride = rest->attributes.stride[axis], out = size_along(rest, axis);
            add_note(e->diagnostics, error, rest->span,
                     "%" PRId64 " %s are no multiple of the stride %" PRId64
                     ": they become %" PRId64 ", and %" PRId64 " times that is %" PRId64,
                     size_along(rest->inputs[0], axis), axis ? "columns" : "rows", stride, out,
                     stride, out * stride);
            help_with_multiple(e, error, rest, axis);
            return;
        }
}
