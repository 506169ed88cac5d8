/* The parser: trees as one-line texts, messages, recovery, limits. */
#include <inttypes.h>
#include <stdlib.h>

#include "lexer/limits.h"
#include "parser/parser.h"
#include "tests/unit/fixture.h"

static struct file *parse_bytes(struct test *test, const char *text, size_t length) {
    reset(test);
    uint32_t source = sources_add(&test->sources, "t.cnn", text, length);
    return parse_file(&test->arena, &test->names, &test->diagnostics, &test->sources, source);
}

static struct file *parse(struct test *test, const char *text) {
    return parse_bytes(test, text, strlen(text));
}

/* Every mistake as "line:column message", one after the other. */
static const char *mistakes(struct test *test) {
    const char *text = "";
    for (size_t i = 0; i < test->diagnostics.count; i++) {
        const struct diagnostic *item = &test->diagnostics.items[i];
        struct place place = source_place(&test->sources, item->span);
        text = arena_printf(&test->arena, "%s%s%" PRIu32 ":%" PRIu32 " %s", text, i ? "; " : "",
                            place.line, place.column, item->text);
    }
    return text;
}

/* The dump of a tree with every line's words, nested by parentheses: "(a(b)(c(d)))". */
static const char *tree(struct test *test, const struct file *file) {
    char *text = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&text, &size);
    dump_tree(stream, file);
    fclose(stream);
    char *flat = arena_alloc(&test->arena, size + 1, 8), *out = flat;
    int depth = -1;
    for (char *line = text; *line;) {
        int indent = (int)strspn(line, " ") / 2;
        size_t length = strcspn(line, "\n");
        for (; depth >= indent; depth--) {
            *out++ = ')';
        }
        *out++ = '(';
        depth = indent;
        memcpy(out, line + 2 * indent, length - 2 * (size_t)indent);
        out += length - 2 * (size_t)indent;
        line += length + 1;
    }
    for (; depth >= 0; depth--) {
        *out++ = ')';
    }
    free(text);
    return flat;
}

/* The tree of one expression, as the value of a constant. */
static void check_expression(struct test *test, const char *expression, const char *expected) {
    char text[400];
    snprintf(text, sizeof text, "k = %s", expression);
    const struct file *file = parse(test, text);
    const char *found = test->diagnostics.count ? mistakes(test) : tree(test, file);
    const char *whole = arena_printf(&test->arena, "(constant k(%s))", expected);
    check_text(test, expression, found, whole);
}

static void test_precedence(struct test *test) {
    check_expression(test, "a + b * c", "operator +(name a)(operator *(name b)(name c))");
    check_expression(test, "a - b - c", "operator -(operator -(name a)(name b))(name c)");
    check_expression(test, "a * b % c / d",
                     "operator /(operator %(operator *(name a)(name b))(name c))(name d)");
    check_expression(test, "-a ^ b", "operator -(operator ^(name a)(name b))");
    check_expression(test, "a ^ -b ^ c",
                     "operator ^(name a)(operator -(operator ^(name b)(name c)))");
    check_expression(test, "-a * b", "operator *(operator -(name a))(name b)");
    check_expression(test, "not a == b and c or d",
                     "operator or(operator and(operator not(operator ==(name a)(name b)))(name c))"
                     "(name d)");
    check_expression(test, "a + 1 .. b", "range(operator +(name a)(integer 1))(name b)");
    check_expression(test, "1..4", "range(integer 1)(integer 4)");
    check_expression(test, "a <= b", "operator <=(name a)(name b)");
    check_expression(test, "if a then b else if c then d else e",
                     "if(name a))(then(name b))(else(if(name c))(then(name d))(else(name e))");
    check_expression(test, "(a + b) * c", "operator *(operator +(name a)(name b))(name c)");
}

static void test_atoms(struct test *test) {
    check_expression(test, "28x28x1", "size 28x28x1");
    check_expression(test, "[1, true, same,]", "list(integer 1)(true)(name same)");
    check_expression(test, "\"a{b}c\"", "string(\"a\")(value(name b))(\"c\")");
    check_expression(test, "\"\"", "string(\"\")");
    check_expression(test, "1.5e2", "float 150");
    check_expression(test, "conv(x, 3, stride = 2,)",
                     "call conv(name x)(integer 3)(stride =(integer 2))");
    check_expression(test, "channels()", "call channels");
}

static void test_chains(struct test *test) {
    check_expression(test, "a -> relu -> conv(3)",
                     "chain(name a)(stage relu)(stage conv(integer 3))");
    check_expression(test, "a + b -> relu", "chain(operator +(name a)(name b))(stage relu)");
    check_expression(test, "x -> c1: conv(3) -> \"b.{i}\": bn",
                     "chain(name x)(stage conv(label(string(\"c1\")))(integer 3))"
                     "(stage bn(label(string(\"b.\")(value(name i)))))");
    check_expression(test, "f(x -> g -> h) -> i",
                     "chain(call f(chain(name x)(stage g)(stage h)))(stage i)");
    check_expression(test, "(x -> f) -> g", "chain(name x)(stage f)(stage g)");
    const struct file *file = parse(test, "k = x -> c1: conv -> relu()");
    const struct expression *relu = file->items->value;
    check(test,
          relu->is_stage && relu->has_parentheses && relu->input && !relu->input->has_parentheses &&
              relu->input->label && relu->input->input->kind == EXPRESSION_NAME,
          "a chain hangs from its last stage");
    check(test, relu->input->span.start == 9 && relu->input->span.end == 17,
          "a stage's span is from its label to its end");
    check(test, relu->input->name.span.start == 13, "a name has its own span");
}

static void test_items(struct test *test) {
    const struct file *file =
        parse(test, "import \"a.cnn\" n = 3 block b(x, y = 2,) { return x, y } "
                    "network e {} network f() { output o = 1 }");
    check_text(test, "items", tree(test, file),
               "(import(string(\"a.cnn\")))(constant n(integer 3))"
               "(block b(parameter x)(parameter y(integer 2))(return(name x)(name y)))"
               "(network e)(network f(output o(integer 1)))");
    file = parse(test, "network n { input i: 3x4, range = 0..1 a = i for k in 1..2 { a = b } "
                       "if c { x = 1 } else if d { } else { y = 2 } weights \"w\", order = hwio "
                       "labels [\"a\"] assert a == b, \"m\" }");
    check_text(
        test, "statements", test->diagnostics.count ? mistakes(test) : tree(test, file),
        "(network n(input i(size 3x4)(range =(range(integer 0)(integer 1))))"
        "(binding a(name i))"
        "(for k(range(integer 1)(integer 2))(body(binding a(name b))))"
        "(if(name c)(body(binding x(integer 1)))(else(if(name d)(else(binding y(integer 2))))))"
        "(weights(string(\"w\"))(order =(name hwio)))"
        "(labels(list(string(\"a\"))))"
        "(assert(operator ==(name a)(name b))(message(string(\"m\")))))");
}

static bool filter_is(const struct filter_literal *f, int64_t planes, int64_t rows, int64_t columns,
                      const double *values) {
    return f->planes == planes && f->rows == rows && f->columns == columns &&
           memcmp(f->values, values, sizeof *values * (size_t)(planes * rows * columns)) == 0;
}

static void test_filters(struct test *test) {
    const struct file *file = parse(test, "filter a = [ 0 -1 0 ; -1 4 -1 ]");
    const double a[] = {0, -1, 0, -1, 4, -1};
    check(test, filter_is(file->items->filter, 1, 2, 3, a), "a filter of rows");
    file = parse(test, "filter b = [ 1 2 | 3.5 -4 ]");
    const double b[] = {1, 2, 3.5, -4};
    check(test, filter_is(file->items->filter, 2, 1, 2, b), "a filter of planes");
    file = parse(test, "filter c = -1/8 * [ 1 ; -2 ]");
    const double c[] = {-0.125, 0.25};
    check(test, filter_is(file->items->filter, 1, 2, 1, c), "a filter with a quotient as scale");
    file = parse(test, "filter d = 3 * [ 1 ]");
    const double d[] = {3};
    check(test, filter_is(file->items->filter, 1, 1, 1, d), "a filter with a scale");
    parse(test, "filter e = [1 2 ; 3]\nfilter f = [1 | 2 ; 3]\nfilter g = 1/0 * [1]");
    check_text(test, "wrong filters", mistakes(test),
               "1:19 this row has 1 number, the first has 2; "
               "2:17 this plane has 2 rows, the first has 1; "
               "3:12 the filter's scale divides by 0");
}

static void check_mistakes(struct test *test, const char *text, const char *expected) {
    parse(test, text);
    check_text(test, text, mistakes(test), expected);
}

static void test_messages(struct test *test) {
    check_mistakes(test, "a = ", "1:5 expected an expression, found end of file");
    check_mistakes(test, "a = f(1 2)", "1:9 expected ')' or ',', found integer 2");
    check_mistakes(test, "a = 3 + * 2", "1:9 expected a value, found '*'");
    check_mistakes(test, "3", "1:1 expected a definition or end of file, found integer 3");
    check_mistakes(test, "network n { 3 }", "1:13 expected a statement or '}', found integer 3");
    check_mistakes(test, "network n { for i in 3 { } }", "1:24 expected '..', found '{'");
    check_mistakes(test, "network n { x = a -> input }",
                   "1:22 expected a name or a string, found 'input'");
    check_mistakes(test, "network n {", "1:12 expected a statement or '}', found end of file");
    check_mistakes(test, "filter f = [1 a]",
                   "1:15 expected a number, ';', ']' or '|', found name a");
    check_mistakes(test, "import a", "1:8 expected a string, found name a");
    check_mistakes(test, "import \"{a}\"",
                   "1:10 the name of an imported file cannot have an expression in it");
    check_mistakes(test, "a = \"{1 2}\"", "1:9 expected '}' in a string, found integer 2");
}

static void test_recovery(struct test *test) {
    check_mistakes(test, "network n {\n  a = f(1 2)\n  b = )\n  c = 3\n}\nd = *\ne = 4 5",
                   "2:11 expected ')' or ',', found integer 2; "
                   "3:7 expected an expression, found ')'; "
                   "6:5 expected an expression, found '*'; "
                   "7:7 expected a definition or end of file, found integer 5");
    check_mistakes(test, "network n {\n  a = f(1\n  b = 2\n}\nc = = 3",
                   "3:3 expected ')' or ',', found name b; 5:5 expected an expression, found '='");
    check_mistakes(test, "network n {\n  a = f(\n    k = 1\n    d = 2)\n  b = )\n}",
                   "4:5 expected ')' or ',', found name d; 5:7 expected an expression, found ')'");
    check_mistakes(test, "network n {\n  if a {\n    b = )\n\nnetwork m {\n  c = (\n}",
                   "3:9 expected an expression, found ')'; "
                   "7:1 expected an expression, found '}'");
    check_mistakes(test, "network n {\n  if a = 1 { b = 2 }\n  c = ]\n}",
                   "2:8 expected '{', found '='; 3:7 expected an expression, found ']'");
    check_mistakes(
        test, "block b(x, = 3) {\n  y = )\n}\nblock c(x) { return ) }",
        "1:12 expected a name or ')', found '='; 4:21 expected an expression, found ')'");
    const struct file *file =
        parse(test, "network n {\n  a = )\n  b = 2\n}\nnetwork m { c = 3 ) d = 4\n  e = 5\n}");
    check_text(test, "what is right stays in the tree", tree(test, file),
               "(network n(binding b(integer 2)))(network m(binding e(integer 5)))");
}

static char *repeat(char *end, const char *text, int count) {
    size_t length = strlen(text);
    for (int i = 0; i < count; i++, end += length) {
        memcpy(end, text, length);
    }
    *end = '\0';
    return end;
}

/* prefix, `open` repeated, middle, `close` repeated: parsed; returns the mistakes. */
static const char *parse_nest(struct test *test, const char *prefix, const char *open, int count,
                              const char *middle, const char *close) {
    size_t each = strlen(open) + strlen(close);
    char *text = malloc(strlen(prefix) + strlen(middle) + each * (size_t)count + 2);
    if (!text) {
        return "no memory";
    }
    char *end = repeat(text, prefix, 1);
    end = repeat(end, open, count);
    end = repeat(end, middle, 1);
    end = repeat(end, close, count);
    struct arena keep = {0};
    char *copy = arena_strndup(&keep, text, (size_t)(end - text));
    free(text);
    parse(test, copy);
    const char *found = mistakes(test);
    arena_free(&keep);
    return found;
}

static void test_limits(struct test *test) {
    const struct {
        const char *prefix, *open, *middle, *close;
    } nests[] = {{"a = ", "(", "1", ")"},
                 {"a = ", "[", "1", "]"},
                 {"a = ", "f(", "1", ")"},
                 {"a = ", "\"{", "1", "}\""},
                 {"network n ", "{ if a ", "{}", "}"}};
    for (size_t i = 0; i < sizeof nests / sizeof nests[0]; i++) {
        /* The body of the innermost "if" is one bracket more. */
        int most = nests[i].middle[0] == '{' ? LIMIT_NESTING - 1 : LIMIT_NESTING;
        for (int count = most - 1; count <= most + 1; count++) {
            const char *found = parse_nest(test, nests[i].prefix, nests[i].open, count,
                                           nests[i].middle, nests[i].close);
            bool refused = strstr(found, "nested more than 64 deep") && !strchr(found, ';');
            check(test, count > most ? refused : !*found,
                  arena_printf(&test->arena, "%d times %s", count, nests[i].open));
        }
    }
    const char *found = parse_nest(test, "a = ", "1+", LIMIT_EXPRESSION_DEPTH - 1, "1", "");
    check(test, !*found, "as many operators as allowed");
    found = parse_nest(test, "a = ", "1+", LIMIT_EXPRESSION_DEPTH, "1", "");
    check_text(test, "one operator too many", found,
               "1:5 the expression has more than 256 operators within one another");
    found = parse_nest(test, "a = x", " -> relu", 10000, "", "");
    check(test, !*found, "chains may be long");
}

static void test_abysses(struct test *test) {
    static const struct {
        const char *prefix, *open, *close;
    } nests[] = {{"a = ", "(", ")"},
                 {"a = ", "[", ""},
                 {"a = ", "- ", ""},
                 {"a = ", "not ", ""},
                 {"a = ", "2^", ""},
                 {"a = ", "if 1 then 1 else ", ""},
                 {"a = ", "\"{", ""},
                 {"network n {", "if x {", ""},
                 {"network n {", "if x {} else ", ""},
                 {"a = ", "x -> f(", ""}};
    for (size_t i = 0; i < sizeof nests / sizeof nests[0]; i++) {
        const char *found =
            parse_nest(test, nests[i].prefix, nests[i].open, 100000, "1", nests[i].close);
        bool one = test->diagnostics.count == 1 && strstr(found, "nested");
        check(test, one, arena_printf(&test->arena, "100000 times %s", nests[i].open));
    }
}

/* Whatever the bytes are, parsing ends, and without a mistake reported the tree can be dumped. */
static void test_mutations(struct test *test) {
    static const char text[] =
        "import \"f.cnn\"\nfilter f = 1/9 * [1 -1 ; 2 3 | 1 2 ; 4 5]\nblock b(x, d = 2) {\n"
        "  if d != 1 or channels(x) > d { x = x -> \"l{d}.0\": conv(1, d, s = [1, 2]) }\n"
        "  else { x = (x + 1) -> relu }\n  return x\n}\nnetwork n(c = 1.5K) {\n"
        "  input i: 28x28x1, range = 0..255\n  for k in 1..4 { i = if k == 1 then i else -i ^ 2 }\n"
        "  output o = i -> b(3)\n  weights \"w\"\n  assert true, \"m\\n\"\n}\n";
    static const char pieces[] = "(){}[]\"\\;:,|=<>+-*/%^.x1e#\n \x80\xff";
    unsigned seed = 7;
    bool survived = true;
    for (int i = 0; i < 4000; i++) {
        char bytes[sizeof text];
        memcpy(bytes, text, sizeof text);
        for (int changes = 1 + rand_r(&seed) % 6; changes > 0; changes--) {
            size_t at = (size_t)rand_r(&seed) % (sizeof text - 1);
            size_t piece = (size_t)rand_r(&seed) % (sizeof pieces + 5);
            bytes[at] = piece < sizeof pieces ? pieces[piece] : (char)(rand_r(&seed) % 256);
        }
        const struct file *file = parse_bytes(test, bytes, sizeof text - 1);
        const char *dumped = tree(test, file);
        survived &= test->diagnostics.error_count > 0 || strstr(dumped, "network") != NULL;
    }
    check(test, survived, "4000 damaged files");
}

int main(void) {
    struct test test = {0};
    test_precedence(&test);
    test_atoms(&test);
    test_chains(&test);
    test_items(&test);
    test_filters(&test);
    test_messages(&test);
    test_recovery(&test);
    test_limits(&test);
    test_abysses(&test);
    test_mutations(&test);
    arena_free(&test.arena);
    return test.failures ? EXIT_FAILURE : EXIT_SUCCESS;
}
