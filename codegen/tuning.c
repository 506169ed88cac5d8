/* Choices as text and back. A line is a descriptor, " = ", and the five numbers of a choice. */
#include "codegen/tuning.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <llvm-c/blake3.h>

#include "codegen/target.h"
#include "lexer/checked.h"
#include "runtime/embedded.h"

static const char head[] = "cnnc tuning, ";
static const char middle[] = " = ";

static const char *key_of(const struct tuning *tuning, const char *descriptor) {
    return intern(tuning->names, descriptor, strlen(descriptor));
}

struct way *tuning_find(const struct tuning *tuning, const char *descriptor) {
    return table_find(&tuning->choices, key_of(tuning, descriptor));
}

void tuning_set(struct tuning *tuning, const char *descriptor, struct way choice) {
    struct way *kept = ARENA_NEW(tuning->arena, struct way);
    *kept = choice;
    table_set(&tuning->choices, tuning->arena, key_of(tuning, descriptor), kept);
}

/* Kernels that are written anew are another version. */
static const char *kernels_digest(struct arena *arena) {
    llvm_blake3_hasher hasher;
    uint8_t digest[4];
    llvm_blake3_hasher_init(&hasher);
    llvm_blake3_hasher_update(&hasher, cnn_bitcode_8, cnn_bitcode_8_size);
    llvm_blake3_hasher_finalize(&hasher, digest, sizeof digest);
    return arena_printf(arena, "%02x%02x%02x%02x", digest[0], digest[1], digest[2], digest[3]);
}

bool tuning_scope(struct arena *arena, const char **scope, const char **error) {
    struct target target;
    if (!target_open(&target, NULL, "native", 0, arena, error))
        return false;
    *scope = arena_printf(arena, "cnnc %s %s, %s with vectors of %d", CNNC_VERSION,
                          kernels_digest(arena), target.cpu, target.vector_width);
    target_close(&target);
    return true;
}

/* --- writing --- */

static int by_text(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void print_choices(FILE *stream, const void *context) {
    const struct tuning *tuning = context;
    const char **keys = ARENA_ARRAY(tuning->arena, const char *, tuning->choices.count + 1);
    size_t count = table_keys(&tuning->choices, keys);
    qsort(keys, count, sizeof *keys, by_text);
    for (size_t i = 0; i < count; i++) {
        const struct way *c = table_find(&tuning->choices, keys[i]);
        fprintf(stream, "%s%s%" PRId64 " %" PRId64 " %" PRId64 " %" PRId64 " %" PRId64 "\n",
                keys[i], middle, c->winograd, c->tuned.pixels, c->tuned.vectors, c->tuned.block,
                c->tuned.fetch);
    }
}

const char *tuning_text(const struct tuning *tuning, const char *scope) {
    return arena_printf(tuning->arena, "%s%s\n%s", head, scope,
                        arena_print(tuning->arena, print_choices, tuning));
}

/* --- reading --- */

/* Digits, and no more than a small number; behind it `end`. */
static bool read_number(const char **at, char end, int64_t *number) {
    enum { LARGEST = 1 << 20 };
    const char *digit = *at;
    *number = 0;
    for (; *digit >= '0' && *digit <= '9' && *number <= LARGEST; digit++)
        *number = 10 * *number + (*digit - '0');
    bool good = digit > *at && *digit == end && *number <= LARGEST;
    *at = digit + 1;
    return good;
}

/* A whole line, with a NUL behind it. */
static bool read_line(struct tuning *tuning, const char *line) {
    const char *at = strstr(line, middle);
    struct way c;
    if (!at || at == line)
        return false;
    const char *descriptor = arena_strndup(tuning->arena, line, (size_t)(at - line));
    at += sizeof middle - 1;
    if (!read_number(&at, ' ', &c.winograd) || !read_number(&at, ' ', &c.tuned.pixels) ||
        !read_number(&at, ' ', &c.tuned.vectors) || !read_number(&at, ' ', &c.tuned.block) ||
        !read_number(&at, '\0', &c.tuned.fetch))
        return false;
    if (!tuning_find(tuning, descriptor))
        tuning_set(tuning, descriptor, c);
    return true;
}

enum tuning_read tuning_parse(struct tuning *tuning, const char *text, const char *scope,
                              int64_t *broken) {
    size_t length = strcspn(text, "\n");
    const char *first = arena_strndup(tuning->arena, text, length);
    *broken = 0;
    if (strncmp(first, head, sizeof head - 1) != 0)
        return TUNING_NOT_ONE;
    if (strcmp(first + sizeof head - 1, scope) != 0)
        return TUNING_OTHER_SCOPE;
    text += length + (text[length] == '\n');
    for (int64_t number = 2; *text; number++) {
        length = strcspn(text, "\n");
        bool whole = text[length] == '\n';
        if ((!whole || !read_line(tuning, arena_strndup(tuning->arena, text, length))) && !*broken)
            *broken = number;
        text += length + whole;
    }
    return TUNING_READ;
}
