/* Turns a text into a source with lines, and byte spans into lines and columns. */
#include "lexer/source.h"

#include <string.h>

void note_file(struct sources *sources, const char *path) {
    for (size_t i = 0; i < sources->file_count; i++) {
        if (strcmp(sources->files[i], path) == 0) {
            return;
        }
    }
    ARENA_PUSH(sources->arena, sources->files, sources->file_count, sources->file_capacity, path);
}

const char *path_beneath(struct arena *arena, const char *folder, const char *path) {
    size_t length = strlen(folder);
    bool joined = length && folder[length - 1] != '/';
    return arena_printf(arena, "%s%s%s", folder, joined ? "/" : "", path);
}

static const char *folder_of(struct arena *arena, const char *path) {
    const char *slash = strrchr(path, '/');
    if (!slash) {
        return "";
    }
    return arena_strndup(arena, path, slash == path ? 1 : (size_t)(slash - path));
}

static void find_lines(struct arena *arena, struct source *source) {
    uint32_t lines = 1;
    for (uint32_t i = 0; i < source->length; i++) {
        lines += source->text[i] == '\n';
    }
    source->line_starts = ARENA_ARRAY(arena, uint32_t, lines);
    /* A byte order mark belongs to no column. */
    bool marked = source->length >= 3 && memcmp(source->text, "\xef\xbb\xbf", 3) == 0;
    source->line_starts[source->line_count++] = marked ? 3 : 0;
    for (uint32_t i = 0; i < source->length; i++) {
        if (source->text[i] == '\n') {
            source->line_starts[source->line_count++] = i + 1;
        }
    }
}

uint32_t sources_add(struct sources *sources, const char *name, const char *text, size_t length) {
    struct source source = {.name = name, .text = text, .length = (uint32_t)length};
    source.folder = folder_of(sources->arena, name);
    find_lines(sources->arena, &source);
    ARENA_PUSH(sources->arena, sources->items, sources->count, sources->capacity, source);
    return (uint32_t)(sources->count - 1);
}

/* The index of the line that holds the byte: the last one to start at or before it. */
static uint32_t line_of(const struct source *source, uint32_t offset) {
    uint32_t low = 0, high = source->line_count;
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        if (source->line_starts[middle] <= offset) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return low;
}

struct place source_place(const struct sources *sources, struct span span) {
    const struct source *source = &sources->items[span.source];
    uint32_t line = line_of(source, span.start);
    struct place place = {.file = source->name, .line = line + 1, .column = 1};
    for (uint32_t i = source->line_starts[line]; i < span.start && i < source->length; i++) {
        bool continuation = ((unsigned char)source->text[i] & 0xc0) == 0x80;
        place.column += !continuation;
    }
    return place;
}

struct span span_join(struct span first, struct span last) {
    return (struct span){.source = first.source, .start = first.start, .end = last.end};
}
