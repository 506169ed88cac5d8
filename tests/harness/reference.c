/* The oracle of tests/layers_test.py: a network file, evaluated by the naive twins.
 *
 *     reference FILE.cnn WEIGHTS FOLDER INPUT.f32...
 *
 * Inputs are raw float32 in the order of the file, WEIGHTS a file or "-". Writes FOLDER/NAME.f64
 * for each output, and FOLDER/NAME.bound.f64: how far float32 may be from it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/harness/evaluate.h"
#include "tests/harness/load.h"

static void die(const char *what, const char *detail) {
    fprintf(stderr, "reference: %s: %s\n", what, detail);
    exit(1);
}

/* Raw values in the input's layout, to NHWC. */
static void read_input(struct arena *arena, const struct input *input, const char *path,
                       struct value *values) {
    struct value *v = &values[input->node->id];
    *v = new_value(arena, input->node->shape);
    float *raw = ARENA_ARRAY(arena, float, v->count);
    FILE *file = fopen(path, "rb");
    if (!file || fread(raw, sizeof *raw, (size_t)v->count, file) != (size_t)v->count ||
        fgetc(file) != EOF)
        die(path, "does not hold as many values as the input");
    fclose(file);
    int64_t pixels = v->shape[1] * v->shape[2], channels = v->shape[3];
    for (int64_t i = 0; i < v->count; i++) {
        int64_t image = i / (pixels * channels), at = i / channels % pixels, c = i % channels;
        int64_t chw = (image * channels + c) * pixels + at;
        v->y[i] = raw[input->layout == LAYOUT_CHW ? chw : i];
    }
}

static void write_doubles(const char *path, const double *values, int64_t count) {
    FILE *file = fopen(path, "wb");
    if (!file || fwrite(values, sizeof *values, (size_t)count, file) != (size_t)count ||
        fclose(file))
        die(path, "cannot be written");
}

int main(int count, char **words) {
    struct arena arena = {0};
    if (count < 4)
        die("usage", "reference FILE.cnn WEIGHTS FOLDER INPUT.f32...");
    struct graph *graph = load_network(&arena, words[1], words[2]);
    if ((size_t)count - 4 != graph->input_count)
        die(words[1], "has another number of inputs");
    struct value *values = ARENA_ARRAY(&arena, struct value, graph->node_count);
    for (size_t i = 0; i < graph->input_count; i++)
        read_input(&arena, &graph->inputs[i], words[4 + i], values);
    for (size_t i = 0; i < graph->node_count; i++) {
        if (graph->nodes[i]->op == OP_INPUT)
            continue;
        const char *unknown = evaluate_node(&arena, graph->nodes[i], values);
        if (unknown)
            die(unknown, "no rule for this operator");
    }
    for (size_t i = 0; i < graph->output_count; i++) {
        const struct value *v = &values[graph->outputs[i].node->id];
        const char *name = graph->outputs[i].name;
        write_doubles(arena_printf(&arena, "%s/%s.f64", words[3], name), v->y, v->count);
        write_doubles(arena_printf(&arena, "%s/%s.bound.f64", words[3], name), v->error, v->count);
    }
    arena_free(&arena);
    return 0;
}
