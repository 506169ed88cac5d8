/* From a file to the finished graph: chooses the network, gives it its parameters, elaborates its
 * body, and removes what no output needs. */
#include "ir/elaborate.h"

#include <inttypes.h>
#include <string.h>

#include "ir/elaborator.h"
#include "ir/warnings/warnings.h"
#include "lexer/limits.h"
#include "parser/parser.h"

enum {
    EVALUATIONS_PER_STEP = 4, /* the limit on expressions, as a multiple of that on statements */
    ERRORS_MAX = 1000,        /* more are of no use to anybody */
    CALL_NOTES_MAX = 4,       /* the innermost ones, and the outermost */
};

void note_calls(struct diagnostics *diagnostics, const struct call *call,
                struct diagnostic *error) {
    int depth = 0, between;
    for (const struct call *c = call; c; c = c->caller)
        depth++;
    between = depth > CALL_NOTES_MAX ? depth - CALL_NOTES_MAX : 0;
    for (int i = 0; i < depth; i++, call = call->caller)
        if (between && i == depth - 1)
            add_note(diagnostics, error, call->span,
                     "... %d more calls, then in block `%s`, called here", between, call->block);
        else if (!between || i < CALL_NOTES_MAX - 1)
            add_note(diagnostics, error, call->span, "in block `%s`, called here", call->block);
}

struct diagnostic *elaborate_error(struct elaborator *e, const struct frame *f, struct span span,
                                   enum message message, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    const char *text = arena_vprintf(e->arena, format, arguments);
    va_end(arguments);
    size_t before = e->diagnostics->count;
    struct diagnostic *error = report_error(e->diagnostics, span, message, "%s", text);
    if (e->diagnostics->count == before)
        return NULL;
    note_calls(e->diagnostics, f ? f->call : NULL, error);
    if (e->diagnostics->error_count > ERRORS_MAX)
        e->stopped = true;
    return error;
}

void suggest(struct elaborator *e, struct diagnostic *error, const char *word,
             const char *const *candidates, size_t count) {
    const char *near = error ? nearest_name(word, candidates, count) : NULL;
    if (near)
        add_help(e->diagnostics, error, "did you mean `%s`?", near);
}

bool count_step(struct elaborator *e, const struct frame *f, struct span span) {
    if (e->stopped)
        return false;
    if (++e->steps <= LIMIT_STEPS)
        return true;
    elaborate_error(e, f, span, E0901_TOO_MANY_STEPS,
                    "the network takes more than %d steps to unroll: loops or blocks multiply",
                    LIMIT_STEPS);
    e->stopped = true;
    return false;
}

bool count_evaluations(struct elaborator *e, const struct frame *f, struct span span,
                       int64_t count) {
    if (e->stopped)
        return false;
    e->evaluations += count;
    if (e->evaluations <= (int64_t)LIMIT_STEPS * EVALUATIONS_PER_STEP)
        return true;
    elaborate_error(e, f, span, E0901_TOO_MANY_STEPS,
                    "the network takes more than %d expressions to unroll",
                    LIMIT_STEPS * EVALUATIONS_PER_STEP);
    e->stopped = true;
    return false;
}

static const char *network_list(struct elaborator *e, const struct module *root) {
    const char *list = NULL;
    for (const struct item *item = root->file->items; item; item = item->next)
        if (item->kind == ITEM_NETWORK)
            list = list ? arena_printf(e->arena, "%s, %s", list, item->name.text) : item->name.text;
    return list;
}

static const struct item *choose_network(struct elaborator *e, const struct module *root) {
    const struct item *chosen = NULL;
    int count = 0;
    for (const struct item *item = root->file->items; item; item = item->next) {
        if (item->kind != ITEM_NETWORK)
            continue;
        count++;
        if (!e->options->network || strcmp(item->name.text, e->options->network) == 0) {
            if (chosen && chosen->name.text == item->name.text) {
                elaborate_error(e, NULL, item->name.span, E0304_ALREADY_DEFINED,
                                "`%s` is already defined", item->name.text);
                return NULL;
            }
            chosen = item;
        }
    }
    const char *file = e->sources->items[root->source].name;
    if (count == 0)
        report_plain_error(e->diagnostics, E0708_NO_SUCH_NETWORK, "%s has no network", file);
    else if (!chosen)
        report_plain_error(e->diagnostics, E0708_NO_SUCH_NETWORK,
                           "%s has no network `%s`; it has: %s", file, e->options->network,
                           network_list(e, root));
    else if (count > 1 && !e->options->network) {
        struct diagnostic *error =
            report_plain_error(e->diagnostics, E0709_SEVERAL_NETWORKS, "%s has %d networks: %s",
                               file, count, network_list(e, root));
        add_help(e->diagnostics, error, "--network NAME picks one");
        return NULL;
    }
    return chosen;
}

/* The value of -D name=value: an expression of constants, read by the language's own parser. */
static struct value definition_value(struct elaborator *e, const struct definition *definition) {
    const char *text = arena_printf(e->arena, "%s = %s", definition->name, definition->value);
    const char *name = arena_printf(e->arena, "-D %s", definition->name);
    uint32_t source = sources_add(e->sources, name, text, strlen(text));
    size_t errors = e->diagnostics->error_count;
    struct module *module = ARENA_NEW(e->arena, struct module);
    module->file = parse_file(e->arena, e->names, e->diagnostics, e->sources, source);
    const struct item *item = module->file ? module->file->items : NULL;
    if (e->diagnostics->error_count > errors)
        return value_unknown();
    if (!item || item->kind != ITEM_CONSTANT || item->next) {
        report_plain_error(e->diagnostics, E0710_WRONG_DEFINITION, "-D %s: not one value: %s",
                           definition->name,
                           printable(e->arena, definition->value, strlen(definition->value)));
        return value_unknown();
    }
    struct frame frame = {.module = module, .path = ""};
    return evaluate(e, &frame, item->value);
}

static const struct definition *find_definition(const struct elaborator *e, const char *name) {
    const struct definition *found = NULL; /* the last of several counts */
    for (size_t i = 0; i < e->options->definition_count; i++)
        if (strcmp(e->options->definitions[i].name, name) == 0)
            found = &e->options->definitions[i];
    return found;
}

static void check_definitions(struct elaborator *e, const struct item *network) {
    size_t count = 0, capacity = 0;
    const char **names = NULL, *list = NULL;
    for (const struct parameter_declaration *p = network->parameters; p; p = p->next) {
        ARENA_PUSH(e->arena, names, count, capacity, p->name.text);
        list = list ? arena_printf(e->arena, "%s, %s", list, p->name.text) : p->name.text;
    }
    for (size_t i = 0; i < e->options->definition_count; i++) {
        const char *name = e->options->definitions[i].name;
        size_t at = 0;
        while (at < count && strcmp(names[at], name) != 0)
            at++;
        if (at == count)
            suggest(e,
                    report_plain_error(
                        e->diagnostics, E0710_WRONG_DEFINITION, "-D %s: network `%s` has %s%s",
                        printable(e->arena, name, strlen(name)), network->name.text,
                        list ? "the parameters " : "no parameters", list ? list : ""),
                    name, names, count);
    }
}

static void bind_parameters(struct elaborator *e, struct frame *f, const struct item *network) {
    check_definitions(e, network);
    for (const struct parameter_declaration *p = network->parameters; p; p = p->next) {
        const struct definition *definition = find_definition(e, p->name.text);
        struct value value = value_unknown();
        if (definition)
            value = definition_value(e, definition);
        else if (p->value)
            value = evaluate(e, f, p->value);
        else {
            struct diagnostic *error =
                elaborate_error(e, f, p->name.span, E0711_PARAMETER_WITHOUT_VALUE,
                                "the network's parameter `%s` has no value", p->name.text);
            if (error)
                add_help(e->diagnostics, error, "-D %s=VALUE gives it one", p->name.text);
        }
        if (table_find(&f->names, p->name.text))
            elaborate_error(e, f, p->name.span, E0304_ALREADY_DEFINED,
                            "two parameters are called `%s`", p->name.text);
        bind(e, f, p->name, value);
    }
}

/* Keeps the nodes that an output needs, the inputs, and the tensors of the nodes kept. */
static void remove_unneeded(struct graph *graph) {
    bool *needed = ARENA_ARRAY(graph->arena, bool, graph->node_count + 1);
    for (size_t i = 0; i < graph->output_count; i++)
        needed[graph->outputs[i].node->id] = true;
    for (size_t i = 0; i < graph->input_count; i++)
        needed[graph->inputs[i].node->id] = true;
    for (size_t i = graph->node_count; i-- > 0;)
        for (int k = 0; needed[i] && k < graph->nodes[i]->input_count; k++)
            needed[graph->nodes[i]->inputs[k]->id] = true;
    size_t kept = 0;
    for (size_t i = 0; i < graph->node_count; i++)
        if (needed[i]) {
            graph->nodes[i]->id = (int)kept;
            graph->nodes[kept++] = graph->nodes[i];
        } else
            graph->nodes[i]->id = -1; /* asserts may still know it */
    graph->node_count = kept;
}

static void collect_tensors(struct elaborator *e) {
    struct graph *graph = e->graph;
    struct table seen = {0}; /* shared tensors count once; a tensor's name is its own */
    for (size_t i = 0; i < graph->node_count; i++)
        for (int k = 0; k < graph->nodes[i]->parameter_count; k++) {
            struct tensor *tensor = graph->nodes[i]->parameters[k];
            if (!tensor || !tensor->name || table_find(&seen, tensor->name))
                continue;
            table_set(&seen, e->arena, tensor->name, tensor);
            ARENA_PUSH(graph->arena, graph->tensors, graph->tensor_count, graph->tensor_capacity,
                       tensor);
        }
}

void complete_graph(struct elaborator *e) {
    struct graph *graph = e->graph;
    if (e->stopped)
        return;
    if (graph->output_count == 0 && e->diagnostics->error_count == 0) {
        struct diagnostic *error = elaborate_error(e, NULL, graph->span, E0704_NO_OUTPUT,
                                                   "network `%s` has no output", graph->name);
        if (error)
            add_help(e->diagnostics, error, "output name = expression");
    }
    for (size_t i = 0; i < e->unordered_count; i++)
        e->unordered[i]->attributes.order = graph->weights_order;
    check_labels(e);
    if (e->diagnostics->error_count > e->failed_asserts)
        return;
    remove_unneeded(graph);
    collect_tensors(e);
    e->at_end = true;
    check_deferred(e);
    if (e->diagnostics->error_count > 0)
        return;
    warn_about_graph(graph, e->diagnostics);
}

struct graph *elaborate(struct arena *arena, struct names *names, struct sources *sources,
                        struct diagnostics *diagnostics, uint32_t source,
                        const struct elaborate_options *options) {
    struct elaborator e = {.arena = arena,
                           .names = names,
                           .sources = sources,
                           .diagnostics = diagnostics,
                           .options = options};
    struct module *root = load_root(&e, source);
    const struct item *network = root->broken ? NULL : choose_network(&e, root);
    if (!network) {
        check_names(&e);
        return NULL;
    }
    e.graph = ARENA_NEW(arena, struct graph);
    e.graph->arena = arena;
    e.graph->name = network->name.text;
    e.graph->span = network->name.span;
    e.graph->weights_order = LAYOUT_CHW;
    struct frame frame = {.module = root, .path = "", .is_network = true};
    bind_parameters(&e, &frame, network);
    execute_body(&e, &frame, network->body);
    check_names(&e);
    complete_graph(&e);
    if (diagnostics->error_count > 0)
        return NULL;
    warn_unused_names(&e, root);
    return e.graph;
}
