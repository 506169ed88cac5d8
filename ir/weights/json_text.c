/* Bytes in, a JSON document out. */
#include "ir/weights/json_text.h"

#include <string.h>

#include "lexer/diagnostics.h"

/* Marks that begin or separate values: bounds what parsing may allocate. A tensor has about ten. */
enum { LIMIT_MARKS = 2000000 };

json_t *read_json(struct arena *arena, const char *text, size_t length, size_t offset,
                  const char **error) {
    json_error_t place;
    size_t marks = 0;
    for (size_t i = 0; i < length; i++)
        marks += text[i] == '[' || text[i] == '{' || text[i] == ',';
    if (marks > LIMIT_MARKS) {
        *error = arena_printf(arena, "byte %zu: JSON of %zu values; the limit is %d", offset, marks,
                              LIMIT_MARKS);
        return NULL;
    }
    json_t *document = json_loadb(text, length, JSON_REJECT_DUPLICATES, &place);
    if (!document)
        *error = arena_printf(arena, "byte %zu: %s", (size_t)place.position + offset,
                              printable(arena, place.text, strlen(place.text)));
    return document;
}
