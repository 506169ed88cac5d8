/* Sound and hostile bytes of ONNX models, made here byte by byte, each with the message it must
 * get. */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lexer/limits.h"
#include "onnx/model.h"

static int checks, failures;

static void judge(bool good, const char *what, const char *got) {
    checks++;
    if (good)
        return;
    failures++;
    printf("%s: got '%s'\n", what, got ? got : "(no error)");
}

/* wanted: a part of the error; NULL: the model is sound. The bytes are copied to memory of exactly
 * their size, so that the sanitizer sees each one read beyond. */
static void read_one(const char *what, const void *bytes, size_t length, const char *wanted) {
    struct arena arena = {0};
    char *copy = malloc(length ? length : 1);
    memcpy(copy, bytes, length);
    const char *error = NULL;
    Onnx__ModelProto *model = onnx_unpack(&arena, copy, length, &error);
    judge(wanted ? !model && error && strstr(error, wanted) : model && !error, what, error);
    arena_free(&arena);
    free(copy);
}

#define READ(what, bytes, wanted) read_one(what, bytes, sizeof bytes - 1, wanted)

/* A field of key `key` around `inside`, of at most 2^14 - 1 bytes. */
static size_t wrap(char *to, char key, const char *inside, size_t length) {
    memmove(to + 3, inside, length);
    to[0] = key;
    to[1] = (char)(0x80 | (length & 0x7f));
    to[2] = (char)(length >> 7);
    return length + 3;
}

/* graph { node { attribute { g { node { ..., `levels` messages beneath the model. */
static void read_nested(int levels, const char *wanted) {
    static const char keys[] = {7 << 3 | 2, 1 << 3 | 2, 5 << 3 | 2, 6 << 3 | 2}; /* g is 6 */
    char bytes[4096];
    size_t length = 0;
    for (int level = levels; level >= 1; level--) {
        int kind = level == 1 ? 0 : 1 + (level - 2) % 3;
        length = wrap(bytes, keys[kind], bytes, length);
    }
    char what[40];
    snprintf(what, sizeof what, "%d levels", levels);
    read_one(what, bytes, length, wanted);
}

static void read_many_nodes(void) {
    size_t count = LIMIT_ONNX_MESSAGES, length = 0;
    char *bytes = malloc(2 * count + 16);
    for (; length < 2 * count; length += 2)
        memcpy(bytes + length, "\x42\x00", 2); /* opset_import {} */
    read_one("a million empty messages", bytes, length, "more messages than any model has");
    free(bytes);
}

static void packs_what_it_unpacks(void) {
    static const char bytes[] = "\x08\x08\x3a\x0a\x0a\x08\x0a\x01x\x22\x03Sin";
    struct arena arena = {0};
    const char *error = NULL;
    Onnx__ModelProto *model = onnx_unpack(&arena, bytes, sizeof bytes - 1, &error);
    judge(model && model->ir_version == 8 && model->graph && model->graph->n_node == 1 &&
              !strcmp(model->graph->node[0]->op_type, "Sin") &&
              !strcmp(model->graph->node[0]->input[0], "x"),
          "one node", error);
    if (model) {
        size_t length;
        const char *packed = onnx_pack(&arena, model, &length);
        judge(length == sizeof bytes - 1 && !memcmp(packed, bytes, length), "packed again", NULL);
    }
    arena_free(&arena);
}

int main(void) {
    READ("nothing", "", NULL);
    READ("unknown fields",
         "\x08\x08\xfa\x3f\x01x\xf5\x3f"
         "abcd"
         "\xf1\x3f"
         "abcdefgh",
         NULL);
    READ("a number without end", "\x08\x80\x80", "byte 1: a number runs over the end");
    READ("eleven bytes of number", "\x08\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01",
         "byte 1: a number of more than ten bytes");
    READ("a message longer than the file", "\x3a\x05\x0a", "byte 2: 5 bytes where 1 are left");
    READ("a length of 2^64 - 1", "\x3a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01",
         "18446744073709551615 bytes where 0 are left");
    READ("a string longer than its message", "\x3a\x04\x12\x09xy", "9 bytes where 2 are left");
    READ("a field that ends after its message", "\x3a\x01\x12", "runs over the end");
    READ("field 0", "\x00\x01", "byte 0: a field of an impossible number");
    READ("a group", "\x3b\x3c", "byte 0: a field of an unknown wire type");
    READ("wire type 7", "\x0f", "unknown wire type");
    READ("a NUL in a name", "\x12\x03x\x00y", "byte 3: a NUL in a name");
    READ("a number where a graph is", "\x38\x01", "a field has another type");
    READ("three of four bytes",
         "\xf5\x3f"
         "abc",
         "4 bytes where 3 are left");
    read_nested(LIMIT_ONNX_NESTING - 2, NULL);
    read_nested(LIMIT_ONNX_NESTING - 1, NULL);
    read_nested(LIMIT_ONNX_NESTING, "messages nest too deeply");
    read_many_nodes();
    packs_what_it_unpacks();
    printf("%d checks, %d failures\n", checks, failures);
    return failures != 0;
}
