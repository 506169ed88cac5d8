/* What a compilation has made and read in, a rule of a Makefile out: -MD. */
#include <string.h>

#include "driver/compilation.h"

/* As make reads names, and ninja and CMake with it: a space ends one, "#" begins a comment, ":"
 * ends the targets and "$" begins a variable. Backslashes count only before a space. */
static const char *escaped(struct arena *arena, const char *path) {
    char *out = ARENA_ARRAY(arena, char, 2 * strlen(path) + 1), *to = out;
    size_t backslashes = 0; /* just before this character */
    for (const char *at = path; *at; at++) {
        bool space = *at == ' ' || *at == '\t';
        for (size_t i = 0; space && i < backslashes; i++)
            *to++ = '\\';
        if (space || *at == '#' || *at == ':')
            *to++ = '\\';
        else if (*at == '$')
            *to++ = '$';
        backslashes = *at == '\\' ? backslashes + 1 : 0;
        *to++ = *at;
    }
    return out;
}

/* A name in the rule. What cannot be escaped would begin a rule or a command of its own. */
static const char *name(struct compilation *c, const char *path) {
    if (strpbrk(path, "\n\r;|"))
        fail(c, EXIT_INPUT,
             "the name '%s' has a line break, ; or |, which a dependency file cannot hold",
             shown(c, path));
    return escaped(&c->arena, path);
}

static bool is_stream(const char *path) {
    return !strcmp(path, "-");
}

/* The files made, or what -MT says; "" for nothing. */
static const char *targets(struct compilation *c, const char *const *made, size_t count) {
    const struct options *o = c->options;
    const char *list = "";
    for (size_t i = 0; i < o->dependency_target_count; i++)
        list = arena_printf(&c->arena, "%s%s%s", list, *list ? " " : "", o->dependency_targets[i]);
    for (size_t i = 0; i < count && !o->dependency_target_count; i++)
        if (!is_stream(made[i]))
            list = arena_printf(&c->arena, "%s%s%s", list, *list ? " " : "", name(c, made[i]));
    return list;
}

/* A path with .d in place of its end. */
static const char *default_path(struct compilation *c, const char *path) {
    const char *slash = strrchr(path, '/'), *dot = strrchr(path, '.');
    const char *base = slash ? slash + 1 : path;
    size_t length = dot > base ? (size_t)(dot - path) : strlen(path);
    return arena_printf(&c->arena, "%.*s.d", (int)length, path);
}

static const char *rule_text(struct compilation *c, const char *made) {
    const struct sources *read = &c->sources;
    const char *text = arena_printf(&c->arena, "%s:", made);
    for (size_t i = 0; i < read->file_count; i++)
        text = arena_printf(&c->arena, "%s \\\n  %s", text, name(c, read->files[i]));
    text = arena_printf(&c->arena, "%s\n", text);
    for (size_t i = 1; i < read->file_count && c->options->dependencies_phony; i++)
        text = arena_printf(&c->arena, "%s\n%s:\n", text, name(c, read->files[i]));
    return text;
}

struct rule dependency_rule(struct compilation *c, const char *const *made, size_t count) {
    const struct options *o = c->options;
    struct rule rule = {.path = o->dependency_file};
    if (!o->dependencies || c->code != EXIT_DONE)
        return (struct rule){0};
    if (!rule.path && count && !is_stream(made[0]))
        rule.path = default_path(c, made[0]);
    const char *list = targets(c, made, count);
    if (!rule.path || !*list)
        fail(c, EXIT_USAGE,
             "no file is made here by which -MD could name its rule: it wants -MF FILE and -MT "
             "TARGET");
    rule.text = rule_text(c, list);
    return c->code == EXIT_DONE ? rule : (struct rule){0};
}
