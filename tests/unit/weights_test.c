/* Networks and weights files that fit, or do not: values in PyTorch's order, or the message. */
#include <stdlib.h>
#include <unistd.h>

#include "ir/elaborate.h"
#include "ir/weights/made_up.h"
#include "ir/weights/weights.h"
#include "tests/unit/fixture.h"

struct stored {
    const char *name, *type, *shape;
    int count; /* of floats; for I64 two each */
};

/* Writes a file whose values count up from 0 over all tensors; `spaces` shifts the data. */
static void write_file(const char *path, const struct stored *tensors, int spaces) {
    char header[4096];
    size_t length = 0;
    int begin = 0;
    header[length++] = '{';
    for (const struct stored *t = tensors; t->name; t++) {
        length += (size_t)snprintf(header + length, sizeof header - length,
                                   "%s\"%s\":{\"dtype\":\"%s\",\"shape\":%s,"
                                   "\"data_offsets\":[%d,%d]}",
                                   t == tensors ? "" : ",", t->name, t->type, t->shape, begin,
                                   begin + 4 * t->count);
        begin += 4 * t->count;
    }
    header[length++] = '}';
    while (length % 8 != (size_t)spaces)
        header[length++] = ' ';
    FILE *file = fopen(path, "wb");
    for (int i = 0; i < 8; i++)
        fputc((int)(length >> 8 * i) & 255, file);
    fwrite(header, 1, length, file);
    for (int i = 0; i < begin / 4; i++) {
        float value = (float)i;
        fwrite(&value, sizeof value, 1, file);
    }
    fclose(file);
}

static struct graph *build(struct test *test, const char *text) {
    reset(test);
    uint32_t source = sources_add(&test->sources, "net.cnn", text, strlen(text));
    struct elaborate_options options = {0};
    return elaborate(&test->arena, &test->names, &test->sources, &test->diagnostics, source,
                     &options);
}

/* Whether a message or its help holds the text. */
static bool says(const struct test *test, const char *text) {
    for (size_t i = 0; i < test->diagnostics.count; i++) {
        const struct diagnostic *d = &test->diagnostics.items[i];
        if (strstr(d->text, text))
            return true;
        for (const struct note *note = d->notes; note; note = note->next)
            if (strstr(note->text, text))
                return true;
    }
    return false;
}

static void expect(struct test *test, const char *name, const char *network, const char *option,
                   bool bound, const char *message) {
    struct graph *graph = build(test, network);
    check(test, graph && bind_weights(graph, &test->diagnostics, option) == bound, name);
    bool good = message ? says(test, message) : test->diagnostics.count == 0;
    check(test, good, message ? message : "no message");
    for (size_t i = 0; !good && i < test->diagnostics.count; i++)
        printf("    found: %s\n", test->diagnostics.items[i].text);
}

#define NETWORK(statements)                                                                        \
    "network n {\n input x: 4x4x2\n y = x -> c: conv(3, 2)\n output o = y\n" statements "}\n"

static const struct stored SOUND[] = {
    {"c.weight", "F32", "[2,2,3,3]", 36}, {"c.bias", "F32", "[2]", 2}, {0}};

static void test_files(struct test *test) {
    write_file("sound.safetensors", SOUND, 0);
    expect(test, "statement", NETWORK("weights \"sound.safetensors\"\n"), NULL, true, NULL);
    expect(test, "option", NETWORK(""), "sound.safetensors", true, NULL);
    expect(test, "option before statement", NETWORK("weights \"none.safetensors\"\n"),
           "sound.safetensors", true, NULL);
    expect(test, "no file", NETWORK("weights \"none.safetensors\"\n"), NULL, false,
           "cannot read the weights 'none.safetensors': No such file");
    expect(test, "outside", NETWORK("weights \"../sound.safetensors\"\n"), NULL, false,
           "not beneath the folder of the network file");
    expect(test, "folder", NETWORK(""), ".", false, "not a regular file");
    expect(test, "no weights", NETWORK(""), NULL, false,
           "network n has 2 parameter tensors, such as 'c.weight', and no weights");
    if (symlink("sound.safetensors", "link.safetensors") == 0)
        expect(test, "link", NETWORK("weights \"link.safetensors\"\n"), NULL, false,
               "a symbolic link");
    FILE *file = fopen("broken.safetensors", "wb");
    fputs("x", file);
    fclose(file);
    expect(test, "broken", NETWORK(""), "broken.safetensors", false,
           "'broken.safetensors' is no sound safetensors file: the file has 1 bytes");
}

static void test_mismatches(struct test *test) {
    const struct stored missing[] = {
        {"c.weigth", "F32", "[2,2,3,3]", 36}, {"c.bias", "F32", "[2]", 2}, {0}};
    write_file("missing.safetensors", missing, 0);
    expect(test, "missing", NETWORK(""), "missing.safetensors", false,
           "'missing.safetensors' has no tensor 'c.weight' [2, 2, 3, 3]");
    check(test, says(test, "the nearest is 'c.weigth' [2, 2, 3, 3]"), "nearest");

    const struct stored nested[] = {
        {"model.c.weight", "F32", "[2,2,3,3]", 36}, {"model.c.bias", "F32", "[2]", 2}, {0}};
    write_file("nested.safetensors", nested, 0);
    expect(test, "nested", NETWORK(""), "nested.safetensors", false,
           "prefix = \"model.\" in the weights statement would find it");
    expect(test, "prefix", NETWORK("weights \"nested.safetensors\", prefix = \"model.\"\n"), NULL,
           true, NULL);

    const struct stored reshaped[] = {
        {"c.weight", "F32", "[2,2,9]", 36}, {"c.bias", "F32", "[2]", 2}, {0}};
    write_file("reshaped.safetensors", reshaped, 0);
    expect(test, "shape", NETWORK(""), "reshaped.safetensors", false,
           "'c.weight' is [2, 2, 3, 3] here, but [2, 2, 9] in 'reshaped.safetensors'");

    const struct stored typed[] = {
        {"c.weight", "F8_E4M3", "[2,2,3,3]", 9}, {"c.bias", "I64", "[2]", 4}, {0}};
    write_file("typed.safetensors", typed, 0);
    expect(test, "F8", NETWORK(""), "typed.safetensors", false,
           "'c.weight' is F8_E4M3 in 'typed.safetensors'; weights are floats");
    check(test, says(test, "'c.bias' is I64 in 'typed.safetensors'; weights are floats"), "I64");
}

static void test_extra(struct test *test) {
    struct stored more[10] = {SOUND[0], SOUND[1]};
    more[2] = (struct stored){"bn.num_batches_tracked", "I64", "[]", 2};
    write_file("counted.safetensors", more, 0);
    expect(test, "num_batches_tracked", NETWORK(""), "counted.safetensors", true, NULL);
    more[3] = (struct stored){"z", "F32", "[1]", 1};
    write_file("one.safetensors", more, 0);
    expect(test, "one more", NETWORK(""), "one.safetensors", true,
           "1 tensor of 'one.safetensors' is not used: 'z'");
    const char *names[] = {"f", "e", "d", "h", "g"};
    for (int i = 0; i < 5; i++)
        more[4 + i] = (struct stored){names[i], "F32", "[1]", 1};
    write_file("more.safetensors", more, 0);
    expect(test, "six more", NETWORK(""), "more.safetensors", true,
           "6 tensors of 'more.safetensors' are not used: 'd', 'e', 'f', 'g', 'h', ...");
}

/* The values of the only tensor of that name. */
static const float *values(const struct graph *graph, const char *name) {
    for (size_t i = 0; i < graph->tensor_count; i++)
        if (strcmp(graph->tensors[i]->name, name) == 0)
            return graph->tensors[i]->data;
    abort();
}

static void test_values(struct test *test) {
    for (int spaces = 0; spaces < 8; spaces++) { /* data at any alignment */
        write_file("shifted.safetensors", SOUND, spaces);
        struct graph *graph = build(test, NETWORK(""));
        bool bound = bind_weights(graph, &test->diagnostics, "shifted.safetensors");
        const float *weight = values(graph, "c.weight"), *bias = values(graph, "c.bias");
        bool good = bound && bias[0] == 36 && bias[1] == 37;
        for (int i = 0; good && i < 36; i++)
            good = weight[i] == (float)i;
        check(test, good, "values of the file");
    }
}

/* Keras' layouts: conv [R, S, I, O], depthwise [R, S, C, M], transposed [R, S, O, I], dense [I, O].
 */
static void test_hwio(struct test *test) {
    static const char network[] =
        "network n {\n input x: 4x5x3\n"
        " y = x -> c: conv(2x3, 4) -> d: depthwise(1x2, multiplier = 2)\n"
        "       -> t: deconv(2, 5) -> flatten -> e: dense(2, bias = false)\n"
        " output o = y\n weights \"keras.safetensors\", order = hwio\n}\n";
    const struct stored keras[] = {{"c.weight", "F32", "[2,3,3,4]", 72}, /* from 0 */
                                   {"c.bias", "F32", "[4]", 4},
                                   {"d.weight", "F32", "[1,2,4,2]", 16}, /* from 76 */
                                   {"d.bias", "F32", "[8]", 8},
                                   {"t.weight", "F32", "[2,2,5,8]", 160}, /* from 100 */
                                   {"t.bias", "F32", "[5]", 5},
                                   {"e.weight", "F32", "[60,2]", 120}, /* from 265 */
                                   {0}};
    write_file("keras.safetensors", keras, 0);
    struct graph *graph = build(test, network);
    check(test, graph && bind_weights(graph, &test->diagnostics, NULL), "hwio");
    if (!graph || test->diagnostics.count) {
        print_diagnostics(&test->diagnostics, stdout, (struct print_style){0});
        return;
    }
    const float *c = values(graph, "c.weight"), *d = values(graph, "d.weight");
    const float *t = values(graph, "t.weight"), *e = values(graph, "e.weight");
    bool good = true;
    for (int k = 0; k < 4; k++)
        for (int i = 0; i < 3; i++)
            for (int r = 0; r < 2; r++)
                for (int s = 0; s < 3; s++)
                    good &= c[((k * 3 + i) * 2 + r) * 3 + s] == ((r * 3 + s) * 3 + i) * 4 + k;
    check(test, good, "conv [R, S, I, O]");
    for (int i = 0; i < 4; i++)
        for (int m = 0; m < 2; m++)
            for (int s = 0; s < 2; s++)
                good &= d[(i * 2 + m) * 2 + s] == 76 + (s * 4 + i) * 2 + m;
    check(test, good, "depthwise [R, S, C, M]");
    for (int i = 0; i < 8; i++)
        for (int k = 0; k < 5; k++)
            for (int tap = 0; tap < 4; tap++)
                good &= t[(i * 5 + k) * 4 + tap] == 100 + (tap * 5 + k) * 8 + i;
    check(test, good, "deconv [R, S, O, I]");
    for (int k = 0; k < 2; k++)
        for (int i = 0; i < 60; i++)
            good &= e[k * 60 + i] == 265 + i * 2 + k;
    check(test, good, "dense [I, O]");
}

static void test_random(struct test *test) {
    static const char other[] =
        "network n {\n input x: 9x9x2\n y = x -> b: batchnorm -> p: prelu -> c: conv(3, 2)\n"
        " output o = y\n}\n";
    float first[36];
    struct graph *graph = build(test, NETWORK(""));
    check(test, bind_weights(graph, &test->diagnostics, "random:7"), "random");
    memcpy(first, values(graph, "c.weight"), sizeof first);
    double most = 0, sum = 0;
    for (int i = 0; i < 36; i++) {
        sum += first[i];
        most = first[i] > most ? first[i] : -first[i] > most ? -first[i] : most;
    }
    check(test, most > 0.3 && most <= 0.4083 && sum > -4 && sum < 4, "within sqrt(3 / 18)");
    graph = build(test, NETWORK(""));
    bind_weights(graph, &test->diagnostics, "random:8");
    check(test, memcmp(first, values(graph, "c.weight"), sizeof first) != 0, "another seed");
    graph = build(test, other);
    bind_weights(graph, &test->diagnostics, "random:7");
    check(test, memcmp(first, values(graph, "c.weight"), sizeof first) == 0,
          "the same name and seed in another network");
    const float *scale = values(graph, "b.weight"), *variance = values(graph, "b.running_var");
    check(test,
          scale[0] >= 0.5 && scale[0] <= 1.5 && variance[1] >= 0.5 && variance[1] <= 1.5 &&
              values(graph, "b.running_mean")[0] <= 0.1 && values(graph, "p.weight")[0] == 0.25,
          "batch norm and slopes");
    expect(test, "no seed", NETWORK(""), "random:", false, "wants a whole number, not ''");
    expect(test, "no number", NETWORK(""), "random:7x", false, "not '7x'");
    expect(test, "too large", NETWORK(""), "random:99999999999999999999", false, "whole number");
}

int main(void) {
    struct test test = {.failures = 0};
    char folder[] = "/tmp/cnnc-weights-XXXXXX";
    if (!mkdtemp(folder) || chdir(folder) != 0)
        return 1;
    test_files(&test);
    test_mismatches(&test);
    test_extra(&test);
    test_values(&test);
    test_hwio(&test);
    test_random(&test);
    arena_free(&test.arena);
    if (system("rm -f ./*.safetensors") != 0 || chdir("/") != 0 || rmdir(folder) != 0)
        return 1;
    return test.failures > 0;
}
