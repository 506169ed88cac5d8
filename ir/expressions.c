/* Values of expressions. Chains that are as long as a file, `a -> b -> c` and `a + b + c`, are
 * walked, not recursed into. */
#include <string.h>

#include "ir/elaborator.h"

enum {
    DEPTH_MAX = 4000,        /* of nested evaluation: what the stack holds with room to spare */
    STRING_BYTES_MAX = 4096, /* interpolation in loops could double a string each time round */
};

/* The words of a layer's attributes, behind the names there are. */
static size_t add_words(struct elaborator *e, const char ***names, size_t count,
                        const struct attribute *table) {
    size_t capacity = count;
    for (; table && table->name; table++) {
        for (const struct word *word = table->words; word && word->name; word++)
            ARENA_PUSH(e->arena, *names, count, capacity, word->name);
        if (table->kind == ATTRIBUTE_FLAG)
            ARENA_PUSH(e->arena, *names, count, capacity, table->name);
    }
    return count;
}

void report_unknown_name(struct elaborator *e, struct frame *f, struct name name,
                         const struct attribute *table) {
    size_t count;
    if (f->module->incomplete)
        return;
    const char **names = visible_names(e, f, false, &count);
    struct diagnostic *error =
        elaborate_error(e, f, name.span, E0301_UNKNOWN_NAME, "unknown name `%s`", name.text);
    if (!error)
        return;
    for (const struct item *i = f->module->file ? f->module->file->items : NULL; i; i = i->next)
        if (i->kind == ITEM_CONSTANT && i->name.text == name.text) {
            add_note(e->diagnostics, error, i->name.span, "it is defined only here, later");
            return;
        }
    count = add_words(e, &names, count, table);
    suggest(e, error, name.text, names, count);
}

static struct value evaluate_name(struct elaborator *e, struct frame *f,
                                  const struct expression *x) {
    const struct binding *binding = find_binding(f, x->name.text);
    if (binding)
        return binding->value;
    enum op op = find_operator(x->name.text);
    if (op == OP_COUNT) {
        report_unknown_name(e, f, x->name, NULL);
        return value_unknown();
    }
    struct value value = {.kind = VALUE_BLOCK}; /* a layer given to a block as a parameter */
    value.block = NULL;
    value.op = op;
    return value;
}

static struct value evaluate_list(struct elaborator *e, struct frame *f,
                                  const struct expression *x) {
    struct value_list list = {0};
    bool known = true;
    for (const struct argument *a = x->arguments; a; a = a->next) {
        struct value item = evaluate(e, f, a->value);
        known = known && item.kind != VALUE_UNKNOWN;
        ARENA_PUSH(e->arena, list.items, list.count, list.capacity, item);
    }
    struct value value = {.kind = known ? VALUE_LIST : VALUE_UNKNOWN};
    value.items = list.items;
    value.item_count = list.count;
    return value;
}

static struct value evaluate_range(struct elaborator *e, struct frame *f,
                                   const struct expression *x) {
    struct value *ends = ARENA_ARRAY(e->arena, struct value, 2);
    const struct expression *sides[] = {x->left, x->right};
    bool known = true;
    for (int i = 0; i < 2; i++) {
        ends[i] = evaluate(e, f, sides[i]);
        if (ends[i].kind != VALUE_UNKNOWN && !value_is_number(ends[i])) {
            elaborate_error(e, f, sides[i]->span, E0605_BAD_RANGE,
                            "a range goes from number to number, not %s",
                            value_description(e->arena, ends[i]));
            known = false;
        }
        known = known && ends[i].kind != VALUE_UNKNOWN;
    }
    struct value value = {.kind = known ? VALUE_RANGE : VALUE_UNKNOWN};
    value.items = ends;
    value.item_count = 2;
    return value;
}

int evaluate_condition(struct elaborator *e, struct frame *f, const struct expression *x,
                       const char *what) {
    struct value value = evaluate(e, f, x);
    if (value.kind == VALUE_BOOLEAN)
        return value.boolean;
    if (value.kind != VALUE_UNKNOWN)
        elaborate_error(e, f, x->span, E0604_NOT_A_CONDITION, "%s takes true or false, not %s",
                        what, value_description(e->arena, value));
    return -1;
}

/* `and` and `or` stop at the first side that decides. */
static struct value evaluate_logic(struct elaborator *e, struct frame *f,
                                   const struct expression *x, int left) {
    bool conjunction = x->operator == OPERATOR_AND;
    if (left < 0 || left == !conjunction)
        return left < 0 ? value_unknown() : value_boolean(left);
    int right = evaluate_condition(e, f, x->right, conjunction ? "`and`" : "`or`");
    return right < 0 ? value_unknown() : value_boolean(right);
}

static int logic_side(struct elaborator *e, struct frame *f, const struct expression *x,
                      const struct expression *side, struct value value) {
    if (value.kind == VALUE_BOOLEAN)
        return value.boolean;
    if (value.kind != VALUE_UNKNOWN)
        elaborate_error(e, f, side->span, E0604_NOT_A_CONDITION, "`%s` takes true or false, not %s",
                        x->operator == OPERATOR_AND ? "and" : "or",
                        value_description(e->arena, value));
    return -1;
}

/* a + b + c is a tree that leans left: from its lowest operand up. */
static struct value evaluate_binary(struct elaborator *e, struct frame *f,
                                    const struct expression *x) {
    size_t count = 0, capacity = 0;
    const struct expression **chain = NULL;
    const struct expression *lowest = x;
    for (; lowest->kind == EXPRESSION_BINARY; lowest = lowest->left)
        ARENA_PUSH(e->arena, chain, count, capacity, lowest);
    struct value value = evaluate(e, f, lowest);
    while (count-- > 0) {
        const struct expression *at = chain[count];
        if (!count_evaluations(e, f, at->span, 1))
            return value_unknown();
        if (at->operator == OPERATOR_AND || at->operator == OPERATOR_OR) {
            value = evaluate_logic(e, f, at, logic_side(e, f, at, at->left, value));
            continue;
        }
        struct value right = evaluate(e, f, at->right);
        value = binary_value(e, f, at, value, right);
    }
    return value;
}

/* a -> b -> c: from the head on, stage by stage. */
static struct value evaluate_chain(struct elaborator *e, struct frame *f,
                                   const struct expression *x) {
    size_t count = 0, capacity = 0;
    const struct expression **stages = NULL;
    for (; x->kind == EXPRESSION_CALL && x->input; x = x->input)
        ARENA_PUSH(e->arena, stages, count, capacity, x);
    if (count == 0)
        return evaluate_call(e, f, x, NULL);
    struct value value = evaluate(e, f, x);
    while (count-- > 0) {
        if (!count_evaluations(e, f, stages[count]->span, 1))
            return value_unknown();
        value = evaluate_call(e, f, stages[count], &value);
    }
    return value;
}

static struct value evaluate_unary(struct elaborator *e, struct frame *f,
                                   const struct expression *x) {
    if (x->operator == OPERATOR_NOT) {
        int truth = evaluate_condition(e, f, x->left, "`not`");
        return truth < 0 ? value_unknown() : value_boolean(!truth);
    }
    return negate_value(e, f, x->span, evaluate(e, f, x->left));
}

static struct value evaluate_choice(struct elaborator *e, struct frame *f,
                                    const struct expression *x) {
    int truth = evaluate_condition(e, f, x->condition, "`if`");
    return truth < 0 ? value_unknown() : evaluate(e, f, truth ? x->left : x->right);
}

static struct value evaluate_size(struct elaborator *e, const struct expression *x) {
    int64_t *dimensions = ARENA_ARRAY(e->arena, int64_t, 4);
    memcpy(dimensions, x->dimensions, sizeof x->dimensions);
    struct value value = {.kind = VALUE_SIZE};
    value.dimensions = dimensions;
    value.dimension_count = x->dimension_count;
    return value;
}

static const char *piece_text(struct elaborator *e, struct frame *f,
                              const struct string_piece *piece) {
    if (!piece->expression)
        return piece->text;
    struct value value = evaluate(e, f, piece->expression);
    switch (value.kind) {
    case VALUE_UNKNOWN:
        return NULL;
    case VALUE_STRING:
        return value.string;
    case VALUE_INTEGER:
    case VALUE_NUMBER:
    case VALUE_BOOLEAN:
    case VALUE_SIZE:
        return value_text(e->arena, value);
    default:
        elaborate_error(e, f, piece->expression->span, E0606_NOT_TEXT,
                        "%s cannot stand in a string", value_description(e->arena, value));
        return NULL;
    }
}

/* NULL after an error. */
static const char *string_text(struct elaborator *e, struct frame *f, const struct expression *x) {
    size_t length = 0, room = 64;
    char *text = ARENA_ARRAY(e->arena, char, room);
    for (const struct string_piece *piece = x->pieces; piece; piece = piece->next) {
        const char *part = piece_text(e, f, piece);
        if (!part)
            return NULL;
        size_t more = strlen(part);
        if (length + more >= STRING_BYTES_MAX) {
            elaborate_error(e, f, x->span, E0908_TEXT_TOO_LONG, "a string of more than %d bytes",
                            STRING_BYTES_MAX - 1);
            return NULL;
        }
        for (; length + more > room; room *= 2)
            text = arena_grow(e->arena, text, length, room * 2, 1);
        memcpy(text + length, part, more);
        length += more;
    }
    return intern(e->names, text, length);
}

const char *evaluate_string(struct elaborator *e, struct frame *f, const struct expression *x) {
    struct value value = evaluate(e, f, x);
    if (value.kind == VALUE_STRING)
        return value.string;
    if (value.kind != VALUE_UNKNOWN)
        elaborate_error(e, f, x->span, E0606_NOT_TEXT, "a string is wanted, not %s",
                        value_description(e->arena, value));
    return NULL;
}

static struct value evaluate_kind(struct elaborator *e, struct frame *f,
                                  const struct expression *x) {
    switch (x->kind) {
    case EXPRESSION_INTEGER:
        return value_integer(x->integer);
    case EXPRESSION_FLOAT:
        return value_number(x->number);
    case EXPRESSION_BOOLEAN:
        return value_boolean(x->integer != 0);
    case EXPRESSION_STRING: {
        const char *text = string_text(e, f, x);
        return text ? value_string(text) : value_unknown();
    }
    case EXPRESSION_SIZE:
        return evaluate_size(e, x);
    case EXPRESSION_NAME:
        return evaluate_name(e, f, x);
    case EXPRESSION_LIST:
        return evaluate_list(e, f, x);
    case EXPRESSION_CALL:
        return evaluate_chain(e, f, x);
    case EXPRESSION_UNARY:
        return evaluate_unary(e, f, x);
    case EXPRESSION_BINARY:
        return evaluate_binary(e, f, x);
    case EXPRESSION_RANGE:
        return evaluate_range(e, f, x);
    case EXPRESSION_CHOICE:
        return evaluate_choice(e, f, x);
    }
    return value_unknown();
}

struct value evaluate(struct elaborator *e, struct frame *f, const struct expression *x) {
    if (!x || !count_evaluations(e, f, x->span, 1))
        return value_unknown();
    if (e->depth >= DEPTH_MAX) {
        elaborate_error(e, f, x->span, E0902_NESTED_TOO_DEEPLY,
                        "expressions and calls are nested too deeply");
        e->stopped = true;
        return value_unknown();
    }
    e->depth++;
    struct value value = evaluate_kind(e, f, x);
    e->depth--;
    return value;
}
