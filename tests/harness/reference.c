/* The oracle of tests/layers_test.py and tests/dump_test.py: a network file, evaluated by the naive
 * twins.
 *
 *     reference [--layers] [--plan FILE] FILE.cnn WEIGHTS FOLDER INPUT.f32...
 *
 * Inputs are raw float32 in the order of the file, WEIGHTS a file or "-". Writes FOLDER/NAME.f64
 * for each output, and FOLDER/NAME.bound.f64: how far float32 may be from it. With --layers the
 * same for every layer, NAME being its number, and prints a line for each:
 * "NUMBER<tab>WORD<tab>PATH<tab>INPUTS", and "output<tab>NUMBER". FILE holds what --dump=plan
 * printed, for one processor or several: bounds then are those of the algorithms there. */
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

/* Lines of --dump=plan as "%6 PATH = conv ... by winograd 4x4 ...": the largest tile of a path
 * counts.
 */
static void read_plan(struct arena *arena, const char *path, struct graph *graph) {
    enum { LONGEST = 1 << 16 };
    char *line = ARENA_ARRAY(arena, char, LONGEST);
    FILE *file = fopen(path, "r");
    if (!file)
        die(path, "cannot be read");
    while (fgets(line, LONGEST, file)) {
        char *name = strchr(line, ' '), *end = strstr(line, " = conv ");
        const char *way = strstr(line, " by winograd ");
        if (!name || !end || !way)
            continue;
        *end = 0;
        int64_t tile = strtoll(way + strlen(" by winograd "), NULL, 10);
        for (size_t i = 0; i < graph->node_count; i++)
            if (graph->nodes[i]->op == OP_CONV && !strcmp(graph->nodes[i]->path, name + 1) &&
                graph->nodes[i]->winograd < tile)
                graph->nodes[i]->winograd = tile;
    }
    fclose(file);
}

static void write_doubles(const char *path, const double *values, int64_t count) {
    FILE *file = fopen(path, "wb");
    if (!file || fwrite(values, sizeof *values, (size_t)count, file) != (size_t)count ||
        fclose(file))
        die(path, "cannot be written");
}

static void write_value(struct arena *arena, const char *folder, const char *name,
                        const struct value *v) {
    write_doubles(arena_printf(arena, "%s/%s.f64", folder, name), v->y, v->count);
    write_doubles(arena_printf(arena, "%s/%s.bound.f64", folder, name), v->error, v->count);
}

static void write_layers(struct arena *arena, const char *folder, const struct graph *graph,
                         const struct value *values) {
    for (size_t i = 0; i < graph->node_count; i++) {
        const struct node *node = graph->nodes[i];
        const char *word = operators[node->op].name;
        printf("%zu\t%s\t%s\t", i, word ? word : "-", node->path);
        for (int k = 0; k < node->input_count; k++)
            printf("%s%d", k ? " " : "", node->inputs[k]->id);
        printf("\n");
        write_value(arena, folder, arena_printf(arena, "%zu", i), &values[i]);
    }
    for (size_t i = 0; i < graph->output_count; i++)
        printf("output\t%d\n", graph->outputs[i].node->id);
}

int main(int count, char **words) {
    struct arena arena = {0};
    bool layers = count > 1 && !strcmp(words[1], "--layers");
    words += layers;
    count -= layers;
    const char *plan = count > 2 && !strcmp(words[1], "--plan") ? words[2] : NULL;
    words += plan ? 2 : 0;
    count -= plan ? 2 : 0;
    if (count < 4)
        die("usage", "reference [--layers] [--plan FILE] FILE.cnn WEIGHTS FOLDER INPUT.f32...");
    struct graph *graph = load_network(&arena, words[1], words[2]);
    if (plan)
        read_plan(&arena, plan, graph);
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
    for (size_t i = 0; i < graph->output_count; i++)
        write_value(&arena, words[3], graph->outputs[i].name, &values[graph->outputs[i].node->id]);
    if (layers)
        write_layers(&arena, words[3], graph, values);
    arena_free(&arena);
    return 0;
}
