/* --tune: choices that were measured before are read from a file, those that are missing are
 * measured, and all are written there again. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "codegen/tuning.h"
#include "driver/compilation.h"
#include "driver/output.h"
#include "ir/plan.h"

enum { LIMIT_TUNING_BYTES = 16 << 20 };

/* --- the file --- */

/* $XDG_CACHE_HOME/cnnc/tuning, or that of ~/.cache; NULL where there is neither. */
static const char *default_path(struct compilation *c) {
    const char *cache = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
    if (cache && *cache == '/')
        return arena_printf(&c->arena, "%s/cnnc/tuning", cache);
    return home && *home == '/' ? arena_printf(&c->arena, "%s/.cache/cnnc/tuning", home) : NULL;
}

/* Makes the folders of a path that are missing; what cannot be made shows when the file is. */
static void make_folders(struct compilation *c, const char *path) {
    char *folder = arena_strndup(&c->arena, path, strlen(path));
    for (char *slash = strchr(folder + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        mkdir(folder, 0700);
        *slash = '/';
    }
}

/* NULL where there is no file yet, or after a failure. It is no source: what is made does not go
 * out of date with it. */
static const char *read_choices(struct compilation *c, const char *path) {
    struct sources apart = {.arena = &c->arena};
    const char *text = NULL;
    size_t length;
    enum read_result result = read_file(&apart, path, LIMIT_TUNING_BYTES, &text, &length);
    if (result == READ_CANNOT_OPEN && (errno == ENOENT || !c->options->tune_file))
        return NULL;
    if (result == READ_OK)
        return text;
    fail(c, result == READ_TOO_LARGE ? EXIT_LIMIT : EXIT_IO, "cannot read the choices in '%s': %s",
         shown(c, path), result == READ_CANNOT_OPEN ? strerror(errno) : read_failure(result));
    return NULL;
}

/* Adds what the file has and is not known yet. */
static void add_choices(struct compilation *c, struct tuning *tuning, const char *path,
                        const char *scope) {
    int64_t broken = 0;
    const char *text = read_choices(c, path);
    if (!text)
        return;
    switch (tuning_parse(tuning, text, scope, &broken)) {
    case TUNING_NOT_ONE:
        fail(c, EXIT_INPUT, "'%s' is no file of choices that --tune made: it stays as it is",
             shown(c, path));
        return;
    case TUNING_OTHER_SCOPE:
        c->warning = arena_printf(&c->arena,
                                  "the choices in '%s' are not of this version and processor: all "
                                  "are measured anew",
                                  shown(c, path));
        return;
    case TUNING_READ:
        if (broken)
            c->warning = arena_printf(&c->arena,
                                      "line %" PRId64 " of '%s' is no choice: it is left "
                                      "out",
                                      broken, shown(c, path));
    }
}

/* What other runs have written in the meantime is kept. A cache that cannot be written is none; a
 * file that was asked for is a failure. */
static void write_choices(struct compilation *c, struct tuning *tuning, const char *path,
                          const char *scope) {
    struct output_file output;
    const char *known = c->warning;
    add_choices(c, tuning, path, scope);
    c->warning = known;
    if (c->code != EXIT_DONE)
        return;
    if (!c->options->tune_file)
        make_folders(c, path);
    const char *text = tuning_text(tuning, scope);
    const char *error = output_open(&output, &c->arena, path);
    if (!error)
        error = output_write(&output, text, strlen(text));
    if (!error)
        error = output_commit(&output, 0666);
    output_discard(&output);
    if (error && c->options->tune_file)
        fail(c, EXIT_IO, "%s", error);
    else if (error)
        c->warning = error;
}

/* --- the stage --- */

static void show_progress(size_t done, size_t all) {
    fprintf(stderr, "\rtuning: %zu of %zu layers%s", done, all, done == all ? "\n" : "");
}

void tune_plan(struct compilation *c) {
    struct tuning tuning = {.arena = &c->arena, .names = &c->names};
    const struct codegen_options options = code_options(c);
    const char *path = c->options->tune_file ? c->options->tune_file : default_path(c);
    const char *scope, *error = NULL;
    if (!path)
        fail(c, EXIT_USAGE,
             "--tune keeps what it measures in $XDG_CACHE_HOME or $HOME, and "
             "neither is a folder's path: --tune-file names a file");
    else if (!tuning_scope(&c->arena, &scope, &error))
        fail(c, EXIT_INPUT, "%s", error);
    else
        add_choices(c, &tuning, path, scope);
    if (c->code != EXIT_DONE)
        return;
    if (isatty(STDERR_FILENO))
        tuning.progress = show_progress;
    if (!tune(c->graph, &options, &tuning, &c->arena, &error))
        fail(c, EXIT_INTERNAL, "%s", error);
    else if (tuning.measured)
        write_choices(c, &tuning, path, scope);
    plan_memory(c->graph);
}
