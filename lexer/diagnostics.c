/* Turns mistakes as they are found into a list without repetitions. */
#include "lexer/diagnostics.h"

#include <string.h>

#include "lexer/limits.h"
#include "lexer/utf8.h"

static bool same_place(const struct diagnostic *a, bool has_place, struct span span) {
    return a->has_place == has_place &&
           (!has_place || (a->span.source == span.source && a->span.start == span.start &&
                           a->span.end == span.end));
}

static struct diagnostic *find(const struct diagnostics *diagnostics, bool has_place,
                               struct span span, const char *text) {
    for (size_t i = 0; i < diagnostics->count; i++) {
        struct diagnostic *item = &diagnostics->items[i];
        if (same_place(item, has_place, span) && strcmp(item->text, text) == 0) {
            return item;
        }
    }
    return NULL;
}

/* Past the last kept one lies one more, which takes what is only counted. */
static struct diagnostic *discarded(const struct diagnostics *diagnostics) {
    return &diagnostics->items[LIMIT_DIAGNOSTICS_KEPT];
}

static struct diagnostic *append(struct diagnostics *diagnostics, enum severity severity,
                                 enum message message, const struct span *span, const char *format,
                                 va_list arguments) {
    if (!diagnostics->items) {
        diagnostics->capacity = LIMIT_DIAGNOSTICS_KEPT;
        diagnostics->items =
            ARENA_ARRAY(diagnostics->arena, struct diagnostic, LIMIT_DIAGNOSTICS_KEPT + 1);
    }
    if (severity == SEVERITY_WARNING &&
        (diagnostics->no_warnings || diagnostics->allowed[message])) {
        return discarded(diagnostics);
    }
    if (diagnostics->count == LIMIT_DIAGNOSTICS_KEPT) {
        diagnostics->dropped++;
        diagnostics->error_count += severity == SEVERITY_ERROR;
        return discarded(diagnostics);
    }
    struct diagnostic new = {.severity = severity, .message = message, .has_place = span != NULL};
    if (span) {
        new.span = *span;
    }
    new.text = arena_vprintf(diagnostics->arena, format, arguments);
    struct diagnostic *first = find(diagnostics, new.has_place, new.span, new.text);
    if (first) {
        return first;
    }
    diagnostics->error_count += severity == SEVERITY_ERROR;
    struct diagnostic *item = &diagnostics->items[diagnostics->count++];
    *item = new;
    return item;
}

struct diagnostic *report_error(struct diagnostics *diagnostics, struct span span,
                                enum message message, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    struct diagnostic *item =
        append(diagnostics, SEVERITY_ERROR, message, &span, format, arguments);
    va_end(arguments);
    return item;
}

struct diagnostic *report_warning(struct diagnostics *diagnostics, struct span span,
                                  enum message message, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    struct diagnostic *item =
        append(diagnostics, SEVERITY_WARNING, message, &span, format, arguments);
    va_end(arguments);
    return item;
}

struct diagnostic *report_plain_error(struct diagnostics *diagnostics, enum message message,
                                      const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    struct diagnostic *item = append(diagnostics, SEVERITY_ERROR, message, NULL, format, arguments);
    va_end(arguments);
    return item;
}

struct diagnostic *report_plain_warning(struct diagnostics *diagnostics, enum message message,
                                        const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    struct diagnostic *item =
        append(diagnostics, SEVERITY_WARNING, message, NULL, format, arguments);
    va_end(arguments);
    return item;
}

bool reported_at(const struct diagnostics *diagnostics, struct span span) {
    for (size_t i = 0; i < diagnostics->count; i++) {
        if (same_place(&diagnostics->items[i], true, span)) {
            return true;
        }
    }
    return false;
}

static bool has_note(const struct diagnostic *diagnostic, const struct note *new) {
    for (const struct note *note = diagnostic->notes; note; note = note->next) {
        if (note->has_place == new->has_place && note->span.source == new->span.source &&
            note->span.start == new->span.start && strcmp(note->text, new->text) == 0) {
            return true;
        }
    }
    return false;
}

static void append_note(struct diagnostics *diagnostics, struct diagnostic *to,
                        const struct span *span, const char *format, va_list arguments) {
    if (to == discarded(diagnostics)) {
        return;
    }
    struct note *note = ARENA_NEW(diagnostics->arena, struct note);
    note->has_place = span != NULL;
    if (span) {
        note->span = *span;
    }
    note->text = arena_vprintf(diagnostics->arena, format, arguments);
    if (has_note(to, note)) {
        return;
    }
    if (to->last_note) {
        to->last_note->next = note;
    } else {
        to->notes = note;
    }
    to->last_note = note;
}

void add_note(struct diagnostics *diagnostics, struct diagnostic *to, struct span span,
              const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    append_note(diagnostics, to, &span, format, arguments);
    va_end(arguments);
}

void add_help(struct diagnostics *diagnostics, struct diagnostic *to, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    append_note(diagnostics, to, NULL, format, arguments);
    va_end(arguments);
}

const char *printable(struct arena *arena, const char *text, size_t length) {
    static const char digits[] = "0123456789abcdef";
    char *result = arena_alloc(arena, length + 1, 4);
    size_t written = 0;
    for (size_t i = 0; i < length;) {
        size_t size = utf8_length(text + i, length - i);
        if (size && utf8_is_visible(text + i, size)) {
            memcpy(result + written, text + i, size);
            written += size;
            i += size;
            continue;
        }
        for (size_t end = i + (size ? size : 1); i < end; i++) {
            unsigned char byte = (unsigned char)text[i];
            memcpy(result + written, "\\x", 2);
            result[written + 2] = digits[byte >> 4];
            result[written + 3] = digits[byte & 15];
            written += 4;
        }
    }
    return result;
}
