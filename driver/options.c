/* The command line in, struct options out. All options are rows of driver/options.def. */
#include "driver/options.h"

#include <string.h>

#include "lexer/diagnostics.h"
#include "lexer/number.h"

void options_help(FILE *stream, struct arena *arena) {
    enum { HELP_COLUMN = 28 };
    const char *lead = "usage:";
    for (const struct usage *usage = usage_table; usage->arguments; usage++, lead = "      ")
        fprintf(stream, "%s cnnc %s%s%s\n           %s\n", lead, usage->word ? usage->word : "",
                usage->word ? " " : "", usage->arguments, usage->help);
    fputc('\n', stream);
    for (int i = 0; i < OPTION_COUNT; i++) {
        const char *left = option_synopsis(arena, &option_table[i]);
        if (strlen(left) <= HELP_COLUMN)
            fprintf(stream, "  %-*s %s\n", HELP_COLUMN, left, option_table[i].help);
        else
            fprintf(stream, "  %s\n  %-*s %s\n", left, HELP_COLUMN, "", option_table[i].help);
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
        const struct option *option = &option_table[i];
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
        names[i] = option_table[i].text;
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
    if (!equals || equals == text || !equals[1]) /* dimensions of models have any names */
        return usage_error("-D wants NAME=VALUE, not '%s'", shown(arena, text));
    struct definition definition = {arena_strndup(arena, text, (size_t)(equals - text)),
                                    equals + 1};
    ARENA_PUSH(arena, options->definitions, options->definition_count, options->definition_capacity,
               definition);
    return true;
}

static bool add_shape(struct options *options, struct arena *arena, const char *text) {
    const char *equals = strrchr(text, '='); /* sizes have none, names may */
    struct definition shape = {NULL, equals ? equals + 1 : text};
    if (equals)
        shape.name = arena_strndup(arena, text, (size_t)(equals - text));
    ARENA_PUSH(arena, options->shapes, options->shape_count, options->shape_capacity, shape);
    return true;
}

static bool add_constant(struct options *options, struct arena *arena, const char *text) {
    const char *equals = strchr(text, '=');
    if (!equals || equals == text || !equals[1])
        return usage_error("--constant wants INPUT=FILE.npy, not '%s'", shown(arena, text));
    struct definition constant = {arena_strndup(arena, text, (size_t)(equals - text)), equals + 1};
    ARENA_PUSH(arena, options->constants, options->constant_count, options->constant_capacity,
               constant);
    return true;
}

/* A whole number from 1 to `most`; else false. */
static bool read_count(const char *text, int most, int *count) {
    *count = 0;
    for (const char *at = text; *at >= '0' && *at <= '9' && *count <= most; at++)
        *count = 10 * *count + (*at - '0');
    return *count > 0 && *count <= most && text[strspn(text, "0123456789")] == '\0';
}

static bool read_depth(struct options *options, struct arena *arena, const char *text) {
    enum { DEPTH_MAX = 1000 };
    return read_count(text, DEPTH_MAX, &options->depth) ||
           usage_error("--depth wants a number of parts from 1 to %d, not '%s'", DEPTH_MAX,
                       shown(arena, text));
}

static bool read_batch(struct options *options, struct arena *arena, const char *text) {
    enum { BATCH_MAX = 65536 };
    return read_count(text, BATCH_MAX, &options->batch) ||
           usage_error("--batch wants a number of images from 1 to %d, not '%s'", BATCH_MAX,
                       shown(arena, text));
}

static bool read_budget(struct options *options, struct arena *arena, const char *text) {
    size_t length = strlen(text), digits = strspn(text, "0123456789");
    bool suffixed = digits && length == digits + 1 && strchr("KMG", text[digits]);
    bool number = digits && (length == digits || suffixed);
    return (number && parse_integer(text, length, &options->weights_budget)) ||
           usage_error("--weights-budget wants bytes, such as 0, 500K or 16M, not '%s'",
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
        if (options->product == PRODUCT_GRAPH || options->product == PRODUCT_PLAN)
            options->dump = options->product == PRODUCT_GRAPH ? DUMP_GRAPH : DUMP_PLAN;
        return true;
    case OPTION_DEPENDENCIES:
        options->dependencies = true;
        return true;
    case OPTION_DEPENDENCY_FILE:
        options->dependencies = true;
        options->dependency_file = argument;
        return *argument || usage_error("-MF wants the name of a file");
    case OPTION_DEPENDENCY_TARGET:
        ARENA_PUSH(arena, options->dependency_targets, options->dependency_target_count,
                   options->dependency_target_capacity, argument);
        return *argument || usage_error("-MT wants the name of a target");
    case OPTION_DEPENDENCIES_PHONY:
        options->dependencies_phony = true;
        return true;
    case OPTION_CPU:
        options->cpu = argument;
        return true;
    case OPTION_TARGET:
        options->target = argument;
        return true;
    case OPTION_WEIGHTS_OUT:
        options->weights_out = argument;
        return *argument || usage_error("--weights-out wants the name of a file");
    case OPTION_LEVEL:
        options->optimisation = value;
        return true;
    case OPTION_DEFINE:
        return add_definition(options, arena, argument);
    case OPTION_SHAPE:
        return add_shape(options, arena, argument);
    case OPTION_CONSTANT:
        return add_constant(options, arena, argument);
    case OPTION_BATCH:
        return read_batch(options, arena, argument);
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
    case OPTION_TUNE:
        options->tune = true;
        return true;
    case OPTION_TUNE_FILE:
        options->tune = true;
        options->tune_file = argument;
        return *argument || usage_error("--tune-file wants the name of a file");
    case OPTION_EXACT:
        options->exact = true;
        return true;
    case OPTION_WEIGHTS_BUDGET:
        return read_budget(options, arena, argument);
    case OPTION_CHECK:
        options->check = true;
        return true;
    case OPTION_REPORT:
        options->plan = (value & REPORT_OF_PLAN) != 0;
        options->report = (enum report_form)(value & ~REPORT_OF_PLAN);
        return true;
    case OPTION_PROFILE:
        options->profile = true;
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
    case OPTION_LIST_OPERATORS:
    case OPTION_LIST_ERRORS:
        options->action = option->id == OPTION_LIST_LAYERS      ? ACTION_LIST_LAYERS
                          : option->id == OPTION_LIST_OPERATORS ? ACTION_LIST_OPERATORS
                                                                : ACTION_LIST_ERRORS;
        options->markdown = value != 0;
        return true;
    case OPTION_COMPLETIONS:
        options->action = ACTION_COMPLETIONS;
        options->shell = (enum shell)value;
        return true;
    case OPTION_MANUAL:
        options->action = ACTION_MANUAL;
        options->manual = (enum manual)value;
        return true;
    case OPTION_VERSION:
        options->action = ACTION_VERSION;
        return true;
    case OPTION_HELP:
        options->action = ACTION_HELP;
        return true;
    case OPTION_COUNT:
        break;
    }
    return true;
}

static bool find_word(const struct option_word *words, const char *text, int *value) {
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
    bool takes_none = option && option->takes == TAKES_NOTHING;
    if (!option || (takes_none && argument && option->text[1] != '-'))
        return unknown_option(arena, text);
    if (takes_none && argument)
        return usage_error("%s takes no argument", option->text);
    if (option->takes == TAKES_WORD_OR_NOTHING && !argument)
        argument = option->words->text;
    if (!takes_none && !argument) {
        if (*at + 1 == count)
            return usage_error("%s wants %s", option->text, option_argument(arena, option));
        argument = words[++*at];
    }
    int value = 0;
    if (option->words && !find_word(option->words, argument, &value))
        return usage_error("%s wants %s, not '%s'", option->text, option_argument(arena, option),
                           shown(arena, argument));
    return apply(options, arena, option, argument, value);
}

/* A letter and four digits: what is explained is a message, not a file. */
static bool looks_like_code(const char *text) {
    return strlen(text) == 5 && strspn(text + 1, "0123456789") == 4 && text[0] != '.' &&
           strspn(text, "0123456789") == 0;
}

static bool read_seed(struct options *options, struct arena *arena, const char *text) {
    size_t length = strlen(text);
    return (length && strspn(text, "0123456789") == length &&
            parse_integer(text, length, &options->seed)) ||
           usage_error("init wants a whole number as its seed, not '%s'", shown(arena, text));
}

/* The second name, of which each command has its own. */
static bool read_subject(struct options *options, struct arena *arena, const char *text) {
    if (options->command == COMMAND_EXPLAIN)
        options->layer = text;
    else if (options->command == COMMAND_WEIGHTS)
        options->weights = text;
    else
        return read_seed(options, arena, text);
    return true;
}

static bool read_file_name(struct options *options, struct arena *arena, const char *text,
                           int names) {
    if (options->command == COMMAND_EXPLAIN && names == 1 && looks_like_code(text)) {
        options->action = ACTION_EXPLAIN_CODE;
        return read_code(arena, text, &options->code);
    }
    bool has_subject = options->command != COMMAND_COMPILE && options->command != COMMAND_IMPORT;
    if (has_subject && names == 2)
        return read_subject(options, arena, text);
    if (has_subject && names > 2)
        return usage_error("'%s' is one word too many", shown(arena, text));
    if (options->file)
        return usage_error("one file at a time: both '%s' and '%s' are named",
                           shown(arena, options->file), shown(arena, text));
    options->file = text;
    return true;
}

static enum command find_command(const char *word) {
    for (const struct usage *usage = usage_table; usage->arguments; usage++)
        if (usage->word && !strcmp(word, usage->word))
            return usage->command;
    return COMMAND_COMPILE;
}

/* Code that need not run here. */
static bool is_for_others(const struct options *options) {
    return options->target || (options->cpu && strcmp(options->cpu, "native") != 0);
}

/* A plan is that of a program, but for other systems. */
static bool settle_plan(struct options *options) {
    if (options->profile && options->command == COMMAND_RUN)
        return usage_error("run runs the network: --profile behind its file is the program's");
    if (options->profile && options->report == REPORT_DOT)
        return usage_error("--profile has no drawing: --report=plan, plan-json, plan-markdown or "
                           "plan-csv go with it");
    if (options->profile && is_for_others(options))
        return usage_error("--profile runs the network here: --cpu and --target go with what is "
                           "made for others");
    if (options->profile && options->report == REPORT_NONE)
        options->report = REPORT_TABLE;
    options->plan = options->plan || options->profile;
    if (options->plan) {
        options->product = options->target ? PRODUCT_OBJECT : PRODUCT_PROGRAM;
        options->weights_out = NULL;
    }
    return true;
}

/* Options that do not go together, and defaults that depend on others. */
static bool settle(struct options *options) {
    bool linked = options->product == PRODUCT_PROGRAM || options->product == PRODUCT_SHARED;
    bool makes_files =
        options->product != PRODUCT_PROGRAM || options->output || options->dependencies;
    if (options->command == COMMAND_RUN && makes_files)
        return usage_error(
            "run makes no file of the network; options of the program, as -o for its "
            "results, stand behind '%s'",
            options->file);
    if (options->command == COMMAND_RUN && (options->cpu || options->target))
        return usage_error("run is for this processor: --cpu and --target go with what is made for "
                           "others");
    if (options->tune && options->weights_budget != INT64_MAX)
        return usage_error("--tune chooses by time alone: --weights-budget goes without it");
    if (options->tune && is_for_others(options))
        return usage_error("--tune measures on this machine: --cpu and --target go with what is "
                           "made for others");
    if (!settle_plan(options))
        return false;
    linked = linked && !options->plan;
    if (options->command == COMMAND_IMPORT && options->output && !strcmp(options->output, "-"))
        return usage_error("import writes two files: -o names that of the network");
    if (options->target && linked)
        return usage_error("what is linked is for this machine: --target goes with -c, -S or "
                           "--emit=llvm, bitcode or header");
    if (options->weights_out && options->product == PRODUCT_PROGRAM)
        return usage_error("a program has its weights in itself: --weights-out goes with -c or "
                           "--emit=shared");
    bool of_rule = options->dependency_target_count || options->dependencies_phony;
    if (of_rule && !options->dependencies)
        return usage_error("-MT and -MP go with -MD or -MF");
    if (!options->cpu)
        options->cpu = options->target ? "x86-64" : "native";
    return true;
}

bool options_parse(struct options *options, struct arena *arena, int count, char **words) {
    *options = (struct options){.optimisation = 2, .weights_budget = INT64_MAX};
    static const char *const verbs[] = {[COMMAND_COMPILE] = "compile",
                                        [COMMAND_EXPLAIN] = "explain",
                                        [COMMAND_WEIGHTS] = "list weights of",
                                        [COMMAND_INIT] = "make weights for",
                                        [COMMAND_RUN] = "run",
                                        [COMMAND_IMPORT] = "import"};
    bool only_files = false;
    int names = 0;
    options->command = find_command(count > 1 ? words[1] : "");
    for (int at = options->command == COMMAND_COMPILE ? 1 : 2; at < count; at++) {
        const char *text = words[at];
        if (options->command == COMMAND_RUN && options->file) {
            options->words = &words[at];
            options->word_count = count - at;
            break;
        }
        if (!only_files && !strcmp(text, "--"))
            only_files = true;
        else if (only_files || text[0] != '-' || !text[1]) {
            if (!read_file_name(options, arena, text, ++names))
                return false;
        } else if (!read_option(options, arena, count, words, &at)) {
            return false;
        }
        if (options->action != ACTION_COMPILE)
            return true;
    }
    if (!options->file)
        return usage_error("no file to %s", verbs[options->command]);
    return settle(options);
}
