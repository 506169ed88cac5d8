/* A graph with parameters in, the bytes of a safetensors file out. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "ir/weights/initial.h"
#include "ir/weights/wanted.h"
#include "lexer/limits.h"

enum { LENGTH_BYTES = 8, ALIGNMENT = 8 };

static int by_key(const void *a, const void *b) {
    return strcmp(((const struct wanted_tensor *)a)->key, ((const struct wanted_tensor *)b)->key);
}

static size_t bytes_of(const struct wanted_tensor *wanted) {
    return (size_t)tensor_count(wanted->tensor) * sizeof(float);
}

static json_t *describe(const struct wanted_tensor *wanted, size_t begin) {
    json_t *shape = json_array();
    for (int i = 0; i < wanted->tensor->rank; i++)
        json_array_append_new(shape, json_integer(wanted->dimensions[i]));
    return json_pack("{s:s, s:o, s:[I, I]}", "dtype", "F32", "shape", shape, "data_offsets",
                     (json_int_t)begin, (json_int_t)(begin + bytes_of(wanted)));
}

/* The JSON of tensors that lie one behind the other; *data_bytes is then what they take. */
static const char *header_text(struct arena *arena, const struct wanted_tensor *list, size_t count,
                               size_t *data_bytes) {
    json_t *header = json_object();
    *data_bytes = 0;
    for (size_t i = 0; i < count; i++) {
        json_object_set_new(header, list[i].key, describe(&list[i], *data_bytes));
        *data_bytes += bytes_of(&list[i]);
    }
    size_t length = json_dumpb(header, NULL, 0, JSON_COMPACT);
    char *text = ARENA_ARRAY(arena, char, length + 1);
    json_dumpb(header, text, length, JSON_COMPACT);
    json_decref(header);
    return text;
}

static void write_data(const struct graph *graph, const struct wanted_tensor *wanted, char *to) {
    memcpy(to, to_stored_order(graph, wanted), bytes_of(wanted));
}

bool safetensors_write(const struct graph *graph, const char **bytes, size_t *length) {
    struct wanted_tensor *list = wanted_tensors(graph);
    size_t data_bytes;
    qsort(list, graph->tensor_count, sizeof *list, by_key);
    const char *text = header_text(graph->arena, list, graph->tensor_count, &data_bytes);
    size_t text_length = strlen(text);
    size_t padded = (text_length + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    *length = padded;
    if (padded > LIMIT_SAFETENSORS_HEADER_BYTES)
        return false;
    *length = LENGTH_BYTES + padded + data_bytes;
    char *file = ARENA_ARRAY(graph->arena, char, *length), *at = file + LENGTH_BYTES + padded;
    for (int i = 0; i < LENGTH_BYTES; i++)
        file[i] = (char)(padded >> 8 * i);
    memset(file + LENGTH_BYTES, ' ', padded);
    memcpy(file + LENGTH_BYTES, text, text_length);
    for (size_t i = 0; i < graph->tensor_count; at += bytes_of(&list[i]), i++)
        write_data(graph, &list[i], at);
    *bytes = file;
    return true;
}
