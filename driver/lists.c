/* Turns the tables of layers and of messages into lists and documents. */
#include "driver/lists.h"

#include <float.h>
#include <string.h>

#include "ir/operators.h"

/* --- Layers. --- */

static const char *kind_text(const struct attribute *attribute) {
    static const char *const texts[] = {
        [ATTRIBUTE_INTEGER] = "integer",
        [ATTRIBUTE_PAIR] = "integer or HxW",
        [ATTRIBUTE_KERNEL] = "integer, HxW, filter or list of filters",
        [ATTRIBUTE_PADDING] = "integer, HxW, [top, left, bottom, right] or a word",
        [ATTRIBUTE_SIDES] = "integer, HxW or [top, left, bottom, right]",
        [ATTRIBUTE_ENDS] = "integer or [before, after]",
        [ATTRIBUTE_NUMBER] = "number",
        [ATTRIBUTE_SCALAR] = "number",
        [ATTRIBUTE_BOOLEAN] = "true or false",
        [ATTRIBUTE_FLAG] = "the word alone",
        [ATTRIBUTE_WORD] = "a word",
        [ATTRIBUTE_SWITCH] = "a word",
        [ATTRIBUTE_AXIS] = "an axis",
        [ATTRIBUTE_AXES] = "axes",
        [ATTRIBUTE_PERMUTATION] = "axes in order",
        [ATTRIBUTE_RANGE] = "range a..b",
        [ATTRIBUTE_PARTS] = "integer or list of integers",
        [ATTRIBUTE_SIZE] = "size",
        [ATTRIBUTE_FACTORS] = "number or [height, width]",
        [ATTRIBUTE_REGION] = "[top, left, bottom, right]",
        [ATTRIBUTE_NUMBERS] = "number or list",
    };
    return texts[attribute->kind];
}

static void print_words(FILE *stream, const struct attribute *attribute) {
    for (const struct word *word = attribute->words; word && word->name; word++)
        fprintf(stream, "%s`%s`", word == attribute->words ? ": " : ", ", word->name);
}

static const char *word_named(const struct attribute *attribute, unsigned value) {
    const struct word *word = attribute->words;
    while (word->name && word->value != value)
        word++;
    return word->name;
}

static void print_default(FILE *stream, const struct attribute *attribute) {
    switch (attribute->kind) {
    case ATTRIBUTE_INTEGER:
    case ATTRIBUTE_PAIR:
    case ATTRIBUTE_KERNEL:
    case ATTRIBUTE_PADDING:
    case ATTRIBUTE_SIDES:
    case ATTRIBUTE_ENDS:
    case ATTRIBUTE_NUMBER:
    case ATTRIBUTE_SCALAR:
        if (attribute->required || attribute->initial < attribute->low)
            return;
        fprintf(stream, "%g", attribute->initial);
        return;
    case ATTRIBUTE_BOOLEAN:
    case ATTRIBUTE_FLAG:
        fprintf(stream, "%s", attribute->initial != 0 ? "true" : "false");
        return;
    case ATTRIBUTE_WORD:
    case ATTRIBUTE_SWITCH:
        fprintf(stream, "%s", word_named(attribute, (unsigned)attribute->initial));
        return;
    default:
        return;
    }
}

static void print_range(FILE *stream, const struct attribute *attribute) {
    bool numbers = attribute->low < attribute->high;
    if (!numbers || attribute->low <= -(double)INT32_MAX)
        return;
    if (attribute->low == (double)FLT_MIN)
        fprintf(stream, "more than 0");
    else if (attribute->high >= (double)INT32_MAX)
        fprintf(stream, "%g or more", attribute->low);
    else
        fprintf(stream, "%g to %g", attribute->low, attribute->high);
}

static void print_attribute(FILE *stream, const struct attribute *attribute) {
    fprintf(stream, "| `%s` | ", attribute->name);
    if (attribute->position)
        fprintf(stream, "%d", attribute->position);
    fprintf(stream, " | %s", kind_text(attribute));
    print_words(stream, attribute);
    fprintf(stream, " | ");
    print_range(stream, attribute);
    fprintf(stream, " | ");
    if (attribute->required)
        fprintf(stream, "needed");
    else
        print_default(stream, attribute);
    fprintf(stream, " | %s |\n", attribute->summary ? attribute->summary : "");
}

static void print_layer(FILE *stream, enum op op) {
    const struct attribute *attributes = operator_rules[op].attributes;
    fprintf(stream, "\n## %s\n\n%s.\n", operators[op].name, operators[op].summary);
    if (!attributes->name)
        return;
    fprintf(stream, "\n| attribute | position | takes | range | default | meaning |\n"
                    "| --- | --- | --- | --- | --- | --- |\n");
    for (; attributes->name; attributes++)
        print_attribute(stream, attributes);
}

void list_layers(FILE *stream, bool markdown) {
    if (markdown)
        fprintf(
            stream,
            "# Layers\n\n"
            "Written by `cnnc --list-layers=markdown` from the tables that the compiler works by. "
            "Sizes are height x width x channels;\nattributes that have a position can be given "
            "in that order, all of them by name. [language.md](language.md) explains what\nlayers "
            "compute.\n");
    for (int op = 0; op < OP_COUNT; op++) {
        if (!operators[op].name)
            continue;
        if (markdown)
            print_layer(stream, (enum op)op);
        else
            fprintf(stream, "%-16s %s\n", operators[op].name, operators[op].summary);
    }
}

/* --- Messages. --- */

static void print_indented(FILE *stream, const char *text) {
    bool start = true;
    for (; *text; text++) {
        if (start)
            fputs("    ", stream);
        fputc(*text, stream);
        start = *text == '\n';
    }
}

/* Not every byte of an example is UTF-8: one is there to be wrong. */
static void print_example(FILE *stream, const char *options, const char *text) {
    if (*options)
        fprintf(stream, "    # cnnc %s net.cnn\n", options);
    print_indented(stream, text);
}

/* In lines of a terminal's width. */
static void print_wrapped(FILE *stream, const char *text) {
    enum { WIDTH = 78 };
    size_t column = 0;
    while (*text) {
        size_t length = strcspn(text, " ");
        if (column && column + 1 + length > WIDTH) {
            fputc('\n', stream);
            column = 0;
        }
        column += (size_t)fprintf(stream, "%s%.*s", column ? " " : "", (int)length, text);
        text += length + (text[length] == ' ');
    }
    fputc('\n', stream);
}

void explain_code(FILE *stream, enum message code) {
    const struct message_kind *kind = &messages[code];
    fprintf(stream, "%s: %s\n\n", kind->code, kind->title);
    print_wrapped(stream, kind->text);
    if (!kind->wrong)
        return;
    fprintf(stream, "\nWrong:\n\n");
    print_example(stream, kind->options, kind->wrong);
    fprintf(stream, "\nBetter:\n\n");
    print_example(stream, kind->mended_options, kind->mended);
}

static void print_block(FILE *stream, const char *options, const char *text) {
    fprintf(stream, "\n```\n");
    if (*options)
        fprintf(stream, "# cnnc %s net.cnn\n", options);
    for (; *text; text++) /* a byte that is not UTF-8 is told, not shown */
        if ((unsigned char)*text == 0xe9)
            fputs("\\xe9", stream);
        else
            fputc(*text, stream);
    fprintf(stream, "```\n");
}

static const char errors_head[] =
    "# Messages\n\n"
    "Written by `cnnc --list-errors=markdown` from the table that the compiler works by.\n\n"
    "Every mistake of a file is told in one run, each once, sorted by place, 20 at most:\n\n"
    "```\n"
    "net.cnn:7:24: error: window 5x5 does not fit the padded input 4x4 [E0412]\n"
    "    7 |         -> conv3: conv(kernel = 5, depth = 32)\n"
    "      |                        ^^^^^^^^^^\n"
    "net.cnn:4:12: note: image 28x28x1 -> conv1 24x24x6 -> maxpool 12x12x6 -> ...\n"
    "help: a kernel of 4 or less fits, or padding = 1\n"
    "```\n\n"
    "Lines and columns count from 1, columns in characters. Codes that begin with E are errors: "
    "nothing is made, and files\nthat exist stay as they are. Codes that begin with W are "
    "warnings. "
    "`cnnc explain E0412` prints what is below.\n"
    "What differs in numbers only, as what a loop does wrong in every round, is told once at its "
    "place and counted; JSON has all\nof it.\n\n"
    "A run has three parts, and the next needs the one before:\n\n"
    "1. The grammar. A file with mistakes of it (E01, E02) is not used any further, nor what it "
    "imports: what it lacks would make\n   other mistakes.\n"
    "2. The meaning: sizes, arguments, names. The network is run as its parameters have it; what "
    "follows from a mistake is not told\n   again. In what is not run (blocks that nobody calls, "
    "branches that are not taken, other networks) names and missing returns\n   are checked: "
    "E0301, "
    "E0302, E0308. If an import fails, names that it may have given are not missed; all else is "
    "told.\n"
    "3. Warnings, if there is no mistake. Names that are never used are told of in the file "
    "itself, "
    "not in what it imports: a\n   file of blocks is for many.\n\n"
    "| option | |\n| --- | --- |\n"
    "| `--allow=W0103,W0106` | no warnings of these kinds |\n"
    "| `-w` | no warnings |\n"
    "| `--werror` | make nothing if there are warnings |\n"
    "| `--color=auto\\|always\\|never` | colours; `auto`: on a terminal, unless `NO_COLOR` is set "
    "|\n"
    "| `--diagnostics=json` | for programs |\n\n"
    "In JSON, one document goes to standard error, also where there is nothing to say:\n\n"
    "```json\n"
    "{ \"diagnostics\": [\n"
    "    { \"code\": \"E0412\", \"severity\": \"error\", \"file\": \"net.cnn\",\n"
    "      \"line\": 7, \"column\": 24, \"end_line\": 7, \"end_column\": 34,\n"
    "      \"message\": \"window 5x5 does not fit the padded input 4x4\",\n"
    "      \"notes\": [ { \"file\": \"net.cnn\", \"line\": 4, \"column\": 12, \"message\": \"...\" "
    "} ],\n"
    "      \"help\": [ \"a kernel of 4 or less fits, or padding = 1\" ] } ],\n"
    "  \"errors\": 1, \"warnings\": 0, \"dropped\": 0 }\n"
    "```\n\n"
    "The end is behind the last character. A message of no place has no `file`, `line` and so on; "
    "one that ends the run and\nis no mistake of a network file (a file that cannot be written) "
    "has "
    "the code `null`. `dropped` counts what is beyond the\nfirst 1,000. Messages about the command "
    "line itself stay text.\n";

void list_errors(FILE *stream, bool markdown) {
    if (markdown)
        fputs(errors_head, stream);
    for (int i = 0; i < MESSAGE_COUNT; i++) {
        const struct message_kind *kind = &messages[i];
        if (!markdown) {
            fprintf(stream, "%s  %s\n", kind->code, kind->title);
            continue;
        }
        fprintf(stream, "\n## %s: %s\n\n%s\n", kind->code, kind->title, kind->text);
        if (!kind->wrong)
            continue;
        print_block(stream, kind->options, kind->wrong);
        fprintf(stream, "\nBetter:\n");
        print_block(stream, kind->mended_options, kind->mended);
    }
}
