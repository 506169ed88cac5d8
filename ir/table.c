/* A hash table from interned names to pointers: open addressing, never more than half full. */
#include "ir/table.h"

#include <stdint.h>
#include <string.h>

static struct table_slot *slot_of(const struct table *table, const char *key) {
    size_t mask = table->capacity - 1;
    size_t at = (size_t)(((uint64_t)(uintptr_t)key * UINT64_C(0x9e3779b97f4a7c15)) >> 20) & mask;
    while (table->slots[at].key && table->slots[at].key != key)
        at = (at + 1) & mask;
    return &table->slots[at];
}

void *table_find(const struct table *table, const char *key) {
    return table->capacity ? slot_of(table, key)->value : NULL;
}

static void enlarge(struct table *table, struct arena *arena) {
    struct table old = *table;
    table->capacity = old.capacity ? old.capacity * 2 : 8;
    table->slots = ARENA_ARRAY(arena, struct table_slot, table->capacity);
    for (size_t i = 0; i < old.capacity; i++)
        if (old.slots[i].key)
            *slot_of(table, old.slots[i].key) = old.slots[i];
}

void table_set(struct table *table, struct arena *arena, const char *key, void *value) {
    if ((table->count + 1) * 2 > table->capacity)
        enlarge(table, arena);
    struct table_slot *slot = slot_of(table, key);
    table->count += !slot->key;
    *slot = (struct table_slot){key, value};
}

struct table table_copy(const struct table *table, struct arena *arena) {
    struct table copy = *table;
    if (table->capacity) {
        copy.slots = ARENA_ARRAY(arena, struct table_slot, table->capacity);
        memcpy(copy.slots, table->slots, table->capacity * sizeof *table->slots);
    }
    return copy;
}

size_t table_keys(const struct table *table, const char **names) {
    size_t count = 0;
    for (size_t i = 0; i < table->capacity; i++)
        if (table->slots[i].key)
            names[count++] = table->slots[i].key;
    return count;
}
