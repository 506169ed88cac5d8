/* The graph in, the text of a file with one network out. */
#include <string.h>

#include "export/cnn/writer.h"

/* Once the calls of blocks are placed they are what reads; before, all nodes are. */
static void count_uses(struct writer *writer) {
    const struct graph *graph = writer->graph;
    memset(writer->uses, 0, graph->node_count * sizeof *writer->uses);
    for (size_t i = 0; i < graph->node_count; i++) {
        const struct node *node = graph->nodes[i];
        const struct block_call *call = writer->calls[i];
        if (call)
            writer->uses[call->entry->id]++;
        for (int k = 0; !call && !writer->hidden[i] && k < node->input_count; k++)
            writer->uses[node->inputs[k]->id]++;
    }
    for (size_t i = 0; i < graph->output_count; i++)
        writer->uses[graph->outputs[i].node->id]++;
}

/* --- inputs --- */

/* The affine node of an input's statement, or NULL. */
static const struct node *normalization(const struct writer *writer, const struct input *input) {
    for (size_t i = 0; i < writer->graph->node_count; i++)
        if (belongs_to_input(writer, writer->graph->nodes[i]) &&
            writer->graph->nodes[i]->inputs[0] == input->node)
            return writer->graph->nodes[i];
    return NULL;
}

/* A range alone says what mean and deviation are. */
static bool range_says_it(const struct input *input, const struct numbers numbers[2]) {
    return input->has_range && numbers[NUMBERS_MEAN].count == 1 &&
           numbers[NUMBERS_STD].count == 1 && numbers[NUMBERS_MEAN].values[0] == input->range_low &&
           numbers[NUMBERS_STD].values[0] == input->range_high - input->range_low;
}

static void write_input(struct writer *writer, const struct input *input) {
    struct arena *arena = writer->arena;
    const struct node *affine = normalization(writer, input);
    const char *text =
        arena_printf(arena, "    input %s: %s", input->name, shape_text(arena, input->node->shape));
    if (input->has_range)
        text = arena_printf(arena, "%s, range = %s..%s", text, literal(arena, input->range_low),
                            literal(arena, input->range_high));
    if (affine && !range_says_it(input, affine->attributes.numbers))
        text = arena_printf(arena, "%s%s%s", text,
                            numbers_text(writer, "mean", affine->attributes.numbers[NUMBERS_MEAN]),
                            numbers_text(writer, "std", affine->attributes.numbers[NUMBERS_STD]));
    if (input->layout == LAYOUT_CHW)
        text = arena_printf(arena, "%s, layout = chw", text);
    if (input->element == ELEMENT_U8)
        text = arena_printf(arena, "%s, type = u8", text);
    add_line(writer, text, NULL);
    const char *bound = writer->bound[(affine ? affine : input->node)->id];
    if (strcmp(bound, input->name) != 0)
        add_line(writer, arena_printf(arena, "    %s = %s", bound, input->name), NULL);
}

/* An input whose name is also a word of layers, as `same`, gets a second one: between parentheses
 * the word is meant. */
static void name_inputs(struct writer *writer) {
    for (size_t i = 0; i < writer->graph->input_count; i++) {
        const struct input *input = &writer->graph->inputs[i];
        const struct node *affine = normalization(writer, input);
        writer->bound[(affine ? affine : input->node)->id] =
            is_word_of_layers(input->name) ? free_name(writer, input->name) : input->name;
    }
}

/* --- outputs --- */

/* How many outputs can be written where their values are made, in the order they have. */
static size_t early_outputs(const struct graph *graph) {
    size_t count = 0;
    int last = 0;
    for (; count < graph->output_count; count++) {
        const struct output *output = &graph->outputs[count];
        if (output->node->id < last || is_word_of_layers(output->name))
            break;
        last = output->node->id;
    }
    return count;
}

/* A value that is an output goes by the output's name. */
static void name_outputs(struct writer *writer, size_t early) {
    for (size_t i = 0; i < writer->graph->output_count; i++) {
        const struct output *output = &writer->graph->outputs[i];
        const char **bound = &writer->bound[output->node->id];
        if (!*bound)
            *bound = i < early ? output->name : name_of_value(writer, output->node);
    }
}

static void write_labels(struct writer *writer, const struct output *output) {
    struct list list = {0};
    for (int64_t i = 0; i < output->label_count; i++)
        list_add(writer->arena, &list, quoted(writer->arena, output->labels[i]));
    add_line(writer, arena_printf(writer->arena, "    labels [%s]", list.text), NULL);
}

static void write_output(struct writer *writer, const struct output *output,
                         const struct phrase *phrase) {
    add_statement(writer, arena_printf(writer->arena, "    output %s = ", output->name), phrase,
                  output->layout == LAYOUT_CHW ? ", layout = chw" : "", output->node->shape);
    if (output->labels)
        write_labels(writer, output);
}

static void write_late_output(struct writer *writer, const struct output *output) {
    const char *name = writer->bound[output->node->id];
    write_output(writer, output, &(struct phrase){.head = name, .length = text_length(name)});
}

/* --- statements --- */

static const struct input *input_of(const struct graph *graph, const struct node *node) {
    const struct input *input = graph->inputs;
    while (input->node != node)
        input++;
    return input;
}

static void write_binding(struct writer *writer, const struct node *node) {
    const char *name = writer->bound[node->id];
    add_statement(writer, arena_printf(writer->arena, "    %s = ", name),
                  &writer->phrases[node->id], "", shown_shape(writer, node));
}

void write_bindings(struct writer *writer, int begin, int end) {
    for (int i = begin; i < end; i++)
        if (!writer->within[i])
            write_binding(writer, writer->graph->nodes[i]);
}

/* Statements in the order of the nodes; each output right behind its value. */
static void write_statements(struct writer *writer, size_t early) {
    const struct graph *graph = writer->graph;
    size_t output = 0;
    for (size_t i = 0; i < graph->node_count; i++) {
        const struct node *node = graph->nodes[i];
        bool statement =
            node->op != OP_INPUT && !belongs_to_input(writer, node) && !writer->hidden[i];
        bool is_output = output < early && graph->outputs[output].node == node;
        if (node->op == OP_INPUT)
            write_input(writer, input_of(graph, node));
        else if (statement && is_output)
            write_output(writer, &graph->outputs[output++], &writer->phrases[i]);
        else if (statement && !writer->within[i])
            write_binding(writer, node);
        for (; output < early && graph->outputs[output].node == node; output++)
            write_late_output(writer, &graph->outputs[output]);
    }
    for (; output < graph->output_count; output++)
        write_late_output(writer, &graph->outputs[output]);
}

static void write_weights(struct writer *writer) {
    const struct graph *graph = writer->graph;
    struct arena *arena = writer->arena;
    if (!graph->has_weights)
        return;
    const char *text = arena_printf(arena, "    weights %s", quoted(arena, graph->weights_path));
    if (graph->weights_prefix)
        text = arena_printf(arena, "%s, prefix = %s", text, quoted(arena, graph->weights_prefix));
    if (graph->weights_order == LAYOUT_HWC)
        text = arena_printf(arena, "%s, order = hwio", text);
    add_line(writer, text, NULL);
}

static void write_filters(struct writer *writer) {
    for (size_t i = 0; i < writer->filter_count; i++)
        add_line(writer,
                 arena_printf(writer->arena, "filter %s = %s", writer->filters[i].note,
                              writer->filters[i].text),
                 NULL);
    if (writer->filter_count)
        add_line(writer, "", NULL);
}

static void print_text(FILE *stream, const void *writer) {
    print_lines(stream, writer);
}

struct writer new_writer(struct arena *arena, const struct graph *graph) {
    size_t count = graph->node_count + 1;
    struct writer writer = {.arena = arena,
                            .graph = graph,
                            .names = {.arena = arena},
                            .uses = ARENA_ARRAY(arena, int, count),
                            .calls = ARENA_ARRAY(arena, const struct block_call *, count),
                            .hidden = ARENA_ARRAY(arena, bool, count),
                            .within = ARENA_ARRAY(arena, bool, count),
                            .first = ARENA_ARRAY(arena, int, count),
                            .bound = ARENA_ARRAY(arena, const char *, count),
                            .numbered = ARENA_ARRAY(arena, const char *, count),
                            .numbered_calls = ARENA_ARRAY(arena, const char *, count),
                            .phrases = ARENA_ARRAY(arena, struct phrase, count)};
    take_names(&writer);
    count_uses(&writer);
    return writer;
}

static void write_network(struct writer *writer) {
    const struct graph *graph = writer->graph;
    size_t early = early_outputs(graph);
    name_inputs(writer);
    name_outputs(writer, early);
    make_phrases(writer, 0, (int)graph->node_count);
    write_filters(writer);
    add_line(writer, arena_printf(writer->arena, "network %s {", graph->name), NULL);
    write_statements(writer, early);
    write_weights(writer);
    add_line(writer, "}", NULL);
}

struct writer write_file(struct arena *arena, const struct graph *graph) {
    struct writer writer = new_writer(arena, graph), flat;
    make_blocks(&writer);
    if (writer.block_count) {
        flat = new_writer(arena, graph);
        write_network(&flat);
        write_blocks(&writer);
        place_calls(&writer);
        count_uses(&writer);
    }
    write_network(&writer);
    return writer.block_count && flat.line_count <= writer.line_count ? flat : writer;
}

const char *export_cnn(struct arena *arena, const struct graph *graph) {
    struct writer writer = write_file(arena, graph);
    return arena_print(arena, print_text, &writer);
}
