/* An object file in, code of this process out: what a linker and a loader would do. */
#ifndef CNNC_CODEGEN_LOAD_H
#define CNNC_CODEGEN_LOAD_H

#include <stdbool.h>

#include "codegen/pieces.h"

struct loaded;

/* Loads the object and finds its data or function `symbol`, which stays until code_unload. What the
 * object needs is looked up in this process. False, *error says why, and nothing to unload. */
bool code_load(struct arena *arena, const struct pieces *object, const char *symbol,
               struct loaded **loaded, void **address, const char **error);
void code_unload(struct loaded *loaded);

#endif
