/* Warnings about branches that meet and look at different places of an input. */
#include <inttypes.h>
#include <math.h>

#include "ir/elaborator.h"
#include "ir/fields.h"
#include "ir/values.h"
#include "ir/warnings/kinds.h"

static const struct sight *sight_of(const struct node *node, const struct node *input) {
    for (const struct sight *s = node->sights; s; s = s->next)
        if (s->input == input)
            return s;
    return NULL;
}

static bool slides(const struct sight *sight, int axis) {
    return sight && sight->interior[axis].uniform && !sight->interior[axis].fixed;
}

/* The input is read place by place, and slides over the network input. */
static bool comparable(const struct node *node, int k, const struct node *input, int axis) {
    struct reading reading = reading_of(node, k, axis);
    return reads_same(&reading) && slides(sight_of(node->inputs[k], input), axis);
}

/* --- Why centres differ. --- */

/* Layers of two branches that move centres. A window's is in the middle between its stride's
 * pixels, as upsampling wants it, where K_eff - 2 * before is the stride. */
struct cause {
    const struct node *enlarging; /* an upsampling or the like */
    const struct node *moving;
};

static void inspect(struct cause *cause, const struct node *node, int axis) {
    struct reading (*reading)(const struct node *, int, int) = operator_rules[node->op].reading;
    bool deconv = reading == reading_deconv;
    if (reading == reading_rescale || deconv)
        cause->enlarging = node;
    if (!is_window(node) && !deconv)
        return;
    struct window w = window_of(&node->attributes, node->inputs[0]->shape, axis);
    int64_t extent = 0;
    window_extent(&w, &extent);
    if (extent - 2 * w.before != w.stride)
        cause->moving = node;
}

/* From both branches back to where they part, along the first inputs: whoever is further from the
 * input goes a step. */
static struct cause find_cause(const struct node *a, const struct node *b, int axis) {
    struct cause cause = {NULL, NULL};
    while (a != b) {
        const struct node **later = a->id > b->id ? &a : &b;
        inspect(&cause, *later, axis);
        if (!(*later)->input_count)
            break;
        *later = (*later)->inputs[0];
    }
    return cause;
}

static void help_with_centres(struct diagnostics *diagnostics, struct diagnostic *warning,
                              const struct node *a, const struct node *b, int axis) {
    struct cause cause = find_cause(a, b, axis);
    int64_t stride = cause.moving ? cause.moving->attributes.stride[axis] : 1;
    if (cause.enlarging && stride > 1)
        add_help(diagnostics, warning,
                 "what is enlarged again lies between its pixels: `%s` fits that with kernel - 2 * "
                 "padding = stride, as conv(%" PRId64 ", stride = %" PRId64
                 ", padding = 1) and maxpool(%" PRId64 ") have it",
                 cause.moving->path, stride + 2, stride, stride);
    else
        add_help(diagnostics, warning,
                 "odd kernels with padding (K - 1)/2 on every side keep centres where they are");
}

/* --- Comparing. --- */

struct joins {
    const struct graph *graph;
    struct diagnostics *diagnostics;
    bool *shifted; /* by id: its branches are, or those of a layer before; it has no one centre */
};

/* One call of several operands is a chain of layers: the first operand stands for its beginning. */
static const struct node *operand_of(const struct node *node, int k) {
    const struct node *operand = node->inputs[k];
    while (operand->op == node->op && operand->span.start == node->span.start &&
           operand->span.source == node->span.source && operand->input_count > 1 &&
           operand->call == node->call)
        operand = operand->inputs[0];
    return operand;
}

static bool equal_strides(const struct interior *a, const struct interior *b) {
    return (__int128)a->jump * b->period == (__int128)b->jump * a->period;
}

static void warn_strides(const struct joins *j, const struct node *node, const struct node *a,
                         const struct node *b, const struct interior *x, const struct interior *y,
                         int axis) {
    struct arena *arena = j->graph->arena;
    struct diagnostic *warning = report_warning(
        j->diagnostics, node->span, W0105_UNEQUAL_STRIDES,
        "%s joins branches of unequal stride: %ss of `%s` are %s pixels apart, of `%s` %s",
        operators[node->op].name, unit_text(axis), a->path,
        fraction_text(arena, x->jump, x->period), b->path,
        fraction_text(arena, y->jump, y->period));
    add_help(j->diagnostics, warning,
             "they look at different places of the input, the further the more: give both "
             "branches the same strides");
    note_calls(j->diagnostics, node->call, warning);
}

static void warn_centres(const struct joins *j, const struct node *node, const struct node *a,
                         const struct node *b, const double centres[2], int axis) {
    struct arena *arena = j->graph->arena;
    struct diagnostic *warning = report_warning(
        j->diagnostics, node->span, W0106_SHIFTED_BRANCHES,
        "%s joins branches that are shifted: the first %s's field has its centre at %s in "
        "`%s`, at %s in `%s`",
        operators[node->op].name, unit_text(axis), figure_text(arena, centres[0], 6), a->path,
        figure_text(arena, centres[1], 6), b->path);
    help_with_centres(j->diagnostics, warning, a, b, axis);
    note_calls(j->diagnostics, node->call, warning);
}

/* Inputs k and l of the node do not see the same places; false where they do. */
static bool warn_branches(const struct joins *j, const struct node *node, int k, int l,
                          const struct node *input, int axis) {
    const struct node *first = operand_of(node, k), *second = operand_of(node, l);
    const struct sight *a = sight_of(node->inputs[k], input), *b = sight_of(node->inputs[l], input);
    const struct interior *x = &a->interior[axis], *y = &b->interior[axis];
    double centres[2], strides = (double)x->jump / (double)x->period;
    if (!equal_strides(x, y)) {
        warn_strides(j, node, first, second, x, y, axis);
        return true;
    }
    if (x->placed || y->placed || !field_centre(a, axis, &centres[0]) ||
        !field_centre(b, axis, &centres[1]) || fabs(centres[0] - centres[1]) <= 1e-6 * strides)
        return false;
    warn_centres(j, node, first, second, centres, axis);
    return true;
}

/* All inputs with the first that can be compared: for each network input, along each axis. What is
 * true of one pair is not told again of the others. */
static bool check_join(const struct joins *j, const struct node *node) {
    for (const struct sight *s = node->sights; s; s = s->next)
        for (int axis = 0; axis < 2; axis++) {
            int first = -1;
            for (int k = 0; k < node->input_count; k++) {
                if (j->shifted[node->inputs[k]->id] || !comparable(node, k, s->input, axis))
                    continue;
                if (first >= 0 && warn_branches(j, node, first, k, s->input, axis))
                    return true;
                first = first < 0 ? k : first;
            }
        }
    return false;
}

void warn_joins(const struct graph *graph, struct diagnostics *diagnostics) {
    struct arena scratch = {0};
    struct joins j = {graph, diagnostics, ARENA_ARRAY(&scratch, bool, graph->node_count + 1)};
    for (size_t i = 0; i < graph->node_count; i++) {
        const struct node *node = graph->nodes[i];
        j.shifted[i] = node->input_count > 1 && check_join(&j, node);
        for (int k = 0; k < node->input_count; k++)
            j.shifted[i] = j.shifted[i] || j.shifted[node->inputs[k]->id];
    }
    arena_free(&scratch);
}
