/* Pieces of bytes, collected. */
#include "codegen/pieces.h"

#include <string.h>

void pieces_add(struct pieces *pieces, struct arena *arena, const void *bytes, size_t length) {
    if (length == 0)
        return;
    struct iovec piece = {(void *)bytes, length}; /* nobody writes through it */
    ARENA_PUSH(arena, pieces->items, pieces->count, pieces->capacity, piece);
    pieces->length += length;
}

void pieces_align(struct pieces *pieces, struct arena *arena, size_t alignment) {
    static const char zeros[64];
    pieces_add(pieces, arena, zeros, -pieces->length & (alignment - 1));
}

void pieces_append(struct pieces *pieces, struct arena *arena, const struct pieces *more) {
    for (size_t i = 0; i < more->count; i++)
        pieces_add(pieces, arena, more->items[i].iov_base, more->items[i].iov_len);
}

char *pieces_join(const struct pieces *pieces, struct arena *arena) {
    char *bytes = arena_alloc(arena, pieces->length + 1, 1), *at = bytes;
    for (size_t i = 0; i < pieces->count; i++) {
        memcpy(at, pieces->items[i].iov_base, pieces->items[i].iov_len);
        at += pieces->items[i].iov_len;
    }
    return bytes;
}
