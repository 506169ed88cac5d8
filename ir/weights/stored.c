/* Lists of stored tensors: sorted, searched, measured. */
#include "ir/weights/stored.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "lexer/checked.h"

static int by_name(const void *a, const void *b) {
    const struct stored_tensor *x = a, *y = b;
    return strcmp(x->name, y->name);
}

void stored_sort(struct stored_tensors *tensors) {
    if (tensors->count)
        qsort(tensors->items, tensors->count, sizeof *tensors->items, by_name);
}

struct stored_tensor *stored_find(const struct stored_tensors *tensors, const char *name) {
    const struct stored_tensor wanted = {.name = name};
    if (!tensors->count)
        return NULL;
    return bsearch(&wanted, tensors->items, tensors->count, sizeof wanted, by_name);
}

bool stored_bytes(const int64_t *dimensions, int rank, int64_t size, int64_t *bytes) {
    bool empty = false, fits = true;
    *bytes = size;
    for (int i = 0; i < rank; i++) {
        empty = empty || dimensions[i] == 0;
        fits = fits && checked_mul(*bytes, dimensions[i], bytes);
    }
    if (empty)
        *bytes = 0;
    return fits || empty;
}

bool text_ends(const char *text, const char *end) {
    size_t length = strlen(text), end_length = strlen(end);
    return length >= end_length && strcmp(text + length - end_length, end) == 0;
}

const char *dimensions_text(struct arena *arena, const int64_t *dimensions, int rank) {
    const char *text = "[";
    for (int i = 0; i < rank; i++)
        text = arena_printf(arena, "%s%s%" PRId64, text, i ? ", " : "", dimensions[i]);
    return arena_printf(arena, "%s]", text);
}
