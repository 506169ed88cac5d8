/* The statements that tie a network to the world: inputs, outputs, weights, labels. */
#include <ctype.h>
#include <inttypes.h>
#include <string.h>
#include <strings.h>

#include "ir/elaborator.h"
#include "lexer/limits.h"

/* The same for names that differ in case only. */
static const char *in_lower_case(struct elaborator *e, const char *name) {
    char *lower = arena_strndup(e->arena, name, strlen(name));
    for (char *c = lower; *c; c++)
        *c = (char)tolower((unsigned char)*c);
    return intern(e->names, lower, strlen(lower));
}

/* The C header has constants named by inputs and outputs in capitals. */
bool take_port_name(struct elaborator *e, struct frame *f, struct name name) {
    const char *key = in_lower_case(e, name.text);
    const struct name *other = table_find(&e->ports, key);
    if (!other) {
        struct name *own = ARENA_NEW(e->arena, struct name);
        *own = name;
        table_set(&e->ports, e->arena, key, own);
        return true;
    }
    struct diagnostic *error =
        other->text == name.text
            ? elaborate_error(e, f, name.span, E0703_NAME_TAKEN,
                              "there is an input or output `%s` already", name.text)
            : elaborate_error(e, f, name.span, E0703_NAME_TAKEN,
                              "`%s` and `%s` differ only in case: in the C header their constants "
                              "would have one name",
                              name.text, other->text);
    if (error)
        add_note(e->diagnostics, error, other->span, "here");
    return false;
}

/* The header's constants for an input of bytes are called NET_NAME_BYTES. */
static bool name_reserved(struct elaborator *e, struct frame *f, struct name name) {
    if (strcasecmp(name.text, "workspace") && strcasecmp(name.text, "weights"))
        return false;
    elaborate_error(e, f, name.span, E0703_NAME_TAKEN,
                    "an input of bytes cannot be called `%s`: the C header has a constant of that "
                    "name already",
                    name.text);
    return true;
}

/* range a..b is (x - a) / (b - a): mean a, std b - a. */
static bool apply_range(struct elaborator *e, struct frame *f, struct layer *layer,
                        struct input *input) {
    double low = value_to_double(layer->range.items[0]);
    double high = value_to_double(layer->range.items[1]);
    if (!(low < high)) {
        elaborate_error(e, f, layer_place(layer, "range"), E0605_BAD_RANGE,
                        "a range goes from its lower end to its higher, not %s",
                        value_text(e->arena, layer->range));
        return false;
    }
    input->has_range = true;
    input->range_low = low;
    input->range_high = high;
    if (layer->numbers[NUMBERS_MEAN] || layer->numbers[NUMBERS_STD])
        return true;
    double *numbers = ARENA_ARRAY(e->arena, double, 2);
    numbers[NUMBERS_MEAN] = low;
    numbers[NUMBERS_STD] = high - low;
    for (int i = 0; i < 2; i++) {
        layer->numbers[i] = &numbers[i];
        layer->number_count[i] = 1;
    }
    return true;
}

static struct value make_input(struct elaborator *e, struct frame *f, const struct statement *s) {
    struct layer layer;
    struct input input = {.name = s->name.text, .span = s->name.span};
    struct value size = evaluate(e, f, s->value);
    begin_layer(e, f, &layer, OP_INPUT, s->name.span, s->name.text, NULL, 0);
    bool sound = size.kind != VALUE_UNKNOWN;
    if (sound && !value_to_shape(size, &layer.node->shape)) {
        elaborate_error(e, f, s->value->span, E0701_WRONG_INPUT_SIZE,
                        "an input's size is HxW, HxWxC or NxHxWxC, each 1 or more, not %s",
                        value_description(e->arena, size));
        sound = false;
    }
    for (const struct argument *a = s->arguments; a; a = a->next)
        sound = read_argument(e, f, &layer, a) && sound;
    if (layer.range.kind == VALUE_RANGE)
        sound = apply_range(e, f, &layer, &input) && sound;
    if (layer.node->shape.c)
        sound = check_numbers(e, &layer, layer.node->shape.c) && sound;
    bool bytes = layer.node->attributes.element == ELEMENT_U8;
    if (!take_port_name(e, f, s->name) || (bytes && name_reserved(e, f, s->name)) || !sound)
        return value_unknown();
    layer.node->labelled = true;
    input.layout = layer.node->attributes.order;
    input.element = layer.node->attributes.element;
    input.node = finish_layer(e, f, &layer);
    if (!input.node)
        return value_unknown();
    struct graph *graph = e->graph;
    ARENA_PUSH(graph->arena, graph->inputs, graph->input_count, graph->input_capacity, input);
    struct node *node = input.node;
    if (layer.numbers[NUMBERS_MEAN] || layer.numbers[NUMBERS_STD]) {
        const char *path = arena_printf(e->arena, "%s.normalize", s->name.text);
        path = intern(e->names, path, strlen(path));
        node = make_affine(e, f, s->name.span, path, input.node, &layer);
    }
    return node ? value_tensor(node) : value_unknown();
}

void execute_input(struct elaborator *e, struct frame *f, const struct statement *s) {
    bind(e, f, s->name, make_input(e, f, s));
}

/* layout = hwc or chw */
static enum layout output_layout(struct elaborator *e, struct frame *f, const struct statement *s) {
    static const char *const known[] = {"layout"};
    enum layout layout = LAYOUT_HWC;
    for (const struct argument *a = s->arguments; a; a = a->next) {
        const char *word = a->value->kind == EXPRESSION_NAME ? a->value->name.text : "";
        if (strcmp(a->name.text, "layout") != 0)
            suggest(e,
                    elaborate_error(e, f, a->name.span, E0712_WRONG_OUTPUT_ATTRIBUTE,
                                    "output has no `%s`: it takes layout", a->name.text),
                    a->name.text, known, 1);
        else if (strcmp(word, "chw") == 0)
            layout = LAYOUT_CHW;
        else if (strcmp(word, "hwc") == 0)
            layout = LAYOUT_HWC;
        else
            elaborate_error(e, f, a->value->span, E0712_WRONG_OUTPUT_ATTRIBUTE,
                            "`layout` is hwc or chw");
    }
    return layout;
}

void execute_output(struct elaborator *e, struct frame *f, const struct statement *s) {
    struct value value = evaluate(e, f, s->value);
    enum layout layout = output_layout(e, f, s);
    struct graph *graph = e->graph;
    bind(e, f, s->name, value);
    if (value.kind != VALUE_UNKNOWN && value.kind != VALUE_TENSOR) {
        elaborate_error(e, f, s->value->span, E0702_NOT_ONE_TENSOR,
                        "an output is one tensor, not %s", value_description(e->arena, value));
        value = value_unknown();
    }
    if (!take_port_name(e, f, s->name))
        return;
    struct output output = {.name = s->name.text,
                            .span = s->name.span,
                            .node = value.kind == VALUE_TENSOR ? value.tensor : NULL,
                            .layout = layout};
    ARENA_PUSH(graph->arena, graph->outputs, graph->output_count, graph->output_capacity, output);
}

static void weights_order(struct elaborator *e, struct frame *f, const struct argument *a) {
    const char *word = a->value->kind == EXPRESSION_NAME ? a->value->name.text : "";
    if (strcmp(word, "oihw") == 0)
        e->graph->weights_order = LAYOUT_CHW;
    else if (strcmp(word, "hwio") == 0)
        e->graph->weights_order = LAYOUT_HWC;
    else
        elaborate_error(e, f, a->value->span, E0705_WRONG_WEIGHTS_STATEMENT,
                        "`order` is oihw (as PyTorch's) or hwio (as Keras's)");
}

void execute_weights(struct elaborator *e, struct frame *f, const struct statement *s) {
    static const char *const known[] = {"prefix", "order"};
    struct graph *graph = e->graph;
    if (graph->has_weights) {
        struct diagnostic *error = elaborate_error(e, f, s->span, E0705_WRONG_WEIGHTS_STATEMENT,
                                                   "a network has one `weights` statement");
        if (error)
            add_note(e->diagnostics, error, graph->weights_span, "the first is here");
        return;
    }
    graph->has_weights = true;
    graph->weights_span = s->span;
    graph->weights_order = LAYOUT_CHW;
    graph->weights_folder = e->sources->items[s->span.source].folder;
    graph->weights_path = evaluate_string(e, f, s->value);
    for (const struct argument *a = s->arguments; a; a = a->next) {
        if (strcmp(a->name.text, "prefix") == 0)
            graph->weights_prefix = evaluate_string(e, f, a->value);
        else if (strcmp(a->name.text, "order") == 0)
            weights_order(e, f, a);
        else
            suggest(e,
                    elaborate_error(e, f, a->name.span, E0705_WRONG_WEIGHTS_STATEMENT,
                                    "weights has no `%s`: it takes prefix and "
                                    "order",
                                    a->name.text),
                    a->name.text, known, 2);
    }
}

/* One label a line. */
static void labels_from_file(struct elaborator *e, struct frame *f, const struct statement *s,
                             const char *path, struct output *output) {
    const char *text, *folder = e->sources->items[s->span.source].folder;
    size_t length, count = 0, capacity = 0;
    enum read_result result =
        read_file_beneath(e->sources, folder, path, LIMIT_SOURCE_BYTES, &text, &length);
    if (result != READ_OK) {
        elaborate_error(e, f, s->value->span, E0706_CANNOT_READ_LABELS,
                        "cannot read the labels \"%s\": %s",
                        printable(e->arena, path, strlen(path)), read_failure(result));
        return;
    }
    static const char mark[] = "\xef\xbb\xbf"; /* of UTF-8, which some editors write */
    size_t begin = length >= 3 && !memcmp(text, mark, 3) ? 3 : 0;
    for (size_t at = begin; at < length;) {
        const char *end = memchr(text + at, '\n', length - at);
        size_t next = end ? (size_t)(end - text) + 1 : length;
        size_t size = (end ? (size_t)(end - text) : length) - at;
        if (size && text[at + size - 1] == '\r')
            size--;
        const char *label = arena_strndup(e->arena, text + at, size);
        if (strlen(label) != size) {
            elaborate_error(e, f, s->value->span, E0706_CANNOT_READ_LABELS,
                            "line %zu of the labels \"%s\" holds a NUL byte", count + 1,
                            printable(e->arena, path, strlen(path)));
            output->labels = NULL;
            return;
        }
        ARENA_PUSH(e->arena, output->labels, count, capacity, label);
        at = next;
    }
    output->label_count = (int64_t)count;
}

static void labels_from_list(struct elaborator *e, struct frame *f, const struct statement *s,
                             struct value list, struct output *output) {
    const char **labels = ARENA_ARRAY(e->arena, const char *, list.item_count + 1);
    for (size_t i = 0; i < list.item_count; i++) {
        if (list.items[i].kind != VALUE_STRING) {
            elaborate_error(e, f, s->value->span, E0707_WRONG_LABELS, "labels are strings, not %s",
                            value_description(e->arena, list.items[i]));
            return;
        }
        labels[i] = list.items[i].string;
    }
    output->labels = labels;
    output->label_count = (int64_t)list.item_count;
}

void execute_labels(struct elaborator *e, struct frame *f, const struct statement *s) {
    struct value value = evaluate(e, f, s->value);
    if (e->graph->output_count == 0) {
        elaborate_error(e, f, s->span, E0707_WRONG_LABELS,
                        "`labels` names the channels of the output before it: "
                        "there is none");
        return;
    }
    struct output *output = &e->graph->outputs[e->graph->output_count - 1];
    output->labels_span = output->labels ? output->labels_span : s->value->span;
    if (output->labels)
        elaborate_error(e, f, s->span, E0707_WRONG_LABELS, "output `%s` has labels already",
                        output->name);
    else if (value.kind == VALUE_STRING)
        labels_from_file(e, f, s, value.string, output);
    else if (value.kind == VALUE_LIST)
        labels_from_list(e, f, s, value, output);
    else if (value.kind != VALUE_UNKNOWN)
        elaborate_error(e, f, s->value->span, E0707_WRONG_LABELS,
                        "`labels` takes a file's name or a list, not %s",
                        value_description(e->arena, value));
}

void check_labels(struct elaborator *e) {
    for (size_t i = 0; i < e->graph->output_count; i++) {
        const struct output *output = &e->graph->outputs[i];
        if (output->labels && output->node && output->label_count != output->node->shape.c)
            add_note(e->diagnostics,
                     report_error(e->diagnostics, output->labels_span, E0707_WRONG_LABELS,
                                  "%" PRId64 " labels for the %" PRId64 " channels of output `%s`",
                                  output->label_count, output->node->shape.c, output->name),
                     output->span, "the output is here");
    }
}
