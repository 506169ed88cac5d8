/* Layers on symbols instead of numbers: each value is a hash of how it was computed, so that two
 * values are equal only if the same layers made them from the same inputs. Graphs are run in two
 * ways with it: by definition, each tensor in an array of its own, and as planned, in the memory
 * the plan gives. */
#ifndef CNNC_TESTS_SYMBOLS_H
#define CNNC_TESTS_SYMBOLS_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ir/graph.h"
#include "ir/loops.h"
#include "ir/rules.h"

typedef uint64_t symbol;

enum { ZERO = 0 }; /* the symbol of padding */

static inline symbol mix(symbol a, symbol b) {
    symbol z = (a ^ (b + UINT64_C(0x9e3779b97f4a7c15) + (a << 6) + (a >> 2))) *
               UINT64_C(0xbf58476d1ce4e5b9);
    return z ^ (z >> 29);
}

static inline symbol hash_text(const char *text) {
    symbol s = 1;
    for (; *text; text++)
        s = mix(s, (unsigned char)*text);
    return s;
}

struct position {
    int64_t n, h, w, c;
};

/* Gives the value of `read` at a position that `reader` asks for, in the coordinates of the
 * reader's own input: beyond its ends lies the reader's padding. */
struct world;
typedef symbol get_function(struct world *world, const struct node *reader, const struct node *read,
                            struct position at);

struct world {
    const struct graph *graph;
    get_function *get;
    symbol **dense; /* by definition: an array a node */
    symbol *memory[4][8];
    int64_t size[4][8];   /* as planned: by enum memory and index */
    int64_t pass, passes; /* of the loop that the node is in */
    const char *broken;
};

static inline symbol hash_scalar(symbol s, const struct node *layer) {
    uint64_t bits;
    memcpy(&bits, &layer->attributes.scalar, sizeof bits);
    return layer->attributes.has_scalar ? mix(mix(s, bits), layer->attributes.scalar_first) : s;
}

/* An elementwise layer; an input of it that is `self` stands for `value`. */
static symbol elementwise_symbol(struct world *world, const struct node *reader,
                                 const struct node *layer, const struct node *self, symbol value,
                                 struct position at) {
    symbol s = mix(hash_scalar(3, layer), (symbol)layer->op);
    for (int i = 0; i < layer->input_count; i++) {
        const struct node *input = layer->inputs[i];
        struct position from = {input->shape.n == 1 ? 0 : at.n, input->shape.h == 1 ? 0 : at.h,
                                input->shape.w == 1 ? 0 : at.w, input->shape.c == 1 ? 0 : at.c};
        s = mix(s, input == self ? value : world->get(world, reader, input, from));
    }
    return s;
}

static int64_t x_channels(const struct node *node) {
    return node->inputs[0]->shape.c;
}

static symbol conv_symbol(struct world *world, const struct node *node, struct position at) {
    const struct attributes *a = &node->attributes;
    const struct node *x = node->inputs[0];
    int64_t channels = x_channels(node) / a->groups;
    int64_t group = at.c / (node->shape.c / a->groups);
    symbol s = mix(hash_text(node->path), (symbol)at.c);
    for (int64_t r = 0; r < a->kernel[0]; r++)
        for (int64_t q = 0; q < a->kernel[1]; q++)
            for (int64_t c = 0; c < channels; c++) {
                struct position from = {at.n,
                                        at.h * a->stride[0] - a->padding[TOP] + r * a->dilation[0],
                                        at.w * a->stride[1] - a->padding[LEFT] + q * a->dilation[1],
                                        group * channels + c};
                s = mix(s, world->get(world, node, x, from));
            }
    return s;
}

static symbol deconv_symbol(struct world *world, const struct node *node, struct position at) {
    const struct attributes *a = &node->attributes;
    int64_t channels = x_channels(node) / a->groups;
    int64_t group = at.c / (node->shape.c / a->groups);
    symbol s = mix(hash_text(node->path), (symbol)at.c);
    for (int64_t r = 0; r < a->kernel[0]; r++)
        for (int64_t q = 0; q < a->kernel[1]; q++) {
            int64_t h = at.h + a->padding[TOP] - r * a->dilation[0];
            int64_t w = at.w + a->padding[LEFT] - q * a->dilation[1];
            if (h % a->stride[0] || w % a->stride[1])
                continue;
            for (int64_t c = 0; c < channels; c++) {
                struct position from = {at.n, h / a->stride[0], w / a->stride[1],
                                        group * channels + c};
                s = mix(s, world->get(world, node, node->inputs[0], from));
            }
        }
    return s;
}

static symbol pool_symbol(struct world *world, const struct node *node, struct position at) {
    const struct attributes *a = &node->attributes;
    struct shape in = node->inputs[0]->shape;
    symbol s = mix(5, (symbol)node->op);
    for (int64_t r = 0; r < a->kernel[0]; r++)
        for (int64_t q = 0; q < a->kernel[1]; q++) {
            int64_t h = at.h * a->stride[0] - a->padding[TOP] + r;
            int64_t w = at.w * a->stride[1] - a->padding[LEFT] + q;
            if (h >= 0 && h < in.h && w >= 0 && w < in.w)
                s = mix(s, world->get(world, node, node->inputs[0],
                                      (struct position){at.n, h, w, at.c}));
        }
    return s;
}

static int64_t linear_index(struct shape s, struct position at, enum layout order) {
    return at.n * s.h * s.w * s.c + (order == LAYOUT_CHW ? (at.c * s.h + at.h) * s.w + at.w
                                                         : (at.h * s.w + at.w) * s.c + at.c);
}

static struct position from_linear(struct shape s, int64_t i, enum layout order) {
    int64_t n = i / (s.h * s.w * s.c);
    if (order == LAYOUT_CHW)
        return (struct position){n, i / s.w % s.h, i % s.w, i / (s.h * s.w) % s.c};
    return (struct position){n, i / (s.w * s.c) % s.h, i / s.c % s.w, i % s.c};
}

/* Axis of[i] of the position is axis i of `at`. */
static struct position turned(struct position at, const int of[4]) {
    const int64_t in_y[4] = {at.n, at.h, at.w, at.c};
    int64_t in_x[4];
    for (int axis = 0; axis < 4; axis++)
        in_x[of[axis]] = in_y[axis];
    return (struct position){in_x[0], in_x[1], in_x[2], in_x[3]};
}

/* The coordinate along the layer's axis. */
static int64_t *along(struct position *at, const struct attributes *a) {
    int64_t *const coordinates[] = {&at->n, &at->h, &at->w, &at->c};
    return coordinates[chosen_axis(a)];
}

/* Which input a layer that only moves values takes the one at `at` from, and where. */
static const struct node *moved_from(const struct node *node, struct position at,
                                     struct position *from) {
    const struct attributes *a = &node->attributes;
    const struct node *x = node->inputs[0];
    *from = at;
    switch (node->op) {
    case OP_DROPOUT:
    case OP_IDENTITY:
        return x;
    case OP_CROP:
        from->h += a->sides[TOP];
        from->w += a->sides[LEFT];
        return x;
    case OP_PAD:
        from->h -= a->padding[TOP];
        from->w -= a->padding[LEFT];
        return x;
    case OP_SLICE:
        *along(from, a) = a->start + a->step * *along(&at, a);
        return x;
    case OP_CONCAT:
        for (int i = 0;; i++) {
            x = node->inputs[i];
            struct shape shape = x->shape;
            int64_t size = *shape_along(&shape, chosen_axis(a));
            if (*along(from, a) < size)
                return x;
            *along(from, a) -= size;
        }
    case OP_PIXEL_SHUFFLE: {
        int64_t f = a->factor[0];
        *from = (struct position){at.n, at.h / f, at.w / f, (at.c * f + at.h % f) * f + at.w % f};
        return x;
    }
    case OP_PIXEL_UNSHUFFLE: {
        int64_t f0 = a->factor[0], f1 = a->factor[1];
        *from = (struct position){at.n, at.h * f0 + at.c / f1 % f0, at.w * f1 + at.c % f1,
                                  at.c / (f0 * f1)};
        return x;
    }
    case OP_CHANNEL_SHUFFLE:
        from->c = at.c % a->groups * (x->shape.c / a->groups) + at.c / a->groups;
        return x;
    case OP_FLATTEN:
    case OP_RESHAPE:
        *from = from_linear(x->shape, linear_index(node->shape, at, a->order), a->order);
        return x;
    case OP_EXPAND:
    case OP_TILE:
        *from = (struct position){at.n % x->shape.n, at.h % x->shape.h, at.w % x->shape.w,
                                  at.c % x->shape.c};
        return x;
    case OP_PERMUTE:
        *from = turned(at, a->permutation.of);
        return x;
    default:
        return NULL;
    }
}

static symbol softmax_symbol(struct world *world, const struct node *node, struct position at) {
    symbol s = mix(7, (symbol)at.c);
    for (at.c = 0; at.c < node->shape.c; at.c++)
        s = mix(s, world->get(world, node, node->inputs[0], at));
    return s;
}

/* The value of a node at one position, before what is fused behind it. */
static symbol node_symbol(struct world *world, const struct node *node, struct position at) {
    struct position from;
    switch (node->op) {
    case OP_CONV:
    case OP_DEPTHWISE:
        return conv_symbol(world, node, at);
    case OP_DECONV:
        return deconv_symbol(world, node, at);
    case OP_MAXPOOL:
    case OP_AVGPOOL:
        return pool_symbol(world, node, at);
    case OP_SOFTMAX:
        return softmax_symbol(world, node, at);
    case OP_UPSAMPLE:
        from = (struct position){at.n, at.h / node->attributes.factor[0],
                                 at.w / node->attributes.factor[1], at.c};
        return mix(11, world->get(world, node, node->inputs[0], from));
    default:
        break;
    }
    if (operators[node->op].elementwise)
        return elementwise_symbol(world, node, node, NULL, 0, at);
    const struct node *x = moved_from(node, at, &from);
    return world->get(world, node, x, from);
}

static symbol final_symbol(struct world *world, const struct node *node, struct position at) {
    symbol s = node_symbol(world, node, at);
    for (int i = 0; i < node->epilogue_count; i++)
        s = elementwise_symbol(world, node, node->epilogue[i], node, s, at);
    return s;
}

/* Positions of a shape, counted; `backwards` from the last to the first. */
static struct position nth_position(struct shape s, int64_t i, bool backwards) {
    if (backwards)
        i = shape_count(s) - 1 - i;
    return (struct position){i / (s.h * s.w * s.c), i / (s.w * s.c) % s.h, i / s.c % s.w, i % s.c};
}

static symbol input_symbol(int index, struct position at) {
    return mix(mix(mix(mix(mix(13, (symbol)index), (symbol)at.n), (symbol)at.h), (symbol)at.w),
               (symbol)at.c);
}

/* --- by definition --- */

static int64_t reflected(int64_t i, int64_t size, enum border_mode mode) {
    if (mode == BORDER_WRAP)
        return (i % size + size) % size;
    if (mode == BORDER_REPLICATE)
        return i < 0 ? 0 : i >= size ? size - 1 : i;
    return i < 0 ? -i : i >= size ? 2 * (size - 1) - i : i;
}

static symbol get_dense(struct world *world, const struct node *reader, const struct node *read,
                        struct position at) {
    struct shape s = read->shape;
    if (at.h < 0 || at.h >= s.h || at.w < 0 || at.w >= s.w) {
        enum border_mode mode = reader->attributes.padding_mode;
        if (mode == BORDER_ZEROS || reader->op == OP_DECONV)
            return reader->op == OP_PAD ? mix(17, (symbol)reader->attributes.value) : ZERO;
        at.h = reflected(at.h, s.h, mode);
        at.w = reflected(at.w, s.w, mode);
    }
    return world->dense[read->id][((at.n * s.h + at.h) * s.w + at.w) * s.c + at.c];
}

static void run_by_definition(struct world *world) {
    const struct graph *graph = world->graph;
    world->get = get_dense;
    world->dense = ARENA_ARRAY(graph->arena, symbol *, graph->node_count);
    for (size_t i = 0; i < graph->node_count; i++) {
        const struct node *node = graph->nodes[i];
        int64_t count = shape_count(node->shape);
        world->dense[i] = ARENA_ARRAY(graph->arena, symbol, count);
        for (int64_t k = 0; k < count; k++) {
            struct position at = nth_position(node->shape, k, false);
            world->dense[i][k] =
                node->op == OP_INPUT ? input_symbol((int)i, at) : final_symbol(world, node, at);
        }
    }
}

/* --- as planned --- */

static symbol *cell(struct world *world, const struct location *location, struct position at) {
    at.n += world->pass * (location->images / world->passes);
    int64_t address = location->offset + at.n * location->image + at.h * location->row +
                      at.w * location->pixel + at.c * location->channel;
    static symbol nowhere;
    if (address < 0 || address >= world->size[location->memory][location->index]) {
        world->broken = "an access outside its buffer";
        return &nowhere;
    }
    return &world->memory[location->memory][location->index][address];
}

/* Kernels read channels side by side; those that read any strides are listed. */
static bool reads_any_strides(const struct node *reader, const struct node *read) {
    switch (reader->op) {
    case OP_RESHAPE:
    case OP_FLATTEN:
    case OP_PERMUTE:
    case OP_EXPAND:
    case OP_TILE:
    case OP_CONCAT:
    case OP_SLICE:
    case OP_CROP:
    case OP_PAD:
    case OP_PIXEL_SHUFFLE:
    case OP_PIXEL_UNSHUFFLE:
    case OP_CHANNEL_SHUFFLE:
        return true;
    default:
        return operators[reader->op].elementwise && reader->inputs[0] == read;
    }
}

static symbol get_planned(struct world *world, const struct node *reader, const struct node *read,
                          struct position at) {
    if (reader->input_count && reader->inputs[0] == read) {
        at.h += reader->border[0];
        at.w += reader->border[1];
    }
    if (at.h < 0 || at.h >= read->shape.h || at.w < 0 || at.w >= read->shape.w)
        world->broken = "a read beyond the border";
    if (read->location.channel != 1 && read->shape.c != 1 && !reads_any_strides(reader, read))
        world->broken = "a read of channels that do not lie side by side";
    return *cell(world, &read->location, at);
}

static bool same_place(const struct location *a, const struct location *b) {
    return a->memory == b->memory && a->index == b->index && a->offset == b->offset;
}

/* Always copies. */
static bool is_shuffle(enum op op) {
    return op == OP_PIXEL_SHUFFLE || op == OP_PIXEL_UNSHUFFLE || op == OP_CHANNEL_SHUFFLE ||
           op == OP_EXPAND || op == OP_TILE;
}

/* Where in memory a layer that moves values finds the one at `at`, and whether the code generator
 * would leave the move of that input out, which it does if it starts at the right address. */
static bool move_is_left_out(const struct node *node) {
    struct location part = node->inputs[0]->location;
    struct location to = node->location;
    struct position first;
    if (is_shuffle(node->op))
        return false;
    if (node->op == OP_PAD)
        to.offset +=
            node->attributes.padding[TOP] * to.row + node->attributes.padding[LEFT] * to.pixel;
    else if (node->op == OP_SLICE || node->op == OP_CROP) {
        moved_from(node, (struct position){0, 0, 0, 0}, &first);
        part.offset += first.n * part.image + first.h * part.row + first.w * part.pixel +
                       first.c * part.channel;
    }
    return same_place(&part, &to);
}

static void run_pad(struct world *world, const struct node *node, bool backwards) {
    const struct attributes *a = &node->attributes;
    struct shape in = shape_in_pass(node, node->inputs[0]), out = shape_in_pass(node, node);
    struct location interior = node->location;
    interior.offset += a->padding[TOP] * interior.row + a->padding[LEFT] * interior.pixel;
    for (int64_t i = 0; !move_is_left_out(node) && i < shape_count(in); i++) {
        struct position at = nth_position(in, i, backwards);
        *cell(world, &interior, at) = get_planned(world, node, node->inputs[0], at);
    }
    for (int64_t i = 0; i < shape_count(out); i++) {
        struct position at = nth_position(out, i, backwards), from = at;
        from.h -= a->padding[TOP];
        from.w -= a->padding[LEFT];
        if (from.h >= 0 && from.h < in.h && from.w >= 0 && from.w < in.w)
            continue;
        symbol value = ZERO;
        if (a->padding_mode == BORDER_ZEROS && strncmp(node->path, "pad", 3) == 0)
            value = mix(17, (symbol)a->value);
        else if (a->padding_mode != BORDER_ZEROS) {
            from.h = reflected(from.h, in.h, a->padding_mode);
            from.w = reflected(from.w, in.w, a->padding_mode);
            value = *cell(world, &interior, from);
        }
        *cell(world, &node->location, at) = value;
    }
}

static void run_concat(struct world *world, const struct node *node, bool backwards) {
    int axis = chosen_axis(&node->attributes);
    struct location part = node->location;
    const int64_t strides[] = {part.image, part.row, part.pixel, part.channel};
    for (int k = 0; k < node->input_count; k++) {
        const struct node *input = node->inputs[k];
        struct shape in = shape_in_pass(node, input);
        for (int64_t i = 0; !same_place(&part, &input->location) && i < shape_count(in); i++) {
            struct position at = nth_position(in, i, backwards);
            *cell(world, &part, at) = *cell(world, &input->location, at);
        }
        struct shape shape = input->shape;
        part.offset += *shape_along(&shape, axis) * strides[axis];
    }
}

static bool is_move(enum op op) {
    return op == OP_SLICE || op == OP_CROP || op == OP_FLATTEN || op == OP_RESHAPE ||
           op == OP_PERMUTE || is_shuffle(op);
}

static void run_node(struct world *world, const struct node *node, bool backwards) {
    struct shape shape = shape_in_pass(node, node);
    if (node->op == OP_INPUT || (is_move(node->op) && move_is_left_out(node)))
        return;
    if (node->op == OP_PAD)
        run_pad(world, node, backwards);
    else if (node->op == OP_CONCAT)
        run_concat(world, node, backwards);
    else if (node->op == OP_SOFTMAX) { /* reads a whole pixel before it writes it */
        symbol pixel[64];
        int64_t channels = node->shape.c;
        for (int64_t i = 0; i < shape_count(shape); i++) {
            pixel[i % channels] = final_symbol(world, node, nth_position(shape, i, false));
            for (int64_t c = 0; i % channels == channels - 1 && c < channels; c++) {
                struct position at = nth_position(shape, i, false);
                at.c = c;
                *cell(world, &node->location, at) = pixel[c];
            }
        }
    } else
        for (int64_t i = 0; i < shape_count(shape); i++) {
            struct position at = nth_position(shape, i, backwards);
            *cell(world, &node->location, at) = final_symbol(world, node, at);
        }
}

/* What a kernel may do to its scratch memory, before it reads anything and after it wrote all. */
static void spoil_scratch(struct world *world, const struct node *node) {
    for (int64_t i = 0; i < node->scratch_floats; i++) {
        struct location place = {.memory = MEMORY_WORKSPACE, .offset = node->scratch + i};
        *cell(world, &place, (struct position){0, 0, 0, 0}) = mix(0xbad, (symbol)i);
    }
}

static void add_buffer(struct world *world, enum memory memory, int index, int64_t size) {
    world->size[memory][index] = size;
    world->memory[memory][index] = ARENA_ARRAY(world->graph->arena, symbol, size + 1);
    for (int64_t i = 0; i < size; i++)
        world->memory[memory][index][i] =
            mix(0xdead, mix((symbol)memory * 64 + (symbol)index, (symbol)i));
}

/* Runs the planned graph; the outputs are in world->memory[MEMORY_OUTPUT]. */
static void run_as_planned(struct world *world, bool backwards) {
    const struct graph *graph = world->graph;
    world->get = get_planned;
    world->passes = 1;
    add_buffer(world, MEMORY_WORKSPACE, 0, graph->workspace_floats);
    for (size_t i = 0; i < graph->output_count; i++)
        add_buffer(world, MEMORY_OUTPUT, (int)i, shape_count(graph->outputs[i].node->shape));
    for (size_t i = 0; i < graph->input_count; i++) {
        const struct node *node = graph->inputs[i].node;
        add_buffer(world, MEMORY_INPUT, (int)i, shape_count(node->shape));
        for (int64_t k = 0; k < shape_count(node->shape); k++) {
            struct position at = nth_position(node->shape, k, false);
            *cell(world, &node->location, at) = input_symbol((int)i, at);
        }
    }
    for (size_t i = 0; i < graph->node_count && !world->broken; i++) {
        const struct node *node = graph->nodes[i];
        const struct loop *loop = node->loop;
        world->passes = node_passes(node);
        spoil_scratch(world, node);
        run_node(world, node, backwards);
        spoil_scratch(world, node);
        if (!loop || loop->last > (int)i)
            continue;
        world->pass = (world->pass + 1) % loop->passes;
        i = world->pass ? (size_t)loop->first - 1 : i; /* of the next pass */
    }
    for (size_t i = 0; i < graph->input_count; i++) {
        const struct node *node = graph->inputs[i].node;
        for (int64_t k = 0; k < shape_count(node->shape); k++) {
            struct position at = nth_position(node->shape, k, false);
            if (*cell(world, &node->location, at) != input_symbol((int)i, at))
                world->broken = "an input was written";
        }
    }
}

#endif
