/* A layer's attributes as arguments, from its table: what has no default by position, the rest by
 * name where it differs from its default. */
#include <inttypes.h>
#include <string.h>

#include "export/cnn/writer.h"
#include "ir/rules.h"

static const void *field_of(const struct node *node, const struct attribute *attribute) {
    return (const char *)&node->attributes + attribute->offset;
}

static const char *word_of(const struct attribute *attribute, unsigned value) {
    const struct word *word = attribute->words;
    while (word->name && word->value != value)
        word++;
    return word->name;
}

static const char *pair_text(struct arena *arena, const int64_t *pair) {
    if (pair[0] == pair[1])
        return arena_printf(arena, "%" PRId64, pair[0]);
    return arena_printf(arena, "%" PRId64 "x%" PRId64, pair[0], pair[1]);
}

static const char *sides_text(struct arena *arena, const int64_t *sides) {
    if (sides[TOP] == sides[BOTTOM] && sides[LEFT] == sides[RIGHT])
        return pair_text(arena, sides); /* top and left come first */
    return arena_printf(arena, "[%" PRId64 ", %" PRId64 ", %" PRId64 ", %" PRId64 "]", sides[TOP],
                        sides[LEFT], sides[BOTTOM], sides[RIGHT]);
}

static const char *padding_text(struct arena *arena, const struct node *node,
                                const struct attribute *attribute) {
    enum padding_form form = node->attributes.padding_form;
    const int64_t *sides = field_of(node, attribute);
    if (attribute->kind == ATTRIBUTE_PADDING &&
        (form == PADDING_SAME || form == PADDING_SAME_LOWER))
        return word_of(attribute, form);
    bool none = !sides[TOP] && !sides[LEFT] && !sides[BOTTOM] && !sides[RIGHT];
    return none && !attribute->required ? NULL : sides_text(arena, sides);
}

/* Before and after; NULL where nothing is put there. */
static const char *ends_text(struct arena *arena, const int64_t *ends) {
    return ends[0] || ends[1] ? arena_printf(arena, "[%" PRId64 ", %" PRId64 "]", ends[0], ends[1])
                              : NULL;
}

/* A list of numbers; NULL where all are 0. */
static const char *reals_text(struct arena *arena, const double *values, int64_t count) {
    struct list list = {0};
    bool any = false;
    for (int64_t i = 0; i < count; i++) {
        list_add(arena, &list, literal(arena, values[i]));
        any = any || values[i] != 0;
    }
    return any ? arena_printf(arena, "[%s]", list.text) : NULL;
}

/* A default that is no value of the attribute stands for something that follows. */
static bool has_default(const struct attribute *attribute) {
    return !attribute->required && !(attribute->initial < attribute->low);
}

static const char *integers_text(struct arena *arena, const struct node *node,
                                 const struct attribute *attribute) {
    const int64_t *values = field_of(node, attribute), usual = (int64_t)attribute->initial;
    bool pair = attribute->kind != ATTRIBUTE_INTEGER;
    if (!attribute->required && values[0] == usual && (!pair || values[1] == usual))
        return NULL;
    if (values == node->attributes.stride && !has_default(attribute) &&
        memcmp(values, node->attributes.kernel, sizeof node->attributes.kernel) == 0)
        return NULL; /* a pool's */
    return pair ? pair_text(arena, values) : arena_printf(arena, "%" PRId64, values[0]);
}

static const char *axes_text(struct arena *arena, const struct node *node,
                             const struct attribute *attribute) {
    const bool *axes = field_of(node, attribute);
    const char *text = NULL;
    if (attribute->kind == ATTRIBUTE_AXIS && !attribute->required && axes[(int)attribute->initial])
        return NULL;
    for (const struct word *word = attribute->words; word->name; word++)
        if (axes[word->value])
            text = text ? arena_printf(arena, "%s, %s", text, word->name) : word->name;
    return text;
}

/* The batch where it moves. */
static const char *permutation_text(struct arena *arena, const struct node *node,
                                    const struct attribute *attribute) {
    const struct permutation *permutation = field_of(node, attribute);
    struct list list = {0};
    for (int i = permutation->of[0] == AXIS_BATCH; i < 4; i++)
        list_add(arena, &list, word_of(attribute, (unsigned)permutation->of[i]));
    return list.text;
}

/* The order of flatten and reshape is that of the weights where nothing is said. */
static const char *word_text(const struct writer *writer, const struct node *node,
                             const struct attribute *attribute) {
    unsigned value = *(const unsigned *)field_of(node, attribute);
    bool ordered = attribute->offset == offsetof(struct attributes, order) &&
                   writer->graph->weights_order != LAYOUT_CHW;
    bool usual = value == (unsigned)attribute->initial && !ordered;
    return usual ? NULL : word_of(attribute, value);
}

/* The range of a slice: as far as its last element. */
static const char *range_text(struct arena *arena, const struct node *node) {
    const struct attributes *a = &node->attributes;
    struct shape shape = node->shape;
    return arena_printf(arena, "%" PRId64 "..%" PRId64, a->start,
                        a->start + (*shape_along(&shape, chosen_axis(a)) - 1) * a->step);
}

/* HxW where batch and channels stay, or nothing where a factor says it; else the whole size, the
 * batch where it is another. */
static const char *size_text(struct arena *arena, const struct node *node) {
    const struct attributes *a = &node->attributes;
    if (a->size.c && !operator_takes(node->op, "factor")) {
        const char *batch = a->size.n == node->inputs[0]->shape.n
                                ? ""
                                : arena_printf(arena, "%" PRId64 "x", a->size.n);
        return arena_printf(arena, "%s%" PRId64 "x%" PRId64 "x%" PRId64, batch, a->size.h,
                            a->size.w, a->size.c);
    }
    return a->factor[0] || !a->size.h
               ? NULL
               : arena_printf(arena, "%" PRId64 "x%" PRId64, a->size.h, a->size.w);
}

static const char *list_text(struct arena *arena, struct numbers numbers) {
    struct list list = {0};
    for (int64_t i = 0; i < numbers.count; i++)
        list_add(arena, &list, literal(arena, numbers.values[i]));
    return numbers.count == 1 ? list.text : arena_printf(arena, "[%s]", list.text);
}

const char *numbers_text(struct writer *writer, const char *name, struct numbers numbers) {
    if (!numbers.count)
        return "";
    return arena_printf(writer->arena, "," SOFT_SPACE "%s = %s", name,
                        list_text(writer->arena, numbers));
}

/* The value of an attribute; NULL where it need not be said. */
static const char *value_of(struct writer *writer, const struct node *node,
                            const struct attribute *attribute) {
    struct arena *arena = writer->arena;
    const void *field = field_of(node, attribute);
    switch (attribute->kind) {
    case ATTRIBUTE_INTEGER:
    case ATTRIBUTE_PAIR:
    case ATTRIBUTE_KERNEL:
        return integers_text(arena, node, attribute);
    case ATTRIBUTE_PADDING:
    case ATTRIBUTE_SIDES:
        return padding_text(arena, node, attribute);
    case ATTRIBUTE_NUMBER:
    case ATTRIBUTE_SCALAR:
        if (!attribute->required && memcmp(field, &attribute->initial, sizeof(double)) == 0)
            return NULL;
        return literal(arena, *(const double *)field);
    case ATTRIBUTE_BOOLEAN:
        if (*(const bool *)field == (attribute->initial != 0))
            return NULL;
        return *(const bool *)field ? "true" : "false";
    case ATTRIBUTE_FLAG:
        return *(const bool *)field ? attribute->name : NULL;
    case ATTRIBUTE_SWITCH:
        return *(const bool *)field == (attribute->initial != 0)
                   ? NULL
                   : word_of(attribute, *(const bool *)field);
    case ATTRIBUTE_WORD:
        return word_text(writer, node, attribute);
    case ATTRIBUTE_AXIS:
    case ATTRIBUTE_AXES:
        return axes_text(arena, node, attribute);
    case ATTRIBUTE_PERMUTATION:
        return permutation_text(arena, node, attribute);
    case ATTRIBUTE_RANGE:
        return range_text(arena, node);
    case ATTRIBUTE_ENDS:
        return ends_text(arena, field);
    case ATTRIBUTE_FACTORS:
        return reals_text(arena, field, 2);
    case ATTRIBUTE_REGION:
        return reals_text(arena, field, 4);
    case ATTRIBUTE_PARTS: /* a split is slices */
        return NULL;
    case ATTRIBUTE_SIZE:
        return size_text(arena, node);
    case ATTRIBUTE_NUMBERS:
        if (!node->attributes.numbers[attribute->offset].count)
            return NULL;
        return list_text(arena, node->attributes.numbers[attribute->offset]);
    }
    return NULL;
}

/* What follows from a global window, from filters or from an operand is not said. */
static bool follows(const struct node *node, const char *name) {
    static const char *const of_window[] = {"kernel", "stride", "padding"};
    static const char *const of_filters[] = {"depth", "multiplier", "groups", "bias"};
    if (operator_rules[node->op].arity == ARITY_ZERO && strcmp(name, "size") == 0)
        return true;
    for (size_t i = 0; node->attributes.global && i < sizeof of_window / sizeof *of_window; i++)
        if (strcmp(name, of_window[i]) == 0)
            return true;
    for (size_t i = 0; has_filters(node) && i < sizeof of_filters / sizeof *of_filters; i++)
        if (strcmp(name, of_filters[i]) == 0)
            return true;
    return false;
}

/* Arguments by position come before those by name. */
struct arguments {
    struct list by_position, by_name;
    int positions; /* the last of those given without a gap before */
};

static void add_argument(struct writer *writer, const struct attribute *attribute,
                         const char *value, struct arguments *arguments) {
    bool alone = attribute->kind == ATTRIBUTE_AXIS || attribute->kind == ATTRIBUTE_FLAG ||
                 takes_several_words(attribute->kind);
    bool next = attribute->position == arguments->positions + 1;
    bool clear = attribute->kind != ATTRIBUTE_PAIR || attribute->position == 1;
    bool by_position = alone || (next && clear && !has_default(attribute));
    arguments->positions += next && by_position;
    if (by_position)
        list_add(writer->arena, &arguments->by_position, value);
    else
        list_add(writer->arena, &arguments->by_name,
                 arena_printf(writer->arena, "%s = %s", attribute->name, value));
}

const struct attribute *attributes_of(const struct node *node) {
    return operator_rules[node->op == OP_AFFINE ? OP_NORMALIZE : node->op].attributes;
}

/* As text where nothing need be said; NULL where that is no value, or stands for what follows. */
static const char *default_of(struct arena *arena, const struct attribute *attribute) {
    if (!has_default(attribute))
        return NULL;
    switch (attribute->kind) {
    case ATTRIBUTE_INTEGER:
    case ATTRIBUTE_PAIR:
        return arena_printf(arena, "%" PRId64, (int64_t)attribute->initial);
    case ATTRIBUTE_NUMBER:
        return literal(arena, attribute->initial);
    case ATTRIBUTE_PADDING:
        return "0";
    default:
        return NULL;
    }
}

/* A name may stand for such an attribute: it is no word. */
static bool is_open(const struct node *node, const struct attribute *attribute) {
    switch (attribute->kind) {
    case ATTRIBUTE_PADDING:
        return node->attributes.padding_form != PADDING_SAME &&
               node->attributes.padding_form != PADDING_SAME_LOWER;
    case ATTRIBUTE_INTEGER:
    case ATTRIBUTE_PAIR:
    case ATTRIBUTE_KERNEL:
    case ATTRIBUTE_NUMBER:
    case ATTRIBUTE_RANGE:
    case ATTRIBUTE_ENDS:
        return true;
    default:
        return false;
    }
}

const char *open_value(struct writer *writer, const struct node *node, int slot) {
    const struct attribute *table = attributes_of(node);
    if (slot == SLOT_NUMBER)
        return node->attributes.has_scalar ? literal(writer->arena, node->attributes.scalar) : NULL;
    for (int i = 0; i <= slot; i++)
        if (!table[i].name)
            return NULL;
    if (!is_open(node, &table[slot]) || follows(node, table[slot].name))
        return NULL;
    const char *value = value_of(writer, node, &table[slot]);
    return value ? value : default_of(writer->arena, &table[slot]);
}

void add_arguments(struct writer *writer, const struct node *node, struct list *list) {
    struct arguments arguments = {0};
    const struct attribute *table = attributes_of(node);
    for (const struct attribute *t = table; t->name; t++) {
        bool filters = t->kind == ATTRIBUTE_KERNEL && has_filters(node);
        if (follows(node, t->name))
            continue;
        const char *value = filters ? NULL : stand_in_of(writer, node, (int)(t - table));
        if (!value)
            value = filters ? filter_names(writer, node) : value_of(writer, node, t);
        if (value)
            add_argument(writer, t, value, &arguments);
    }
    if (arguments.by_position.text)
        list_add(writer->arena, list, arguments.by_position.text);
    if (arguments.by_name.text)
        list_add(writer->arena, list, arguments.by_name.text);
}
