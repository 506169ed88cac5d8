/* Stages and calls: finds what a name calls, gives it its path, elaborates blocks. */
#include <string.h>

#include "ir/elaborator.h"
#include "ir/synonyms.h"
#include "lexer/limits.h"

enum { PATH_BYTES_MAX = 4096 };

const char *path_in_frame(struct elaborator *e, struct frame *f, const char *label,
                          const char *name) {
    const char *part = label;
    if (!label) {
        const char *key = intern(e->names, name, strlen(name));
        int *number = table_find(&f->numbers, key);
        if (!number) {
            number = ARENA_NEW(e->arena, int);
            table_set(&f->numbers, e->arena, key, number);
        }
        part = arena_printf(e->arena, "%s%d", name, ++*number);
    }
    const char *path = *f->path ? arena_printf(e->arena, "%s.%s", f->path, part) : part;
    return intern(e->names, path, strlen(path));
}

/* The call with its label, without what flows into it. */
static struct span call_span(const struct expression *x) {
    struct span span = x->span;
    span.start = x->label ? x->label->span.start : x->name.span.start;
    return span;
}

static struct value evaluate_arguments_only(struct elaborator *e, struct frame *f,
                                            const struct expression *x) {
    for (const struct argument *a = x->arguments; a; a = a->next)
        if (a->value->kind != EXPRESSION_NAME) /* a name may be a word */
            evaluate(e, f, a->value);
    return value_unknown();
}

/* The values given by position: what flows in first. Several results of a block are several. */
static struct value_list positional_values(struct elaborator *e, struct frame *f,
                                           const struct expression *x, const struct value *piped,
                                           bool *known) {
    struct value_list list = {0};
    const struct argument *a = x->arguments;
    while (piped || (a && !a->name.text)) {
        struct value value = piped ? *piped : evaluate(e, f, a->value);
        a = piped ? a : a->next;
        piped = NULL;
        *known = *known && value.kind != VALUE_UNKNOWN;
        if (value.kind != VALUE_TUPLE)
            ARENA_PUSH(e->arena, list.items, list.count, list.capacity, value);
        for (size_t i = 0; value.kind == VALUE_TUPLE && i < value.item_count; i++) {
            *known = *known && value.items[i].kind != VALUE_UNKNOWN;
            ARENA_PUSH(e->arena, list.items, list.count, list.capacity, value.items[i]);
        }
    }
    return list;
}

static void unknown_parameter(struct elaborator *e, struct frame *f, const struct item *block,
                              struct name name) {
    const char *names[64];
    size_t count = 0;
    for (const struct parameter_declaration *p = block->parameters; p && count < 64; p = p->next)
        names[count++] = p->name.text;
    struct diagnostic *error =
        elaborate_error(e, f, name.span, E0309_UNKNOWN_PARAMETER,
                        "block `%s` has no parameter `%s`", block->name.text, name.text);
    suggest(e, error, name.text, names, count);
}

static bool bind_named(struct elaborator *e, struct frame *f, struct frame *inside,
                       const struct expression *x, const struct item *block) {
    bool known = true, named = false;
    for (const struct argument *a = x->arguments; a; a = a->next) {
        if (!a->name.text) {
            if (named)
                elaborate_error(e, f, a->value->span, E0506_POSITION_AFTER_NAME,
                                "arguments by position come before those by name");
            known = known && !named;
            continue;
        }
        named = true;
        const struct parameter_declaration *p = block->parameters;
        while (p && p->name.text != a->name.text)
            p = p->next;
        struct value value = evaluate(e, f, a->value);
        known = known && p && value.kind != VALUE_UNKNOWN;
        if (!p)
            unknown_parameter(e, f, block, a->name);
        else if (table_find(&inside->names, p->name.text)) {
            elaborate_error(e, f, a->name.span, E0502_GIVEN_TWICE, "`%s` is given twice",
                            p->name.text);
            known = false;
        } else
            bind(e, inside, p->name, value);
    }
    return known;
}

static bool bind_defaults(struct elaborator *e, struct frame *f, struct frame *inside,
                          const struct expression *x, const struct item *block) {
    bool known = true;
    for (const struct parameter_declaration *p = block->parameters; p; p = p->next) {
        if (table_find(&inside->names, p->name.text))
            continue;
        struct value value = value_unknown();
        if (p->value)
            value = evaluate(e, inside, p->value);
        else {
            struct diagnostic *error =
                elaborate_error(e, f, call_span(x), E0310_MISSING_PARAMETER,
                                "block `%s` needs `%s`", block->name.text, p->name.text);
            if (error)
                add_note(e->diagnostics, error, block->name.span, "the block is here");
        }
        known = known && value.kind != VALUE_UNKNOWN;
        bind(e, inside, p->name, value);
    }
    return known;
}

static bool bind_arguments(struct elaborator *e, struct frame *f, struct frame *inside,
                           const struct expression *x, const struct item *block,
                           const struct value *piped) {
    bool known = true;
    struct value_list values = positional_values(e, f, x, piped, &known);
    const struct parameter_declaration *p = block->parameters;
    size_t used = 0;
    for (; p && used < values.count; p = p->next)
        bind(e, inside, p->name, values.items[used++]);
    if (used < values.count) {
        elaborate_error(e, f, call_span(x), E0311_TOO_MANY_PARAMETERS,
                        "block `%s` takes %zu parameters; %zu are given", block->name.text, used,
                        values.count);
        known = false;
    }
    known = bind_named(e, f, inside, x, block) && known;
    return known && bind_defaults(e, f, inside, x, block);
}

static struct value call_block(struct elaborator *e, struct frame *f, const struct expression *x,
                               struct value callee, const char *label, const struct value *piped) {
    const struct item *block = callee.block;
    if (!count_step(e, f, x->span))
        return value_unknown();
    if (e->call_depth >= LIMIT_CALL_DEPTH) {
        elaborate_error(e, f, call_span(x), E0902_NESTED_TOO_DEEPLY,
                        "blocks call each other more than %d deep", LIMIT_CALL_DEPTH);
        e->stopped = true;
        return value_unknown();
    }
    struct call *call = ARENA_NEW(e->arena, struct call);
    *call = (struct call){call_span(x), block->name.text, f->call};
    struct frame inside = {.module = callee.module, .call = call, .block = block->name.text};
    inside.path = path_in_frame(e, f, label, block->name.text);
    if (strlen(inside.path) > PATH_BYTES_MAX) {
        elaborate_error(e, f, call_span(x), E0908_TEXT_TOO_LONG, "a path of more than %d bytes",
                        PATH_BYTES_MAX);
        return value_unknown();
    }
    if (!bind_arguments(e, f, &inside, x, block, piped))
        return value_unknown();
    e->call_depth++;
    execute_body(e, &inside, block->body);
    e->call_depth--;
    if (!inside.returned && !e->stopped)
        elaborate_error(e, &inside, block->name.span, E0308_NO_RETURN,
                        "block `%s` ends without `return`", block->name.text);
    return inside.returned ? inside.result : value_unknown();
}

void report_unknown_layer(struct elaborator *e, const struct frame *f, struct name name) {
    size_t count;
    if (f->module->incomplete)
        return;
    const char **names = visible_names(e, f, true, &count);
    struct diagnostic *error = elaborate_error(e, f, name.span, E0302_UNKNOWN_LAYER,
                                               "unknown layer or block `%s`", name.text);
    const char *ours = our_layer(name.text);
    if (ours && error)
        add_help(e->diagnostics, error, "here it is called `%s`", ours);
    else
        suggest(e, error, name.text, names, count);
}

static struct value unknown_callee(struct elaborator *e, struct frame *f,
                                   const struct expression *x, const struct binding *binding) {
    if (binding)
        elaborate_error(e, f, x->name.span, E0303_NOT_A_LAYER, "`%s` is %s, not a layer or block",
                        x->name.text, value_description(e->arena, binding->value));
    else
        report_unknown_layer(e, f, x->name);
    return evaluate_arguments_only(e, f, x);
}

/* False after an error. */
static bool evaluate_label(struct elaborator *e, struct frame *f, const struct expression *x,
                           const char **label) {
    *label = NULL;
    if (!x->label)
        return true;
    *label = evaluate_string(e, f, x->label);
    if (!*label)
        return false;
    if (**label)
        return true;
    elaborate_error(e, f, x->label->span, E0312_BAD_LABEL, "a label cannot be empty");
    return false;
}

struct value evaluate_call(struct elaborator *e, struct frame *f, const struct expression *x,
                           const struct value *piped) {
    const char *label;
    if (!evaluate_label(e, f, x, &label))
        return evaluate_arguments_only(e, f, x);
    const struct binding *binding = find_binding(f, x->name.text);
    enum op op = find_operator(x->name.text);
    if (binding && binding->value.kind == VALUE_BLOCK) {
        if (binding->value.block)
            return call_block(e, f, x, binding->value, label, piped);
        op = binding->value.op;
    } else if (is_query(x->name.text)) {
        if (label)
            elaborate_error(e, f, x->label->span, E0312_BAD_LABEL,
                            "%s() is a question: it takes no label", x->name.text);
        return answer_query(e, f, x, piped);
    }
    if (op == OP_COUNT)
        return binding && binding->value.kind == VALUE_UNKNOWN ? evaluate_arguments_only(e, f, x)
                                                               : unknown_callee(e, f, x, binding);
    return call_layer(e, f, x, op, label, piped);
}
