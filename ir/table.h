/* A hash table from interned names to pointers. */
#ifndef CNNC_IR_TABLE_H
#define CNNC_IR_TABLE_H

#include "lexer/arena.h"

struct table_slot {
    const char *key; /* NULL: free */
    void *value;
};

struct table {
    struct table_slot *slots;
    size_t count, capacity;
};

void *table_find(const struct table *table, const char *key); /* NULL where it is not */
void table_set(struct table *table, struct arena *arena, const char *key, void *value);
struct table table_copy(const struct table *table, struct arena *arena);
/* Appends the keys to `names`, which has room for table->count more; returns how many. */
size_t table_keys(const struct table *table, const char **names);

#endif
