/* Layer calls: arguments into attributes and inputs, then the operator's rules, then the node. */
#include <inttypes.h>
#include <string.h>

#include "ir/elaborator.h"
#include "ir/synonyms.h"
#include "lexer/checked.h"
#include "lexer/limits.h"

static void unknown_attribute(struct elaborator *e, struct frame *f, const struct layer *layer,
                              struct name name) {
    const char *names[ATTRIBUTES_MAX], *list = NULL;
    size_t count = 0;
    for (; layer->table[count].name; count++) {
        names[count] = layer->table[count].name;
        list = list ? arena_printf(e->arena, "%s, %s", list, names[count]) : names[count];
    }
    const char *keyword = operators[layer->node->op].name;
    struct diagnostic *error =
        elaborate_error(e, f, name.span, E0501_UNKNOWN_ATTRIBUTE, "%s has no attribute `%s`",
                        keyword ? keyword : "input", name.text);
    if (!error)
        return;
    const char *ours = our_attribute(name.text), *why = why_no_attribute(name.text);
    if (why)
        add_help(e->diagnostics, error, "%s", why);
    else if (ours && attribute_named(layer->table, ours) >= 0)
        add_help(e->diagnostics, error, "here it is called `%s`", ours);
    else
        suggest(e, error, name.text, names, count);
    if (list)
        add_help(e->diagnostics, error, "it takes %s", list);
}

static bool may_be_bound(const struct frame *f, const char *name) {
    return f->module->incomplete || find_binding(f, name);
}

static bool set_list_of_words(struct layer *layer, int index, const struct expression *x,
                              struct span span) {
    for (const struct argument *a = x->arguments; a; a = a->next)
        if (a->value->kind != EXPRESSION_NAME ||
            !attribute_has_word(&layer->table[index], a->value->name.text))
            return layer_error(layer, NULL, E0503_WRONG_KIND, "`%s` takes %s",
                               layer->table[index].name,
                               attribute_words_text(layer->arena, &layer->table[index]));
        else if (!attribute_set_word(layer, index, a->value->name.text, span))
            return false;
    return true;
}

/* A name that is neither a word of the attribute nor a value. The attribute counts as given. */
static bool unknown_word(struct elaborator *e, struct frame *f, struct layer *layer, int index,
                         const struct expression *x) {
    const struct attribute *attribute = &layer->table[index];
    const char *words[8];
    size_t count = 0;
    layer->given[index] = true;
    layer->places[index] = x->span;
    for (; attribute->words[count].name; count++)
        words[count] = attribute->words[count].name;
    struct diagnostic *error =
        elaborate_error(e, f, x->span, E0503_WRONG_KIND, "`%s` takes %s, not `%s`", attribute->name,
                        attribute_words_text(e->arena, attribute), x->name.text);
    suggest(e, error, x->name.text, words, count);
    return false;
}

static bool set_from_value(struct elaborator *e, struct frame *f, struct layer *layer, int index,
                           const struct expression *x, struct span span) {
    struct value value = evaluate(e, f, x);
    if (value.kind == VALUE_UNKNOWN) {
        layer->given[index] = true;
        layer->places[index] = span;
        return false;
    }
    layer->failure = NULL;
    if (attribute_set(layer, index, value, span))
        return true;
    explain_failure(e, layer, false);
    return false;
}

bool read_argument(struct elaborator *e, struct frame *f, struct layer *layer,
                   const struct argument *argument) {
    const struct expression *x = argument->value;
    int index = attribute_named(layer->table, argument->name.text);
    if (index < 0) {
        unknown_attribute(e, f, layer, argument->name);
        return false;
    }
    const struct attribute *attribute = &layer->table[index];
    struct span span = span_join(argument->name.span, x->span);
    if (x->kind == EXPRESSION_NAME && attribute_has_word(attribute, x->name.text))
        return attribute_set_word(layer, index, x->name.text, span);
    if (takes_several_words(attribute->kind) && x->kind == EXPRESSION_LIST)
        return set_list_of_words(layer, index, x, span);
    if (x->kind == EXPRESSION_NAME && attribute->words && !may_be_bound(f, x->name.text))
        return unknown_word(e, f, layer, index, x);
    return set_from_value(e, f, layer, index, x, span);
}

/* What a layer call has gathered from its arguments. */
struct gathered {
    struct value_list operands; /* tensors, and numbers where the operator takes them */
    bool known;
    bool fed; /* of a layer of one tensor or none, all are given: what comes is an attribute */
};

static bool takes_numbers(enum op op) {
    enum arity arity = operator_rules[op].arity;
    return arity == ARITY_VALUE || arity == ARITY_OPERANDS || arity == ARITY_PAIR ||
           arity == ARITY_CHOICE;
}

/* A list with a tensor in it stands for its tensors; what else it holds is a mistake. */
static bool is_tensor_list(struct value value) {
    if (value.kind == VALUE_TUPLE)
        return true;
    for (size_t i = 0; value.kind == VALUE_LIST && i < value.item_count; i++)
        if (value.items[i].kind == VALUE_TENSOR)
            return true;
    return false;
}

/* True where the value is an input of the layer; several results and lists of tensors are several.
 */
static bool gather(struct elaborator *e, struct frame *f, struct gathered *g, enum op op,
                   struct span span, struct value value) {
    if (is_tensor_list(value)) {
        if (!count_evaluations(e, f, span, (int64_t)value.item_count))
            g->known = false;
        for (size_t i = 0; g->known && i < value.item_count; i++)
            if (!gather(e, f, g, op, span, value.items[i])) {
                elaborate_error(e, f, span, E0507_NOT_A_TENSOR, "%s takes tensors, not %s",
                                operators[op].name, value_description(e->arena, value.items[i]));
                g->known = false;
            }
        return true;
    }
    if (value.kind == VALUE_UNKNOWN)
        g->known = false;
    else if (value.kind == VALUE_TENSOR || (takes_numbers(op) && value_is_number(value)))
        ARENA_PUSH(e->arena, g->operands.items, g->operands.count, g->operands.capacity, value);
    else
        return false;
    return true;
}

/* The next attribute that takes an argument by position; -1 where all are given. */
static int next_position(const struct layer *layer) {
    int best = -1;
    for (int i = 0; layer->table[i].name; i++)
        if (layer->table[i].position && !layer->given[i] &&
            (best < 0 || layer->table[i].position < layer->table[best].position))
            best = i;
    return best;
}

/* A value given by position: an input of the layer, or its next attribute. */
static void take_positional(struct elaborator *e, struct frame *f, struct layer *layer,
                            struct gathered *g, struct span span, struct value value) {
    const char *keyword = operators[layer->node->op].name;
    int index = next_position(layer);
    if (gather(e, f, g, layer->node->op, span, value))
        return;
    g->known = false; /* unless the attribute takes it */
    if (takes_numbers(layer->node->op))
        elaborate_error(e, f, span, E0507_NOT_A_TENSOR, "%s takes tensors and numbers, not %s",
                        keyword, value_description(e->arena, value));
    else if (index < 0)
        elaborate_error(e, f, span, E0508_TOO_MANY_ARGUMENTS,
                        "%s takes no argument here: %s is one too many", keyword,
                        value_description(e->arena, value));
    else {
        layer->failure = NULL;
        g->known = attribute_set(layer, index, value, span);
        if (!g->known)
            explain_failure(e, layer, false);
    }
}

static void read_positional(struct elaborator *e, struct frame *f, struct layer *layer,
                            struct gathered *g, const struct expression *x) {
    int index = x->kind == EXPRESSION_NAME ? attribute_of_word(layer->table, x->name.text) : -1;
    if (index >= 0) {
        g->known = attribute_set_word(layer, index, x->name.text, x->span) && g->known;
        return;
    }
    index = next_position(layer);
    if (index >= 0 && g->fed && is_list_of_words(layer->table, x)) {
        g->known = set_list_of_words(layer, index, x, x->span) && g->known;
        return;
    }
    if (index >= 0 && layer->table[index].words && x->kind == EXPRESSION_NAME &&
        layer->table[index].kind != ATTRIBUTE_PADDING && !may_be_bound(f, x->name.text)) {
        g->known = unknown_word(e, f, layer, index, x);
        return;
    }
    struct value value = value_unknown();
    if (x->kind == EXPRESSION_NAME && !find_binding(f, x->name.text) &&
        find_operator(x->name.text) == OP_COUNT)
        report_unknown_name(e, f, x->name, layer->table);
    else
        value = evaluate(e, f, x);
    if (value.kind == VALUE_UNKNOWN && index >= 0 && g->fed) {
        layer->given[index] = true; /* it would have been this one */
        layer->places[index] = x->span;
    }
    g->fed = g->fed || operator_rules[layer->node->op].arity == ARITY_ONE;
    take_positional(e, f, layer, g, x->span, value);
}

static void read_arguments(struct elaborator *e, struct frame *f, struct layer *layer,
                           struct gathered *g, const struct expression *x,
                           const struct value *piped) {
    bool named = false, source = operator_rules[layer->node->op].arity == ARITY_ZERO;
    g->fed = source || (piped && operator_rules[layer->node->op].arity == ARITY_ONE);
    if (piped && source)
        take_positional(e, f, layer, g, layer->node->span, *piped);
    else if (piped && !gather(e, f, g, layer->node->op, layer->node->span, *piped)) {
        elaborate_error(e, f, layer->node->span, E0507_NOT_A_TENSOR, "%s takes a tensor, not %s",
                        operators[layer->node->op].name, value_description(e->arena, *piped));
        g->known = false;
    }
    for (const struct argument *a = x->arguments; a; a = a->next) {
        bool known = g->known;
        if (a->name.text) {
            named = true;
            g->known = read_argument(e, f, layer, a) && known;
        } else if (named) {
            elaborate_error(e, f, a->value->span, E0506_POSITION_AFTER_NAME,
                            "arguments by position come before those by name");
            g->known = false;
        } else {
            g->known = true; /* so that each argument is looked at by itself */
            read_positional(e, f, layer, g, a->value);
            g->known = g->known && known;
        }
    }
}

static bool check_required(struct layer *layer) {
    const char *keyword = operators[layer->node->op].name;
    for (int i = 0; layer->table[i].name; i++)
        if (layer->table[i].required && !layer->given[i] && !layer->node->attributes.global)
            return layer_error(layer, NULL, E0505_MISSING_ATTRIBUTE, "%s needs `%s`: %s", keyword,
                               layer->table[i].name, layer->table[i].summary);
    if (layer->node->op == OP_CONV && !layer->filters && !layer_given(layer, "depth"))
        return layer_error(layer, NULL, E0505_MISSING_ATTRIBUTE,
                           "conv needs `depth`: output channels");
    return true;
}

/* as many operands as the layer has */
static bool check_count(struct layer *layer, size_t count, size_t wanted) {
    return count == wanted ||
           layer_error(layer, NULL, E0509_WRONG_TENSOR_COUNT, "%s takes %s operands; here %s %zu",
                       operators[layer->node->op].name, wanted == 2 ? "two" : "three",
                       count == 1 ? "is" : "are", count);
}

static bool check_arity(struct layer *layer, size_t count) {
    enum arity arity = operator_rules[layer->node->op].arity;
    const char *keyword = operators[layer->node->op].name;
    bool many = arity == ARITY_MANY || arity == ARITY_OPERANDS;
    if (arity == ARITY_PAIR || arity == ARITY_CHOICE || arity == ARITY_TWO)
        return check_count(layer, count, arity == ARITY_CHOICE ? 3 : 2);
    if (arity == ARITY_ZERO ? count == 0 : many ? count >= 2 : count == 1)
        return true;
    if (arity == ARITY_ZERO)
        return layer_error(layer, NULL, E0509_WRONG_TENSOR_COUNT, "%s takes no tensor; here %s %zu",
                           keyword, count == 1 ? "is" : "are", count);
    if (many)
        return layer_error(layer, NULL, E0509_WRONG_TENSOR_COUNT,
                           "%s joins two or more tensors; here %s %zu", keyword,
                           count == 1 ? "is" : "are", count);
    if (count == 0)
        return layer_error(layer, NULL, E0509_WRONG_TENSOR_COUNT, "%s needs a tensor to work on",
                           keyword);
    return layer_error(layer, NULL, E0509_WRONG_TENSOR_COUNT,
                       "%s works on one tensor; here are %zu", keyword, count);
}

static void set_inputs(struct layer *layer, const struct value_list *operands) {
    struct node *node = layer->node;
    node->input_count = (int)operands->count;
    node->inputs = ARENA_ARRAY(layer->arena, struct node *, operands->count);
    for (size_t i = 0; i < operands->count; i++)
        node->inputs[i] = operands->items[i].tensor;
}

static struct value call_choice(struct elaborator *e, struct frame *f, struct span span,
                                const char *label, struct layer *layer,
                                const struct value_list *operands) {
    if (operands->items[0].kind == VALUE_TENSOR)
        return choose_operands(e, f, span, label, operands);
    layer_error(layer, NULL, E0507_NOT_A_TENSOR, "the condition of where is a tensor, not %s",
                value_description(e->arena, operands->items[0]));
    layer->help = "`if c then a else b` chooses at compile time";
    explain_failure(e, layer, false);
    return value_unknown();
}

struct value call_layer(struct elaborator *e, struct frame *f, const struct expression *x,
                        enum op op, const char *label, const struct value *piped) {
    struct layer layer;
    struct gathered g = {.known = true};
    struct span span = x->span;
    span.start = x->label ? x->label->span.start : x->name.span.start;
    begin_layer(e, f, &layer, op, span, "", NULL, 0);
    read_arguments(e, f, &layer, &g, x, piped);
    if (!g.known || e->stopped) {
        if (g.operands.count == 1 && g.operands.items[0].kind == VALUE_TENSOR)
            check_numbers(e, &layer, g.operands.items[0].tensor->shape.c);
        return value_unknown();
    }
    if (!check_arity(&layer, g.operands.count) || !check_required(&layer)) {
        explain_failure(e, &layer, false);
        return value_unknown();
    }
    if (operator_rules[op].arity == ARITY_CHOICE)
        return call_choice(e, f, span, label, &layer, &g.operands);
    if (operator_rules[op].arity == ARITY_OPERANDS || operator_rules[op].arity == ARITY_PAIR)
        return fold_operands(e, f, span, op, label, &g.operands);
    if (operator_rules[op].arity == ARITY_VALUE)
        return apply_function(e, f, span, op, label, g.operands.items[0]);
    set_inputs(&layer, &g.operands);
    layer.node->path = path_in_frame(e, f, label, operators[op].name);
    layer.node->labelled = label != NULL;
    if (op == OP_SPLIT)
        return make_split(e, f, &layer);
    struct node *node = make_layer(e, f, &layer);
    if (node)
        node->labelled = label != NULL;
    return node ? value_tensor(node) : value_unknown();
}
