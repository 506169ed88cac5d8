/* The graph of one run into that of several: tensors get `times` as many images, those of a run
 * side by side. Layers that do the same with each image stay what they are. Those along the batch
 * that the network has of its own work on another axis, one of size 1, between two reshapes. */
#include "ir/batch.h"

#include <inttypes.h>

#include "ir/elaborator.h"
#include "ir/fields.h"
#include "ir/operators.h"
#include "ir/rewrite.h"
#include "ir/rules.h"
#include "lexer/checked.h"
#include "lexer/limits.h"

struct batching {
    struct rewrite rewrite;
    struct diagnostics *diagnostics;
    int64_t times;
    bool *differs;        /* by old id: depends on an input, and so has the images of all runs */
    struct node **copies; /* by old id, of what does not: `times` times it, once that is wanted */
};

enum { NO_AXIS = -1 };

/* --- sizes --- */

static struct shape of_all(const struct batching *b, struct shape single) {
    single.n *= b->times;
    return single;
}

/* Of one run, of a node of all. */
static struct shape of_one(const struct batching *b, const struct node *node) {
    struct shape single = node->shape;
    single.n /= b->times;
    return single;
}

/* The first axis behind the batch that is 1 in both; NO_AXIS: none is. */
static int free_axis(struct shape a, struct shape b) {
    for (int axis = AXIS_HEIGHT; axis <= AXIS_CHANNELS; axis++)
        if (*shape_along(&a, axis) == 1 && *shape_along(&b, axis) == 1)
            return axis;
    return NO_AXIS;
}

/* The axes of one run but for the free one, in order, behind the runs. */
static struct shape behind_runs(const struct batching *b, struct shape single, int gone) {
    struct shape moved = {.n = b->times};
    for (int axis = 0, to = AXIS_HEIGHT; axis < 4; axis++)
        if (axis != gone)
            *shape_along(&moved, to++) = *shape_along(&single, axis);
    return moved;
}

/* --- layers between --- */

static struct node *add_layer(struct batching *b, enum op op, const struct node *like,
                              const char *part, struct node *input, struct shape shape) {
    struct node *node = rewrite_add(&b->rewrite, op, like, input);
    node->path = arena_printf(b->rewrite.graph->arena, "%s.%s", like->path, part);
    node->shape = shape;
    node->attributes.size = shape; /* of reshape and expand */
    return node;
}

static struct node *reshaped(struct batching *b, const struct node *like, const char *part,
                             struct node *input, struct shape shape) {
    if (shape_equal(input->shape, shape))
        return input;
    struct node *node = add_layer(b, OP_RESHAPE, like, part, input, shape);
    follow_fields(b->rewrite.graph, node);
    return node;
}

/* What is the same in all runs, once for each. */
static struct node *copied(struct batching *b, const struct node *like, const struct node *old) {
    struct node **copies = &b->copies[old->id];
    if (*copies)
        return *copies;
    struct node *node = b->rewrite.replacement[old->id];
    node = add_layer(b, OP_TILE, like, "copies", node, of_all(b, node->shape));
    node->attributes.axes[AXIS_BATCH] = true;
    node->attributes.times = b->times;
    return *copies = node;
}

/* One image of each run `images` times; NULL where there is no axis to repeat it on. */
static struct node *repeated(struct batching *b, const struct node *like, struct node *node,
                             int64_t images) {
    struct shape single = of_one(b, node), wanted = single;
    struct sight *sights = node->sights;
    int gone = free_axis(single, single);
    wanted.n = images;
    if (gone == NO_AXIS)
        return NULL;
    node = reshaped(b, like, "apart", node, behind_runs(b, single, gone));
    node = add_layer(b, OP_EXPAND, like, "repeated", node, behind_runs(b, wanted, gone));
    follow_fields(b->rewrite.graph, node);
    node = reshaped(b, like, "together", node, of_all(b, wanted));
    node->sights = sights; /* as if it had not been elsewhere */
    return node;
}

/* --- layers along the batch --- */

/* The layer works behind the runs now; its result goes where it is expected. */
static void keep_apart(struct batching *b, struct node *node, struct shape single) {
    struct sight *sights = node->sights;
    node->sights = NULL;
    follow_fields(b->rewrite.graph, node);
    int id = node->id;
    rewrite_keep(&b->rewrite, node);
    struct node *last = reshaped(b, node, "together", node, of_all(b, single));
    last->sights = sights;
    b->rewrite.replacement[id] = last;
}

/* concat, slice, tile, expand and reductions, where some axis is 1 in all inputs and the result. */
static bool work_behind_runs(struct batching *b, struct node *node) {
    struct attributes *a = &node->attributes;
    struct shape single = node->shape, first = of_one(b, node->inputs[0]);
    int gone = node->op == OP_PAD ? NO_AXIS : free_axis(first, single); /* concat: of all inputs */
    if (gone == NO_AXIS)
        return false;
    for (int axis = AXIS_CHANNELS, to = axis; axis >= AXIS_BATCH; axis--)
        if (axis != gone)
            a->axes[to--] = a->axes[axis];
    a->axes[AXIS_BATCH] = false;
    for (int i = 0; i < node->input_count; i++)
        node->inputs[i] = reshaped(b, node, "apart", node->inputs[i],
                                   behind_runs(b, of_one(b, node->inputs[i]), gone));
    node->shape = behind_runs(b, single, gone);
    if (node->op == OP_EXPAND)
        a->size = node->shape;
    keep_apart(b, node, single);
    return true;
}

/* A permutation moves the axes that are not 1: three find room behind the runs, in their order. */
static bool permute_behind_runs(struct batching *b, struct node *node) {
    struct shape single = node->shape, input = of_one(b, node->inputs[0]);
    struct shape from = {b->times, 1, 1, 1}, result = from;
    struct permutation old = node->attributes.permutation, moved = {4, {0, 1, 2, 3}};
    int place[4] = {0}, left = 4;
    for (int axis = 4; axis-- > 0;)
        if (*shape_along(&input, axis) != 1 && left-- > 0) {
            place[axis] = left;
            *shape_along(&from, left) = *shape_along(&input, axis);
        }
    if (left == 0)
        return false;
    for (int axis = 4, to = 4; axis-- > 0;)
        if (*shape_along(&single, axis) != 1) {
            moved.of[--to] = place[old.of[axis]];
            *shape_along(&result, to) = *shape_along(&single, axis);
        }
    node->attributes.permutation = moved;
    node->inputs[0] = reshaped(b, node, "apart", node->inputs[0], from);
    node->shape = result;
    keep_apart(b, node, single);
    return true;
}

static bool is_along_batch(const struct batching *b, const struct node *node) {
    const struct attributes *a = &node->attributes;
    return a->axes[AXIS_BATCH] || a->batch_padding[0] || a->batch_padding[1] ||
           (node->op == OP_PERMUTE && a->permutation.of[0] != AXIS_BATCH) ||
           (node->op == OP_EXPAND && node->shape.n != of_one(b, node->inputs[0]).n);
}

/* A reduction of one image over other axes too is one over the others. */
static bool has_other_axes(const struct batching *b, struct node *node) {
    bool *axes = node->attributes.axes;
    bool others = axes[AXIS_HEIGHT] || axes[AXIS_WIDTH] || axes[AXIS_CHANNELS];
    if (operator_rules[node->op].shape != shape_reduce || !others ||
        of_one(b, node->inputs[0]).n != 1)
        return false;
    axes[AXIS_BATCH] = false;
    return true;
}

/* --- all layers --- */

/* Inputs have the images of all runs, and as many of each as the layer wants; or one for all where
 * it repeats that. False where that cannot be. */
static bool take_inputs(struct batching *b, struct node *node) {
    bool repeats = operator_rules[node->op].shape == shape_broadcast, can = true;
    for (int i = 0; i < node->input_count; i++) {
        const struct node *old = node->inputs[i];
        struct node *now = b->rewrite.replacement[old->id];
        if (!b->differs[old->id])
            now = repeats && now->shape.n == 1 ? now : copied(b, node, old);
        else if (repeats && of_one(b, now).n != node->shape.n)
            now = repeated(b, node, now, node->shape.n);
        can = can && now;
        node->inputs[i] = now;
    }
    return can;
}

static void keep(struct batching *b, struct node *node) {
    node->shape = of_all(b, node->shape);
    if (node->op == OP_RESHAPE || node->op == OP_EXPAND || node->op == OP_UPSAMPLE)
        node->attributes.size.n = node->shape.n;
    if (!checked_mul(node->macs, b->times, &node->macs))
        node->macs = INT64_MAX;
    rewrite_keep(&b->rewrite, node);
}

static bool convert(struct batching *b, struct node *node) {
    if (!take_inputs(b, node))
        return false;
    if (is_along_batch(b, node) && !has_other_axes(b, node))
        return node->op == OP_PERMUTE ? permute_behind_runs(b, node) : work_behind_runs(b, node);
    keep(b, node);
    return true;
}

static void report_mixture(struct batching *b, const struct node *node) {
    struct diagnostic *error = report_error(
        b->diagnostics, node->span, E0417_RUNS_MIX,
        "`%s` works along the batch, to %s in each run: the %" PRId64
        " runs of --batch cannot be kept apart",
        operators[node->op].name, shape_text(b->rewrite.graph->arena, node->shape), b->times);
    add_help(b->diagnostics, error,
             "a height, width or number of channels of 1 gives the batch another axis to be on");
    note_calls(b->diagnostics, node->call, error);
}

static void convert_all(struct batching *b) {
    struct graph *graph = b->rewrite.graph;
    for (size_t i = 0; i < b->rewrite.old_count; i++) {
        struct node *node = b->rewrite.old[i];
        if (!b->differs[node->id]) {
            rewrite_inputs(&b->rewrite, node);
            rewrite_keep(&b->rewrite, node);
        } else if (!convert(b, node)) {
            report_mixture(b, node);
            keep(b, node); /* what follows may have mistakes of its own */
        }
    }
    for (size_t i = 0; i < graph->output_count; i++) {
        const struct node *node = graph->outputs[i].node;
        if (!b->differs[node->id])
            b->rewrite.replacement[node->id] = copied(b, node, node);
    }
}

/* Finds what differs from run to run. False, after errors, where it becomes too large. */
static bool find_differences(struct batching *b, const struct graph *graph) {
    bool fits = true;
    for (size_t i = 0; i < graph->node_count; i++) {
        const struct node *node = graph->nodes[i];
        bool *differs = &b->differs[node->id];
        *differs = node->op == OP_INPUT;
        for (int k = 0; k < node->input_count; k++)
            *differs = *differs || b->differs[node->inputs[k]->id];
        struct shape all = of_all(b, node->shape);
        if (all.n <= LIMIT_DIMENSION && shape_count(node->shape) <= LIMIT_VALUES / b->times)
            continue;
        report_error(b->diagnostics, node->span, E0904_TENSOR_TOO_LARGE,
                     "a tensor of %s is too large, once for each of --batch %" PRId64,
                     shape_text(graph->arena, node->shape), b->times);
        fits = false;
    }
    return fits;
}

bool batch_graph(struct graph *graph, struct diagnostics *diagnostics, int64_t times) {
    struct arena scratch = {0};
    size_t errors = diagnostics->error_count;
    struct batching b = {
        .diagnostics = diagnostics,
        .times = times,
        .differs = ARENA_ARRAY(&scratch, bool, graph->node_count + 1),
        .copies = ARENA_ARRAY(&scratch, struct node *, graph->node_count + 1),
    };
    if (find_differences(&b, graph)) {
        rewrite_open(&b.rewrite, graph);
        convert_all(&b);
        rewrite_close(&b.rewrite);
    }
    arena_free(&scratch);
    return diagnostics->error_count == errors;
}
