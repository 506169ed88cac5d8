/* The command line in, struct options out. The table below is all that parsing and --help know. */
#include "driver/options.h"

#include <string.h>

#include "lexer/diagnostics.h"

enum option_id {
    OPTION_OUTPUT,
    OPTION_OBJECT,
    OPTION_ASSEMBLY,
    OPTION_EMIT,
    OPTION_CPU,
    OPTION_LEVEL,
    OPTION_DEFINE,
    OPTION_NETWORK,
    OPTION_WEIGHTS,
    OPTION_NAME,
    OPTION_CHECK,
    OPTION_REPORT,
    OPTION_DEPTH,
    OPTION_UNITS,
    OPTION_DUMP,
    OPTION_DIAGNOSTICS,
    OPTION_COLOUR,
    OPTION_ALLOW,
    OPTION_NO_WARNINGS,
    OPTION_WARNINGS_ARE_ERRORS,
    OPTION_LIST_LAYERS,
    OPTION_LIST_ERRORS,
    OPTION_VERSION,
    OPTION_HELP,
};

struct word {
    const char *text;
    int value;
};

static const struct word products[] = {{"exe", PRODUCT_PROGRAM},   {"obj", PRODUCT_OBJECT},
                                       {"asm", PRODUCT_ASSEMBLY},  {"llvm", PRODUCT_LLVM},
                                       {"header", PRODUCT_HEADER}, {NULL, 0}};
static const struct word dumps[] = {{"tokens", DUMP_TOKENS}, {"tree", DUMP_TREE},
                                    {"graph", DUMP_GRAPH},   {"plan", DUMP_PLAN},
                                    {"llvm", DUMP_LLVM},     {NULL, 0}};
static const struct word forms[] = {{"table", REPORT_TABLE},       {"json", REPORT_JSON},
                                    {"markdown", REPORT_MARKDOWN}, {"csv", REPORT_CSV},
                                    {"dot", REPORT_DOT},           {NULL, 0}};
static const struct word messages_as[] = {{"text", 0}, {"json", 1}, {NULL, 0}};
static const struct word choices[] = {
    {"auto", CHOICE_AUTO}, {"always", CHOICE_ALWAYS}, {"never", CHOICE_NEVER}, {NULL, 0}};
static const struct word lists[] = {{"text", 0}, {"markdown", 1}, {NULL, 0}};
static const struct word levels[] = {{"0", 0}, {"1", 1}, {"2", 2}, {"3", 3}, {NULL, 0}};

static const struct option {
    enum option_id id;
    const char *text;         /* "-o", "--cpu" */
    const char *argument;     /* what --help calls it; NULL: the option takes none */
    const struct word *words; /* the only arguments allowed, or NULL */
    const char *help;
} table[] = {
    {OPTION_OUTPUT, "-o", "FILE", NULL,
     "where the result goes (default: FILE's name, in this folder)"},
    {OPTION_OBJECT, "-c", NULL, NULL, "an object file, and its C header beside it"},
    {OPTION_ASSEMBLY, "-S", NULL, NULL, "assembly"},
    {OPTION_EMIT, "--emit", "exe|obj|asm|llvm|header", products, "what to make (default: exe)"},
    {OPTION_CPU, "--cpu", "NAME", NULL,
     "the processor to make code for: native (default), haswell, x86-64, ..."},
    {OPTION_LEVEL, "-O", "0|1|2|3", levels, "how much to optimise (default: 3)"},
    {OPTION_DEFINE, "-D", "NAME=VALUE", NULL, "sets a parameter of the network"},
    {OPTION_NETWORK, "--network", "NAME", NULL, "which network of the file"},
    {OPTION_WEIGHTS, "--weights", "FILE|random:SEED", NULL,
     "parameters from this file, or made up, in place of the network's own"},
    {OPTION_NAME, "--name", "NAME", NULL,
     "the prefix of the object's symbols (default: the network)"},
    {OPTION_CHECK, "--check", NULL, NULL,
     "only look for mistakes; in the weights too where --weights names them"},
    {OPTION_REPORT, "--report", "table|json|markdown|csv|dot", forms,
     "print sizes, receptive fields and costs, layer by layer, and stop"},
    {OPTION_DEPTH, "--depth", "N", NULL,
     "in reports, fold what lies deeper than N parts of a path into one row"},
    {OPTION_UNITS, "--units", NULL, NULL, "in JSON reports, tell what every single unit sees"},
    {OPTION_DUMP, "--dump", "tokens|tree|graph|plan|llvm", dumps,
     "print what a stage makes, and stop"},
    {OPTION_DIAGNOSTICS, "--diagnostics", "text|json", messages_as,
     "how messages are printed (default: text)"},
    {OPTION_COLOUR, "--color", "auto|always|never", choices,
     "colours in messages (auto: on a terminal, unless NO_COLOR is set)"},
    {OPTION_ALLOW, "--allow", "CODE[,CODE]...", NULL, "no warnings of these kinds, such as W0103"},
    {OPTION_NO_WARNINGS, "-w", NULL, NULL, "no warnings"},
    {OPTION_WARNINGS_ARE_ERRORS, "--werror", NULL, NULL, "make nothing if there are warnings"},
    {OPTION_LIST_LAYERS, "--list-layers", "text|markdown", lists,
     "print every layer and its attributes"},
    {OPTION_LIST_ERRORS, "--list-errors", "text|markdown", lists,
     "print every kind of message and its code"},
    {OPTION_VERSION, "--version", NULL, NULL, "print the version"},
    {OPTION_HELP, "--help", NULL, NULL, "print this"},
};
enum { OPTION_COUNT = sizeof table / sizeof *table };

/* The argument may be left out, and is the first word then: only as --option=argument. */
static bool is_optional(const struct option *option) {
    return option->words == forms || option->words == lists;
}

void options_help(FILE *stream) {
    fprintf(
        stream,
        "usage: cnnc [OPTION]... FILE.cnn\n"
        "       cnnc explain [OPTION]... FILE.cnn [LAYER]\n"
        "       cnnc explain CODE\n"
        "Compiles the convolutional network that FILE.cnn describes; or explains how sizes "
        "and\nreceptive fields come about, of one layer or of all; or what a message means.\n\n");
    for (int i = 0; i < OPTION_COUNT; i++) {
        const struct option *option = &table[i];
        bool joined = option->words == levels, is_long = option->text[1] == '-';
        bool bare = !option->argument || joined || is_optional(option);
        const char *gap = bare ? "" : is_long ? "=" : " ";
        char left[64];
        snprintf(left, sizeof left, is_optional(option) ? "%s%s[=%s]" : "%s%s%s", option->text, gap,
                 option->argument ? option->argument : "");
        fprintf(stream, "  %-34s %s\n", left, option->help);
    }
    fprintf(stream,
            "\nExit codes: 0 done, 1 the input is wrong, 2 usage, 3 a limit, 4 input or output,\n"
            "5 memory, 70 a mistake of cnnc itself.\n");
}

static bool usage_error(const char *format, ...) __attribute__((format(printf, 1, 2)));
static bool usage_error(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    fputs("cnnc: error: ", stderr);
    vfprintf(stderr, format, arguments);
    fputs("\nhelp: cnnc --help lists the options\n", stderr);
    va_end(arguments);
    return false;
}

static const char *shown(struct arena *arena, const char *text) {
    return printable(arena, text, strlen(text));
}

/* The option `text` begins with; *argument is what is joined to it ("-O2", "--cpu=x"), or NULL. */
static const struct option *find_option(const char *text, const char **argument) {
    size_t length = strcspn(text, "=");
    for (int i = 0; i < OPTION_COUNT; i++) {
        const struct option *option = &table[i];
        size_t own = strlen(option->text);
        *argument = NULL;
        if (option->text[1] == '-' && own == length && !strncmp(text, option->text, length)) {
            if (text[length])
                *argument = text + length + 1;
            return option;
        }
        if (option->text[1] != '-' && !strncmp(text, option->text, own)) {
            if (text[own])
                *argument = text + own;
            return option;
        }
    }
    return NULL;
}

static bool unknown_option(struct arena *arena, const char *text) {
    const char *names[OPTION_COUNT];
    for (int i = 0; i < OPTION_COUNT; i++)
        names[i] = table[i].text;
    const char *stem = arena_strndup(arena, text, strcspn(text, "="));
    const char *near = nearest_name(stem, names, OPTION_COUNT);
    if (near)
        return usage_error("unknown option '%s'; did you mean '%s'?", shown(arena, text), near);
    return usage_error("unknown option '%s'", shown(arena, text));
}

static bool is_identifier(const char *text, size_t length) {
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_";
    static const char digits[] = "0123456789";
    for (size_t i = 0; i < length; i++)
        if (!strchr(letters, text[i]) && (i == 0 || !strchr(digits, text[i])))
            return false;
    return length > 0;
}

static bool add_definition(struct options *options, struct arena *arena, const char *text) {
    const char *equals = strchr(text, '=');
    if (!equals || !is_identifier(text, (size_t)(equals - text)) || !equals[1])
        return usage_error("-D wants NAME=VALUE, not '%s'", shown(arena, text));
    struct definition definition = {arena_strndup(arena, text, (size_t)(equals - text)),
                                    equals + 1};
    ARENA_PUSH(arena, options->definitions, options->definition_count, options->definition_capacity,
               definition);
    return true;
}

static bool read_depth(struct options *options, struct arena *arena, const char *text) {
    enum { DEPTH_MAX = 1000 };
    int depth = 0;
    for (const char *at = text; *at >= '0' && *at <= '9' && depth <= DEPTH_MAX; at++)
        depth = 10 * depth + (*at - '0');
    options->depth = depth;
    return (depth > 0 && depth <= DEPTH_MAX && text[strspn(text, "0123456789")] == '\0') ||
           usage_error("--depth wants a number of parts from 1 to %d, not '%s'", DEPTH_MAX,
                       shown(arena, text));
}

/* False, after an error, where there is no message of that code. */
static bool read_code(struct arena *arena, const char *code, enum message *message) {
    const char *codes[MESSAGE_COUNT];
    *message = find_message(code);
    if (*message != MESSAGE_COUNT)
        return true;
    for (int i = 0; i < MESSAGE_COUNT; i++)
        codes[i] = messages[i].code;
    const char *near = nearest_name(code, codes, MESSAGE_COUNT);
    if (near)
        return usage_error("there is no message '%s'; did you mean '%s'?", shown(arena, code),
                           near);
    return usage_error("there is no message '%s'; --list-errors lists them", shown(arena, code));
}

static bool allow_codes(struct options *options, struct arena *arena, const char *list) {
    while (true) {
        enum message message;
        size_t length = strcspn(list, ",");
        const char *code = arena_strndup(arena, list, length);
        if (!read_code(arena, code, &message))
            return false;
        if (messages[message].code[0] != 'W')
            return usage_error("%s is an error: only warnings can be allowed",
                               messages[message].code);
        options->allowed[message] = true;
        if (!list[length])
            return true;
        list += length + 1;
    }
}

static bool apply(struct options *options, struct arena *arena, const struct option *option,
                  const char *argument, int value) {
    switch (option->id) {
    case OPTION_OUTPUT:
        options->output = argument;
        return *argument || usage_error("-o wants the name of a file");
    case OPTION_OBJECT:
        options->product = PRODUCT_OBJECT;
        return true;
    case OPTION_ASSEMBLY:
        options->product = PRODUCT_ASSEMBLY;
        return true;
    case OPTION_EMIT:
        options->product = (enum product)value;
        return true;
    case OPTION_CPU:
        options->cpu = argument;
        return true;
    case OPTION_LEVEL:
        options->optimisation = value;
        return true;
    case OPTION_DEFINE:
        return add_definition(options, arena, argument);
    case OPTION_NETWORK:
        options->network = argument;
        return true;
    case OPTION_WEIGHTS:
        options->weights = argument;
        return true;
    case OPTION_NAME:
        options->name = argument;
        return is_identifier(argument, strlen(argument)) ||
               usage_error("--name wants letters, digits and '_', not '%s'",
                           shown(arena, argument));
    case OPTION_CHECK:
        options->check = true;
        return true;
    case OPTION_REPORT:
        options->report = (enum report_form)value;
        return true;
    case OPTION_DEPTH:
        return read_depth(options, arena, argument);
    case OPTION_UNITS:
        options->units = true;
        return true;
    case OPTION_DUMP:
        options->dump = (enum dump)value;
        if (options->dump == DUMP_LLVM)
            options->product = PRODUCT_LLVM;
        return true;
    case OPTION_DIAGNOSTICS:
        options->diagnostics_json = value != 0;
        return true;
    case OPTION_COLOUR:
        options->colour = (enum choice)value;
        return true;
    case OPTION_ALLOW:
        return allow_codes(options, arena, argument);
    case OPTION_NO_WARNINGS:
        options->no_warnings = true;
        return true;
    case OPTION_WARNINGS_ARE_ERRORS:
        options->warnings_are_errors = true;
        return true;
    case OPTION_LIST_LAYERS:
    case OPTION_LIST_ERRORS:
        options->action =
            option->id == OPTION_LIST_LAYERS ? ACTION_LIST_LAYERS : ACTION_LIST_ERRORS;
        options->markdown = value != 0;
        return true;
    case OPTION_VERSION:
        options->action = ACTION_VERSION;
        return true;
    case OPTION_HELP:
        options->action = ACTION_HELP;
        return true;
    }
    return true;
}

static bool find_word(const struct word *words, const char *text, int *value) {
    for (; words->text; words++)
        if (!strcmp(words->text, text)) {
            *value = words->value;
            return true;
        }
    return false;
}

/* Reads one option and its argument; *at is its position and then that of the last word used. */
static bool read_option(struct options *options, struct arena *arena, int count, char **words,
                        int *at) {
    const char *text = words[*at], *argument;
    const struct option *option = find_option(text, &argument);
    if (!option || (!option->argument && argument && option->text[1] != '-'))
        return unknown_option(arena, text);
    if (!option->argument && argument)
        return usage_error("%s takes no argument", option->text);
    if (is_optional(option) && !argument)
        argument = option->words->text;
    if (option->argument && !argument) {
        if (*at + 1 == count)
            return usage_error("%s wants %s", option->text, option->argument);
        argument = words[++*at];
    }
    int value = 0;
    if (option->words && !find_word(option->words, argument, &value))
        return usage_error("%s wants %s, not '%s'", option->text, option->argument,
                           shown(arena, argument));
    return apply(options, arena, option, argument, value);
}

/* A letter and four digits: what is explained is a message, not a file. */
static bool looks_like_code(const char *text) {
    return strlen(text) == 5 && strspn(text + 1, "0123456789") == 4 && text[0] != '.' &&
           strspn(text, "0123456789") == 0;
}

static bool read_file_name(struct options *options, struct arena *arena, const char *text) {
    if (options->explain && !options->file && looks_like_code(text)) {
        options->action = ACTION_EXPLAIN_CODE;
        return read_code(arena, text, &options->code);
    }
    if (options->explain && options->file && !options->layer) {
        options->layer = text;
        return true;
    }
    if (options->file)
        return usage_error("one file at a time: both '%s' and '%s' are named",
                           shown(arena, options->file), shown(arena, text));
    options->file = text;
    return true;
}

bool options_parse(struct options *options, struct arena *arena, int count, char **words) {
    *options = (struct options){.cpu = "native", .optimisation = 3};
    bool only_files = false;
    options->explain = count > 1 && !strcmp(words[1], "explain");
    for (int at = options->explain ? 2 : 1; at < count; at++) {
        const char *text = words[at];
        if (!only_files && !strcmp(text, "--"))
            only_files = true;
        else if (only_files || text[0] != '-' || !text[1]) {
            if (!read_file_name(options, arena, text))
                return false;
        } else if (!read_option(options, arena, count, words, &at)) {
            return false;
        }
        if (options->action != ACTION_COMPILE)
            return true;
    }
    if (!options->file)
        return usage_error("no file to %s", options->explain ? "explain" : "compile");
    return true;
}
