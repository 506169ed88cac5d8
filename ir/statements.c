/* Bodies: bindings, loops and conditions unrolled, results, asserts. */
#include "ir/elaborator.h"
#include "lexer/limits.h"
#include "parser/walk.h"

struct execution {
    struct elaborator *e;
    struct frame *f;
};

static void forget(void *state, const struct statement *s) {
    const struct execution *at = state;
    if (s->kind == STATEMENT_BINDING || s->kind == STATEMENT_INPUT || s->kind == STATEMENT_OUTPUT ||
        s->kind == STATEMENT_FOR)
        bind(at->e, at->f, s->name, value_unknown());
    if (s->kind == STATEMENT_RETURN) {
        at->f->returned = true;
        at->f->result = value_unknown();
    }
}

/* After a condition or range that is unknown: what the body would have bound is unknown too. */
static void bind_unknown(struct elaborator *e, struct frame *f, const struct statement *s) {
    walk_statements(s, forget, &(struct execution){e, f});
}

static void execute_for(struct elaborator *e, struct frame *f, const struct statement *s) {
    struct value range = evaluate(e, f, s->value);
    int64_t first, last;
    if (range.kind == VALUE_UNKNOWN) {
        bind(e, f, s->name, range);
        bind_unknown(e, f, s->body);
        return;
    }
    if (range.kind != VALUE_RANGE || !value_to_integer(range.items[0], &first) ||
        !value_to_integer(range.items[1], &last)) {
        elaborate_error(e, f, s->value->span, E0605_BAD_RANGE,
                        "`for` takes a range of integers, not %s",
                        value_description(e->arena, range));
        bind(e, f, s->name, value_unknown());
        bind_unknown(e, f, s->body);
        return;
    }
    for (int64_t i = first; i <= last && !f->returned; i++) {
        if (!count_step(e, f, s->span))
            return;
        bind(e, f, s->name, value_integer(i));
        execute_body(e, f, s->body);
        if (i == INT64_MAX)
            return;
    }
}

static void execute_if(struct elaborator *e, struct frame *f, const struct statement *s) {
    for (;;) {
        int truth = evaluate_condition(e, f, s->value, "`if`");
        if (truth < 0) {
            bind_unknown(e, f, s->body);
            bind_unknown(e, f, s->otherwise);
            return;
        }
        if (truth) {
            execute_body(e, f, s->body);
            return;
        }
        const struct statement *next = s->otherwise;
        if (!next || next->kind != STATEMENT_IF || next->next) {
            execute_body(e, f, next);
            return;
        }
        s = next; /* else if */
        if (!count_step(e, f, s->span))
            return;
    }
}

static void execute_return(struct elaborator *e, struct frame *f, const struct statement *s) {
    if (f->is_network) {
        elaborate_error(e, f, s->span, E0315_NETWORK_RETURNS, "a network returns nothing");
        return;
    }
    struct value_list values = {0};
    for (const struct argument *a = s->arguments; a; a = a->next) {
        struct value value = evaluate(e, f, a->value);
        ARENA_PUSH(e->arena, values.items, values.count, values.capacity, value);
    }
    f->returned = true;
    if (values.count == 1)
        f->result = values.items[0];
    else {
        f->result = (struct value){.kind = VALUE_TUPLE};
        f->result.items = values.items;
        f->result.item_count = values.count;
    }
}

/* The first side of a conjunction that is false: what the message shows. */
static const struct expression *failing_part(struct elaborator *e, struct frame *f,
                                             const struct expression *x) {
    while (x->kind == EXPRESSION_BINARY && x->operator == OPERATOR_AND) {
        struct value left = evaluate(e, f, x->left);
        x = left.kind == VALUE_BOOLEAN && left.boolean ? x->right : x->left;
    }
    return x;
}

static const char *comparison_text(enum operator_kind operator) {
    switch (operator) {
    case OPERATOR_LESS:
        return "<";
    case OPERATOR_GREATER:
        return ">";
    case OPERATOR_LESS_EQUAL:
        return "<=";
    case OPERATOR_GREATER_EQUAL:
        return ">=";
    case OPERATOR_EQUAL:
        return "==";
    case OPERATOR_NOT_EQUAL:
        return "!=";
    default:
        return NULL;
    }
}

/* A condition with values in place of names: "16 == 8 or 4 > 5". */
static const char *condition_text(struct elaborator *e, struct frame *f,
                                  const struct expression *x) {
    if (x->kind == EXPRESSION_UNARY && x->operator == OPERATOR_NOT)
        return arena_printf(e->arena, "not (%s)", condition_text(e, f, x->left));
    const char *joint = x->kind == EXPRESSION_BINARY ? comparison_text(x->operator) : NULL;
    if (joint)
        return arena_printf(e->arena, "%s %s %s", value_text(e->arena, evaluate(e, f, x->left)),
                            joint, value_text(e->arena, evaluate(e, f, x->right)));
    if (x->kind == EXPRESSION_BINARY && x->operator == OPERATOR_OR)
        return arena_printf(e->arena, "%s or %s", condition_text(e, f, x->left),
                            condition_text(e, f, x->right));
    return value_text(e->arena, evaluate(e, f, x));
}

static void check_assert(struct elaborator *e, struct frame *f, const struct statement *s) {
    e->asserting = true;
    struct value truth = evaluate(e, f, s->value);
    e->asserting = false;
    if (truth.kind == VALUE_UNKNOWN || (truth.kind == VALUE_BOOLEAN && truth.boolean))
        return;
    if (truth.kind != VALUE_BOOLEAN) {
        elaborate_error(e, f, s->value->span, E0604_NOT_A_CONDITION,
                        "`assert` takes true or false, not %s", value_description(e->arena, truth));
        return;
    }
    const struct expression *part = failing_part(e, f, s->value);
    const char *message = s->message ? evaluate_string(e, f, s->message) : NULL;
    const char *sides = condition_text(e, f, part);
    struct diagnostic *error = message ? elaborate_error(e, f, part->span, E0607_ASSERTION_FAILS,
                                                         "%s (it is %s)", message, sides)
                                       : elaborate_error(e, f, part->span, E0607_ASSERTION_FAILS,
                                                         "the assertion fails: %s", sides);
    e->failed_asserts += error != NULL;
}

static void execute_assert(struct elaborator *e, struct frame *f, const struct statement *s) {
    if (!asks_whole_network(s->value)) {
        check_assert(e, f, s);
        return;
    }
    struct deferred later = {s, *f};
    later.frame.names = table_copy(&f->names, e->arena);
    count_evaluations(e, f, s->span, (int64_t)f->names.capacity);
    ARENA_PUSH(e->arena, e->deferred, e->deferred_count, e->deferred_capacity, later);
}

void check_deferred(struct elaborator *e) {
    for (size_t i = 0; i < e->deferred_count; i++)
        check_assert(e, &e->deferred[i].frame, e->deferred[i].statement);
}

static bool network_only(struct elaborator *e, struct frame *f, const struct statement *s,
                         const char *what) {
    if (!f->is_network)
        elaborate_error(e, f, s->span, E0314_NETWORK_ONLY,
                        "%s belongs in a network, not in a block", what);
    return f->is_network;
}

static void execute(struct elaborator *e, struct frame *f, const struct statement *s) {
    switch (s->kind) {
    case STATEMENT_INPUT:
        if (network_only(e, f, s, "`input`"))
            execute_input(e, f, s);
        else
            bind(e, f, s->name, value_unknown());
        break;
    case STATEMENT_OUTPUT:
        if (network_only(e, f, s, "`output`"))
            execute_output(e, f, s);
        break;
    case STATEMENT_BINDING:
        bind(e, f, s->name, evaluate(e, f, s->value));
        break;
    case STATEMENT_FOR:
        execute_for(e, f, s);
        break;
    case STATEMENT_IF:
        execute_if(e, f, s);
        break;
    case STATEMENT_RETURN:
        execute_return(e, f, s);
        break;
    case STATEMENT_WEIGHTS:
        if (network_only(e, f, s, "`weights`"))
            execute_weights(e, f, s);
        break;
    case STATEMENT_LABELS:
        if (network_only(e, f, s, "`labels`"))
            execute_labels(e, f, s);
        break;
    case STATEMENT_ASSERT:
        execute_assert(e, f, s);
        break;
    }
}

void execute_body(struct elaborator *e, struct frame *f, const struct statement *statements) {
    e->depth++;
    for (const struct statement *s = statements; s && !f->returned; s = s->next) {
        if (!count_step(e, f, s->span))
            break;
        execute(e, f, s);
    }
    e->depth--;
}
