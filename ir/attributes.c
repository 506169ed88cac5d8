/* Values of a file into attributes of a node: words, conversion, ranges, defaults. */
#include "ir/attributes.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "ir/layer.h"
#include "lexer/limits.h"

int attribute_named(const struct attribute *table, const char *name) {
    for (int i = 0; table[i].name; i++)
        if (strcmp(table[i].name, name) == 0)
            return i;
    return -1;
}

static const struct word *find_word(const struct attribute *attribute, const char *name) {
    for (const struct word *word = attribute->words; word && word->name; word++)
        if (strcmp(word->name, name) == 0)
            return word;
    return NULL;
}

bool takes_several_words(enum attribute_kind kind) {
    return kind == ATTRIBUTE_AXES || kind == ATTRIBUTE_PERMUTATION;
}

bool attribute_has_word(const struct attribute *attribute, const char *word) {
    return find_word(attribute, word) ||
           (attribute->kind == ATTRIBUTE_FLAG && strcmp(attribute->name, word) == 0);
}

int attribute_of_word(const struct attribute *table, const char *word) {
    for (int i = 0; table[i].name; i++)
        if (attribute_has_word(&table[i], word))
            return i;
    return -1;
}

bool is_list_of_words(const struct attribute *table, const struct expression *x) {
    const struct argument *first = x->kind == EXPRESSION_LIST ? x->arguments : NULL;
    int index = first && first->value->kind == EXPRESSION_NAME
                    ? attribute_of_word(table, first->value->name.text)
                    : -1;
    return index >= 0 && takes_several_words(table[index].kind);
}

const char *attribute_words_text(struct arena *arena, const struct attribute *attribute) {
    const char *text = "";
    for (const struct word *word = attribute->words; word && word->name; word++) {
        const char *joint = word == attribute->words ? "" : word[1].name ? ", " : " or ";
        text = arena_printf(arena, "%s%s%s", text, joint, word->name);
    }
    return text;
}

static void *field_of(struct layer *layer, const struct attribute *attribute) {
    return (char *)&layer->node->attributes + attribute->offset;
}

static void set_default(struct layer *layer, const struct attribute *attribute) {
    void *field = field_of(layer, attribute);
    switch (attribute->kind) {
    case ATTRIBUTE_INTEGER:
        *(int64_t *)field = (int64_t)attribute->initial;
        break;
    case ATTRIBUTE_PAIR:
    case ATTRIBUTE_KERNEL:
        ((int64_t *)field)[0] = ((int64_t *)field)[1] = (int64_t)attribute->initial;
        break;
    case ATTRIBUTE_NUMBER:
        *(double *)field = attribute->initial;
        break;
    case ATTRIBUTE_BOOLEAN:
        *(bool *)field = attribute->initial != 0;
        break;
    case ATTRIBUTE_WORD:
        *(unsigned *)field = (unsigned)attribute->initial;
        break;
    case ATTRIBUTE_AXIS:
        if (!attribute->required)
            ((bool *)field)[(int)attribute->initial] = true;
        break;
    default: /* zero, or kept in the layer */
        break;
    }
}

void attributes_default(struct layer *layer) {
    for (const struct attribute *attribute = layer->table; attribute->name; attribute++)
        set_default(layer, attribute);
}

/* The next axis; false where it is among those before. */
static bool add_axis(struct permutation *permutation, unsigned axis) {
    for (int i = 0; i < permutation->count; i++)
        if (permutation->of[i] == (int)axis)
            return false;
    permutation->of[permutation->count++] = (int)axis; /* there are no more than four words */
    return true;
}

static void mark_given(struct layer *layer, int index, struct span span) {
    layer->given[index] = true;
    layer->places[index] = span;
}

bool attribute_set_word(struct layer *layer, int index, const char *name, struct span span) {
    const struct attribute *attribute = &layer->table[index];
    const struct word *word = find_word(attribute, name);
    bool *flags = field_of(layer, attribute);
    bool again = layer->given[index];
    mark_given(layer, index, span);
    switch (attribute->kind) {
    case ATTRIBUTE_PADDING:
        layer->node->attributes.padding_form = (enum padding_form)word->value;
        break;
    case ATTRIBUTE_FLAG:
        *flags = true;
        break;
    case ATTRIBUTE_SWITCH:
        *flags = word->value != 0;
        break;
    case ATTRIBUTE_AXIS:
        memset(flags, 0, 4 * sizeof *flags);
        flags[word->value] = true;
        break;
    case ATTRIBUTE_AXES:
        again = flags[word->value];
        flags[word->value] = true;
        break;
    case ATTRIBUTE_PERMUTATION:
        again = !add_axis(field_of(layer, attribute), word->value);
        break;
    default:
        *(unsigned *)field_of(layer, attribute) = word->value;
        break;
    }
    if (again)
        return layer_error(layer, attribute->name, E0502_GIVEN_TWICE, "`%s` is given twice", name);
    return true;
}

/* "`stride` takes one number or HxW, not true" */
static bool wrong_kind(struct layer *layer, const struct attribute *attribute, const char *wanted,
                       struct value value) {
    return layer_error(layer, attribute->name, E0503_WRONG_KIND, "`%s` takes %s, not %s",
                       attribute->name, wanted, value_description(layer->arena, value));
}

static bool in_range(struct layer *layer, const struct attribute *attribute, double number,
                     struct value value) {
    const char *text = value_text(layer->arena, value);
    if (!(number >= attribute->low)) {
        if (attribute->low > 0 && attribute->low < 1)
            return layer_error(layer, attribute->name, E0504_OUT_OF_RANGE,
                               "`%s` must be more than 0; it is %s", attribute->name, text);
        return layer_error(layer, attribute->name, E0504_OUT_OF_RANGE,
                           "`%s` must be %s or more; it is %s", attribute->name,
                           number_text(layer->arena, attribute->low), text);
    }
    if (!(number <= attribute->high))
        return layer_error(layer, attribute->name, E0504_OUT_OF_RANGE,
                           "`%s` must be at most %s; it is %s", attribute->name,
                           value_text(layer->arena, value_number(attribute->high)), text);
    return true;
}

static bool set_integers(struct layer *layer, const struct attribute *attribute, struct value value,
                         int64_t *target, int count, const int64_t *values) {
    for (int i = 0; i < count; i++) {
        if (!in_range(layer, attribute, (double)values[i], value))
            return false;
        target[i] = values[i];
    }
    return true;
}

static bool set_integer(struct layer *layer, const struct attribute *attribute,
                        struct value value) {
    int64_t integer;
    if (!value_to_integer(value, &integer))
        return wrong_kind(layer, attribute, "an integer", value);
    return set_integers(layer, attribute, value, field_of(layer, attribute), 1, &integer);
}

static bool set_pair(struct layer *layer, const struct attribute *attribute, struct value value) {
    int64_t pair[4];
    if (value_to_integer(value, &pair[0]))
        pair[1] = pair[0];
    else if (value_dimensions(value, pair) != 2)
        return wrong_kind(layer, attribute, "one integer or HxW", value);
    return set_integers(layer, attribute, value, field_of(layer, attribute), 2, pair);
}

static bool set_kernel(struct layer *layer, const struct attribute *attribute, struct value value) {
    if (value.kind == VALUE_FILTER) {
        layer->filters = ARENA_NEW(layer->arena, const struct filter_literal *);
        layer->filters[0] = value.filter;
        layer->filter_count = 1;
        return true;
    }
    if (value.kind != VALUE_LIST || value.item_count == 0 || value.items[0].kind != VALUE_FILTER)
        return set_pair(layer, attribute, value);
    layer->filters = ARENA_ARRAY(layer->arena, const struct filter_literal *, value.item_count);
    layer->filter_count = value.item_count;
    for (size_t i = 0; i < value.item_count; i++) {
        if (value.items[i].kind != VALUE_FILTER)
            return layer_error(layer, attribute->name, E0503_WRONG_KIND,
                               "a list of filters holds filters only, not %s",
                               value_description(layer->arena, value.items[i]));
        layer->filters[i] = value.items[i].filter;
    }
    return true;
}

static bool set_sides(struct layer *layer, const struct attribute *attribute, struct value value) {
    int64_t sides[4];
    int count = value_to_integer(value, &sides[0]) ? 1 : value_dimensions(value, sides);
    if (count == 1)
        sides[LEFT] = sides[BOTTOM] = sides[RIGHT] = sides[TOP];
    else if (count == 2) { /* height, width: both sides alike */
        sides[BOTTOM] = sides[TOP];
        sides[RIGHT] = sides[LEFT];
    }
    if (count == 0 || count == 3 || (count == 4 && value.kind == VALUE_SIZE)) {
        const char *words = attribute_words_text(layer->arena, attribute);
        const char *wanted =
            arena_printf(layer->arena, "an integer, HxW%s%s or [top, left, bottom, right]",
                         *words ? ", " : "", attribute->words ? "same, same_lower, valid" : "");
        return wrong_kind(layer, attribute, wanted, value);
    }
    return set_integers(layer, attribute, value, field_of(layer, attribute), 4, sides);
}

static bool set_ends(struct layer *layer, const struct attribute *attribute, struct value value) {
    int64_t ends[4];
    if (value_to_integer(value, &ends[0]))
        ends[1] = ends[0];
    else if (value.kind != VALUE_LIST || value_dimensions(value, ends) != 2)
        return wrong_kind(layer, attribute, "an integer or [before, after]", value);
    return set_integers(layer, attribute, value, field_of(layer, attribute), 2, ends);
}

/* One number for all, or a list of `count`. */
static bool set_reals(struct layer *layer, const struct attribute *attribute, struct value value,
                      size_t count) {
    bool one = value_is_number(value) && count == 2;
    double *target = field_of(layer, attribute);
    if (!one && (value.kind != VALUE_LIST || value.item_count != count))
        return wrong_kind(layer, attribute,
                          count == 2 ? "a number or [height, width]" : "[top, left, bottom, right]",
                          value);
    for (size_t i = 0; i < count; i++) {
        struct value item = one ? value : value.items[i];
        if (!value_is_number(item))
            return wrong_kind(layer, attribute, "numbers", value);
        if (!in_range(layer, attribute, value_to_double(item), item))
            return false;
        target[i] = value_to_double(item);
    }
    return true;
}

static bool set_number(struct layer *layer, const struct attribute *attribute, struct value value) {
    if (!value_is_number(value))
        return wrong_kind(layer, attribute, "a number", value);
    double number = value_to_double(value);
    if (!in_range(layer, attribute, number, value))
        return false;
    *(double *)field_of(layer, attribute) = number;
    if (attribute->kind == ATTRIBUTE_SCALAR)
        layer->node->attributes.has_scalar = true;
    return true;
}

static bool set_numbers(struct layer *layer, const struct attribute *attribute,
                        struct value value) {
    struct value *items = &value;
    size_t count = 1;
    if (value.kind == VALUE_LIST) {
        items = value.items;
        count = value.item_count;
    }
    double *numbers = ARENA_ARRAY(layer->arena, double, count);
    for (size_t i = 0; i < count; i++) {
        if (!value_is_number(items[i]))
            return wrong_kind(layer, attribute, "a number, or a list of one a channel", value);
        numbers[i] = value_to_double(items[i]);
        if (!in_range(layer, attribute, numbers[i], items[i]))
            return false;
    }
    layer->numbers[attribute->offset] = numbers;
    layer->number_count[attribute->offset] = (int64_t)count;
    return true;
}

bool value_to_shape(struct value value, struct shape *shape) {
    int64_t d[4];
    int count = value_dimensions(value, d);
    if (count < 2)
        return false;
    for (int i = 0; i < count; i++)
        if (d[i] < 1 || d[i] > LIMIT_DIMENSION)
            return false;
    int first = count == 4;
    *shape = (struct shape){.n = first ? d[0] : 1,
                            .h = d[first],
                            .w = d[first + 1],
                            .c = count == 2 ? 1 : d[first + 2]};
    return true;
}

static bool set_size(struct layer *layer, const struct attribute *attribute, struct value value) {
    int64_t d[4];
    int count = value_dimensions(value, d);
    struct shape shape;
    if (!value_to_shape(value, &shape))
        return wrong_kind(layer, attribute, "a size such as 3x5 or 28x28x1", value);
    shape.n = count == 4 ? shape.n : 0;
    shape.c = count == 2 ? 0 : shape.c;
    *(struct shape *)field_of(layer, attribute) = shape;
    return true;
}

static bool set_parts(struct layer *layer, const struct attribute *attribute, struct value value) {
    const struct value *items = value.kind == VALUE_LIST ? value.items : &value;
    size_t count = value.kind == VALUE_LIST ? value.item_count : 1;
    for (size_t i = 0; i < count; i++) {
        int64_t size;
        if (!value_to_integer(items[i], &size))
            return wrong_kind(layer, attribute, "an integer or a list of them", value);
        if (!in_range(layer, attribute, (double)size, items[i]))
            return false;
    }
    layer->parts = value;
    return true;
}

bool attribute_set(struct layer *layer, int index, struct value value, struct span span) {
    const struct attribute *attribute = &layer->table[index];
    if (value.kind == VALUE_STRING && find_word(attribute, value.string))
        return attribute_set_word(layer, index, value.string, span); /* a block's parameter */
    bool again = layer->given[index];
    mark_given(layer, index, span);
    if (again)
        return layer_error(layer, attribute->name, E0502_GIVEN_TWICE, "`%s` is given twice",
                           attribute->name);
    switch (attribute->kind) {
    case ATTRIBUTE_INTEGER:
        return set_integer(layer, attribute, value);
    case ATTRIBUTE_PAIR:
        return set_pair(layer, attribute, value);
    case ATTRIBUTE_KERNEL:
        return set_kernel(layer, attribute, value);
    case ATTRIBUTE_PADDING:
    case ATTRIBUTE_SIDES:
        return set_sides(layer, attribute, value);
    case ATTRIBUTE_ENDS:
        return set_ends(layer, attribute, value);
    case ATTRIBUTE_NUMBER:
    case ATTRIBUTE_SCALAR:
        return set_number(layer, attribute, value);
    case ATTRIBUTE_FACTORS:
        return set_reals(layer, attribute, value, 2);
    case ATTRIBUTE_REGION:
        return set_reals(layer, attribute, value, 4);
    case ATTRIBUTE_NUMBERS:
        return set_numbers(layer, attribute, value);
    case ATTRIBUTE_SIZE:
        return set_size(layer, attribute, value);
    case ATTRIBUTE_RANGE:
        if (value.kind != VALUE_RANGE)
            return wrong_kind(layer, attribute, "a range such as 0..255", value);
        layer->range = value;
        return true;
    case ATTRIBUTE_PARTS:
        return set_parts(layer, attribute, value);
    case ATTRIBUTE_BOOLEAN:
    case ATTRIBUTE_FLAG:
        if (value.kind != VALUE_BOOLEAN)
            return wrong_kind(layer, attribute, "true or false", value);
        *(bool *)field_of(layer, attribute) = value.boolean;
        return true;
    default:
        return wrong_kind(layer, attribute, attribute_words_text(layer->arena, attribute), value);
    }
}
