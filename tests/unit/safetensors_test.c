/* Sound and hostile safetensors files, made here byte by byte, each with the message it must get.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ir/weights/safetensors.h"
#include "lexer/limits.h"

static int checks, failures;

static void judge(bool good, const char *what, const char *got, const char *wanted) {
    checks++;
    if (good)
        return;
    failures++;
    printf("%s: got '%s', wanted '%s'\n", what, got ? got : "(no error)", wanted);
}

/* A file in memory of exactly its size, so that the sanitizer sees each byte read beyond it. */
struct file {
    char *bytes;
    size_t length;
};

static struct file make_file(uint64_t stated_length, const char *header, size_t header_length,
                             size_t data_length) {
    struct file file = {.length = 8 + header_length + data_length};
    file.bytes = malloc(file.length);
    for (int i = 0; i < 8; i++)
        file.bytes[i] = (char)(stated_length >> 8 * i);
    memcpy(file.bytes + 8, header, header_length);
    for (size_t i = 0; i < data_length; i++)
        file.bytes[8 + header_length + i] = (char)i;
    return file;
}

/* wanted: a part of the error; NULL: the file is sound. */
static void read_one(const char *what, struct file file, const char *wanted) {
    struct arena arena = {0};
    struct stored_tensors tensors;
    const char *error;
    bool sound = safetensors_read(&arena, file.bytes, file.length, &tensors, &error);
    if (wanted)
        judge(!sound && strstr(error, wanted), what, error, wanted);
    else
        judge(sound && !error, what, error, "(no error)");
    arena_free(&arena);
    free(file.bytes);
}

static void read_header(const char *header, size_t data_length, const char *wanted) {
    size_t length = strlen(header);
    read_one(header, make_file(length, header, length, data_length), wanted);
}

#define TENSOR(name, shape, from, to)                                                              \
    "\"" name "\":{\"dtype\":\"F32\",\"shape\":" shape ",\"data_offsets\":[" #from "," #to "]}"

static void test_lengths(void) {
    static const uint64_t stated[] = {3,
                                      UINT64_C(17),
                                      LIMIT_SAFETENSORS_HEADER_BYTES,
                                      LIMIT_SAFETENSORS_HEADER_BYTES + UINT64_C(1),
                                      INT64_MAX,
                                      (uint64_t)INT64_MAX + 1,
                                      UINT64_MAX - 7,
                                      UINT64_MAX};
    for (size_t i = 0; i < sizeof stated / sizeof *stated; i++)
        read_one("stated length", make_file(stated[i], "{}", 2, 0), "byte 0: a header of");
    read_one("length 0", make_file(0, "{}", 2, 0), "does not begin with '{'");
    read_one("length 1", make_file(1, "{}", 2, 0), "byte");
    read_one("length 2", make_file(2, "{}", 2, 0), NULL);
    for (size_t length = 0; length < 8; length++) {
        struct file file = make_file(0, "", 0, 0);
        file.length = length;
        file.bytes = realloc(file.bytes, length ? length : 1);
        read_one("short file", file, "the length of its header alone takes 8");
    }
}

static void test_headers(void) {
    read_header("{}", 0, NULL);
    read_header("{}   ", 0, NULL);
    read_header(" {}", 0, "byte 8: the header does not begin with '{'");
    read_header("[]", 0, "does not begin with '{'");
    read_header("{", 0, "byte 9");
    read_header("{}x", 0, "byte 1");
    read_header("{\"a\":1}", 0, "tensor 'a': its entry is no object");
    read_header("{\"__metadata__\":{\"format\":\"pt\"}}", 0, NULL);
    read_header("{\"__metadata__\":1}", 0, "'__metadata__' is no object");
    read_header("{\"__metadata__\":{\"a\":1}}", 0, "the value of 'a' is no string");
    read_header("{" TENSOR("a", "[]", 0, 4) "}", 4, NULL);
    read_header("{" TENSOR("a", "[2,3]", 0, 24) "}", 24, NULL);
    read_header("{" TENSOR("a", "[0]", 0, 0) "}", 0, NULL);
    read_header("{" TENSOR("a", "[9223372036854775807,0,9]", 0, 0) "}", 0, NULL);
    read_header("{" TENSOR("a", "[1]", 0, 4) "," TENSOR("a", "[1]", 4, 8) "}", 8, "duplicate");
    read_header("{\"a\\u0000b\":1}", 0, "NUL");
    read_header("{\"\xff\":1}", 0, "byte 10: unable to decode byte 0xff");
    read_header("{\"a\":{}}", 0, "must hold 'dtype', 'shape' and 'data_offsets' alone");
    read_header("{\"a\":{\"dtype\":1,\"shape\":[],\"data_offsets\":[0,0]}}", 0,
                "must hold 'dtype'");
    read_header("{\"a\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[0,4],\"x\":1}}", 4,
                "alone");
    read_header("{\"a\":{\"dtype\":\"F32\",\"shape\":1,\"data_offsets\":[0,4]}}", 4,
                "'shape' is not a list");
    read_header("{\"a\":{\"dtype\":\"F31\",\"shape\":[1],\"data_offsets\":[0,4]}}", 4,
                "unknown type 'F31'");
    read_header("{\"a\":{\"dtype\":\"F64\",\"shape\":[1],\"data_offsets\":[0,8]}}", 8, NULL);
}

static void test_shapes(void) {
    read_header("{" TENSOR("a", "[-1]", 0, 4) "}", 4, "holds what is no size");
    read_header("{" TENSOR("a", "[1.0]", 0, 4) "}", 4, "holds what is no size");
    read_header("{" TENSOR("a", "[\"1\"]", 0, 4) "}", 4, "holds what is no size");
    read_header("{" TENSOR("a", "[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1]", 0, 4) "}", 4,
                "17 dimensions");
    read_header("{" TENSOR("a", "[4294967296,4294967296]", 0, 0) "}", 0,
                "[4294967296, 4294967296] is more than can be counted");
    read_header("{" TENSOR("a", "[2305843009213693952]", 0, 0) "}", 0, "more than can be counted");
    read_header("{" TENSOR("a", "[4611686018427387905]", 0, 4) "}", 4, "more than can be counted");
    read_header("{" TENSOR("a", "[9223372036854775808]", 0, 4) "}", 4, "byte ");
    read_header("{" TENSOR("a", "[2]", 0, 4) "}", 4, "[2] of F32 takes 8 bytes; its data have 4");
    read_header("{" TENSOR("a", "[1]", 0, 3) "}", 3, "takes 4 bytes; its data have 3");
}

static void test_places(void) {
    read_header("{" TENSOR("a", "[1]", 0, 4) "}", 3, "its data end at 4; the file has 3");
    read_header("{" TENSOR("a", "[1]", 0, 4) "}", 5, "bytes 4..4 of the data belong to no tensor");
    read_header("{" TENSOR("a", "[1]", 4, 0) "}", 4, "end at 0, before they begin at 4");
    read_header("{" TENSOR("a", "[1]", -4, 0) "}", 4, "no offset");
    read_header("{" TENSOR("a", "[1]", 0, 9223372036854775807) "}", 4,
                "its data end at 9223372036854775807; the file has 4");
    read_header("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0]}}", 4, "not a pair");
    read_header("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4,4]}}", 4,
                "not a pair");
    read_header("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4.0]}}", 4,
                "no offset");
    read_header("{" TENSOR("a", "[1]", 4, 8) "}", 8, "bytes 0..3 of the data belong to no tensor");
    read_header("{" TENSOR("a", "[1]", 0, 4) "," TENSOR("b", "[1]", 8, 12) "}", 12,
                "bytes 4..7 of the data belong to no tensor");
    read_header("{" TENSOR("b", "[2]", 0, 8) "," TENSOR("a", "[2]", 4, 12) "}", 12,
                "tensors 'b' and 'a' share bytes 4..7");
    read_header("{" TENSOR("b", "[2]", 0, 8) "," TENSOR("a", "[2]", 8, 16) "}", 16, NULL);
    read_header("{}", 1, "bytes 0..0 of the data belong to no tensor");
}

/* Every prefix of a sound file is refused, and reads nothing beyond its end. */
static void test_truncation(void) {
    static const char header[] = "{" TENSOR("a.weight", "[2,1]", 0, 8) "," TENSOR(
        "b", "[1]", 8, 12) ",\"__metadata__\":{\"k\":\"v\"}}";
    size_t length = sizeof header - 1, whole = 8 + length + 12;
    read_one("whole", make_file(length, header, length, 12), NULL);
    for (size_t cut = 0; cut < whole; cut++) {
        struct file file = make_file(length, header, length, 12);
        file.bytes = realloc(file.bytes, cut ? cut : 1);
        file.length = cut;
        read_one("truncated", file, "");
    }
}

/* Each byte of a sound header replaced by some others: refused or read, never a crash. */
static void test_damage(void) {
    static const char header[] = "{" TENSOR("a", "[2]", 0, 8) "}";
    static const char replacements[] = {0,   '"', '{', '}',  '[',       ']',
                                        ',', '9', '-', '\\', (char)0x80};
    size_t length = sizeof header - 1;
    for (size_t at = 0; at < 8 + length; at++)
        for (size_t i = 0; i < sizeof replacements; i++) {
            struct arena arena = {0};
            struct stored_tensors tensors;
            const char *error;
            struct file file = make_file(length, header, length, 8);
            file.bytes[at] = replacements[i];
            bool sound = safetensors_read(&arena, file.bytes, file.length, &tensors, &error);
            judge(sound == !error, "damaged", error, "an error where it is refused");
            arena_free(&arena);
            free(file.bytes);
        }
}

static struct file many(int count, bool apart) {
    size_t capacity = (size_t)count * 100 + 10, length = 0;
    char *header = malloc(capacity);
    header[length++] = '{';
    for (int i = 0; i < count; i++) {
        int begin = apart ? 4 * i : 0;
        length += (size_t)snprintf(header + length, capacity - length,
                                   "%s\"t%d\":{\"dtype\":\"F32\",\"shape\":[1],"
                                   "\"data_offsets\":[%d,%d]}",
                                   i ? "," : "", i, begin, begin + 4);
    }
    header[length++] = '}';
    struct file file = make_file(length, header, length, apart ? (size_t)count * 4 : 4);
    free(header);
    return file;
}

static void test_many(void) {
    read_one("100,000 tensors", many(100000, true), NULL);
    read_one("100,000 tensors on one region", many(100000, false), "share bytes 0..3");
    size_t length = 3000000;
    char *header = malloc(length);
    memset(header, '[', length);
    header[0] = '{';
    read_one("brackets", make_file(length, header, length, 0), "JSON of 3000000 values");
    memset(header + 1, '{', 100000);
    read_one("nesting", make_file(100001, header, 100001, 0), "byte ");
    free(header);
}

static void test_contents(void) {
    static const char header[] = "{" TENSOR("z", "[1]", 8, 12) "," TENSOR(
        "a", "[2,1]", 0, 8) "," TENSOR("m", "[0]", 8, 8) "}";
    struct arena arena = {0};
    struct stored_tensors tensors;
    const char *error;
    struct file file = make_file(sizeof header - 1, header, sizeof header - 1, 12);
    judge(safetensors_read(&arena, file.bytes, file.length, &tensors, &error), "contents", error,
          "(no error)");
    judge(tensors.count == 3, "count", "another number", "3");
    const struct stored_tensor *z = stored_find(&tensors, "z");
    judge(z && z->rank == 1 && z->dimensions[0] == 1 && z->data[0] == 8 && z->data[3] == 11, "z",
          "another", "its bytes");
    const struct stored_tensor *a = stored_find(&tensors, "a");
    judge(a && a->rank == 2 && a->dimensions[0] == 2 && a->data[0] == 0, "a", "another",
          "its bytes");
    judge(a && !strcmp(dimensions_text(&arena, a->dimensions, a->rank), "[2, 1]"), "shape",
          "another", "[2, 1]");
    judge(stored_find(&tensors, "m") != NULL, "m", NULL, "a tensor");
    judge(stored_find(&tensors, "b") == NULL, "b", "a tensor", "none");
    arena_free(&arena);
    free(file.bytes);
}

int main(void) {
    test_lengths();
    test_headers();
    test_shapes();
    test_places();
    test_truncation();
    test_damage();
    test_many();
    test_contents();
    printf("%d passed, %d failed, 0 skipped\n", checks - failures, failures);
    return failures > 0;
}
