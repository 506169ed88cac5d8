/* Fills the tables of the command line, and writes their rows as people read them. */
#include "driver/option_table.h"

#include "driver/options.h"

static const struct option_word products[] = {
    {"exe", PRODUCT_PROGRAM},   {"obj", PRODUCT_OBJECT},  {"shared", PRODUCT_SHARED},
    {"asm", PRODUCT_ASSEMBLY},  {"llvm", PRODUCT_LLVM},   {"bitcode", PRODUCT_BITCODE},
    {"header", PRODUCT_HEADER}, {"graph", PRODUCT_GRAPH}, {"plan", PRODUCT_PLAN},
    {"cnn", PRODUCT_CNN},       {"onnx", PRODUCT_ONNX},   {NULL, 0}};
static const struct option_word dumps[] = {{"tokens", DUMP_TOKENS}, {"tree", DUMP_TREE},
                                           {"graph", DUMP_GRAPH},   {"plan", DUMP_PLAN},
                                           {"llvm", DUMP_LLVM},     {NULL, 0}};
static const struct option_word forms[] = {{"table", REPORT_TABLE},
                                           {"json", REPORT_JSON},
                                           {"markdown", REPORT_MARKDOWN},
                                           {"csv", REPORT_CSV},
                                           {"dot", REPORT_DOT},
                                           {"plan", REPORT_OF_PLAN | REPORT_TABLE},
                                           {"plan-json", REPORT_OF_PLAN | REPORT_JSON},
                                           {"plan-markdown", REPORT_OF_PLAN | REPORT_MARKDOWN},
                                           {"plan-csv", REPORT_OF_PLAN | REPORT_CSV},
                                           {NULL, 0}};
static const struct option_word messages_as[] = {{"text", 0}, {"json", 1}, {NULL, 0}};
static const struct option_word choices[] = {
    {"auto", CHOICE_AUTO}, {"always", CHOICE_ALWAYS}, {"never", CHOICE_NEVER}, {NULL, 0}};
static const struct option_word lists[] = {{"text", 0}, {"markdown", 1}, {NULL, 0}};
static const struct option_word shells[] = {
    {"bash", SHELL_BASH}, {"zsh", SHELL_ZSH}, {"fish", SHELL_FISH}, {NULL, 0}};
static const struct option_word manuals[] = {
    {"cnnc", MANUAL_COMMAND}, {"cnn", MANUAL_LANGUAGE}, {NULL, 0}};
static const struct option_word levels[] = {{"0", 0}, {"1", 1}, {"2", 2}, {"3", 3}, {NULL, 0}};

const struct option option_table[OPTION_COUNT] = {
#define OPTION(id, text, takes, words, argument, help)                                             \
    {OPTION_##id, text, TAKES_##takes, words, argument, help},
#include "driver/options.def"
#undef OPTION
};

const struct usage usage_table[] = {
    {COMMAND_COMPILE, NULL, "[OPTION]... FILE.cnn",
     "compiles the convolutional network that FILE.cnn describes"},
    {COMMAND_EXPLAIN, "explain", "[OPTION]... FILE.cnn [LAYER]",
     "tells how sizes and receptive fields come about, of one layer or of all"},
    {COMMAND_EXPLAIN, "explain", "CODE", "tells what a message means"},
    {COMMAND_RUN, "run", "[OPTION]... FILE.cnn [WORD]...",
     "compiles it in memory and runs it at once; the words are those that a program of it takes"},
    {COMMAND_IMPORT, "import", "[OPTION]... FILE.onnx",
     "writes an ONNX model as a network file, and its weights beside it as safetensors"},
    {COMMAND_WEIGHTS, "weights", "[OPTION]... FILE.cnn [WEIGHTS]",
     "lists the weights that the network wants beside those that a file has"},
    {COMMAND_INIT, "init", "[OPTION]... FILE.cnn [SEED]",
     "writes weights to begin training with, as safetensors"},
    {COMMAND_COMPILE, NULL, NULL, NULL},
};

const char *option_argument(struct arena *arena, const struct option *option) {
    const struct option_word *word = option->words;
    if (option->argument || !word)
        return option->argument;
    const char *text = word->text;
    while ((++word)->text)
        text = arena_printf(arena, "%s|%s", text, word->text);
    return text;
}

const char *option_synopsis(struct arena *arena, const struct option *option) {
    const char *argument = option_argument(arena, option);
    bool is_long = option->text[1] == '-';
    if (!argument)
        return option->text;
    if (option->takes == TAKES_WORD_OR_NOTHING)
        return arena_printf(arena, "%s[=%s]", option->text, argument);
    return arena_printf(arena, "%s%s%s", option->text,
                        is_long         ? "="
                        : option->words ? ""
                                        : " ",
                        argument);
}
