/* Turns spelled names into interned ones: a hash table with linear probing, at most half full. */
#include "lexer/names.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* FNV-1a, 64 bits: Fowler, Noll, Vo, "The FNV Non-Cryptographic Hash Algorithm". */
static size_t hash(const char *text, size_t length) {
    uint64_t value = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < length; i++) {
        value = (value ^ (unsigned char)text[i]) * UINT64_C(0x100000001b3);
    }
    return (size_t)(value ^ value >> 32);
}

static bool equals(const char *name, const char *text, size_t length) {
    return strncmp(name, text, length) == 0 && name[length] == '\0';
}

/* The slot that holds the text, or the empty one where it belongs. */
static const char **find(const char **slots, size_t capacity, const char *text, size_t length) {
    size_t at = hash(text, length) & (capacity - 1);
    while (slots[at] && !equals(slots[at], text, length)) {
        at = (at + 1) & (capacity - 1);
    }
    return &slots[at];
}

static void enlarge(struct names *names) {
    size_t capacity = names->capacity ? names->capacity * 2 : 256;
    const char **slots = ARENA_ARRAY(names->arena, const char *, capacity);
    for (size_t i = 0; i < names->capacity; i++) {
        if (names->slots[i]) {
            *find(slots, capacity, names->slots[i], strlen(names->slots[i])) = names->slots[i];
        }
    }
    names->slots = slots;
    names->capacity = capacity;
}

const char *intern(struct names *names, const char *text, size_t length) {
    if (names->count * 2 >= names->capacity) {
        enlarge(names);
    }
    const char **slot = find(names->slots, names->capacity, text, length);
    if (!*slot) {
        *slot = arena_strndup(names->arena, text, length);
        names->count++;
    }
    return *slot;
}
