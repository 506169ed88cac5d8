/* Random graphs, run by definition and run in the memory that the passes planned for them: every
 * output value must have been made by the same layers from the same inputs. That finds stale and
 * overwritten values, wrong views, wrong borders and fusion that changes anything. */
#include <inttypes.h>

#include "ir/fuse.h"
#include "ir/loops.h"
#include "ir/padding.h"
#include "ir/plan.h"
#include "ir/simplify.h"
#include "ir/verify.h"
#include "tests/unit/symbols.h"

enum { GRAPHS = 12000, MOST_NODES = 24, MOST_VALUES = 1500 };

static uint64_t random_bits(uint64_t *state) {
    uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

/* low..high, both ends included */
static int64_t pick(uint64_t *state, int64_t low, int64_t high) {
    return low + (int64_t)(random_bits(state) % (uint64_t)(high - low + 1));
}

/* Recent nodes are likelier, so that graphs are deep as well as wide. */
static struct node *pick_node(struct graph *graph, uint64_t *state) {
    int64_t last = (int64_t)graph->node_count - 1, reach = pick(state, 0, 3) ? 3 : last;
    return graph->nodes[pick(state, last > reach ? last - reach : 0, last)];
}

static struct node *add(struct graph *graph, enum op op, struct node *input) {
    struct node *node = graph_add(graph, op, 1);
    node->inputs[0] = input;
    node->shape = input->shape;
    node->path = arena_printf(graph->arena, "%s%d", operators[op].name, node->id);
    return node;
}

static bool add_window(struct graph *graph, struct node *x, uint64_t *state) {
    enum op op = (enum op[]){OP_CONV, OP_CONV, OP_DEPTHWISE, OP_MAXPOOL}[pick(state, 0, 3)];
    struct node *node = add(graph, op, x);
    struct attributes *a = &node->attributes;
    int64_t out[2];
    a->padding_mode = op == OP_MAXPOOL ? BORDER_ZEROS : (enum border_mode)pick(state, 0, 3);
    for (int axis = 0; axis < 2; axis++) {
        int64_t in = axis ? x->shape.w : x->shape.h, *padding = &a->padding[axis];
        a->kernel[axis] = pick(state, 1, 3);
        a->stride[axis] = pick(state, 1, 2);
        a->dilation[axis] = op == OP_MAXPOOL ? 1 : pick(state, 1, 2);
        int64_t most = op == OP_MAXPOOL ? a->kernel[axis] - 1 : 2;
        if (a->padding_mode == BORDER_REFLECT && most > in - 1)
            most = in - 1;
        padding[0] = pick(state, 0, 2) ? pick(state, 0, most) : 0; /* padding[2] is the far side */
        padding[2] = pick(state, 0, 2) ? padding[0] : pick(state, 0, most);
        int64_t room = in + padding[0] + padding[2] - a->dilation[axis] * (a->kernel[axis] - 1) - 1;
        if (room < 0)
            return false;
        out[axis] = room / a->stride[axis] + 1;
    }
    node->shape.h = out[0];
    node->shape.w = out[1];
    a->groups = op == OP_DEPTHWISE ? x->shape.c : 1;
    if (op == OP_CONV) {
        a->groups = x->shape.c % 2 == 0 && pick(state, 0, 3) == 0 ? 2 : 1;
        node->shape.c = a->groups * pick(state, 1, 3);
    } else if (op == OP_DEPTHWISE)
        node->shape.c *= pick(state, 1, 2);
    a->depth = node->shape.c;
    return true;
}

static bool add_deconv(struct graph *graph, struct node *x, uint64_t *state) {
    struct node *node = add(graph, OP_DECONV, x);
    struct attributes *a = &node->attributes;
    int64_t out[2];
    for (int axis = 0; axis < 2; axis++) {
        int64_t in = axis ? x->shape.w : x->shape.h;
        a->kernel[axis] = pick(state, 1, 4);
        a->stride[axis] = pick(state, 1, 3);
        a->dilation[axis] = pick(state, 1, 2);
        a->padding[axis] = pick(state, 0, 2);
        a->padding[axis + 2] = pick(state, 0, 2);
        out[axis] = (in - 1) * a->stride[axis] + a->dilation[axis] * (a->kernel[axis] - 1) + 1 -
                    a->padding[axis] - a->padding[axis + 2];
    }
    a->groups = 1;
    a->depth = pick(state, 1, 3);
    node->shape = (struct shape){x->shape.n, out[0], out[1], a->depth};
    return out[0] > 0 && out[1] > 0;
}

static bool add_elementwise(struct graph *graph, struct node *x, uint64_t *state) {
    static const enum op ops[] = {OP_RELU, OP_TANH, OP_SIGMOID, OP_ABS, OP_NEGATE, OP_POWER};
    struct node *node = add(graph, ops[pick(state, 0, 5)], x);
    if (node->op == OP_POWER) {
        node->attributes.has_scalar = true;
        node->attributes.scalar = (double)pick(state, 2, 4);
    }
    return true;
}

static bool fits(int64_t a, int64_t b) {
    return a == b || a == 1 || b == 1;
}

static int64_t larger(int64_t a, int64_t b) {
    return a > b ? a : b;
}

static bool add_binary(struct graph *graph, struct node *x, uint64_t *state) {
    static const enum op ops[] = {OP_ADD, OP_SUB, OP_MUL, OP_MAX};
    for (int attempt = 0; attempt < 8; attempt++) {
        bool residual = attempt == 0 && x->input_count && pick(state, 0, 1);
        struct node *y = residual ? x->inputs[0] : pick_node(graph, state);
        struct shape a = x->shape, b = y->shape;
        if (!fits(a.n, b.n) || !fits(a.h, b.h) || !fits(a.w, b.w) || !fits(a.c, b.c) ||
            (attempt < 4 && !shape_equal(a, b)))
            continue;
        struct node *node = graph_add(graph, ops[pick(state, 0, 3)], 2);
        node->inputs[0] = x;
        node->inputs[1] = y;
        node->path = "binary";
        node->shape =
            (struct shape){larger(a.n, b.n), larger(a.h, b.h), larger(a.w, b.w), larger(a.c, b.c)};
        return true;
    }
    struct node *node = add(graph, OP_SUB, x);
    node->attributes.has_scalar = true;
    node->attributes.scalar_first = pick(state, 0, 1);
    node->attributes.scalar = 3;
    return true;
}

static bool add_concat(struct graph *graph, struct node *x, uint64_t *state) {
    int axis = (int)pick(state, 0, 2) ? AXIS_CHANNELS : (int)pick(state, AXIS_BATCH, AXIS_WIDTH);
    struct node *parts[4] = {x};
    int count = 1;
    struct shape whole = x->shape;
    for (int attempt = 0; attempt < 10 && count < 4; attempt++) {
        struct node *y = pick_node(graph, state);
        struct shape a = x->shape, b = y->shape;
        *shape_along(&a, axis) = *shape_along(&b, axis) = 0;
        if (!shape_equal(a, b))
            continue;
        *shape_along(&whole, axis) += *shape_along(&y->shape, axis);
        parts[count++] = y;
    }
    if (count < 2)
        return false;
    struct node *node = graph_add(graph, OP_CONCAT, count);
    memcpy(node->inputs, parts, (size_t)count * sizeof *parts);
    node->attributes.axes[axis] = true;
    node->shape = whole;
    node->path = "concat";
    return true;
}

static bool add_slice(struct graph *graph, struct node *x, uint64_t *state) {
    int axis = (int)pick(state, AXIS_BATCH, AXIS_CHANNELS);
    struct node *node = add(graph, OP_SLICE, x);
    struct attributes *a = &node->attributes;
    int64_t size = *shape_along(&x->shape, axis);
    a->axes[axis] = true;
    a->start = pick(state, 0, size - 1);
    a->step = pick(state, 1, 4) > 2 ? 2 : 1;
    *shape_along(&node->shape, axis) = (pick(state, a->start, size - 1) - a->start) / a->step + 1;
    if (pick(state, 0, 3) == 0) { /* the same, backwards */
        a->start += (*shape_along(&node->shape, axis) - 1) * a->step;
        a->step = -a->step;
    }
    return true;
}

static bool add_crop(struct graph *graph, struct node *x, uint64_t *state) {
    struct node *node = add(graph, OP_CROP, x);
    for (int side = 0; side < 4; side++) {
        int64_t *size = side % 2 ? &node->shape.w : &node->shape.h;
        int64_t taken = pick(state, 0, *size > 1);
        node->attributes.sides[side] = taken;
        *size -= taken;
    }
    return true;
}

static bool add_pad(struct graph *graph, struct node *x, uint64_t *state) {
    struct node *node = add(graph, OP_PAD, x);
    struct attributes *a = &node->attributes;
    a->padding_mode = (enum border_mode)pick(state, 0, 3);
    a->value = (double)pick(state, 0, 2);
    for (int side = 0; side < 4; side++) {
        int64_t size = side % 2 ? x->shape.w : x->shape.h;
        a->padding[side] =
            pick(state, 0, a->padding_mode == BORDER_REFLECT && size < 3 ? size - 1 : 2);
    }
    node->shape.h += a->padding[TOP] + a->padding[BOTTOM];
    node->shape.w += a->padding[LEFT] + a->padding[RIGHT];
    return true;
}

static bool add_reshape(struct graph *graph, struct node *x, uint64_t *state) {
    struct shape s = x->shape;
    bool flat = pick(state, 0, 1);
    struct node *node = add(graph, flat ? OP_FLATTEN : OP_RESHAPE, x);
    node->attributes.order = pick(state, 0, 1) ? LAYOUT_CHW : LAYOUT_HWC;
    struct shape choices[] = {{s.n, 1, 1, s.h * s.w * s.c}, {s.n, s.w, s.h, s.c},
                              {s.n, s.h * s.w, 1, s.c},     {s.n, s.c, s.h, s.w},
                              {s.h, s.n, s.c, s.w},         {1, s.n, s.h * s.w, s.c},
                              {s.c, 1, 1, s.n * s.h * s.w}};
    node->shape = node->attributes.size = choices[flat ? 0 : pick(state, 1, 6)];
    return true;
}

static bool add_permute(struct graph *graph, struct node *x, uint64_t *state) {
    struct node *node = add(graph, OP_PERMUTE, x);
    struct permutation *p = &node->attributes.permutation;
    const int64_t sizes[4] = {x->shape.n, x->shape.h, x->shape.w, x->shape.c};
    *p = (struct permutation){4, {0, 1, 2, 3}};
    for (int i = 0; i < 3; i++) {
        int j = (int)pick(state, i, pick(state, 0, 1) ? 3 : i), kept = p->of[i];
        p->of[i] = p->of[j];
        p->of[j] = kept;
    }
    node->shape =
        (struct shape){sizes[p->of[0]], sizes[p->of[1]], sizes[p->of[2]], sizes[p->of[3]]};
    return true;
}

static bool add_resized(struct graph *graph, struct node *x, uint64_t *state) {
    bool shuffle = x->shape.c % 4 == 0;
    struct node *node = add(graph, shuffle ? OP_PIXEL_SHUFFLE : OP_UPSAMPLE, x);
    int64_t *factor = node->attributes.factor;
    factor[0] = shuffle ? 2 : pick(state, 1, 2);
    factor[1] = shuffle ? 2 : pick(state, 1, 2);
    node->shape.h *= factor[0];
    node->shape.w *= factor[1];
    if (shuffle)
        node->shape.c /= 4;
    node->attributes.size = node->shape;
    return true;
}

static bool add_unshuffle(struct graph *graph, struct node *x, uint64_t *state) {
    int64_t rows = pick(state, 1, 3), columns = pick(state, 1, 3);
    if (x->shape.h % rows || x->shape.w % columns)
        return false;
    struct node *node = add(graph, OP_PIXEL_UNSHUFFLE, x);
    node->attributes.factor[0] = rows;
    node->attributes.factor[1] = columns;
    node->shape = (struct shape){x->shape.n, x->shape.h / rows, x->shape.w / columns,
                                 x->shape.c * rows * columns};
    return true;
}

static bool add_channel_shuffle(struct graph *graph, struct node *x, uint64_t *state) {
    int64_t groups = pick(state, 1, 4);
    if (x->shape.c % groups)
        return false;
    add(graph, OP_CHANNEL_SHUFFLE, x)->attributes.groups = groups;
    return true;
}

static bool add_tile(struct graph *graph, struct node *x, uint64_t *state) {
    int axis = (int)pick(state, AXIS_BATCH, AXIS_CHANNELS);
    struct node *node = add(graph, OP_TILE, x);
    node->attributes.axes[axis] = true;
    node->attributes.times = pick(state, 1, 3);
    *shape_along(&node->shape, axis) *= node->attributes.times;
    return true;
}

static bool add_expand(struct graph *graph, struct node *x, uint64_t *state) {
    struct node *node = add(graph, OP_EXPAND, x);
    for (int axis = 0; axis < 4; axis++) {
        int64_t *size = shape_along(&node->shape, axis);
        *size = *size == 1 ? pick(state, 1, 3) : *size;
    }
    node->attributes.size = node->shape;
    return true;
}

static bool add_softmax(struct graph *graph, struct node *x, uint64_t *state) {
    (void)state;
    if (x->shape.c > 64)
        return false;
    add(graph, OP_SOFTMAX, x)->attributes.axes[AXIS_CHANNELS] = true;
    return true;
}

static bool add_dropout(struct graph *graph, struct node *x, uint64_t *state) {
    add(graph, pick(state, 0, 1) ? OP_DROPOUT : OP_IDENTITY, x);
    return true;
}

static void add_input(struct graph *graph, uint64_t *state) {
    struct node *node = graph_add(graph, OP_INPUT, 0);
    node->path = "input";
    const int64_t images[] = {1, 1, 2, 2, 4, 6};
    node->shape = (struct shape){images[pick(state, 0, 5)], pick(state, 1, 5), pick(state, 1, 5),
                                 pick(state, 1, 4)};
    if (pick(state, 0, 9) == 0) /* whose pixels get gaps between them */
        node->shape = (struct shape){1, pick(state, 1, 2), pick(state, 1, 2), 256};
    struct input input = {.name = "x", .node = node, .layout = (enum layout)pick(state, 0, 1)};
    ARENA_PUSH(graph->arena, graph->inputs, graph->input_count, graph->input_capacity, input);
}

static void add_output(struct graph *graph, struct node *node) {
    struct output output = {.name = "y", .node = node};
    ARENA_PUSH(graph->arena, graph->outputs, graph->output_count, graph->output_capacity, output);
}

/* A layer that turned out impossible is taken back: it is the last node. */
static void add_random_layer(struct graph *graph, uint64_t *state) {
    typedef bool adder(struct graph *, struct node *, uint64_t *);
    static adder *const adders[] = {
        add_window,      add_window,      add_window,          add_deconv,  add_elementwise,
        add_elementwise, add_elementwise, add_elementwise,     add_binary,  add_binary,
        add_binary,      add_concat,      add_concat,          add_slice,   add_crop,
        add_pad,         add_reshape,     add_permute,         add_tile,    add_expand,
        add_resized,     add_unshuffle,   add_channel_shuffle, add_softmax, add_dropout};
    size_t before = graph->node_count;
    bool possible = adders[pick(state, 0, sizeof adders / sizeof *adders - 1)](
        graph, pick_node(graph, state), state);
    struct node *made = graph->nodes[graph->node_count - 1];
    if (!possible || shape_count(made->shape) > MOST_VALUES)
        graph->node_count = before;
}

static struct graph *random_graph(struct arena *arena, uint64_t seed) {
    uint64_t state = seed;
    struct graph *graph = ARENA_NEW(arena, struct graph);
    graph->arena = arena;
    for (int64_t i = pick(&state, 1, 2); i > 0; i--)
        add_input(graph, &state);
    for (int64_t i = pick(&state, 1, MOST_NODES); i > 0; i--)
        add_random_layer(graph, &state);
    add_output(graph, graph->nodes[graph->node_count - 1]);
    for (int64_t i = pick(&state, 0, 2); i > 0; i--)
        add_output(graph, pick_node(graph, &state));
    return graph;
}

static const char *compare(struct world *planned, const symbol *const *wanted) {
    const struct graph *graph = planned->graph;
    for (size_t i = 0; i < graph->output_count && !planned->broken; i++) {
        int64_t count = shape_count(graph->outputs[i].node->shape);
        if (memcmp(planned->memory[MEMORY_OUTPUT][i], wanted[i], (size_t)count * sizeof(symbol)))
            planned->broken = "an output has values that were made in another way";
    }
    return planned->broken;
}

/* As if the kernels of some layers needed it. */
static void want_scratch(struct graph *graph) {
    for (size_t i = 0; i < graph->node_count; i++)
        if (graph->nodes[i]->op == OP_CONV && i % 2)
            graph->nodes[i]->scratch_floats = (int64_t)(1 + i * 37 % 100);
}

/* Some nodes one after the other, as many as can be, are done in passes. Returns how many. */
static int make_loops(struct graph *graph, uint64_t *state) {
    int count = (int)graph->node_count, inside = 0;
    for (int i = 0, end; i < count; i = end) {
        int64_t passes = pick(state, 1, 3) * pick(state, 1, 2), longest = pick(state, 1, 12);
        for (end = i; end < count && end < i + longest; end++)
            if (!may_be_in_passes(graph->nodes[end], passes))
                break;
        if (end > i)
            set_loop(graph, i, end - 1, passes);
        inside += passes > 1 ? end - i : 0;
        end += end == i;
    }
    return inside;
}

static const char *check_graph(struct graph *graph, bool fused, uint64_t seed, int *inside) {
    struct world by_definition = {.graph = graph};
    run_by_definition(&by_definition);
    const symbol *wanted[8];
    for (size_t i = 0; i < graph->output_count; i++)
        wanted[i] = by_definition.dense[graph->outputs[i].node->id];
    simplify(graph);
    if (fused)
        fuse(graph);
    struct diagnostics diagnostics = {.arena = graph->arena};
    if (!expose_padding(graph, &diagnostics))
        return "a border is too large";
    want_scratch(graph);
    *inside += make_loops(graph, &seed);
    plan_memory(graph);
    const char *broken = verify_graph(graph);
    if (graph->workspace_floats < graph->least_floats)
        broken = "the workspace is smaller than what is called the least";
    for (int backwards = 0; backwards < 2 && !broken; backwards++) {
        struct world planned = {.graph = graph};
        run_as_planned(&planned, backwards);
        broken = compare(&planned, wanted);
    }
    return broken;
}

int main(int count, char **words) {
    uint64_t first = count > 1 ? strtoull(words[1], NULL, 10) : 1;
    uint64_t last = count > 1 ? first : GRAPHS;
    int failures = 0, inside = 0;
    double workspace = 0, bound = 0;
    for (uint64_t seed = first; seed <= last; seed++) {
        struct arena arena = {0};
        struct graph *graph = random_graph(&arena, seed);
        const char *broken = check_graph(graph, seed % 4 != 0, seed, &inside);
        workspace += (double)graph->workspace_floats;
        bound += (double)graph->least_floats;
        if (broken && failures++ < 10)
            printf("graph %" PRIu64 ": %s\n", seed, broken);
        if (count > 1)
            dump_plan(stdout, graph);
        arena_free(&arena);
    }
    printf("workspaces are %.3f of the lower bound; %d layers are done in passes\n",
           workspace / bound, inside);
    printf("%" PRIu64 " passed, %d failed, 0 skipped\n", last - first + 1 - (uint64_t)failures,
           failures);
    return failures > 0;
}
