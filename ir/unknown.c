/* Names that nothing gives, where no run came by: in blocks that nobody calls, branches that were
 * not taken, networks that were not chosen. Read from the text alone: a name counts as given
 * wherever its body binds it. */
#include "ir/elaborator.h"
#include "parser/walk.h"

struct scope {
    struct elaborator *e;
    struct frame frame; /* every name of the body is bound, to nothing */
    bool returns;
};

static void note_binding(void *state, const struct statement *s) {
    struct scope *scope = state;
    scope->returns = scope->returns || s->kind == STATEMENT_RETURN;
    if (s->kind == STATEMENT_BINDING || s->kind == STATEMENT_INPUT || s->kind == STATEMENT_OUTPUT ||
        s->kind == STATEMENT_FOR)
        bind(scope->e, &scope->frame, s->name, value_unknown());
}

/* What a call's arguments may be besides values. */
struct callee {
    const struct attribute *table; /* their words; NULL where it takes none */
    bool anything;                 /* nobody knows what is called */
};

static struct callee callee_of(const struct scope *scope, const struct expression *call) {
    const struct binding *binding = find_binding(&scope->frame, call->name.text);
    enum op op = find_operator(call->name.text);
    if (binding && binding->value.kind != VALUE_BLOCK)
        return (struct callee){NULL, true};
    if (binding && binding->value.block)
        return (struct callee){NULL, false};
    if (is_query(call->name.text) && !binding)
        return (struct callee){NULL, false};
    op = binding ? binding->value.op : op;
    return op == OP_COUNT ? (struct callee){NULL, true}
                          : (struct callee){operator_rules[op].attributes, false};
}

/* The argument is a name, or a list, that the callee may read as words. */
static bool may_be_words(const struct callee *callee, const struct argument *a) {
    bool name = a->value->kind == EXPRESSION_NAME;
    if (callee->anything)
        return name;
    if (!callee->table || (!name && a->value->kind != EXPRESSION_LIST))
        return false;
    if (!a->name.text)
        return name ? attribute_of_word(callee->table, a->value->name.text) >= 0
                    : is_list_of_words(callee->table, a->value);
    int index = attribute_named(callee->table, a->name.text);
    return index < 0 || callee->table[index].words;
}

/* `table`: of the layer that it is given to, or NULL. */
static void check_name(struct scope *scope, const struct expression *x,
                       const struct attribute *table) {
    const char *name = x->name.text;
    bool calls = x->kind == EXPRESSION_CALL;
    if (find_binding(&scope->frame, name) || find_operator(name) != OP_COUNT ||
        (calls && is_query(name)) || reported_at(scope->e->diagnostics, x->name.span))
        return;
    if (calls)
        report_unknown_layer(scope->e, &scope->frame, x->name);
    else
        report_unknown_name(scope->e, &scope->frame, x->name, table);
}

static void check_expression(struct scope *scope, const struct expression *x);

static void check_arguments(struct scope *scope, const struct callee *callee,
                            const struct argument *a) {
    for (; a; a = a->next)
        if (a->value->kind == EXPRESSION_NAME && !may_be_words(callee, a))
            check_name(scope, a->value, callee->table);
        else if (!may_be_words(callee, a))
            check_expression(scope, a->value);
}

static void check_expression(struct scope *scope, const struct expression *x) {
    for (; x; x = x->input) { /* a chain is as long as its file */
        struct callee callee = {NULL, false};
        if (x->kind == EXPRESSION_CALL || x->kind == EXPRESSION_NAME)
            check_name(scope, x, NULL);
        if (x->kind == EXPRESSION_CALL)
            callee = callee_of(scope, x);
        check_arguments(scope, &callee, x->arguments);
        for (const struct string_piece *piece = x->pieces; piece; piece = piece->next)
            check_expression(scope, piece->expression);
        check_expression(scope, x->left);
        check_expression(scope, x->right);
        check_expression(scope, x->condition);
        check_expression(scope, x->label);
    }
}

static void check_statement(void *state, const struct statement *s) {
    struct scope *scope = state;
    /* order = hwio, layout = chw */
    struct callee callee = {NULL, s->kind == STATEMENT_WEIGHTS || s->kind == STATEMENT_OUTPUT};
    if (s->kind == STATEMENT_INPUT)
        callee.table = operator_rules[OP_INPUT].attributes;
    check_expression(scope, s->value);
    check_expression(scope, s->message);
    check_arguments(scope, &callee, s->arguments);
}

static void check_body(struct elaborator *e, struct module *module, const struct item *item) {
    struct scope scope = {.e = e, .frame = {.module = module, .path = ""}};
    for (const struct parameter_declaration *p = item->parameters; p; p = p->next)
        bind(e, &scope.frame, p->name, value_unknown());
    walk_statements(item->body, note_binding, &scope);
    for (const struct parameter_declaration *p = item->parameters; p; p = p->next)
        check_expression(&scope, p->value);
    walk_statements(item->body, check_statement, &scope);
    if (item->kind == ITEM_BLOCK && !scope.returns && !reported_at(e->diagnostics, item->name.span))
        elaborate_error(e, NULL, item->name.span, E0308_NO_RETURN,
                        "block `%s` ends without `return`", item->name.text);
}

void check_names(struct elaborator *e) {
    for (size_t i = 0; i < e->module_count && !e->stopped; i++) {
        struct module *module = e->modules[i];
        for (const struct item *item = module->broken || !module->file ? NULL : module->file->items;
             item; item = item->next)
            if (item->kind == ITEM_BLOCK || item->kind == ITEM_NETWORK)
                check_body(e, module, item);
    }
}
