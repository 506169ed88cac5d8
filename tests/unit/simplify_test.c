/* Networks before and after simplify: the layers that are left, and their values, both computed by
 * the naive twins in double. They may differ by no more than the rounding of folded weights. */
#include <math.h>

#include "ir/elaborate.h"
#include "ir/simplify.h"
#include "ir/verify.h"
#include "ir/weights/weights.h"
#include "tests/harness/evaluate.h"
#include "tests/unit/fixture.h"

static struct graph *build(struct test *test, const char *body) {
    reset(test);
    const char *text = arena_printf(&test->arena, "network n {\n%s\n}\n", body);
    uint32_t source = sources_add(&test->sources, "net.cnn", text, strlen(text));
    struct elaborate_options options = {0};
    struct graph *graph =
        elaborate(&test->arena, &test->names, &test->sources, &test->diagnostics, source, &options);
    if (!graph || !bind_weights(graph, &test->diagnostics, "random:5")) {
        print_diagnostics(&test->diagnostics, stdout, (struct print_style){0});
        return NULL;
    }
    return graph;
}

/* Values of every node, for inputs that are no pattern. */
static struct value *run(const struct graph *graph) {
    struct value *values = ARENA_ARRAY(graph->arena, struct value, graph->node_count);
    for (size_t i = 0; i < graph->node_count; i++) {
        const struct node *node = graph->nodes[i];
        if (node->op != OP_INPUT) {
            if (evaluate_node(graph->arena, node, values))
                return NULL;
            continue;
        }
        values[i] = new_value(graph->arena, node->shape);
        for (int64_t k = 0; k < values[i].count; k++)
            values[i].y[k] = (double)((k * 37 + 11) % 64) / 16 - 2;
    }
    return values;
}

/* "conv clip", without the inputs */
static const char *layers_text(const struct graph *graph) {
    const char *text = "";
    for (size_t i = 0; i < graph->node_count; i++) {
        enum op op = graph->nodes[i]->op;
        const char *name = op == OP_AFFINE    ? "affine"
                           : op == OP_SUMPOOL ? "sumpool"
                                              : operators[op].name;
        if (op != OP_INPUT)
            text = arena_printf(graph->arena, "%s%s%s", text, *text ? " " : "", name);
    }
    return text;
}

static bool same_values(const struct value *before, const struct value *after) {
    for (int64_t i = 0; i < before->count; i++)
        if (!(fabs(before->y[i] - after->y[i]) <= before->error[i] + 1e-15)) {
            printf("    value %lld: %.9g, then %.9g (bound %.3g)\n", (long long)i, before->y[i],
                   after->y[i], before->error[i]);
            return false;
        }
    return true;
}

/* body: of a network with the output `o` alone. */
static void expect(struct test *test, const char *body, const char *layers) {
    struct graph *graph = build(test, body);
    check(test, graph != NULL, body);
    if (!graph)
        return;
    struct value *before = run(graph);
    const struct value *wanted = &before[graph->outputs[0].node->id];
    simplify(graph);
    check_text(test, "layers", layers_text(graph), layers);
    struct value *after = run(graph);
    check(test, after && same_values(wanted, &after[graph->outputs[0].node->id]), "values");
}

static void test_batchnorm(struct test *test) {
    expect(test, "input x: 6x6x3\n output o = x -> conv(3, 4, padding = 1) -> batchnorm", "conv");
    expect(test, "input x: 6x6x3\n output o = x -> conv(3, 4, bias = false) -> batchnorm", "conv");
    expect(test, "input x: 6x6x4\n output o = x -> conv(3, 6, groups = 2) -> batchnorm", "conv");
    expect(test, "input x: 6x6x4\n output o = x -> depthwise(3) -> batchnorm -> relu",
           "depthwise relu");
    expect(test, "input x: 6x6x4\n output o = x -> deconv(3, 6, stride = 2) -> batchnorm",
           "deconv");
    expect(test, "input x: 6x6x4\n output o = x -> deconv(2, 6, groups = 2) -> batchnorm",
           "deconv");
    expect(test, "input x: 6x6x4\n output o = x -> flatten -> dense(7) -> batchnorm -> tanh",
           "conv tanh");
    expect(test, "input x: 6x6x4\n output o = x -> conv(1, 2) -> batchnorm -> batchnorm", "conv");
    expect(test, "input x: 6x6x4\n output o = x -> conv(1, 2) -> dropout(0.5) -> batchnorm",
           "conv");
    expect(test, "input x: 6x6x4\n output o = x -> batchnorm -> conv(3, 2, padding = 1)",
           "affine conv");
    expect(test, "input x: 6x6x4\n output o = x -> maxpool(2) -> batchnorm", "maxpool affine");
    expect(test, "input x: 6x6x4\n y = x -> conv(1, 4)\n output o = (y -> batchnorm) + y",
           "conv affine add");
    expect(test,
           "input x: 6x6x2\n y = x -> s: conv(1, 2, shared = true) -> batchnorm\n"
           " output o = y -> s: conv(1, 2, shared = true) -> batchnorm",
           "conv conv");
}

static void test_parameters(struct test *test) {
    expect(test, "input x: 6x6x3\n output o = (x -> conv(3, 4)) + parameter(1x1x4)", "conv");
    expect(test, "input x: 6x6x3\n output o = parameter(1x1x4) - (x -> deconv(3, 4))", "deconv");
    expect(test, "input x: 6x6x4\n output o = (x -> depthwise(3)) * parameter(1x1x4)", "depthwise");
    expect(test,
           "input x: 6x6x4\n y = x -> flatten -> dense(5, bias = false)\n"
           " output o = y * parameter(1x1x5) - parameter(1x1x5) -> relu",
           "conv relu");
    expect(test, "input x: 6x6x3\n output o = x * parameter(1x1x3)", "affine");
    expect(test, "input x: 6x6x3\n output o = x / parameter(1x1x3)", "parameter div");
    expect(test, "input x: 6x6x3\n output o = parameter(1x1) / exp(x)", "exp div");
    expect(test, "input x: 6x6x3\n output o = max(x, parameter(1x1))", "max");
    expect(test, "input x: 6x6x3\n output o = x + parameter(6x6x3)", "parameter add");
    expect(test, "input x: 6x6x1\n output o = x + parameter(1x1x3)", "parameter add");
    expect(test, "input x: 6x6x3\n output o = (x -> conv(3, 1)) * parameter(1x1x3)",
           "conv parameter mul");
    expect(test, "input x: 6x6x3\n output p = parameter(6x1x3)\n output o = x + p",
           "parameter add reshape");
}

static void test_dense(struct test *test) {
    expect(test, "input x: 3x5x2\n output o = x -> flatten -> dense(4) -> dense(3)", "conv conv");
    expect(test, "input x: 3x5x2\n output o = x -> flatten(order = hwc) -> dense(4)", "conv");
    expect(test, "input x: 1x1x9\n output o = x -> dense(4, bias = false)", "conv");
    expect(test, "input x: 3x5x2\n y = x -> flatten\n output o = (y -> dense(30)) + y",
           "flatten conv add");
}

static void test_kinds(struct test *test) {
    expect(test, "input x: 4x4x3\n output o = x -> depthwise(3, multiplier = 2)", "conv");
    expect(test, "input x: 4x4x3\n output o = x -> conv(3, 3, groups = 3)", "depthwise");
    expect(test, "input x: 4x4x1\n output o = x -> conv(3, 1)", "depthwise");
    expect(test, "input x: 4x4x1\n output o = x -> depthwise(3, multiplier = 4)", "conv");
    expect(test, "input x: 4x4x3\n output o = x -> separable(3, 5)", "depthwise conv");
    expect(test, "input x: 4x4x3\n output o = x -> relu6", "clip");
    expect(test, "input x: 4x4x3\n output o = x -> grayscale", "conv");
    expect(test, "input x: 4x4x1\n output o = x -> grayscale -> relu", "relu");
    expect(test,
           "input x: 4x4x3\n output o = x -> normalize(mean = 2, std = [1, 2, 4]) -> conv(3, 2)",
           "affine conv");
    expect(test, "input x: 4x4x3\n output o = x -> identity -> dropout -> relu", "relu");
}

static void test_reductions(struct test *test) {
    expect(test, "input x: 4x6x3\n output o = x -> mean", "mean");
    expect(test, "input x: 4x6x3\n output o = x -> lppool(2)", "sumpool power");
    expect(test, "input x: 4x6x3\n output o = x -> lppool(2, p = 1)", "sumpool");
    expect(test, "input x: 4x6x3\n output o = x -> lppool(global, p = 3)",
           "abs power sumpool power");
    expect(test, "input x: 4x6x3\n output o = x -> reduce_l2(width)", "reduce_sum_square sqrt");
    expect(test, "input x: 4x6x3\n output o = x -> abs -> reduce_log_sum", "abs sum log");
    expect(test, "input x: 2x4x6x3\n output o = x -> reduce_log_sum_exp(batch, channels)",
           "reduce_max clip sub exp sum log add");
    expect(test, "input x: 4x6x1\n output o = x -> mean(channels) -> relu", "relu");
    expect(test, "input x: 1x6x3\n output o = x -> mean(height) -> relu", "relu");
}

static void test_copies(struct test *test) {
    expect(test, "input x: 4x6x3\n output o = x", "reshape");
    expect(test, "input x: 4x6x3, layout = chw\n output o = x -> conv(3, 2)", "reshape conv");
    expect(test, "input x: 4x6x3, layout = chw, range = 0..4\n output o = x -> conv(3, 2)",
           "affine conv");
    expect(test, "input x: 4x6x3\n output o = x -> reshape(6x3x4)", "reshape reshape");
    expect(test, "input x: 4x6x3\n output o = x -> reshape(6x3x4, order = hwc)", "reshape reshape");
    expect(test, "input x: 4x6x3\n output o = x -> reshape(1x1x72)", "reshape");
}

/* NaN and infinities of hostile weights pass through without a trap. */
static void test_extremes(struct test *test) {
    struct graph *graph = build(test, "input x: 2x2x2\n output o = x -> conv(1, 2) -> batchnorm");
    for (size_t i = 0; i < graph->tensor_count; i++)
        graph->tensors[i]->data[0] = i % 2 ? INFINITY : -1;
    simplify(graph);
    check_text(test, "extremes", layers_text(graph), "conv");
}

int main(void) {
    struct test test = {.failures = 0};
    test_batchnorm(&test);
    test_parameters(&test);
    test_dense(&test);
    test_kinds(&test);
    test_reductions(&test);
    test_copies(&test);
    test_extremes(&test);
    arena_free(&test.arena);
    return test.failures > 0;
}
