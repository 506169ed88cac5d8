/* An arena: memory that lives as long as one phase and is released in one call.
 * Allocation never returns NULL: when memory ends the process says so and exits with code 5. */
#ifndef CNNC_LEXER_ARENA_H
#define CNNC_LEXER_ARENA_H

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

struct arena_block;

struct arena {
    struct arena_block *newest;
};

/* Zeroed memory of `count * size` bytes (checked), aligned to 64. */
void *arena_alloc(struct arena *arena, size_t count, size_t size);
/* Grows an array made by arena_alloc: copies the first `count` elements to a block of `capacity`.
 */
void *arena_grow(struct arena *arena, const void *old, size_t count, size_t capacity, size_t size);
char *arena_strndup(struct arena *arena, const char *text, size_t length);
char *arena_printf(struct arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
char *arena_vprintf(struct arena *arena, const char *format, va_list arguments);
/* What `print` writes to the stream that it is given. */
char *arena_print(struct arena *arena, void (*print)(FILE *stream, const void *context),
                  const void *context);
void arena_free(struct arena *arena);

#define ARENA_NEW(arena, type) ((type *)arena_alloc((arena), 1, sizeof(type)))
#define ARENA_ARRAY(arena, type, count)                                                            \
    ((type *)arena_alloc((arena), (size_t)(count), sizeof(type)))

/* Appends one element to a growing array `items` with fields `count` and `capacity`. */
#define ARENA_PUSH(arena, items, count, capacity, item)                                            \
    do {                                                                                           \
        if ((count) == (capacity)) {                                                               \
            size_t wanted_ = (capacity) ? (size_t)(capacity) * 2 : 8;                              \
            (items) = arena_grow((arena), (items), (size_t)(count), wanted_, sizeof *(items));     \
            (capacity) = wanted_;                                                                  \
        }                                                                                          \
        (items)[(count)++] = (item);                                                               \
    } while (0)

#endif
