/* Words in, struct options out. The table below is what parsing and --help know of options. */
#include "runtime/program/options.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static bool usage(struct messages *messages, const char *what, const char *word) {
    return fail(messages, EXIT_USAGE, "%s '%s'; --help lists the options", what, SHOWN(word));
}

static bool read_count(struct messages *messages, const char *option, const char *word,
                       int64_t most, int64_t *result) {
    *result = 0;
    const char *at = word;
    for (; *at >= '0' && *at <= '9' && *result <= most; at++)
        *result = *result * 10 + (*at - '0');
    if (*at || *result < 1 || *result > most)
        return fail(messages, EXIT_USAGE, "%s wants a number from 1 to %lld, not '%s'", option,
                    (long long)most, SHOWN(word));
    return true;
}

enum { MOST_TIMES = 1000000 };

static bool read_top(struct messages *messages, struct options *options, const char *word) {
    return read_count(messages, "--top", word, MOST_TIMES, &options->top);
}

static bool read_bench(struct messages *messages, struct options *options, const char *word) {
    return read_count(messages, "--bench", word, MOST_TIMES, &options->bench);
}

static bool read_threads(struct messages *messages, struct options *options, const char *word) {
    return read_count(messages, "--threads", word, CNN_MAX_PARTS, &options->threads);
}

/* A finite decimal number of `length` characters. */
static bool read_number(const char *word, size_t length, double *number) {
    char text[64], *end;
    if (length == 0 || length >= sizeof text || strspn(word, "+-.0123456789eE") < length)
        return false;
    memcpy(text, word, length);
    text[length] = '\0';
    *number = strtod(text, &end);
    return !*end && isfinite(*number);
}

static bool read_scale(struct messages *messages, struct options *options, const char *word) {
    if (!strcmp(word, "auto")) {
        options->scale = SCALE_EXTREMES;
        return true;
    }
    const char *dots = strstr(word, "..");
    options->scale = SCALE_GIVEN;
    if (dots && read_number(word, (size_t)(dots - word), &options->low) &&
        read_number(dots + 2, strlen(dots + 2), &options->high) && options->low < options->high)
        return true;
    return fail(messages, EXIT_USAGE, "--scale wants auto, or A..B with A below B, not '%s'",
                SHOWN(word));
}

static bool read_fill(struct messages *messages, struct options *options, const char *word) {
    options->rules.has_fill = true;
    return read_number(word, strlen(word), &options->rules.fill) ||
           fail(messages, EXIT_USAGE, "--fill wants a number, not '%s'", SHOWN(word));
}

static bool read_resize(struct messages *messages, struct options *options, const char *word) {
    static const char *const modes[] = {
        [RESIZE_FIT] = "fit", [RESIZE_CROP] = "crop", [RESIZE_STRETCH] = "stretch"};
    for (int mode = RESIZE_FIT; mode <= RESIZE_STRETCH; mode++)
        if (!strcmp(word, modes[mode])) {
            options->rules.resize = (enum resize_mode)mode;
            return true;
        }
    return fail(messages, EXIT_USAGE, "--resize wants fit, crop or stretch, not '%s'", SHOWN(word));
}

static bool read_format(struct messages *messages, struct options *options, const char *word) {
    static const char *const suffixes[] = {"npy", "png", "pgm", "ppm"};
    for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++)
        if (!strcmp(word, suffixes[i])) {
            options->suffix = suffixes[i];
            return true;
        }
    return fail(messages, EXIT_USAGE, "--format wants npy, png, pgm or ppm, not '%s'", SHOWN(word));
}

static bool read_output(struct messages *messages, struct options *options, const char *word) {
    if (!*word)
        return fail(messages, EXIT_USAGE, "-o wants the name of a file");
    options->outputs[options->output_count++] = word;
    return true;
}

static bool read_dump(struct messages *messages, struct options *options, const char *word) {
    options->dump = word;
    return *word || fail(messages, EXIT_USAGE, "--dump wants the name of a folder");
}

static bool set_printing(struct messages *messages, struct options *options,
                         enum printing printing) {
    if (options->printing != PRINT_TEXT && options->printing != printing)
        return fail(messages, EXIT_USAGE, "--json and --csv exclude each other");
    options->printing = printing;
    return true;
}

/* The words of options without an argument are NULL. */
static bool read_json(struct messages *messages, struct options *options, const char *word) {
    (void)word;
    return set_printing(messages, options, PRINT_JSON);
}

static bool read_csv(struct messages *messages, struct options *options, const char *word) {
    (void)word;
    return set_printing(messages, options, PRINT_CSV);
}

static bool read_profile(struct messages *messages, struct options *options, const char *word) {
    (void)messages, (void)word;
    return options->profile = true;
}

static bool read_quiet(struct messages *messages, struct options *options, const char *word) {
    (void)word;
    return options->quiet = messages->quiet = true;
}

static bool read_at_once(struct messages *messages, struct options *options, const char *word) {
    return read_count(messages, "--at-once", word, CNN_MAX_PARTS, &options->at_once);
}

static const struct option {
    const char *name;
    const char *argument; /* what --help calls it; NULL: none */
    bool (*read)(struct messages *, struct options *, const char *word);
    enum action action; /* where there is nothing to read */
    const char *help;
} table[] = {
    {"-o", "[NAME=]FILE", read_output, ACTION_USE,
     "write an output: .npy numbers; .png, .pgm, .ppm a picture"},
    {"-o", "[NAME=]FOLDER/", read_output, ACTION_USE,
     "write a file for each input file there, called after it"},
    {"--format", "SUFFIX", read_format, ACTION_USE,
     "what is written to FOLDER/: npy (default), png, pgm, ppm"},
    {"--scale", "A..B|auto", read_scale, ACTION_USE,
     "what is black and what is white in pictures; auto: minimum and maximum"},
    {"--resize", "MODE", read_resize, ACTION_USE,
     "pictures of another size: fit (with a border), crop (the middle), stretch"},
    {"--fill", "VALUE", read_fill, ACTION_USE,
     "the border of --resize fit; default: the range's lower end"},
    {"--top", "K", read_top, ACTION_USE, "print the K best classes (5; 1 each of several files)"},
    {"--json", NULL, read_json, ACTION_USE, "print a JSON document a line for each image"},
    {"--csv", NULL, read_csv, ACTION_USE, "print CSV, a row for each image and class"},
    {"--quiet", NULL, read_quiet, ACTION_USE, "no progress and no warnings on stderr"},
    {"--threads", "N", read_threads, ACTION_USE, "share the work of a layer among N threads (1)"},
    {"--at-once", "N", read_at_once, ACTION_USE,
     "run N images of a batch at once, each by a thread of its own (1)"},
    {"--bench", "N", read_bench, ACTION_USE,
     "run N times, on zeros if no input is given, and print the times"},
    {"--profile", NULL, read_profile, ACTION_USE,
     "print the time of each layer: median of --bench N runs"},
    {"--dump", "FOLDER", read_dump, ACTION_USE, "write what each layer makes there, as NAME.npy"},
    {"--info", NULL, NULL, ACTION_INFO, "print the layers: sizes, receptive fields and costs"},
    {"--version", NULL, NULL, ACTION_VERSION, "print the network and what compiled it"},
    {"--help", NULL, NULL, ACTION_HELP, "print this"},
};
enum { OPTION_COUNT = sizeof table / sizeof *table };

void print_options(void) {
    for (int i = 0; i < OPTION_COUNT; i++) {
        char left[32];
        snprintf(left, sizeof left, "%s%s%s", table[i].name, table[i].argument ? " " : "",
                 table[i].argument ? table[i].argument : "");
        printf("  %-18s %s\n", left, table[i].help);
    }
}

/* The option that `word` is, or begins as "--NAME=": *argument is then what follows, else NULL. */
static const struct option *find_option(const char *word, const char **argument) {
    for (int i = 0; i < OPTION_COUNT; i++) {
        size_t length = strlen(table[i].name);
        if (strncmp(word, table[i].name, length))
            continue;
        bool joined = word[1] == '-' && word[length] == '=';
        if (!joined && word[length])
            continue;
        *argument = joined ? word + length + 1 : NULL;
        return &table[i];
    }
    return NULL;
}

/* Reads the option at words[*at]; *at is then the last word that belongs to it. */
static bool read_option(struct messages *messages, struct options *options, int count, char **words,
                        int *at) {
    const char *argument;
    const struct option *option = find_option(words[*at], &argument);
    if (!option)
        return usage(messages, "unknown option", words[*at]);
    if (!option->argument && argument)
        return usage(messages, "no argument belongs to", option->name);
    if (!option->read) {
        options->action = option->action;
        return true;
    }
    if (!option->argument)
        return option->read(messages, options, NULL);
    if (!argument && *at + 1 == count)
        return fail(messages, EXIT_USAGE, "%s wants %s", option->name, option->argument);
    return option->read(messages, options, argument ? argument : words[++*at]);
}

/* Options that have no use together. */
static bool check_options(struct messages *messages, const struct options *o) {
    const char *timing = o->profile ? "--profile" : o->bench ? "--bench" : NULL;
    const char *format = o->printing == PRINT_JSON  ? "--json"
                         : o->printing == PRINT_CSV ? "--csv"
                                                    : NULL;
    const char *other = o->output_count ? "-o" : o->dump ? "--dump" : format;
    if (timing && other)
        return fail(messages, EXIT_USAGE, "%s prints times only: %s has no use with it", timing,
                    other);
    const char *single = o->profile ? "--profile" : o->dump ? "--dump" : NULL;
    if (o->threads > 1 && single)
        return fail(messages, EXIT_USAGE, "%s runs layers one by one: --threads has no use with it",
                    single);
    const char *one = o->threads > 1 ? "--threads" : o->bench ? "--bench" : single;
    if (o->at_once > 1 && one)
        return fail(messages, EXIT_USAGE, "%s is for one image: --at-once has no use with it", one);
    if (o->rules.has_fill && o->rules.resize != RESIZE_FIT)
        return fail(messages, EXIT_USAGE, "--fill belongs to --resize fit");
    return true;
}

bool options_parse(struct messages *messages, struct options *options, int count, char **words) {
    *options = (struct options){0};
    options->inputs = calloc((size_t)count + 1, sizeof *options->inputs);
    options->outputs = calloc((size_t)count + 1, sizeof *options->outputs);
    if (!options->inputs || !options->outputs)
        return fail_memory(messages, "the command line");
    bool only_files = false;
    for (int at = 1; at < count && options->action == ACTION_USE; at++) {
        if (!only_files && !strcmp(words[at], "--"))
            only_files = true;
        else if (only_files || words[at][0] != '-' || !words[at][1])
            options->inputs[options->input_count++] = words[at];
        else if (!read_option(messages, options, count, words, &at))
            return false;
    }
    return options->action != ACTION_USE || check_options(messages, options);
}

void options_free(struct options *options) {
    free(options->inputs);
    free(options->outputs);
}
