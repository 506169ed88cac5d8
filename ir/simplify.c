/* Layers in terms of fewer layers: see the switch in simplify_node. */
#include "ir/simplify.h"

#include <math.h>
#include <string.h>

#include "ir/absorb.h"
#include "ir/expand.h"
#include "ir/fold.h"
#include "ir/rewrite.h"

static void set_parameters(struct arena *arena, struct node *node, struct tensor *first,
                           struct tensor *second) {
    node->parameters = ARENA_ARRAY(arena, struct tensor *, 2);
    node->parameters[0] = first;
    node->parameters[1] = second;
    node->parameter_count = 2;
}

/* A window without padding, its stride as given. */
static void set_window(struct attributes *a, int64_t height, int64_t width, int64_t stride_h,
                       int64_t stride_w) {
    a->kernel[0] = height;
    a->kernel[1] = width;
    a->stride[0] = stride_h;
    a->stride[1] = stride_w;
    a->dilation[0] = a->dilation[1] = 1;
    memset(a->padding, 0, sizeof a->padding);
}

/* (x - mean) / sqrt(variance + epsilon) * weight + bias = x * scale + shift */
static void batchnorm_to_affine(struct arena *arena, struct node *node) {
    const struct tensor *weight = node->parameters[0], *bias = node->parameters[1];
    const struct tensor *mean = node->parameters[2], *variance = node->parameters[3];
    int64_t channels = node->shape.c;
    struct tensor *scale = folded_tensor(arena, 1, &channels);
    struct tensor *shift = folded_tensor(arena, 1, &channels);
    for (int64_t c = 0; c < channels; c++) {
        double factor = weight->data[c] / sqrt(variance->data[c] + node->attributes.epsilon);
        scale->data[c] = (float)factor;
        shift->data[c] = (float)(bias->data[c] - mean->data[c] * factor);
    }
    node->op = OP_AFFINE;
    set_parameters(arena, node, scale, shift);
}

static void to_pointwise_conv(struct arena *arena, struct node *node, struct tensor *weight) {
    node->op = OP_CONV;
    node->attributes.groups = 1;
    node->attributes.depth = weight->dimensions[0];
    set_window(&node->attributes, 1, 1, 1, 1);
    set_parameters(arena, node, weight, NULL);
}

/* Luma of ITU-R BT.601. */
static void grayscale_to_conv(struct arena *arena, struct node *node) {
    static const float luma[] = {0.299f, 0.587f, 0.114f};
    struct tensor *weight = folded_tensor(arena, 4, (int64_t[]){1, 3, 1, 1});
    memcpy(weight->data, luma, sizeof luma);
    to_pointwise_conv(arena, node, weight);
}

/* [K][H][W][C] to [K][C][H][W] */
static struct tensor *channels_first(struct arena *arena, const struct tensor *weight,
                                     struct shape picture) {
    int64_t outputs = weight->dimensions[0];
    struct tensor *moved =
        folded_tensor(arena, 4, (int64_t[]){outputs, picture.c, picture.h, picture.w});
    float *to = moved->data;
    for (int64_t k = 0; k < outputs; k++)
        for (int64_t c = 0; c < picture.c; c++)
            for (int64_t hw = 0; hw < picture.h * picture.w; hw++)
                *to++ = weight->data[(k * picture.h * picture.w + hw) * picture.c + c];
    return moved;
}

/* A dense layer is a convolution as large as its input; behind a flatten, as large as the
 * flatten's, whose order then only tells how the weights lie. */
static void dense_to_conv(struct arena *arena, struct node *node) {
    struct node *input = node->inputs[0];
    enum layout order = LAYOUT_CHW;
    if (input->op == OP_FLATTEN) {
        order = input->attributes.order;
        input = input->inputs[0];
    }
    struct shape picture = input->shape;
    struct tensor *weight;
    if (order == LAYOUT_HWC)
        weight = channels_first(arena, node->parameters[0], picture);
    else {
        weight = ARENA_NEW(arena, struct tensor);
        *weight = *node->parameters[0];
        weight->rank = 4;
        weight->dimensions[1] = picture.c;
        weight->dimensions[2] = picture.h;
        weight->dimensions[3] = picture.w;
    }
    node->op = OP_CONV;
    node->inputs[0] = input;
    node->attributes.groups = 1;
    set_window(&node->attributes, picture.h, picture.w, 1, 1);
    set_parameters(arena, node, weight, node->parameters[1]);
}

/* A kernel of one input and one output channel each is depthwise, and one of several outputs for
 * each input is grouped. */
static void settle_conv(struct node *node) {
    struct attributes *a = &node->attributes;
    int64_t channels = node->inputs[0]->shape.c;
    if (node->op == OP_DEPTHWISE)
        a->groups = channels;
    node->op = a->groups == channels && node->shape.c == channels ? OP_DEPTHWISE : OP_CONV;
}

/* Between two pictures by way of a vector, of each image or, where these change, of all, so that
 * either half is one nest of copying loops. */
static void split_reshape(struct rewrite *rewrite, struct node *node) {
    struct node *input = node->inputs[0];
    struct shape from = input->shape, to = node->shape;
    if (is_vector_of(from, to) || is_vector_of(to, from) || shape_equal(from, to))
        return;
    struct node *vector = rewrite_add(rewrite, OP_RESHAPE, node, input);
    int64_t images = from.n == to.n ? from.n : 1;
    vector->shape = (struct shape){images, 1, 1, shape_count(from) / images};
    vector->attributes.order = node->attributes.order;
    node->inputs[0] = vector;
}

/* The same values with rows for images and columns for channels, and back. */
static const struct permutation sideways = {4,
                                            {AXIS_HEIGHT, AXIS_BATCH, AXIS_CHANNELS, AXIS_WIDTH}};

static struct shape turned(struct shape s) {
    return (struct shape){s.h, s.n, s.c, s.w};
}

/* What is put around channels and images is put around columns and rows of the tensor turned. */
static void split_pad(struct rewrite *rewrite, struct node *node) {
    struct attributes *a = &node->attributes;
    const int64_t sideways_padding[4] = {
        [TOP] = a->batch_padding[0],
        [LEFT] = a->channel_padding[0],
        [BOTTOM] = a->batch_padding[1],
        [RIGHT] = a->channel_padding[1],
    };
    static const int64_t none[4] = {0};
    if (memcmp(sideways_padding, none, sizeof none) == 0)
        return;
    struct node *x = node->inputs[0];
    if (memcmp(a->padding, none, sizeof none) != 0) {
        x = rewrite_add(rewrite, OP_PAD, node, x);
        x->attributes = *a;
        x->shape.n = node->inputs[0]->shape.n;
        x->shape.c = node->inputs[0]->shape.c;
    }
    struct shape before = x->shape;
    x = rewrite_add(rewrite, OP_PERMUTE, node, x);
    x->attributes.permutation = sideways;
    x->shape = turned(before);
    x = rewrite_add(rewrite, OP_PAD, node, x);
    x->attributes = *a;
    memcpy(x->attributes.padding, sideways_padding, sizeof sideways_padding);
    x->shape = turned(node->shape);
    node->op = OP_PERMUTE;
    node->inputs[0] = x;
    a->permutation = sideways;
}

static void simplify_node(struct rewrite *rewrite, struct node *node) {
    struct arena *arena = rewrite->graph->arena;
    rewrite_inputs(rewrite, node);
    switch (node->op) {
    case OP_DROPOUT:
    case OP_IDENTITY:
        rewrite_replace(rewrite, node, node->inputs[0]);
        return;
    case OP_TILE:
    case OP_EXPAND:
        if (shape_equal(node->inputs[0]->shape, node->shape)) {
            rewrite_replace(rewrite, node, node->inputs[0]);
            return;
        }
        break;
    case OP_GRAYSCALE:
        if (node->inputs[0]->shape.c == 1) {
            rewrite_replace(rewrite, node, node->inputs[0]);
            return;
        }
        grayscale_to_conv(arena, node);
        break;
    case OP_MEAN:
    case OP_SUM:
    case OP_REDUCE_MAX:
    case OP_REDUCE_MIN:
    case OP_REDUCE_PROD:
        if (shape_equal(node->shape, node->inputs[0]->shape)) {
            rewrite_replace(rewrite, node, node->inputs[0]);
            return;
        }
        break;
    case OP_LPPOOL:
        rewrite_replace(rewrite, node, expand_lppool(rewrite, node));
        return;
    case OP_REDUCE_L2:
    case OP_REDUCE_LOG_SUM:
    case OP_REDUCE_LOG_SUM_EXP:
        rewrite_replace(rewrite, node, expand_reduction(rewrite, node));
        return;
    case OP_RELU6:
        node->op = OP_CLIP;
        node->attributes.a = 0;
        node->attributes.b = 6;
        break;
    case OP_BATCHNORM:
        batchnorm_to_affine(arena, node);
        break;
    case OP_DENSE:
        dense_to_conv(arena, node);
        break;
    case OP_RESHAPE:
        split_reshape(rewrite, node);
        break;
    case OP_PAD:
        split_pad(rewrite, node);
        break;
    default:
        break;
    }
    if (node->op == OP_CONV || node->op == OP_DEPTHWISE)
        settle_conv(node);
    rewrite_keep(rewrite, node);
}

/* What is read in place of an input: its values, as the layers behind it want them. */
static void replace_input(struct rewrite *rewrite, struct node *input, enum op op,
                          const char *words) {
    struct node *values = rewrite_add(rewrite, op, input, input);
    values->words = words;
    rewrite_replace(rewrite, input, values);
}

/* Bytes are floats from their first reader on. */
static void convert_inputs(struct graph *graph) {
    struct rewrite rewrite;
    bool *bytes = ARENA_ARRAY(graph->arena, bool, graph->node_count + 1);
    for (size_t i = 0; i < graph->input_count; i++)
        bytes[graph->inputs[i].node->id] = graph->inputs[i].element == ELEMENT_U8;
    rewrite_open(&rewrite, graph);
    for (size_t i = 0; i < rewrite.old_count; i++) {
        struct node *node = rewrite.old[i];
        rewrite_inputs(&rewrite, node);
        rewrite_keep(&rewrite, node);
        if (bytes[i])
            replace_input(&rewrite, node, OP_CONVERT, "convert");
    }
    rewrite_close(&rewrite);
}

/* Kernels read channels side by side: an input with its channels in planes is copied first, unless
 * layers that read any strides are all that read it. */
static void copy_planar_inputs(struct graph *graph) {
    bool *planar = ARENA_ARRAY(graph->arena, bool, graph->node_count + 1);
    bool *copied = ARENA_ARRAY(graph->arena, bool, graph->node_count + 1);
    for (size_t i = 0; i < graph->input_count; i++) {
        const struct input *input = &graph->inputs[i];
        planar[input->node->id] = input->layout == LAYOUT_CHW && input->node->shape.c > 1;
    }
    for (size_t i = 0; i < graph->node_count; i++)
        for (int k = 0; k < graph->nodes[i]->input_count; k++) {
            int read = graph->nodes[i]->inputs[k]->id;
            copied[read] = copied[read] || (planar[read] && graph->nodes[i]->op != OP_AFFINE &&
                                            graph->nodes[i]->op != OP_CONVERT);
        }
    struct rewrite rewrite;
    rewrite_open(&rewrite, graph);
    for (size_t i = 0; i < rewrite.old_count; i++) {
        struct node *node = rewrite.old[i];
        rewrite_inputs(&rewrite, node);
        rewrite_keep(&rewrite, node);
        if (copied[i])
            replace_input(&rewrite, node, OP_RESHAPE, "copy"); /* to the same size */
    }
    rewrite_close(&rewrite);
}

static bool is_planar(const struct output *output) {
    return output->layout == LAYOUT_CHW && output->node->shape.c > 1;
}

/* An output buffer is written by one node, pixel by pixel: an input or parameter that is an output,
 * a tensor that is two, and one that the caller wants plane by plane, are copied. */
static void copy_outputs(struct graph *graph) {
    bool *written = ARENA_ARRAY(graph->arena, bool, graph->node_count + graph->output_count + 1);
    for (size_t i = 0; i < graph->output_count; i++) {
        struct output *output = &graph->outputs[i];
        struct node *node = output->node;
        if (is_given(node) || written[node->id] || is_planar(output)) {
            output->node = graph_add(graph, OP_RESHAPE, 1);
            output->node->inputs[0] = node;
            output->node->path = node->path;
            output->node->words = "copy";
            output->node->span = output->span;
            output->node->shape = node->shape;
        }
        written[output->node->id] = true;
    }
}

/* What layers are called by people, before they become others. */
static void name_layers(struct graph *graph) {
    const char **names = node_names(graph, graph->arena);
    for (size_t i = 0; i < graph->node_count; i++) {
        struct node *node = graph->nodes[i];
        const char *word = operators[node->op].name;
        node->words = word ? word : node->op == OP_INPUT ? "input" : "normalize";
        node->path = node->makes = names[i];
    }
}

void simplify(struct graph *graph) {
    struct rewrite rewrite;
    name_layers(graph);
    rewrite_open(&rewrite, graph);
    for (size_t i = 0; i < rewrite.old_count; i++)
        simplify_node(&rewrite, rewrite.old[i]);
    rewrite_close(&rewrite);
    absorb_parameters(graph);
    remove_dead_nodes(graph);
    fold_affine_layers(graph);
    convert_inputs(graph);
    copy_planar_inputs(graph);
    copy_outputs(graph);
}
