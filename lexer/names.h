/* Interned names: equal text, equal pointer, so that comparing names is comparing pointers. */
#ifndef CNNC_LEXER_NAMES_H
#define CNNC_LEXER_NAMES_H

#include <stddef.h>

#include "lexer/arena.h"

struct names {
    struct arena *arena;
    const char **slots;
    size_t count, capacity;
};

const char *intern(struct names *names, const char *text, size_t length);

#endif
