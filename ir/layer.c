/* A layer under construction: errors at its arguments, its constants. */
#include "ir/layer.h"

#include <inttypes.h>

#include "lexer/checked.h"
#include "lexer/limits.h"

/* Constants that come from the text of a file alone: generous for filters and means. */
enum { CONSTANT_VALUES_MAX = 1 << 26 };

bool layer_given(const struct layer *layer, const char *attribute) {
    int index = attribute_named(layer->table, attribute);
    return index >= 0 && layer->given[index];
}

struct span layer_place(const struct layer *layer, const char *attribute) {
    int index = attribute ? attribute_named(layer->table, attribute) : -1;
    return index >= 0 && layer->given[index] ? layer->places[index] : layer->node->span;
}

bool layer_error(struct layer *layer, const char *attribute, enum message message,
                 const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    const char *text = arena_vprintf(layer->arena, format, arguments);
    va_end(arguments);
    size_t before = layer->diagnostics->count;
    struct diagnostic *error =
        report_error(layer->diagnostics, layer_place(layer, attribute), message, "%s", text);
    layer->failure = layer->diagnostics->count > before ? error : NULL;
    return false;
}

bool layer_too_large(struct layer *layer) {
    return layer_error(layer, NULL, E0904_TENSOR_TOO_LARGE,
                       "the result is larger than %" PRId64 " along an axis", LIMIT_DIMENSION);
}

void layer_parameter(struct layer *layer, int index, const char *name, bool learned,
                     const int64_t dimensions[4]) {
    struct node *node = layer->node;
    struct tensor *tensor = ARENA_NEW(layer->arena, struct tensor);
    tensor->name = name ? arena_printf(layer->arena, "%s.%s", node->path, name) : node->path;
    tensor->learned = learned;
    tensor->span = node->span;
    while (tensor->rank < 4 && dimensions[tensor->rank]) {
        tensor->dimensions[tensor->rank] = dimensions[tensor->rank];
        tensor->rank++;
    }
    node->parameters[index] = tensor;
}

struct tensor *layer_constant(struct layer *layer, const int64_t dimensions[4]) {
    struct tensor *tensor = ARENA_NEW(layer->arena, struct tensor);
    tensor->span = layer->node->span;
    int64_t count = 1;
    while (tensor->rank < 4 && dimensions[tensor->rank]) {
        tensor->dimensions[tensor->rank] = dimensions[tensor->rank];
        if (!checked_mul(count, dimensions[tensor->rank], &count) || count > CONSTANT_VALUES_MAX) {
            layer_error(layer, NULL, E0905_CONSTANT_TOO_LARGE,
                        "a constant of more than %d values is too large", CONSTANT_VALUES_MAX);
            return NULL;
        }
        tensor->rank++;
    }
    tensor->data = ARENA_ARRAY(layer->arena, float, count);
    return tensor;
}
