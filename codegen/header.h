/* The C header of an object. */
#ifndef CNNC_CODEGEN_HEADER_H
#define CNNC_CODEGEN_HEADER_H

#include "codegen/generator.h"

/* Its text, once the network's identity is known. */
const char *header_text(struct generator *g);

#endif
