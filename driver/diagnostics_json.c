/* Turns diagnostics into JSON. docs/errors.md describes every key. */
#include "driver/diagnostics_json.h"

#include <jansson.h>
#include <string.h>

/* Printable text is UTF-8 whatever bytes a file holds. */
static json_t *text(struct arena *arena, const char *string) {
    return json_string(printable(arena, string, strlen(string)));
}

static void add_place(json_t *object, const struct diagnostics *diagnostics, struct span span,
                      struct arena *arena) {
    struct place place = source_place(diagnostics->sources, span);
    json_object_set_new(object, "file", text(arena, place.file));
    json_object_set_new(object, "line", json_integer(place.line));
    json_object_set_new(object, "column", json_integer(place.column));
}

static json_t *diagnostic_object(const struct diagnostics *diagnostics,
                                 const struct diagnostic *item, struct arena *arena) {
    json_t *object = json_object(), *notes = json_array(), *help = json_array();
    bool error = item->severity == SEVERITY_ERROR;
    json_object_set_new(object, "code", json_string(messages[item->message].code));
    json_object_set_new(object, "severity", json_string(error ? "error" : "warning"));
    if (item->has_place) {
        struct span behind = {item->span.source, item->span.end, item->span.end};
        struct place end = source_place(diagnostics->sources, behind);
        add_place(object, diagnostics, item->span, arena);
        json_object_set_new(object, "end_line", json_integer(end.line));
        json_object_set_new(object, "end_column", json_integer(end.column));
    }
    json_object_set_new(object, "message", text(arena, item->text));
    for (const struct note *note = item->notes; note; note = note->next) {
        if (!note->has_place) {
            json_array_append_new(help, text(arena, note->text));
            continue;
        }
        json_t *one = json_object();
        add_place(one, diagnostics, note->span, arena);
        json_object_set_new(one, "message", text(arena, note->text));
        json_array_append_new(notes, one);
    }
    json_object_set_new(object, "notes", notes);
    json_object_set_new(object, "help", help);
    return object;
}

static json_t *placeless_object(struct arena *arena, const char *severity, const char *message) {
    json_t *object = json_object();
    json_object_set_new(object, "code", json_null());
    json_object_set_new(object, "severity", json_string(severity));
    json_object_set_new(object, "message", text(arena, message));
    json_object_set_new(object, "notes", json_array());
    json_object_set_new(object, "help", json_array());
    return object;
}

void print_diagnostics_json(FILE *stream, const struct diagnostics *diagnostics,
                            const char *warning, const char *failure) {
    struct arena arena = {0};
    const struct diagnostic **sorted = sorted_diagnostics(diagnostics, &arena);
    json_t *document = json_object(), *list = json_array();
    size_t errors = diagnostics->error_count + (failure != NULL), warnings = warning != NULL;
    for (size_t i = 0; i < diagnostics->count; i++) {
        warnings += sorted[i]->severity == SEVERITY_WARNING;
        json_array_append_new(list, diagnostic_object(diagnostics, sorted[i], &arena));
    }
    if (warning)
        json_array_append_new(list, placeless_object(&arena, "warning", warning));
    if (failure)
        json_array_append_new(list, placeless_object(&arena, "error", failure));
    json_object_set_new(document, "diagnostics", list);
    json_object_set_new(document, "errors", json_integer((json_int_t)errors));
    json_object_set_new(document, "warnings", json_integer((json_int_t)warnings));
    json_object_set_new(document, "dropped", json_integer((json_int_t)diagnostics->dropped));
    json_dumpf(document, stream, JSON_INDENT(2));
    fputc('\n', stream);
    json_decref(document);
    arena_free(&arena);
}
