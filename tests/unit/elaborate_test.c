/* Elaboration of right networks: published receptive fields and parameter counts as asserts inside
 * the networks, and the parts of the graph no assert can ask about. */
#include <stdio.h>
#include <string.h>

#include "ir/elaborate.h"

static int failures;

#define CHECK(truth)                                                                               \
    do {                                                                                           \
        if (!(truth)) {                                                                            \
            printf("%s:%d: %s\n", __FILE__, __LINE__, #truth);                                     \
            failures++;                                                                            \
        }                                                                                          \
    } while (0)

struct compilation {
    struct arena arena;
    struct names names;
    struct sources sources;
    struct diagnostics diagnostics;
    struct graph *graph;
};

/* NULL, with the diagnostics printed, after an error. */
static struct graph *compile(struct compilation *c, const char *text) {
    *c = (struct compilation){0};
    c->names.arena = c->sources.arena = c->diagnostics.arena = &c->arena;
    c->diagnostics.sources = &c->sources;
    uint32_t source = sources_add(&c->sources, "test.cnn", text, strlen(text));
    c->graph = elaborate(&c->arena, &c->names, &c->sources, &c->diagnostics, source,
                         &(struct elaborate_options){0});
    print_diagnostics(&c->diagnostics, stdout, (struct print_style){0});
    CHECK(c->diagnostics.error_count == 0);
    return c->graph;
}

/* The asserts inside are the test. */
static void holds(const char *text) {
    struct compilation c;
    CHECK(compile(&c, text) != NULL);
    arena_free(&c.arena);
}

static const struct node *node_of(const struct graph *graph, const char *path) {
    for (size_t i = 0; graph && i < graph->node_count; i++)
        if (strcmp(graph->nodes[i]->path, path) == 0)
            return graph->nodes[i];
    printf("no node %s\n", path);
    failures++;
    return NULL;
}

/* Fields as published: VGG-16 212, stride 32; parameters of torchvision's vgg16. */
static const char vgg16[] =
    "network vgg16 {\n"
    "    input image: 224x224x3\n"
    "    x = image\n"
    "    for stage in 1..5 {\n"
    "        for layer in 1..(if stage < 3 then 2 else 3) {\n"
    "            x = x -> conv(3, min(32 * 2 ^ stage, 512), padding = 1) -> relu\n"
    "        }\n"
    "        x = x -> maxpool(2)\n"
    "    }\n"
    "    output y = x -> flatten -> dense(4096) -> relu -> dense(4096) -> relu -> dense(1000)\n"
    "    assert receptive_field(x) == 212 and stride(x) == 32\n"
    "    assert params() == 138357544\n"
    "}\n";

/* MobileNet-v1: 315; parameters of its paper's table, 4.2 million, exactly 4,231,976. */
static const char mobilenet[] =
    "block layer(x, depth, stride = 1) {\n"
    "    return x -> depthwise(3, stride = stride, padding = same, bias = false) -> batchnorm\n"
    "             -> relu -> conv(1, depth, bias = false) -> batchnorm -> relu\n"
    "}\n"
    "network mobilenet {\n"
    "    input image: 224x224x3\n"
    "    x = image -> conv(3, 32, stride = 2, padding = same, bias = false) -> batchnorm -> relu\n"
    "              -> layer(64) -> layer(128, 2) -> layer(128) -> layer(256, 2) -> layer(256)\n"
    "              -> layer(512, 2)\n"
    "    for i in 1..5 { x = x -> layer(512) }\n"
    "    x = x -> layer(1024, 2) -> layer(1024)\n"
    "    output y = x -> avgpool(global) -> flatten -> dense(1000)\n"
    "    assert receptive_field(x) == 315 and stride(x) == 32 and height(x) == 7\n"
    "    assert params() == 4231976\n"
    "}\n";

/* ResNet-50: 483 with the stride in the first 1x1, 427 with it in the 3x3. */
static const char resnet50[] =
    "block unit(x, depth, stride = 1, first) {\n"
    "    s1 = if first then stride else 1\n"
    "    s2 = if first then 1 else stride\n"
    "    y = x -> conv(1, depth, stride = s1, bias = false) -> batchnorm -> relu\n"
    "          -> conv(3, depth, stride = s2, padding = 1, bias = false) -> batchnorm -> relu\n"
    "          -> conv(1, 4 * depth, bias = false) -> batchnorm\n"
    "    if stride != 1 or channels(x) != 4 * depth {\n"
    "        x = x -> conv(1, 4 * depth, stride = stride, bias = false) -> batchnorm\n"
    "    }\n"
    "    return x + y -> relu\n"
    "}\n"
    "network resnet50(first = %s) {\n"
    "    input image: 224x224x3\n"
    "    x = image -> conv(7, 64, stride = 2, padding = 3, bias = false) -> batchnorm -> relu\n"
    "              -> maxpool(3, stride = 2, padding = 1)\n"
    "    for stage in 0..3 {\n"
    "        for i in 1..(if stage == 0 then 3 else if stage == 1 then 4 else if stage == 2 then "
    "6\n"
    "                     else 3) {\n"
    "            x = x -> unit(64 * 2 ^ stage, stride = if stage > 0 and i == 1 then 2 else 1,\n"
    "                          first = first)\n"
    "        }\n"
    "    }\n"
    "    output y = x -> avgpool(global) -> flatten -> dense(1000)\n"
    "    assert receptive_field(x) == (if first then 483 else 427) and stride(x) == 32\n"
    "    assert params() == 25557032\n"
    "}\n";

/* Inception-v3: 1311 at its last concatenation, where the branches' hull is taken. */
static const char inception[] =
    "block cbr(x, kernel, depth, stride = 1, padding = 0) {\n"
    "    return x -> conv(kernel, depth, stride = stride, padding = padding, bias = false)\n"
    "             -> batchnorm -> relu\n"
    "}\n"
    "block a(x, pool) {\n"
    "    return concat(x -> cbr(1, 64), x -> cbr(1, 48) -> cbr(5, 64, padding = 2),\n"
    "                  x -> cbr(1, 64) -> cbr(3, 96, padding = 1) -> cbr(3, 96, padding = 1),\n"
    "                  x -> avgpool(3, stride = 1, padding = 1) -> cbr(1, pool))\n"
    "}\n"
    "block c(x, n) {\n"
    "    return concat(x -> cbr(1, 192),\n"
    "                  x -> cbr(1, n) -> cbr(1x7, n, padding = 0x3)\n"
    "                    -> cbr(7x1, 192, padding = 3x0),\n"
    "                  x -> cbr(1, n) -> cbr(7x1, n, padding = 3x0) -> cbr(1x7, n, padding = 0x3)\n"
    "                    -> cbr(7x1, n, padding = 3x0) -> cbr(1x7, 192, padding = 0x3),\n"
    "                  x -> avgpool(3, stride = 1, padding = 1) -> cbr(1, 192))\n"
    "}\n"
    "block e(x) {\n"
    "    l = x -> cbr(1, 384)\n"
    "    r = x -> cbr(1, 448) -> cbr(3, 384, padding = 1)\n"
    "    return concat(x -> cbr(1, 320), l -> cbr(1x3, 384, padding = 0x1),\n"
    "                  l -> cbr(3x1, 384, padding = 1x0), r -> cbr(1x3, 384, padding = 0x1),\n"
    "                  r -> cbr(3x1, 384, padding = 1x0),\n"
    "                  x -> avgpool(3, stride = 1, padding = 1) -> cbr(1, 192))\n"
    "}\n"
    "network inception {\n"
    "    input image: 299x299x3\n"
    "    x = image -> cbr(3, 32, 2) -> cbr(3, 32) -> cbr(3, 64, padding = 1)\n"
    "              -> maxpool(3, stride = 2) -> cbr(1, 80) -> cbr(3, 192)\n"
    "              -> maxpool(3, stride = 2) -> a(32) -> a(64) -> a(64)\n"
    "    x = concat(x -> cbr(3, 384, 2),\n"
    "               x -> cbr(1, 64) -> cbr(3, 96, padding = 1) -> cbr(3, 96, 2),\n"
    "               x -> maxpool(3, stride = 2)) -> c(128) -> c(160) -> c(160) -> c(192)\n"
    "    x = concat(x -> cbr(1, 192) -> cbr(3, 320, 2),\n"
    "               x -> cbr(1, 192) -> cbr(1x7, 192, padding = 0x3)\n"
    "                 -> cbr(7x1, 192, padding = 3x0) -> cbr(3, 192, 2),\n"
    "               x -> maxpool(3, stride = 2)) -> e -> e\n"
    "    output y = x -> avgpool(global) -> flatten -> dense(1000)\n"
    "    assert receptive_field(x) == 1311 and stride(x) == 32\n"
    "    assert channels(x) == 2048 and height(x) == 8\n"
    "    assert params() == 23834568\n"
    "}\n";

static void published_networks(void) {
    struct arena arena = {0};
    holds(vgg16);
    holds(mobilenet);
    holds(arena_printf(&arena, resnet50, "true"));
    holds(arena_printf(&arena, resnet50, "false"));
    holds(inception);
    arena_free(&arena);
}

static void arithmetic(void) {
    holds("ten = 7 + 3\n"
          "network n(size = 16) {\n"
          "    input x: [size, size * 2, ten - 6]\n"
          "    assert width(x) == 32 and channels(x) == 4 and 2 ^ 10 == 1024 and 2 ^ -1 == 0.5\n"
          "    assert 7 / 2 == 3.5 and 6 / 2 == 3 and -7 % 3 == 2 and 7.5 % 2 == 1.5\n"
          "    assert -2 ^ 2 == -4 and 2 ^ 3 ^ 2 == 512 and 1K == 1000 and 10 - 2 - 3 == 5\n"
          "    assert min(3, 2.5, 7) == 2.5 and max(1, 2) == 2 and abs(-3) == 3 and sqrt(4) == 2\n"
          "    assert (if 1 < 2 then 3 else 4) == 3 and not false and \"{1 + 1}b\" == \"2b\"\n"
          "    assert 3x5 == 3x5 and 3x5 != 5x3 and true or 1 / 0 == 1\n"
          "    for i in 3..1 { x = x -> maxpool(99) }\n"
          "    for i in 1..3 { last = i }\n"
          "    assert last == 3\n"
          "    y = x -> deconv(4, 2, stride = 2, padding = 1)\n"
          "    assert height(y) == 32 and stride(y) == 0.5 and receptive_field(y) == 2\n"
          "    z = x -> maxpool(2) -> upsample(2)\n"
          "    assert stride(z) == 1 and receptive_field(z) == 2\n"
          "    gate = x -> mean(height, width) -> sigmoid\n"
          "    assert stride(x -> maxpool(2) -> mul(gate)) == 2\n"
          "    output o = (x * gate) -> maxpool(2, ceil = true)\n"
          "}\n");
}

/* One-plane filters go to each channel by itself, channel-major; several planes contract. */
static void filters(void) {
    struct compilation c;
    compile(&c, "filter a = [ 1 2 ]\n"
                "filter b = 1/2 * [ 3 4 ]\n"
                "filter e = [ 1 2 | 3 4 ]\n"
                "network n {\n"
                "    input x: 8x8x2\n"
                "    output y = x -> p: conv([a, b])\n"
                "    output z = x -> q: conv([e, e, e], padding = same)\n"
                "}\n");
    const struct node *p = node_of(c.graph, "p"), *q = node_of(c.graph, "q");
    static const float by_channel[] = {1, 2, 1.5, 2, 1, 2, 1.5, 2};
    static const float contracted[] = {1, 2, 3, 4, 1, 2, 3, 4, 1, 2, 3, 4};
    CHECK(p && p->op == OP_DEPTHWISE && p->shape.c == 4 && p->shape.w == 7);
    CHECK(p && memcmp(p->parameters[0]->data, by_channel, sizeof by_channel) == 0);
    CHECK(q && q->op == OP_CONV && q->shape.c == 3 && q->shape.w == 8);
    CHECK(q && q->attributes.padding[LEFT] == 0 && q->attributes.padding[RIGHT] == 1);
    CHECK(q && memcmp(q->parameters[0]->data, contracted, sizeof contracted) == 0);
    CHECK(c.graph && c.graph->tensor_count == 0);
    arena_free(&c.arena);
}

/* Raw values become scale * x + shift; without range, mean and std nothing stands in between. */
static void inputs(void) {
    struct compilation c;
    compile(&c, "network n {\n"
                "    input a: 4x4, range = -1..3\n"
                "    input b: 4x4x2, mean = [10, 20], std = 4, range = 0..255, layout = chw\n"
                "    input d: 2x4x4x2\n"
                "    output y = concat(a, b)\n"
                "    output z = d\n"
                "}\n");
    CHECK(c.graph && c.graph->input_count == 3 && c.graph->output_count == 2);
    if (!c.graph)
        return;
    const struct node *joined = c.graph->outputs[0].node;
    const struct node *a = joined->inputs[0], *b = joined->inputs[1];
    CHECK(a->op == OP_AFFINE && a->parameters[0]->data[0] == 0.25f &&
          a->parameters[1]->data[0] == 0.25f);
    CHECK(b->op == OP_AFFINE && b->parameters[0]->data[1] == 0.25f &&
          b->parameters[1]->data[0] == -2.5f && b->parameters[1]->data[1] == -5);
    CHECK(c.graph->inputs[1].layout == LAYOUT_CHW && c.graph->inputs[1].range_high == 255);
    CHECK(c.graph->outputs[1].node->op == OP_INPUT && c.graph->outputs[1].node->shape.n == 2);
    arena_free(&c.arena);
}

/* Labels, running numbers, blocks in blocks, sharing; the weights' order is flatten's. */
static void paths(void) {
    struct compilation c;
    compile(&c, "block inner(x, act) { return x -> conv(1, 4) -> act -> conv(1, 4) }\n"
                "block outer(x, act = relu) { return x -> inner(act) -> deep: inner(act) }\n"
                "network n {\n"
                "    input x: 4x4x4\n"
                "    y = x -> outer -> outer(tanh)\n"
                "    for i in 1..2 { y = y -> \"s{i}\": separable(3, 4, padding = same) }\n"
                "    y = y -> tied: conv(1, 4, shared = true) -> tied: conv(1, 4, shared = true)\n"
                "    unused = x -> conv(1, 100)\n"
                "    output o = y -> flatten -> fc: dense(3)\n"
                "    weights \"w\", order = hwio\n"
                "}\n");
    static const char *const expected[] = {
        "outer1.inner1.conv1", "outer1.inner1.relu1", "outer1.inner1.conv2", "outer1.deep.conv1",
        "outer2.inner1.tanh1", "outer2.deep.conv2",   "s1.depthwise",        "s2.pointwise"};
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++)
        CHECK(node_of(c.graph, expected[i]) != NULL);
    const struct node *flat = node_of(c.graph, "flatten1"), *fc = node_of(c.graph, "fc");
    CHECK(flat && flat->attributes.order == LAYOUT_HWC && flat->shape.c == 64);
    CHECK(fc && strcmp(fc->parameters[1]->name, "fc.bias") == 0);
    /* 8 convolutions in blocks, 2 separable of 2 each, 1 shared by two, 1 dense; weight and bias */
    CHECK(c.graph && c.graph->tensor_count == 2 * (8 + 4 + 1 + 1));
    arena_free(&c.arena);
}

int main(void) {
    published_networks();
    arithmetic();
    filters();
    inputs();
    paths();
    return failures != 0;
}
