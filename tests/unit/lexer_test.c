/* The lexer: words, numbers, strings. */
#include <inttypes.h>
#include <locale.h>
#include <stdlib.h>

#include "lexer/lexer.h"
#include "lexer/limits.h"
#include "lexer/number.h"
#include "tests/unit/fixture.h"

static struct lexer *open_text(struct test *test, const char *text, size_t length) {
    reset(test);
    uint32_t source = sources_add(&test->sources, "t.cnn", text, length);
    return lexer_open(&test->arena, &test->names, &test->diagnostics, &test->sources, source);
}

static const char *value_of(struct arena *arena, struct token token) {
    switch (token.kind) {
    case TOKEN_NAME:
    case TOKEN_TEXT:
        return arena_printf(arena, ":%s", token.text);
    case TOKEN_INTEGER:
        return arena_printf(arena, ":%" PRId64, token.integer);
    case TOKEN_FLOAT:
        return arena_printf(arena, ":%g", token.number);
    case TOKEN_SIZE: {
        const char *text = ":";
        for (int i = 0; i < token.size->count; i++) {
            text = arena_printf(arena, "%s%" PRId64 ".", text, token.size->dimensions[i]);
        }
        return text;
    }
    default:
        return "";
    }
}

/* The tokens of a text as "kind:value kind ...", then "!" and the first error. */
static const char *lex(struct test *test, const char *text, size_t length) {
    struct lexer *lexer = open_text(test, text, length);
    const char *result = "";
    for (struct token token = lexer_next(lexer); token.kind != TOKEN_END;
         token = lexer_next(lexer)) {
        result = arena_printf(&test->arena, "%s%s%s%s", result, *result ? " " : "",
                              token_name(token.kind), value_of(&test->arena, token));
    }
    if (test->diagnostics.count) {
        result = arena_printf(&test->arena, "%s!%s", result, test->diagnostics.items[0].text);
    }
    return result;
}

static void check_tokens(struct test *test, const char *text, const char *expected) {
    const char *found = lex(test, text, strlen(text));
    bool same = strcmp(found, expected) == 0;
    check(test, same, arena_printf(&test->arena, "tokens of %s", text));
    if (!same) {
        printf("    expected %s\n    found    %s\n", expected, found);
    }
}

static void test_tokens(struct test *test) {
    check_tokens(test, "1..4", "integer:1 .. integer:4");
    check_tokens(test, "1.5..2.5", "float:1.5 .. float:2.5");
    check_tokens(test, "3x5 28x28x1 16x28x28x1", "size:3.5. size:28.28.1. size:16.28.28.1.");
    check_tokens(test, "2147483647x1", "size:2147483647.1.");
    check_tokens(test, "x3 x 3", "name:x3 name:x integer:3");
    check_tokens(test, "1K 2M 3G 1.9G 1e-5 2.5e+3 1E2",
                 "integer:1000 integer:2000000 integer:3000000000 float:1.9e+09 float:1e-05 "
                 "float:2500 float:100");
    check_tokens(test, "a->b-c", "name:a -> name:b - name:c");
    check_tokens(test, "<= >= == != < > =", "<= >= == != < > =");
    check_tokens(test, "for forest in input if not nothing",
                 "for name:forest in input if not name:nothing");
    check_tokens(test, "conv relu same global height",
                 "name:conv name:relu name:same name:global "
                 "name:height");
    check_tokens(test, "a # b -> c\nd", "name:a name:d");
    check_tokens(test, "a # \xc3\xa4\r\nd", "name:a name:d");
    check_tokens(test,
                 "\xef\xbb\xbf"
                 "a",
                 "name:a");
    check_tokens(test, "9223372036854775807", "integer:9223372036854775807");
    check_tokens(test, "", "");
    check_tokens(test, "# only a comment", "");
}

static void test_wrong_tokens(struct test *test) {
    check_tokens(test, "9223372036854775808",
                 "integer:1!9223372036854775808 is more than the largest integer "
                 "9223372036854775807");
    check_tokens(test, "9223372036854775807K",
                 "integer:1!9223372036854775807K is more than the largest integer "
                 "9223372036854775807");
    check_tokens(test, "1e309",
                 "float:1!1e309 is outside the range of numbers, 4.9e-324 to 1.8e308");
    check_tokens(test, "1e-400",
                 "float:1!1e-400 is outside the range of numbers, 4.9e-324 to 1.8e308");
    check_tokens(test, "2147483648x1",
                 "size:1.1.!2147483648 is more than the largest size along an axis, 2147483647");
    check_tokens(test, "3x0", "size:3.0.");
    check_tokens(test, "1x2x3x4x5",
                 "size:1.2.3.4.!the size 1x2x3x4x5 has more than 4 axes: batch x "
                 "height x width x channels");
    check_tokens(test, "12abc", "invalid text!'12abc' is not a number");
    check_tokens(test, "3x5x", "invalid text!'3x5x' is not a number");
    check_tokens(test, "@", "invalid text!unexpected character '@'");
    check_tokens(test, "\xc3\xa4", "invalid text!unexpected character '\xc3\xa4'");
    check_tokens(test, "\xc3(", "invalid text (!byte 0xc3 is not UTF-8");
    check_tokens(test, "# \xed\xa0\x80", "!byte 0xed is not UTF-8");
    check_tokens(test, "\"\x1b\"", "string begin string end!control byte 0x1b in the text");
    check(test,
          strcmp(lex(test, "a\0b", 3), "name:a invalid text name:b!control byte 0x00 in the "
                                       "text") == 0,
          "a NUL byte is an error and not the end");
}

static void test_strings(struct test *test) {
    check_tokens(test, "\"\"", "string begin string end");
    check_tokens(test, "\"a\\n\\t\\\"\\\\\\{}\"", "string begin text:a\n\t\"\\{} string end");
    check_tokens(test, "\"a{b}c\"",
                 "string begin text:a interpolation begin name:b interpolation "
                 "end text:c string end");
    check_tokens(test, "\"{a}{b}\"",
                 "string begin interpolation begin name:a interpolation end "
                 "interpolation begin name:b interpolation end string end");
    check_tokens(
        test, "\"{f(\"{x}y\")}\"",
        "string begin interpolation begin name:f ( string begin interpolation begin name:x "
        "interpolation end text:y string end ) interpolation end string end");
    check_tokens(test, "\"{ {a} }b\"",
                 "string begin interpolation begin { name:a } interpolation "
                 "end text:b string end");
    check_tokens(test, "\"abc\nd",
                 "string begin text:abc invalid text name:d!the string is not closed on its line");
    check_tokens(test, "\"abc",
                 "string begin text:abc invalid text!the string is not closed on its "
                 "line");
    check_tokens(test, "\"a{b\nc",
                 "string begin text:a interpolation begin name:b invalid text "
                 "name:c!'{' in a string is not closed on its line");
    check_tokens(test, "\"a\\qb\"",
                 "string begin text:ab string end!unknown escape '\\q' in a string");
}

static void test_string_nesting(struct test *test) {
    char text[4 * LIMIT_NESTING + 8];
    for (int depth = LIMIT_NESTING - 1; depth <= LIMIT_NESTING + 1; depth++) {
        memset(text, 0, sizeof text);
        for (int i = 0; i < depth; i++) {
            strcat(text, "\"{");
        }
        strcat(text, "1");
        for (int i = 0; i < depth; i++) {
            strcat(text, "}\"");
        }
        const char *found = lex(test, text, strlen(text));
        bool refused = strstr(found, "!nested more than 64 deep") != NULL;
        check(test, refused == (depth > LIMIT_NESTING) && (refused || !strchr(found, '!')),
              "strings within strings up to the limit");
    }
}

static bool parses_as(const char *text, double expected) {
    double value;
    return parse_float(text, strlen(text), &value) && memcmp(&value, &expected, sizeof value) == 0;
}

/* Random decimals of all lengths and magnitudes against the C library, which rounds correctly. */
static bool agrees_with_library(unsigned seed, int count) {
    char text[1200];
    for (int i = 0; i < count; i++) {
        int before = 1 + rand_r(&seed) % 25, after = 1 + rand_r(&seed) % (i % 50 ? 25 : 900), n = 0;
        for (int d = 0; d < before; d++) {
            text[n++] = (char)('0' + rand_r(&seed) % 10);
        }
        text[n++] = '.';
        for (int d = 0; d < after; d++) {
            text[n++] = (char)('0' + rand_r(&seed) % 10);
        }
        snprintf(text + n, sizeof text - (size_t)n, "e%d", rand_r(&seed) % 700 - 350);
        double library = strtod(text, NULL), value = 0;
        bool in_range = library != 0 && library <= 1.7976931348623157e308;
        if (parse_float(text, strlen(text), &value) != in_range || (in_range && value != library)) {
            printf("    %s gave %.17g, not %.17g\n", text, value, library);
            return false;
        }
    }
    return true;
}

/* Decimals halfway between two doubles, and just beside: 2^53 + 1 + 2k. */
static bool rounds_half_to_even(void) {
    return parses_as("9007199254740993.0", 9007199254740992.0) &&
           parses_as("9007199254740995.0", 9007199254740996.0) &&
           parses_as("9007199254740993.00000000000000000000000000001", 9007199254740994.0) &&
           parses_as("9007199254740992.99999999999999999999999999999", 9007199254740992.0);
}

static void test_numbers(struct test *test) {
    check(test, parses_as("0.1", 0.1) && parses_as("1e23", 1e23) && parses_as("123.675", 123.675),
          "decimal fractions");
    check(test, parses_as("0.0", 0) && parses_as("0e999999999999", 0), "zero");
    check(test, parses_as("1.9G", 1.9e9) && parses_as("2.5K", 2500), "suffixes of floats");
    check(test,
          parses_as("4.9406564584124654e-324", 0x1p-1074) &&
              parses_as("2.2250738585072011e-308", 0x0.fffffffffffffp-1022),
          "subnormal numbers");
    check(test, parses_as("1.7976931348623157e308", 0x1.fffffffffffffp1023), "the largest number");
    double value;
    check(test, !parse_float("1.7976931348623159e308", 22, &value), "one beyond the largest");
    check(test, !parse_float("1e99999999999999999999", 22, &value), "an endless exponent");
    check(test, rounds_half_to_even(), "halves round to even");
    check(test, agrees_with_library(1, 20000), "20000 random decimals agree with strtod");
}

int main(void) {
    struct test test = {0};
    setlocale(LC_ALL, "");
    test_tokens(&test);
    test_wrong_tokens(&test);
    test_strings(&test);
    test_string_nesting(&test);
    test_numbers(&test);
    arena_free(&test.arena);
    return test.failures ? EXIT_FAILURE : EXIT_SUCCESS;
}
