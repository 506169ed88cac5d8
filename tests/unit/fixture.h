/* What the tests of text share: one compilation's memory and messages, and checks that print a
 * line. */
#ifndef CNNC_TESTS_UNIT_FIXTURE_H
#define CNNC_TESTS_UNIT_FIXTURE_H

#include <stdio.h>
#include <string.h>

#include "lexer/diagnostics.h"
#include "lexer/names.h"

struct test {
    struct arena arena;
    struct sources sources;
    struct names names;
    struct diagnostics diagnostics;
    int failures;
};

static inline void check(struct test *test, bool holds, const char *name) {
    printf("%s %s\n", holds ? "ok" : "FAILED", name);
    test->failures += !holds;
}

static inline void reset(struct test *test) {
    arena_free(&test->arena);
    int failures = test->failures;
    *test = (struct test){.failures = failures};
    test->sources.arena = test->names.arena = test->diagnostics.arena = &test->arena;
    test->diagnostics.sources = &test->sources;
}

static inline void check_text(struct test *test, const char *name, const char *found,
                              const char *expected) {
    check(test, strcmp(found, expected) == 0, name);
    if (strcmp(found, expected) != 0) {
        printf("    expected %s\n    found    %s\n", expected, found);
    }
}

#endif
