/* Sections that join a finished object file. */
#ifndef CNNC_CODEGEN_ELF_H
#define CNNC_CODEGEN_ELF_H

#include <stdbool.h>

#include "codegen/pieces.h"

/* Appends a read-only section with `content` to the relocatable 64-bit ELF file `object`, and
 * defines `symbol`, undefined so far, as its first byte. Nothing changes where the file has no such
 * symbol. False if it is no such file. */
bool elf_define(struct pieces *object, struct arena *arena, const char *symbol,
                const struct pieces *content);

#endif
