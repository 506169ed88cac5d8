/* What tells one compilation from another. */
#ifndef CNNC_CODEGEN_IDENTITY_H
#define CNNC_CODEGEN_IDENTITY_H

#include "codegen/generator.h"

enum { IDENTITY_DIGITS = 16 };

/* IDENTITY_DIGITS hexadecimal digits that depend on the lowered layers, the parameters, the
 * interface, the processor and the level of optimisation, and on nothing else. */
const char *model_identity(struct generator *g);

#endif
