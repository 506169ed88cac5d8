/* Turns the tables of the command line and of the layers into the manual pages cnnc(1) and cnn(5).
 */
#include "driver/manual.h"

#include <stdbool.h>
#include <string.h>

#include "driver/option_table.h"
#include "ir/operators.h"

/* Text as troff takes it: its own signs escaped, hyphens as they are typed; a line may end behind
 * one of several words. */
static void print_text(FILE *stream, const char *text) {
    if (*text == '.' || *text == '\'')
        fputs("\\&", stream);
    for (; *text; text++) {
        static const char special[] = "\\-~^'`|";
        static const char *const escapes[] = {"\\e",   "\\-",   "\\(ti", "\\(ha",
                                              "\\(aq", "\\(ga", "|\\:"};
        const char *found = strchr(special, *text);
        if (found)
            fputs(escapes[found - special], stream);
        else
            fputc(*text, stream);
    }
}

static void print_in(FILE *stream, const char *font, const char *text) {
    fprintf(stream, "\\f%s", font);
    print_text(stream, text);
    fputs("\\fR", stream);
}

/* A sentence from a line of a table. */
static void print_sentence(FILE *stream, const char *text) {
    char first[2] = {text[0], '\0'};
    if (first[0] >= 'a' && first[0] <= 'z')
        first[0] = (char)(first[0] - 'a' + 'A');
    print_text(stream, first);
    print_text(stream, text + 1);
    fputs(text[strlen(text) - 1] == '.' ? "\n" : ".\n", stream);
}

static void print_option(FILE *stream, struct arena *arena, const struct option *option) {
    const char *synopsis = option_synopsis(arena, option);
    size_t length = strlen(option->text);
    fputs(".na\n.TP\n", stream); /* a long word has no spaces to fill a line with */
    print_in(stream, "B", option->text);
    if (synopsis[length])
        print_in(stream, "I", synopsis + length);
    fputs("\n.ad\n", stream);
    print_sentence(stream, option->help);
}

static const char command_end[] =
    ".SH EXIT STATUS\n"
    ".TP\n0\nDone.\n"
    ".TP\n1\nThe input is wrong; nothing is made, and files that exist stay as they are.\n"
    ".TP\n2\nThe command line is wrong.\n"
    ".TP\n3\nA limit on what an input may ask for is exceeded.\n"
    ".TP\n4\nReading, writing or linking failed.\n"
    ".TP\n5\nNo memory is left.\n"
    ".TP\n70\nA mistake of\n.B cnnc\nitself; please report it.\n"
    ".SH ENVIRONMENT\n"
    ".TP\n.B NO_COLOR\nIf it is set, messages have no colours unless\n"
    ".B \\-\\-color=always\nasks for them.\n"
    ".TP\n.B PATH\nWhere the C compiler\n.BR cc ,\nwhich links programs, is looked for. Objects "
    "need "
    "none.\n"
    ".TP\n.BR XDG_CACHE_HOME \", \" HOME\nWhere\n.B \\-\\-tune\nkeeps what it has measured: in\n"
    ".I cnnc/tuning\nof the first, or in\n.I .cache/cnnc/tuning\nof the second.\n"
    ".SH FILES\n"
    ".TP\n.I ../lib/cnnc/libcnnc\\-program.a\n"
    "What a compiled program is besides its network, found from the folder of\n.BR cnnc .\n"
    ".SH EXAMPLES\n"
    "A program, and what it makes of a picture:\n"
    ".PP\n.in +4n\n.nf\n"
    "cnnc edges.cnn \\-o edges\n"
    "\\&./edges photo.png \\-o strength.png\n"
    ".fi\n.in\n.PP\n"
    "An object for any processor with AVX2, its header, and a rule of what they depend on:\n"
    ".PP\n.in +4n\n.nf\n"
    "cnnc \\-c lenet.cnn \\-\\-cpu=haswell \\-MD\n"
    "cc main.c lenet.o\n"
    ".fi\n.in\n.PP\n"
    "Sizes, receptive fields and costs, and how one of them comes about:\n"
    ".PP\n.in +4n\n.nf\n"
    "cnnc \\-\\-report lenet.cnn\n"
    "cnnc explain lenet.cnn conv2\n"
    ".fi\n.in\n"
    ".SH SEE ALSO\n"
    ".BR cnn (5)\n"
    ".PP\n"
    ".B cnnc \\-\\-list\\-layers=markdown\n"
    "prints every attribute of every layer,\n"
    ".B cnnc explain\n"
    ".I CODE\n"
    "what a message means.\n";

static void print_command(FILE *stream, struct arena *arena) {
    fprintf(stream,
            ".TH CNNC 1 \"\" \"cnnc %s\" \"User Commands\"\n"
            ".SH NAME\ncnnc \\- compiler for convolutional networks\n.SH SYNOPSIS\n",
            CNNC_VERSION);
    for (const struct usage *usage = usage_table; usage->arguments; usage++) {
        fprintf(stream, "%s", usage == usage_table ? "" : ".br\n");
        print_in(stream, "B", usage->word ? arena_printf(arena, "cnnc %s", usage->word) : "cnnc");
        fputc(' ', stream);
        print_in(stream, "I", usage->arguments);
        fputc('\n', stream);
    }
    fputs(
        ".SH DESCRIPTION\n.B cnnc\ncompiles a convolutional network, described in the language of\n"
        ".BR cnn (5),\nto a native program, or to an object file with one C function, "
        "specialised to exactly that\nnetwork and that processor. Every mistake of a file is told "
        "in one run, at its place.\n",
        stream);
    for (const struct usage *usage = usage_table; usage->arguments; usage++) {
        fputs(".TP\n", stream);
        print_in(stream, "B", usage->word ? arena_printf(arena, "cnnc %s ", usage->word) : "cnnc ");
        print_in(stream, "I", usage->arguments);
        fputc('\n', stream);
        print_sentence(stream, usage->help);
    }
    fputs(".SH OPTIONS\n", stream);
    for (int i = 0; i < OPTION_COUNT; i++)
        print_option(stream, arena, &option_table[i]);
    fputs(command_end, stream);
}

static const char language_start[] =
    ".SH NAME\ncnn \\- description of a convolutional network\n"
    ".SH DESCRIPTION\n"
    "A file is UTF\\-8 text of items. Line ends and indentation have no meaning;\n.B #\n"
    "begins a comment.\n"
    ".PP\n.in +4n\n.nf\n"
    "network lenet {\n"
    "    input image: 28x28x1, range = 0..255\n"
    "    features = image\n"
    "        \\-> conv1: conv(kernel = 5, depth = 6, padding = same) \\-> relu \\-> maxpool(2)\n"
    "        \\-> conv2: conv(kernel = 5, depth = 16) \\-> relu \\-> maxpool(2)\n"
    "    output class = features \\-> flatten \\-> fc1: dense(10) \\-> softmax\n"
    "    weights \"lenet.safetensors\"\n"
    "    assert receptive_field(features) == 16\n"
    "}\n"
    ".fi\n.in\n"
    ".SH ITEMS\n"
    ".TP\n.BI import \" \\(dqfile.cnn\\(dq\"\nFilters, blocks and constants of another file, "
    "beneath the folder of this one.\n"
    ".TP\n.IB name \" = \" expression\nA constant.\n"
    ".TP\n.BI filter \" name \" \"= [ \\-1 0 1 ; \\-2 0 2 ; \\-1 0 1 ]\"\nA kernel made by hand: "
    "rows end with ; and planes with |.\n"
    ".TP\n.BI block \" name\" ( parameters \") { \" statements \" }\"\nA part that can be called "
    "like a layer; it ends with\n.BI return \" expression\" .\n"
    ".TP\n.BI network \" name\" ( parameters \") { \" statements \" }\"\nWhat is compiled. Its "
    "parameters have defaults, or are set by\n.BR \"cnnc \\-D\" .\n"
    ".SH STATEMENTS\n"
    ".TP\n.BI input \" name\" \": \" \"size\" \", ...\"\nAn input: height x width x channels, "
    "without spaces, or a list of expressions.\n"
    ".TP\n.BI output \" name \" = \" expression\"\nAn output.\n"
    ".TP\n.IB name \" = \" expression\nA binding.\n"
    ".TP\n.BI for \" name \" in \" a\" .. \"b\" \" { \" statements \" }\"\nA loop, unrolled.\n"
    ".TP\n.BI if \" condition \" \"{ \" statements \" } else { \" statements \" }\"\nA "
    "choice, made when the file is compiled.\n"
    ".TP\n.BI weights \" \\(dqfile\\(dq\"\nThe file of the parameters.\n"
    ".TP\n.BI labels \" \\(dqfile\\(dq\"\nNames of the channels of the output, one a line, or a "
    "list.\n"
    ".TP\n.BI assert \" condition\" \", \\(dqtext\\(dq\"\nWhat the file relies on.\n"
    ".SH EXPRESSIONS\n"
    ".I x\n.B \\->\n.IB layer ( arguments )\napplies a layer;\n.IB x \" \\-> \" label \": \" "
    "layer\nnames it, and its parameters.\n"
    "Tensors and numbers are added, subtracted, multiplied, divided and raised to powers.\n"
    ".BR height ( x ),\n.BR width ( x ),\n.BR channels ( x ),\n.BR receptive_field ( x ),\n"
    ".BR stride ( x )\nand others ask about tensors.\n"
    ".SH LAYERS\n";

/* A layer, its attributes and what it is. */
static void print_layer(FILE *stream, enum op op) {
    const struct attribute *attribute = operator_rules[op].attributes;
    fputs(".TP\n", stream);
    print_in(stream, "B", operators[op].name);
    for (const char *gap = "("; attribute->name; attribute++, gap = ", ") {
        fputs(gap, stream);
        print_in(stream, "I", attribute->name);
    }
    fputs(operator_rules[op].attributes->name ? ")\n" : "\n", stream);
    print_text(stream, operators[op].summary);
    fputc('\n', stream);
}

static void print_language(FILE *stream) {
    fprintf(stream, ".TH CNN 5 \"\" \"cnnc %s\" \"File Formats\"\n", CNNC_VERSION);
    fputs(language_start, stream);
    for (int op = 0; op < OP_COUNT; op++)
        if (operators[op].name)
            print_layer(stream, (enum op)op);
    fputs(".SH SEE ALSO\n.BR cnnc (1)\n.PP\n"
          "The documentation that comes with\n.BR cnnc :\n.I language.md\nand\n.IR layers.md .\n",
          stream);
}

void print_manual(FILE *stream, struct arena *arena, enum manual manual) {
    if (manual == MANUAL_COMMAND)
        print_command(stream, arena);
    else
        print_language(stream);
}
