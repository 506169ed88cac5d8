/* The graph and the plan as text, one node a line. */
#include <inttypes.h>
#include <stdio.h>

#include "ir/operators.h"

static const void *field_of(const struct node *node, const struct attribute *attribute) {
    return (const char *)&node->attributes + attribute->offset;
}

static const char *word_of(const struct attribute *attribute, unsigned value) {
    for (const struct word *word = attribute->words; word && word->name; word++)
        if (word->value == value)
            return word->name;
    return "?";
}

static void print_pair(FILE *stream, const char *name, const int64_t *pair, int64_t usual) {
    if (pair[0] == pair[1] && pair[0] != usual)
        fprintf(stream, " %s=%" PRId64, name, pair[0]);
    else if (pair[0] != pair[1])
        fprintf(stream, " %s=%" PRId64 "x%" PRId64, name, pair[0], pair[1]);
}

static void print_sides(FILE *stream, const char *name, const int64_t *sides) {
    if (sides[TOP] || sides[LEFT] || sides[BOTTOM] || sides[RIGHT])
        fprintf(stream, " %s=[%" PRId64 ", %" PRId64 ", %" PRId64 ", %" PRId64 "]", name,
                sides[TOP], sides[LEFT], sides[BOTTOM], sides[RIGHT]);
}

/* " stride=2": nothing where it is the default. */
static void print_attribute(FILE *stream, const struct node *node,
                            const struct attribute *attribute) {
    const void *field = field_of(node, attribute);
    const char *name = attribute->name;
    switch (attribute->kind) {
    case ATTRIBUTE_INTEGER:
        if (*(const int64_t *)field != (int64_t)attribute->initial)
            fprintf(stream, " %s=%" PRId64, name, *(const int64_t *)field);
        break;
    case ATTRIBUTE_PAIR:
    case ATTRIBUTE_ENDS:
    case ATTRIBUTE_KERNEL:
        print_pair(stream, name, field, (int64_t)attribute->initial);
        break;
    case ATTRIBUTE_PADDING:
    case ATTRIBUTE_SIDES:
        print_sides(stream, name, field);
        break;
    case ATTRIBUTE_NUMBER:
        fprintf(stream, " %s=%g", name, *(const double *)field);
        break;
    case ATTRIBUTE_BOOLEAN:
    case ATTRIBUTE_FLAG:
    case ATTRIBUTE_SWITCH:
        if (*(const bool *)field != (attribute->initial != 0))
            fprintf(stream, " %s=%s", name, *(const bool *)field ? "true" : "false");
        break;
    case ATTRIBUTE_WORD:
        if (*(const unsigned *)field != (unsigned)attribute->initial)
            fprintf(stream, " %s=%s", name, word_of(attribute, *(const unsigned *)field));
        break;
    case ATTRIBUTE_AXIS:
    case ATTRIBUTE_AXES:
        for (unsigned axis = AXIS_BATCH; axis <= AXIS_CHANNELS; axis++)
            if (((const bool *)field)[axis])
                fprintf(stream, " %s", word_of(attribute, axis));
        break;
    case ATTRIBUTE_PERMUTATION:
        for (int i = 0; i < 4; i++)
            fprintf(stream, " %s",
                    word_of(attribute, (unsigned)((const struct permutation *)field)->of[i]));
        break;
    case ATTRIBUTE_FACTORS:
        if (((const double *)field)[0] > 0)
            fprintf(stream, " %s=[%g, %g]", name, ((const double *)field)[0],
                    ((const double *)field)[1]);
        break;
    default: /* seen in the size, or in the parameters */
        break;
    }
}

static void print_operation(FILE *stream, const struct node *node, const struct node *base) {
    const struct attributes *a = &node->attributes;
    const char *keyword = operators[node->op].name;
    fprintf(stream, "%s",
            keyword                  ? keyword
            : node->op == OP_INPUT   ? "input"
            : node->op == OP_CONVERT ? "convert"
            : node->op == OP_SUMPOOL ? "sumpool"
                                     : "affine");
    if (a->has_scalar && a->scalar_first)
        fprintf(stream, " %g", a->scalar);
    for (int i = 0; i < node->input_count; i++) {
        if (node->inputs[i] == base)
            fprintf(stream, " _"); /* the value so far */
        else
            fprintf(stream, " %%%d", node->inputs[i]->id);
    }
    if (a->has_scalar && !a->scalar_first)
        fprintf(stream, " %g", a->scalar);
    for (int choice = 0; choice < 2; choice++)
        if (a->is_number[choice])
            fprintf(stream, " %s=%g", choice ? "else" : "then", choice ? a->b : a->a);
    for (const struct attribute *t = operator_rules[node->op].attributes; t->name; t++)
        print_attribute(stream, node, t);
    if (node->op == OP_SLICE)
        fprintf(stream, " start=%" PRId64, a->start);
    if (node->border[0] || node->border[1])
        fprintf(stream, " border=%" PRId64 "x%" PRId64, node->border[0], node->border[1]);
}

static void print_node(FILE *stream, struct arena *scratch, const struct node *node) {
    fprintf(stream, "%%%d %s = ", node->id, node->path ? node->path : "-");
    print_operation(stream, node, NULL);
    fprintf(stream, " : %s", shape_text(scratch, node->shape));
    for (int i = 0; i < node->epilogue_count; i++) {
        fprintf(stream, " | ");
        print_operation(stream, node->epilogue[i], node);
    }
}

static void print_location(FILE *stream, const struct location *location) {
    static const char *const memories[] = {"nowhere", "workspace", "input", "output", "weights"};
    fprintf(stream, " @ %s", memories[location->memory]);
    if (location->memory == MEMORY_INPUT || location->memory == MEMORY_OUTPUT)
        fprintf(stream, " %d", location->index);
    fprintf(stream,
            " %" PRId64 " (image %" PRId64 ", row %" PRId64 ", pixel %" PRId64 ", channel %" PRId64
            ")",
            location->offset, location->image, location->row, location->pixel, location->channel);
}

static void print_place(FILE *stream, const struct node *node) {
    if (node->winograd)
        fprintf(stream, " by winograd %" PRId64 "x%" PRId64, node->winograd, node->winograd);
    if (node->tuned.pixels)
        fprintf(stream, " tuned %" PRId64 "x%" PRId64, node->tuned.pixels, node->tuned.vectors);
    if (node->cycles)
        fprintf(stream, " in %" PRId64 " cycles", node->cycles);
    if (node->winograd)
        fprintf(stream, ", %" PRId64 " as defined", node->cycles_as_defined);
    print_location(stream, &node->location);
    if (node->loop)
        fprintf(stream, " of %s images, nodes %d to %d in %" PRId64 " passes",
                node->location.images ? "all" : "one pass's", node->loop->first, node->loop->last,
                node->loop->passes);
    if (node->scratch_floats)
        fprintf(stream, ", works in %" PRId64 " floats @ workspace %" PRId64, node->scratch_floats,
                node->scratch);
}

static void dump(FILE *stream, const struct graph *graph, bool plan) {
    struct arena scratch = {0};
    fprintf(stream, "network %s\n", graph->name);
    for (size_t i = 0; i < graph->node_count; i++) {
        print_node(stream, &scratch, graph->nodes[i]);
        if (plan)
            print_place(stream, graph->nodes[i]);
        fputc('\n', stream);
    }
    for (size_t i = 0; i < graph->output_count; i++)
        fprintf(stream, "output %s = %%%d\n", graph->outputs[i].name, graph->outputs[i].node->id);
    if (plan)
        fprintf(stream, "workspace %" PRId64 " floats, at least %" PRId64 "\n",
                graph->workspace_floats, graph->least_floats);
    arena_free(&scratch);
}

void dump_graph(FILE *stream, const struct graph *graph) {
    dump(stream, graph, false);
}

void dump_plan(FILE *stream, const struct graph *graph) {
    dump(stream, graph, true);
}
