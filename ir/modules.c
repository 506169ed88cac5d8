/* Files and their names: parses a file, reads what it imports, evaluates its constants. */
#include <errno.h>
#include <float.h>
#include <math.h>
#include <string.h>

#include "ir/elaborator.h"
#include "lexer/limits.h"
#include "parser/parser.h"

static void already_defined(struct elaborator *e, const struct frame *f, const char *name,
                            struct span span, struct span first) {
    struct diagnostic *error =
        elaborate_error(e, f, span, E0304_ALREADY_DEFINED, "`%s` is already defined", name);
    if (error)
        add_note(e->diagnostics, error, first, "the first `%s` is here", name);
}

static void define(struct elaborator *e, struct frame *f, const char *name, struct span span,
                   const struct binding *binding) {
    const struct binding *first = table_find(&f->module->names, name);
    if (first && first != binding)
        already_defined(e, f, name, span, first->span);
    else
        table_set(&f->module->names, e->arena, name, (void *)binding);
}

static struct binding *make_binding(struct elaborator *e, struct value value, struct span span) {
    struct binding *binding = ARENA_NEW(e->arena, struct binding);
    *binding = (struct binding){value, span};
    return binding;
}

/* Folds "." and ".." and double slashes, so that one file has one path. */
static const char *normalised(struct elaborator *e, const char *folder, const char *path) {
    char *all = arena_printf(e->arena, "%s/%s", *folder ? folder : ".", path);
    char *out = ARENA_ARRAY(e->arena, char, strlen(all) + 2);
    size_t length = 0;
    for (char *part = all; *part;) {
        size_t n = strcspn(part, "/");
        bool up = n == 2 && memcmp(part, "..", 2) == 0;
        char *slash = length ? strrchr(out, '/') : NULL;
        if (up && length && strcmp(slash ? slash + 1 : out, "..") != 0) {
            length = slash ? (size_t)(slash - out) : 0;
            out[length] = '\0';
        } else if (n > 0 && !(n == 1 && *part == '.')) {
            if (length || *all == '/')
                out[length++] = '/';
            memcpy(out + length, part, n);
            length += n;
            out[length] = '\0';
        }
        part += n + (part[n] == '/');
    }
    return out;
}

static struct module *add_module(struct elaborator *e, uint32_t source, struct module *importer,
                                 const char *path) {
    struct module *module = ARENA_NEW(e->arena, struct module);
    module->source = source;
    module->importer = importer;
    module->depth = importer ? importer->depth + 1 : 0;
    module->path = path;
    ARENA_PUSH(e->arena, e->modules, e->module_count, e->module_capacity, module);
    return module;
}

static void load(struct elaborator *e, struct module *module);

static void report_cycle(struct elaborator *e, const struct frame *f, struct span span,
                         const struct module *target) {
    const char *chain = e->sources->items[target->source].name;
    for (const struct module *m = f->module; m; m = m->importer) {
        const char *name = e->sources->items[m->source].name;
        chain = arena_printf(e->arena, "%s -> %s", name, chain);
        if (m == target)
            break;
    }
    elaborate_error(e, f, span, E0307_IMPORT_CYCLE, "files import each other: %s", chain);
}

static struct module *read_module(struct elaborator *e, struct frame *f, struct span span,
                                  const char *path) {
    const char *folder = e->sources->items[f->module->source].folder;
    const char *key = normalised(e, folder, path), *text;
    size_t length;
    for (size_t i = 0; i < e->module_count; i++)
        if (strcmp(e->modules[i]->path, key) == 0)
            return e->modules[i];
    if (e->module_count >= LIMIT_IMPORT_FILES || f->module->depth >= LIMIT_IMPORT_DEPTH) {
        elaborate_error(e, f, span, E0906_TOO_MANY_FILES,
                        "more than %d files, or imports more than %d deep", LIMIT_IMPORT_FILES,
                        LIMIT_IMPORT_DEPTH);
        return NULL;
    }
    enum read_result result =
        read_file_beneath(e->sources, folder, path, LIMIT_SOURCE_BYTES, &text, &length);
    if (result != READ_OK) {
        elaborate_error(e, f, span, E0306_CANNOT_IMPORT, "cannot import \"%s\": %s",
                        printable(e->arena, path, strlen(path)), read_failure(result));
        return NULL;
    }
    uint32_t source = sources_add(e->sources, path_beneath(e->arena, folder, path), text, length);
    struct module *module = add_module(e, source, f->module, key);
    load(e, module);
    return module;
}

static void import(struct elaborator *e, struct frame *f, const struct item *item) {
    const char *path = evaluate_string(e, f, item->value);
    struct module *from = path ? read_module(e, f, item->span, path) : NULL;
    if (!from || from->loading || from->broken)
        f->module->incomplete = true;
    if (!from)
        return;
    if (from->loading) {
        report_cycle(e, f, item->span, from);
        return;
    }
    struct import made = {item, from};
    ARENA_PUSH(e->arena, f->module->imports, f->module->import_count, f->module->import_capacity,
               made);
    for (size_t i = 0; i < from->names.capacity; i++) {
        const struct table_slot *slot = &from->names.slots[i];
        const struct binding *binding = slot->value;
        if (slot->key && binding->span.source == from->source) /* its own, not what it imports */
            define(e, f, slot->key, item->span, binding);
    }
}

static void check_filter(struct elaborator *e, struct frame *f,
                         const struct filter_literal *filter) {
    int64_t count = filter->planes * filter->rows * filter->columns;
    for (int64_t i = 0; i < count; i++)
        if (!(fabs(filter->values[i]) <= (double)FLT_MAX)) {
            elaborate_error(e, f, filter->span, E0204_FILTER_OUT_OF_RANGE,
                            "the filter holds %s, too large for a float",
                            number_text(e->arena, filter->values[i]));
            return;
        }
}

static void define_item(struct elaborator *e, struct frame *f, const struct item *item) {
    struct value value = value_unknown();
    if (item->kind == ITEM_FILTER && item->filter) {
        value.kind = VALUE_FILTER;
        value.filter = item->filter;
        check_filter(e, f, item->filter);
    } else if (item->kind == ITEM_BLOCK) {
        value.kind = VALUE_BLOCK;
        value.block = item;
        value.module = f->module;
        if (find_operator(item->name.text) != OP_COUNT || is_query(item->name.text)) {
            elaborate_error(e, f, item->name.span, E0305_BUILT_IN_NAME,
                            "`%s` is built in: a block needs another name", item->name.text);
            return;
        }
    } else if (item->kind == ITEM_CONSTANT)
        value = evaluate(e, f, item->value);
    define(e, f, item->name.text, item->name.span, make_binding(e, value, item->name.span));
}

static void load(struct elaborator *e, struct module *module) {
    struct frame frame = {.module = module, .path = ""};
    size_t errors = e->diagnostics->error_count;
    module->loading = true;
    module->file = parse_file(e->arena, e->names, e->diagnostics, e->sources, module->source);
    module->broken = e->diagnostics->error_count > errors;
    if (module->broken) { /* what follows from mistakes of syntax is no news */
        module->loading = false;
        return;
    }
    const struct item *items = module->file ? module->file->items : NULL;
    for (const struct item *item = items; item; item = item->next) {
        if (item->kind == ITEM_IMPORT)
            import(e, &frame, item);
        else if (item->kind == ITEM_FILTER || item->kind == ITEM_BLOCK)
            define_item(e, &frame, item);
    }
    for (const struct item *item = items; item; item = item->next)
        if (item->kind == ITEM_CONSTANT)
            define_item(e, &frame, item);
    module->loading = false;
}

struct module *load_root(struct elaborator *e, uint32_t source) {
    const struct source *root = &e->sources->items[source];
    const char *slash = strrchr(root->name, '/');
    const char *path = normalised(e, root->folder, slash ? slash + 1 : root->name);
    struct module *module = add_module(e, source, NULL, path);
    load(e, module);
    return module;
}

const struct binding *find_binding(const struct frame *f, const char *name) {
    const struct binding *binding = table_find(&f->names, name);
    return binding ? binding : table_find(&f->module->names, name);
}

void bind(struct elaborator *e, struct frame *f, struct name name, struct value value) {
    table_set(&f->names, e->arena, name.text, make_binding(e, value, name.span));
}

const char **visible_names(struct elaborator *e, const struct frame *f, bool callable,
                           size_t *count) {
    static const char *const words[] = {"true", "false"};
    size_t most = f->names.count + f->module->names.count + OP_COUNT + 16;
    const char **names = ARENA_ARRAY(e->arena, const char *, most);
    *count = table_keys(&f->names, names);
    *count += table_keys(&f->module->names, names + *count);
    for (size_t i = 0; !callable && i < sizeof words / sizeof *words; i++)
        names[(*count)++] = words[i];
    for (int op = 0; callable && op < OP_COUNT; op++)
        if (operators[op].name)
            names[(*count)++] = operators[op].name;
    for (int i = 0; callable && query_name(i); i++)
        names[(*count)++] = query_name(i);
    return names;
}
