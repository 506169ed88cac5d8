/* An object file in, a program or a shared library out, by the system's C compiler. */
#ifndef CNNC_DRIVER_LINK_H
#define CNNC_DRIVER_LINK_H

#include "lexer/arena.h"

/* Links `object` with the main of compiled programs into `program`. NULL, or what went wrong. */
const char *link_program(struct arena *arena, const char *object, const char *program);
/* Links `object` and the pool of threads into the shared library `library`. NULL, or what went
 * wrong. */
const char *link_shared(struct arena *arena, const char *object, const char *library);

#endif
