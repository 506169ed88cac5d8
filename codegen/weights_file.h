/* Weights that lie beside the object, in a file that the caller loads or maps. */
#ifndef CNNC_CODEGEN_WEIGHTS_FILE_H
#define CNNC_CODEGEN_WEIGHTS_FILE_H

#include "codegen/generator.h"

/* How the file begins; the block of parameters follows. The run function compares it. */
struct weights_head {
    char magic[16];
    char identity[16];
    int64_t bytes; /* of the whole file */
    char zeros[24];
};
_Static_assert(sizeof(struct weights_head) % BLOCK_ALIGNMENT == 0, "the block stays aligned");

struct weights_head weights_head(const struct generator *g);
int64_t weights_file_bytes(const struct generator *g);
struct pieces weights_file(struct generator *g);

#endif
