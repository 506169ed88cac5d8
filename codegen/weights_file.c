/* The block of parameters as a file: a head that names the compilation, then the block. */
#include "codegen/weights_file.h"

#include <string.h>

#include "codegen/identity.h"

_Static_assert(IDENTITY_DIGITS == sizeof((struct weights_head *)NULL)->identity, "room for all");

int64_t weights_file_bytes(const struct generator *g) {
    return (int64_t)(sizeof(struct weights_head) + g->block.content.length);
}

struct weights_head weights_head(const struct generator *g) {
    struct weights_head head = {.magic = "cnnc weights 1", .bytes = weights_file_bytes(g)};
    memcpy(head.identity, g->identity, sizeof head.identity);
    return head;
}

struct pieces weights_file(struct generator *g) {
    struct weights_head *head = ARENA_NEW(g->arena, struct weights_head);
    *head = weights_head(g);
    struct pieces file = {0};
    pieces_add(&file, g->arena, head, sizeof *head);
    pieces_append(&file, g->arena, &g->block.content);
    return file;
}
