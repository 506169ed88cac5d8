/* Names that a file gives and never uses. Read from the text alone, so that what one choice of
 * parameters leaves out is not called unused. */
#include "ir/elaborator.h"
#include "parser/walk.h"

/* What happens to a name behind a place in a body. */
enum later { LATER_NOTHING, LATER_MENTIONED, LATER_HIDDEN };

struct use {
    enum later later;
};

struct body {
    struct elaborator *e;
    struct table uses; /* to struct use */
};

static struct use *use_of(struct body *b, const char *name) {
    struct use *use = table_find(&b->uses, name);
    if (!use) {
        use = ARENA_NEW(b->e->arena, struct use);
        table_set(&b->uses, b->e->arena, name, use);
    }
    return use;
}

static void mention(void *body, const struct expression *x) {
    if (x->kind == EXPRESSION_NAME || x->kind == EXPRESSION_CALL)
        use_of(body, x->name.text)->later = LATER_MENTIONED;
}

static void mention_expressions(void *body, const struct statement *s) {
    walk_expressions_of(s, mention, body);
}

static void mention_parameters(struct body *b, const struct parameter_declaration *p) {
    for (; p; p = p->next)
        walk_expression(p->value, mention, b);
}

static void warn_unused(struct body *b, struct name name, const char *what, bool hidden) {
    if (hidden)
        report_warning(b->e->diagnostics, name.span, W0108_UNUSED_NAME,
                       "%s `%s` is never used: a later binding of the name hides it", what,
                       name.text);
    else
        report_warning(b->e->diagnostics, name.span, W0108_UNUSED_NAME, "%s `%s` is never used",
                       what, name.text);
}

/* One statement of a straight line of them, the last one first. */
static void check_statement(struct body *b, const struct statement *s) {
    bool binds = s->kind == STATEMENT_BINDING || s->kind == STATEMENT_INPUT;
    if (binds) {
        struct use *use = use_of(b, s->name.text);
        if (use->later != LATER_MENTIONED)
            warn_unused(b, s->name, s->kind == STATEMENT_INPUT ? "input" : "binding",
                        use->later == LATER_HIDDEN);
        use->later = LATER_HIDDEN;
    } else if (s->kind == STATEMENT_OUTPUT)
        use_of(b, s->name.text)->later = LATER_HIDDEN;
    struct statement alone = *s;
    alone.next = NULL;
    walk_statements(&alone, mention_expressions, b);
}

/* Bindings within loops and conditions are used if anything in the body mentions them. */
static void check_nested(void *all, const struct statement *s) {
    if (s->kind == STATEMENT_BINDING && use_of(all, s->name.text)->later != LATER_MENTIONED)
        warn_unused(all, s->name, "binding", false);
}

static void check_body(struct elaborator *e, const struct item *item) {
    struct body line = {.e = e}, all = {.e = e};
    const struct statement **statements = NULL;
    size_t count = 0, capacity = 0;
    for (const struct statement *s = item->body; s; s = s->next)
        ARENA_PUSH(e->arena, statements, count, capacity, s);
    walk_statements(item->body, mention_expressions, &all);
    while (count > 0) {
        const struct statement *s = statements[--count];
        check_statement(&line, s);
        walk_statements(s->body, check_nested, &all);
        walk_statements(s->otherwise, check_nested, &all);
    }
    mention_parameters(&line, item->parameters);
    for (const struct parameter_declaration *p = item->parameters; p; p = p->next)
        if (use_of(&line, p->name.text)->later != LATER_MENTIONED)
            warn_unused(&line, p->name, "parameter",
                        use_of(&line, p->name.text)->later == LATER_HIDDEN);
}

/* No name of what the import brings is mentioned. */
static void check_import(struct body *file, const struct module *root,
                         const struct import *import) {
    for (size_t i = 0; i < root->names.capacity; i++) {
        const struct table_slot *slot = &root->names.slots[i];
        const struct binding *binding = slot->value;
        if (slot->key && binding->span.source == import->module->source &&
            use_of(file, slot->key)->later == LATER_MENTIONED)
            return;
    }
    report_warning(file->e->diagnostics, import->item->span, W0109_UNUSED_IMPORT,
                   "nothing of this import is ever used");
}

void warn_unused_names(struct elaborator *e, const struct module *root) {
    struct body file = {.e = e};
    for (const struct item *item = root->file->items; item; item = item->next) {
        walk_statements(item->body, mention_expressions, &file);
        mention_parameters(&file, item->parameters);
        if (item->kind == ITEM_CONSTANT)
            walk_expression(item->value, mention, &file);
    }
    for (const struct item *item = root->file->items; item; item = item->next) {
        if (item->kind == ITEM_BLOCK || item->kind == ITEM_NETWORK)
            check_body(e, item);
        const char *what = item->kind == ITEM_CONSTANT ? "constant"
                           : item->kind == ITEM_FILTER ? "filter"
                           : item->kind == ITEM_BLOCK  ? "block"
                                                       : NULL;
        if (what && use_of(&file, item->name.text)->later != LATER_MENTIONED)
            warn_unused(&file, item->name, what, false);
    }
    for (size_t i = 0; i < root->import_count; i++)
        check_import(&file, root, &root->imports[i]);
}
