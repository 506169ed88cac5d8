#include "ir/report/json_values.h"

#include <string.h>

#include "lexer/diagnostics.h"

json_t *json_text(struct arena *arena, const char *name) {
    return json_string(printable(arena, name, strlen(name)));
}

json_t *json_integers(const int64_t *numbers, int count) {
    json_t *list = json_array();
    for (int i = 0; i < count; i++)
        json_array_append_new(list, json_integer(numbers[i]));
    return list;
}

void print_json_value(FILE *stream, int digits, json_t *value, const char *before,
                      const char *after) {
    fputs(before, stream);
    json_dumpf(value, stream, JSON_ENCODE_ANY | JSON_REAL_PRECISION(digits));
    fputs(after, stream);
    json_decref(value);
}
