/* Names for layers, inputs and outputs, from those of the model. */
#include <ctype.h>
#include <inttypes.h>
#include <string.h>
#include <strings.h>

#include "import/importer.h"

enum { LABEL_MAX = 200 };

/* The name as it is, or with a number where it is taken. */
static const char *unused(struct importer *im, const char *name) {
    const char *first = intern(im->names, name, strlen(name)), *candidate = first;
    uintptr_t number = (uintptr_t)table_find(&im->used, first);
    for (; table_find(&im->used, candidate); number++) {
        candidate = arena_printf(im->arena, "%s_%" PRIuPTR, name, number);
        candidate = intern(im->names, candidate, strlen(candidate));
    }
    table_set(&im->used, im->arena, candidate, (void *)(uintptr_t)2);
    if (number)
        table_set(&im->used, im->arena, first, (void *)number);
    return candidate;
}

/* Without what a label cannot be written with in a file: control bytes, braces, quotes. */
static const char *writable(struct importer *im, const char *name) {
    char *copy = arena_strndup(im->arena, name, strnlen(name, LABEL_MAX));
    for (char *c = copy; *c; c++)
        if ((unsigned char)*c < 0x20 || (unsigned char)*c >= 0x7f || strchr("{}\"\\", *c))
            *c = '_';
    return copy;
}

/* "conv1" of "conv1.weight", "conv1/kernel:0" or "conv1_weight"; NULL where the name ends
 * otherwise.
 */
static const char *without_ending(struct importer *im, const char *name) {
    static const char *const endings[] = {"weight",   "weights", "kernel", "weight:0",
                                          "kernel:0", "gamma",   "gamma:0"};
    size_t length = strlen(name);
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        size_t end = strlen(endings[i]);
        if (length > end + 1 && strcmp(name + length - end, endings[i]) == 0 &&
            strchr("._/", name[length - end - 1]))
            return arena_strndup(im->arena, name, length - end - 1);
    }
    return NULL;
}

/* "features" before "features.1": a list's scope is named again by what stands in it. */
static bool is_spelt_again(const char *scope, size_t length, const char *next) {
    return strncmp(scope, next, length) == 0 && next[length] == '.';
}

/* PyTorch's module of a node: "features.1.block.3" of "/features/features.1/block/block.3/MatMul",
 * where each scope but those of lists is a part, and the operator is the last. Other names are
 * left as they are. */
static const char *module_of(struct importer *im, const char *name, const char *op_type) {
    if (*name != '/')
        return name;
    char *module = arena_strndup(im->arena, name, strlen(name)), *end = module;
    while (*name == '/') {
        const char *scope = name + 1;
        size_t length = strcspn(scope, "/");
        name = scope + length;
        bool is_operator = !*name && strlen(op_type) == length && !strncmp(scope, op_type, length);
        if (length == 0 || (is_operator && end > module) ||
            (*name && is_spelt_again(scope, length, name + 1)))
            continue;
        if (end > module)
            *end++ = '.';
        memcpy(end, scope, length);
        end += length;
    }
    *end = 0;
    return module;
}

const char *label_of(struct step *step, const struct operand *weight) {
    struct importer *im = step->importer;
    const char *label = NULL, *word = step->node->name;
    if (step->inlined)
        word = NULL; /* the function's own names are the same in every call */
    if (weight && weight->name)
        label = without_ending(im, weight->name);
    if (!label && word && *word)
        label = module_of(im, word, step->node->op_type);
    if (!label && weight && weight->name && *weight->name)
        label = weight->name;
    if (!label || !*label)
        label = step->node->op_type;
    return unused(im, writable(im, label));
}

const char *label_of_parameter(struct step *step, const struct operand *constant) {
    const char *name = constant->name && *constant->name ? constant->name : "constant";
    return unused(step->importer, writable(step->importer, name));
}

/* Words of the language that no name can be. */
static bool is_reserved(const char *name) {
    static const char *const words[] = {"and",    "assert", "block",   "else",   "false",
                                        "filter", "for",    "if",      "import", "in",
                                        "input",  "labels", "network", "not",    "or",
                                        "output", "return", "then",    "true",   "weights"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(words[i], name) == 0)
            return true;
    return false;
}

const char *identifier_of(struct importer *im, const char *name) {
    char *copy = arena_printf(im->arena, "%.*s_", 60, name);
    for (char *c = copy; *c; c++)
        if (!isalnum((unsigned char)*c))
            *c = '_';
    char *end = copy + strlen(copy);
    while (end > copy && end[-1] == '_')
        *--end = 0;
    if (!*copy || isdigit((unsigned char)*copy))
        copy = arena_printf(im->arena, "x%s%s", *copy ? "_" : "", copy);
    return is_reserved(copy) ? arena_printf(im->arena, "%s_", copy) : copy;
}

const char *port_name(struct importer *im, const char *name) {
    const char *copy = identifier_of(im, name);
    /* Ports may not differ in case only: their constants in C would be one. */
    char *key = arena_printf(im->arena, "port %s", copy);
    for (char *c = key; *c; c++)
        *c = (char)tolower((unsigned char)*c);
    const char *unique = unused(im, key);
    return arena_printf(im->arena, "%s%s", copy, unique + strlen(key));
}
