/* Bytes in pieces, one behind the other: weights of half a gigabyte are not copied to lie beside
 * the code. */
#ifndef CNNC_CODEGEN_PIECES_H
#define CNNC_CODEGEN_PIECES_H

#include <stddef.h>
#include <sys/uio.h>

#include "lexer/arena.h"

struct pieces {
    struct iovec *items;
    size_t count, capacity;
    size_t length; /* of all together */
};

/* The bytes are not copied: they live as long as the pieces. */
void pieces_add(struct pieces *pieces, struct arena *arena, const void *bytes, size_t length);
/* Zeros up to the next multiple of `alignment`, at most 64. */
void pieces_align(struct pieces *pieces, struct arena *arena, size_t alignment);
void pieces_append(struct pieces *pieces, struct arena *arena, const struct pieces *more);
/* All in one. */
char *pieces_join(const struct pieces *pieces, struct arena *arena);

#endif
