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

const char *label_of(struct step *step, const struct operand *weight) {
    struct importer *im = step->importer;
    const char *label = NULL, *word = step->node->name;
    if (step->inlined)
        word = NULL; /* the function's own names are the same in every call */
    if (weight && weight->name)
        label = without_ending(im, weight->name);
    if (!label && word && *word)
        label = word;
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
