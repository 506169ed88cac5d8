/* The text base: places, messages, suggestions, names, characters, memory, files. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lexer/utf8.h"
#include "tests/unit/fixture.h"

static void test_places(struct test *test) {
    static const char text[] = "ab\n\xc3\xa4\tz\r\n\nlast";
    reset(test);
    uint32_t s = sources_add(&test->sources, "dir/sub/t.cnn", text, sizeof text - 1);
    struct place z = source_place(&test->sources, (struct span){s, 6, 7});
    check(test, z.line == 2 && z.column == 3, "columns count characters, not bytes");
    struct place end = source_place(&test->sources, (struct span){s, 14, 14});
    check(test, end.line == 4 && end.column == 5, "the place behind the last character");
    struct place newline = source_place(&test->sources, (struct span){s, 2, 3});
    check(test, newline.line == 1 && newline.column == 3, "a line end belongs to its line");
    check(test, strcmp(test->sources.items[s].folder, "dir/sub") == 0, "the folder of a source");
    uint32_t root = sources_add(&test->sources, "/t.cnn", "", 0);
    uint32_t here = sources_add(&test->sources, "t.cnn", "", 0);
    check(test, strcmp(test->sources.items[root].folder, "/") == 0, "the folder at the root");
    check(test, strcmp(test->sources.items[here].folder, "") == 0, "the current folder");
}

static const char *print(struct test *test) {
    char *text = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&text, &size);
    print_diagnostics(&test->diagnostics, stream, (struct print_style){0});
    fclose(stream);
    const char *copy = arena_strndup(&test->arena, text, size);
    free(text);
    return copy;
}

static void test_messages(struct test *test) {
    static const char text[] = "one\n\t\xc3\xa4 two = 3\nfour\n";
    reset(test);
    struct diagnostics *d = &test->diagnostics;
    uint32_t s = sources_add(&test->sources, "deep.cnn", text, sizeof text - 1);
    report_plain_error(d, E0801_CANNOT_READ_WEIGHTS, "no such file");
    struct diagnostic *second =
        report_error(d, (struct span){s, 8, 11}, E0201_UNEXPECTED_WORD, "window %dx%d", 5, 5);
    add_note(d, second, (struct span){s, 0, 3}, "from here");
    add_help(d, second, "a kernel of 4 fits");
    report_warning(d, (struct span){s, 0, 3}, W0101_UNREAD_ROWS, "unused");
    check(test,
          report_error(d, (struct span){s, 8, 11}, E0201_UNEXPECTED_WORD, "window 5x5") == second,
          "a repeated mistake is the first one");
    check(test, d->count == 3 && d->error_count == 2, "mistakes are counted once");
    check_text(test, "messages in the order of the text", print(test),
               "deep.cnn:1:1: warning: unused [W0101]\n"
               "    1 | one\n"
               "      | ^^^\n"
               "deep.cnn:2:4: error: window 5x5 [E0201]\n"
               "    2 | \t\xc3\xa4 two = 3\n"
               "      | \t  ^^^\n"
               "deep.cnn:1:1: note: from here\n"
               "help: a kernel of 4 fits\n"
               "cnnc: error: no such file [E0801]\n");
    reset(test);
    s = sources_add(&test->sources, "a.cnn", "x \x1b[31m(\ny", 10);
    report_error(d, (struct span){s, 7, 10}, E0201_UNEXPECTED_WORD, "a\x1b[0m\n%s",
                 "\xe2\x80\xae\xff");
    check_text(test, "a message cannot reach the terminal; a span of two lines ends with the first",
               print(test),
               "a.cnn:1:8: error: a\\x1b[0m\\x0a\\xe2\\x80\\xae\\xff [E0201]\n"
               "    1 | x \xef\xbf\xbd[31m(\n"
               "      |        ^\n");
    reset(test);
    s = sources_add(&test->sources, "a.cnn", "x", 1);
    report_error(d, (struct span){s, 1, 1}, E0201_UNEXPECTED_WORD, "end");
    check_text(test, "a place at the end of the file", print(test),
               "a.cnn:1:2: error: end [E0201]\n    1 | x\n      |  ^\n");
}

static void test_many_messages(struct test *test) {
    reset(test);
    struct diagnostics *d = &test->diagnostics;
    char line[3000];
    memset(line, 'x', sizeof line);
    uint32_t s = sources_add(&test->sources, "a.cnn", line, sizeof line);
    for (uint32_t i = 0; i < 3000; i++) {
        struct diagnostic *item = report_error(d, (struct span){s, i, i + 1}, E0201_UNEXPECTED_WORD,
                                               "mistake %d", (int)i);
        add_help(d, item, "help %d", (int)i);
    }
    const char *text = print(test);
    check(test, strstr(text, "mistake 19 [") && !strstr(text, "mistake 20 ["),
          "twenty messages are printed");
    check(test, strstr(text, "... and 2980 more\n") != NULL, "the others are counted");
    check(test, d->error_count == 3000, "every error counts");
}

/* Ten rounds of a loop that is wrong at two places, at one of them in two ways. */
static void test_repeated_messages(struct test *test) {
    reset(test);
    struct diagnostics *d = &test->diagnostics;
    uint32_t s = sources_add(&test->sources, "a.cnn", "xyz", 3);
    for (int i = 0; i < 10; i++) {
        report_error(d, (struct span){s, 1, 2}, E0412_WINDOW_DOES_NOT_FIT, "window %d", i);
        report_error(d, (struct span){s, 0, 1}, E0412_WINDOW_DOES_NOT_FIT, "window %d", i);
        report_error(d, (struct span){s, 1, 2}, E0401_SIZES_DIFFER, "sizes %d", i % 2);
        report_error(d, (struct span){s, 1, 2}, E0401_SIZES_DIFFER, "other sizes");
    }
    check_text(test, "one kind of message at one place is printed once", print(test),
               "a.cnn:1:1: error: window 0 [E0412]\n    1 | xyz\n      | ^\n"
               "... and 9 more of these here\n"
               "a.cnn:1:2: error: window 0 [E0412]\n    1 | xyz\n      |  ^\n"
               "... and 9 more of these here\n"
               "a.cnn:1:2: error: sizes 0 [E0401]\n    1 | xyz\n      |  ^\n"
               "... and 1 more of these here\n"
               "a.cnn:1:2: error: other sizes [E0401]\n    1 | xyz\n      |  ^\n");
}

static void test_long_line(struct test *test) {
    reset(test);
    char text[5001];
    memset(text, 'a', 5000);
    text[4000] = 'b';
    text[5000] = '\0';
    uint32_t s = sources_add(&test->sources, "a.cnn", text, 5000);
    report_error(&test->diagnostics, (struct span){s, 4000, 4001}, E0201_UNEXPECTED_WORD, "b");
    const char *printed = print(test);
    check(test, strlen(printed) < 400, "of a long line only the surroundings are shown");
    const char *line = strchr(printed, '\n') + 1, *under = strchr(line, '\n') + 1;
    check(test, strchr(line, 'b') - line == strchr(under, '^') - under,
          "the caret stands below the place");
}

static void test_suggestions(struct test *test) {
    static const char *const words[] = {"conv", "relu", "maxpool", "batchnorm", "tanh"};
    struct {
        const char *word, *nearest;
    } cases[] = {{"con", "conv"},       {"covn", "conv"}, {"Relu", "relu"},
                 {"maxpol", "maxpool"}, {"xyz", NULL},    {"batchnrom", "batchnorm"},
                 {"q", NULL},           {"tahn", "tanh"}, {"average", NULL}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const char *found = nearest_name(cases[i].word, words, 5);
        bool same = found == cases[i].nearest ||
                    (found && cases[i].nearest && strcmp(found, cases[i].nearest) == 0);
        check(test, same, arena_printf(&test->arena, "nearest to %s", cases[i].word));
    }
}

static void test_names(struct test *test) {
    reset(test);
    const char *first = intern(&test->names, "abc", 2);
    bool distinct = true;
    const char *interned[2000];
    for (int i = 0; i < 2000; i++) {
        char text[16];
        int length = snprintf(text, sizeof text, "n%d", i);
        interned[i] = intern(&test->names, text, (size_t)length);
    }
    for (int i = 0; i < 2000; i++) {
        char text[16];
        int length = snprintf(text, sizeof text, "n%d", i);
        distinct &= intern(&test->names, text, (size_t)length) == interned[i];
        distinct &= strcmp(interned[i], text) == 0;
    }
    check(test, distinct, "equal names are one pointer, through growth");
    check(test, intern(&test->names, "ab", 2) == first && strcmp(first, "ab") == 0,
          "a name is as long as said");
}

static void test_utf8(struct test *test) {
    check(test,
          utf8_length("a", 1) == 1 && utf8_length("\xc3\xa4", 2) == 2 &&
              utf8_length("\xe2\x82\xac", 3) == 3 && utf8_length("\xf0\x9f\x90\x88", 4) == 4,
          "well-formed characters");
    static const char *const broken[] = {"\x80",
                                         "\xc0\x80",
                                         "\xc3",
                                         "\xe0\x80\x80",
                                         "\xed\xa0\x80",
                                         "\xf4\x90\x80\x80",
                                         "\xf5\x80\x80\x80",
                                         "\xe2\x82"};
    for (size_t i = 0; i < sizeof broken / sizeof broken[0]; i++) {
        check(test, utf8_length(broken[i], strlen(broken[i])) == 0, "a broken character");
    }
    check(test,
          !utf8_is_visible("\xc2\x9b", 2) && !utf8_is_visible("\x7f", 1) &&
              !utf8_is_visible("\xe2\x80\xae", 3) && utf8_is_visible("\xc3\xa4", 2),
          "controls are not visible");
}

static void test_arena(struct test *test) {
    reset(test);
    bool aligned = true, zero = true;
    for (size_t size = 0; size < 3000; size++) {
        unsigned char *memory = arena_alloc(&test->arena, size, 33);
        aligned &= (uintptr_t)memory % 64 == 0;
        for (size_t i = 0; i < size * 33; i++) {
            zero &= memory[i] == 0;
        }
        memset(memory, 0xff, size * 33);
    }
    check(test, aligned && zero, "memory is zeroed, aligned and separate");
}

static void write_file(const char *path, const char *text) {
    FILE *file = fopen(path, "w");
    if (file) {
        fputs(text, file);
        fclose(file);
    }
}

static void check_beneath(struct test *test, const char *path, enum read_result expected,
                          int reason) {
    const char *text;
    size_t length;
    errno = 0;
    enum read_result found = read_file_beneath(&test->sources, "in", path, 100, &text, &length);
    bool right = found == expected && (expected != READ_CANNOT_OPEN || errno == reason);
    right = right && (expected != READ_OK || (length == 4 && strcmp(text, "text") == 0));
    check(test, right, arena_printf(&test->arena, "a file beneath a folder: %s", path));
}

static void test_beneath(struct test *test) {
    check_beneath(test, "a", READ_OK, 0);
    check_beneath(test, "./sub/../none/../sub//b", READ_OK, 0);
    check_beneath(test, "sub", READ_NOT_REGULAR, 0);
    check_beneath(test, "../outside", READ_CANNOT_OPEN, EXDEV);
    check_beneath(test, "sub/../../outside", READ_CANNOT_OPEN, EXDEV);
    check_beneath(test, "/etc/hostname", READ_CANNOT_OPEN, EXDEV);
    check_beneath(test, "link", READ_CANNOT_OPEN, ELOOP);
    check_beneath(test, "folderlink/b", READ_CANNOT_OPEN, ENOTDIR);
    check_beneath(test, "nothing", READ_CANNOT_OPEN, ENOENT);
    check_beneath(test, "", READ_CANNOT_OPEN, ENOENT);
    check_beneath(test, ".", READ_CANNOT_OPEN, EISDIR);
}

static void test_files(struct test *test) {
    char folder[] = "/tmp/lexer_test_XXXXXX";
    reset(test);
    if (!mkdtemp(folder) || chdir(folder) != 0) {
        check(test, false, "a temporary folder");
        return;
    }
    mkdir("in", 0700);
    mkdir("in/sub", 0700);
    write_file("in/a", "text");
    write_file("in/sub/b", "text");
    write_file("outside", "secret");
    bool made = symlink("../outside", "in/link") == 0 && symlink("sub", "in/folderlink") == 0 &&
                mkfifo("pipe", 0600) == 0;
    check(test, made, "links and a pipe");
    const char *text;
    size_t length;
    struct sources *sources = &test->sources;
    check(test,
          read_file(sources, "in/a", 4, &text, &length) == READ_OK && length == 4 &&
              strcmp(text, "text") == 0,
          "a file of just the limit");
    check(test, read_file(sources, "in/a", 3, &text, &length) == READ_TOO_LARGE,
          "a file too large");
    check(test, read_file(sources, "in", 100, &text, &length) == READ_NOT_REGULAR, "a folder");
    check(test, read_file(sources, "pipe", 100, &text, &length) == READ_NOT_REGULAR,
          "a pipe is refused without waiting");
    check(test,
          read_file(sources, "none", 100, &text, &length) == READ_CANNOT_OPEN && errno == ENOENT,
          "a file that is not there");
    test_beneath(test);
    static const char *const noted[] = {"in/a", "in/sub/b"};
    bool same = sources->file_count == 2;
    for (size_t i = 0; same && i < 2; i++) {
        same = strcmp(sources->files[i], noted[i]) == 0;
    }
    check(test, same, "the files that were read are noted, once each");
    check(test, strcmp(path_beneath(&test->arena, "/", "a"), "/a") == 0, "a path at the root");
    const char *const files[] = {"in/a", "in/sub/b", "in/link", "in/folderlink", "pipe", "outside"};
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        unlink(files[i]);
    }
    check(test, rmdir("in/sub") == 0 && rmdir("in") == 0 && rmdir(folder) == 0, "tidied up");
}

int main(void) {
    struct test test = {0};
    test_places(&test);
    test_messages(&test);
    test_repeated_messages(&test);
    test_many_messages(&test);
    test_long_line(&test);
    test_suggestions(&test);
    test_names(&test);
    test_utf8(&test);
    test_arena(&test);
    test_files(&test);
    arena_free(&test.arena);
    return test.failures ? EXIT_FAILURE : EXIT_SUCCESS;
}
