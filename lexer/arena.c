/* Turns the system's memory into arenas: a list of zeroed blocks, cut from the front, freed at
 * once. */
#include "lexer/arena.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lexer/checked.h"
#include "lexer/diagnostics.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#include <sanitizer/asan_interface.h>
#endif
#endif
#ifndef ASAN_POISON_MEMORY_REGION
#define ASAN_POISON_MEMORY_REGION(address, size)   ((void)(address), (void)(size))
#define ASAN_UNPOISON_MEMORY_REGION(address, size) ((void)(address), (void)(size))
#endif

/* Many arenas live for one layer and stay nearly empty, and blocks are zeroed: so the first one is
 * small. */
enum { ALIGNMENT = 64, SMALLEST_BLOCK = 2 << 10, LARGEST_SHARED_BLOCK = 4 << 20 };

struct arena_block {
    struct arena_block *older;
    char *next, *end;
};

static _Noreturn void out_of_memory(void) {
    fputs("cnnc: error: out of memory\n", stderr);
    exit(EXIT_MEMORY);
}

static char *align(char *address) {
    return address + (-(uintptr_t)address & (ALIGNMENT - 1));
}

/* A new block with room for at least `bytes`; blocks double so that their number stays small. */
static struct arena_block *add_block(struct arena *arena, size_t bytes) {
    size_t size = SMALLEST_BLOCK;
    if (arena->newest) {
        size = 2 * (size_t)(arena->newest->end - (char *)arena->newest);
    }
    if (size > LARGEST_SHARED_BLOCK) {
        size = LARGEST_SHARED_BLOCK;
    }
    if (bytes > SIZE_MAX - 2 * ALIGNMENT) {
        out_of_memory();
    }
    if (size < bytes + 2 * ALIGNMENT) {
        size = bytes + 2 * ALIGNMENT;
    }
    struct arena_block *block = calloc(1, size);
    if (!block) {
        out_of_memory();
    }
    block->older = arena->newest;
    block->next = align((char *)(block + 1));
    block->end = (char *)block + size;
    arena->newest = block;
    /* With AddressSanitizer, what was not asked for is not to be touched. */
    ASAN_POISON_MEMORY_REGION(block + 1, size - sizeof *block);
    return block;
}

void *arena_alloc(struct arena *arena, size_t count, size_t size) {
    size_t bytes;
    if (!checked_size_mul(count, size, &bytes)) {
        out_of_memory();
    }
    struct arena_block *block = arena->newest;
    if (!block || block->next > block->end || (size_t)(block->end - block->next) < bytes) {
        block = add_block(arena, bytes);
    }
    char *memory = block->next;
    ASAN_UNPOISON_MEMORY_REGION(memory, bytes);
    block->next = align(memory + (bytes ? bytes : 1));
    return memory;
}

void *arena_grow(struct arena *arena, const void *old, size_t count, size_t capacity, size_t size) {
    void *memory = arena_alloc(arena, capacity, size);
    if (count) {
        memcpy(memory, old, count * size);
    }
    return memory;
}

char *arena_strndup(struct arena *arena, const char *text, size_t length) {
    char *copy = arena_alloc(arena, length + 1, 1);
    if (length) {
        memcpy(copy, text, length);
    }
    return copy;
}

char *arena_vprintf(struct arena *arena, const char *format, va_list arguments) {
    va_list again;
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, arguments);
    if (length < 0) {
        out_of_memory();
    }
    char *text = arena_alloc(arena, (size_t)length + 1, 1);
    vsnprintf(text, (size_t)length + 1, format, again);
    va_end(again);
    return text;
}

char *arena_printf(struct arena *arena, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    char *text = arena_vprintf(arena, format, arguments);
    va_end(arguments);
    return text;
}

char *arena_print(struct arena *arena, void (*print)(FILE *stream, const void *context),
                  const void *context) {
    char *text = NULL;
    size_t length = 0;
    FILE *stream = open_memstream(&text, &length);
    if (!stream) {
        out_of_memory();
    }
    print(stream, context);
    if (fclose(stream)) {
        out_of_memory();
    }
    char *copy = arena_strndup(arena, text, length);
    free(text);
    return copy;
}

void arena_free(struct arena *arena) {
    struct arena_block *block = arena->newest;
    arena->newest = NULL;
    while (block) {
        struct arena_block *older = block->older;
        free(block);
        block = older;
    }
}
