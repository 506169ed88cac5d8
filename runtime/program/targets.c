/* Words of -o to the files that outputs go to. */
#include "runtime/program/targets.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "runtime/program/ports.h"

static struct ports outputs_of(const struct targets *targets) {
    const struct cnn_program *program = targets->rounds->program;
    return (struct ports){"output", program->outputs, program->output_count};
}

/* Whether -o means a folder by this word: one that is there, or one that ends in a slash. */
static bool names_folder(const char *word) {
    return word[strlen(word) - 1] == '/' || is_folder(word);
}

/* "strngth=y.npy": meant for an output, most likely, that there is not. */
static bool names_other_output(const char *word) {
    return word[strcspn(word, "=/.")] == '=';
}

/* A word with the output's name before it, or for the network's only output. */
static bool take_one(struct messages *messages, const struct cnn_port *port, struct target *target,
                     const char *word) {
    if (target->file || target->folder)
        return fail(messages, EXIT_USAGE, "two files for output '%s'", SHOWN(port->name));
    if (!*word)
        return fail(messages, EXIT_USAGE, "-o %s= wants the name of a file", SHOWN(port->name));
    if (names_folder(word))
        target->folder = word;
    else
        target->file = word;
    return true;
}

static bool sort_words(struct messages *messages, struct targets *targets) {
    struct ports ports = outputs_of(targets);
    const char *all = NULL;
    for (int64_t i = 0; i < targets->options->output_count; i++) {
        const char *word;
        int64_t port = named_port(&ports, targets->options->outputs[i], &word);
        if (port < 0 && names_folder(word)) {
            if (all)
                return fail(messages, EXIT_USAGE, "two folders: '%s' and '%s'", SHOWN(all),
                            SHOWN(word));
            all = word;
            continue;
        }
        if (port < 0 && names_other_output(word)) {
            struct shown names;
            return fail(messages, EXIT_USAGE,
                        "'%s': the network has no output of that name%s; a file is named as './%s'",
                        SHOWN(word), port_names(&ports, NULL, &names), SHOWN(word));
        }
        if (port < 0 && ports.count != 1)
            return fail(messages, EXIT_USAGE,
                        "the network has %lld outputs: -o NAME=FILE for one, -o FOLDER/ for all",
                        (long long)ports.count);
        port = port < 0 ? 0 : port;
        if (!take_one(messages, &ports.items[port], &targets->items[port], word))
            return false;
    }
    for (int64_t i = 0; all && i < ports.count; i++)
        if (!targets->items[i].file && !targets->items[i].folder)
            targets->items[i].folder = all;
    return true;
}

static bool has_folder(const struct targets *targets) {
    for (int64_t i = 0; i < targets->rounds->program->output_count; i++)
        if (targets->items[i].folder)
            return true;
    return false;
}

/* One file cannot hold what several rounds write. */
static bool check_files(struct messages *messages, const struct targets *targets) {
    int64_t rounds = targets->rounds->count;
    for (int64_t i = 0; i < targets->rounds->program->output_count; i++)
        if (targets->items[i].file && rounds > 1)
            return fail(messages, EXIT_USAGE,
                        "%lld files are given, and each would be written to '%s': -o FOLDER/ "
                        "writes one file each",
                        (long long)rounds, SHOWN(targets->items[i].file));
    return true;
}

/* The name of a file without its folder and suffix. */
static const char *stem(const char *path, int *length) {
    const char *base = strcmp(path, "-") ? base_name(path) : "stdin";
    const char *dot = strrchr(base, '.');
    *length = (int)(dot && dot > base ? (size_t)(dot - base) : strlen(base));
    return base;
}

static int compare_stems(const void *left, const void *right) {
    int a_length, b_length;
    const char *a = stem(*(const char *const *)left, &a_length);
    const char *b = stem(*(const char *const *)right, &b_length);
    int order = memcmp(a, b, (size_t)(a_length < b_length ? a_length : b_length));
    return order ? order : (a_length > b_length) - (a_length < b_length);
}

/* Rounds are told apart by the names of their files alone, wherever these lie. */
static bool check_stems(struct messages *messages, const struct targets *targets) {
    size_t count = (size_t)targets->rounds->count;
    const char **names = calloc(count, sizeof *names);
    if (!names)
        return fail_memory(messages, "the names of files");
    for (size_t i = 0; i < count; i++)
        names[i] = round_name(targets->rounds, (int64_t)i);
    qsort(names, count, sizeof *names, compare_stems);
    bool good = true;
    for (size_t i = 1; i < count && good; i++) {
        int length;
        const char *text = stem(names[i], &length);
        if (!compare_stems(&names[i - 1], &names[i]))
            good = fail(messages, EXIT_USAGE,
                        "'%s' and '%s' would both be written to files called '%.*s': give them in "
                        "different calls, or rename one",
                        SHOWN(names[i - 1]), SHOWN(names[i]), length, SHOWN(text));
    }
    free(names);
    return good;
}

static bool same_file(const char *a, const char *b) {
    struct stat first, second;
    return !stat(a, &first) && !stat(b, &second) && first.st_dev == second.st_dev &&
           first.st_ino == second.st_ino;
}

/* A result never goes over what it is made from. */
static bool check_inputs(struct messages *messages, const struct targets *targets) {
    const struct rounds *rounds = targets->rounds;
    int64_t inputs = rounds->program->input_count, outputs = rounds->program->output_count;
    for (int64_t at = 0; at < rounds->count * outputs; at++) {
        char *path;
        bool good = target_path(messages, targets, at / outputs, at % outputs, &path);
        for (int64_t i = 0; good && path && i < inputs; i++)
            if (same_file(path, round_file(rounds, at / outputs, i)))
                good = fail(messages, EXIT_USAGE, "'%s' is an input: it would be overwritten",
                            SHOWN(path));
        free(path);
        if (!good)
            return false;
    }
    return true;
}

bool targets_plan(struct messages *messages, struct targets *targets, const struct rounds *rounds,
                  const struct options *options) {
    *targets = (struct targets){.rounds = rounds, .options = options};
    targets->items = calloc((size_t)rounds->program->output_count + 1, sizeof *targets->items);
    if (!targets->items)
        return fail_memory(messages, "the names of files");
    if (!options->output_count && !options->suffix)
        return true;
    if (!sort_words(messages, targets) || !check_files(messages, targets))
        return false;
    if (!has_folder(targets))
        return options->suffix ? fail(messages, EXIT_USAGE, "--format belongs to -o FOLDER/")
                               : check_inputs(messages, targets);
    return check_stems(messages, targets) && check_inputs(messages, targets);
}

void targets_free(struct targets *targets) {
    free(targets->items);
}

bool targets_make_folders(struct messages *messages, const struct targets *targets) {
    for (int64_t i = 0; i < targets->rounds->program->output_count; i++)
        if (targets->items[i].folder && !make_folder(messages, targets->items[i].folder))
            return false;
    return true;
}

bool target_path(struct messages *messages, const struct targets *targets, int64_t round,
                 int64_t output, char **path) {
    const struct cnn_program *program = targets->rounds->program;
    const struct target *target = &targets->items[output];
    *path = NULL;
    if (target->file)
        return (*path = join_path(messages, "", target->file));
    if (!target->folder)
        return true;
    int length;
    const char *text = stem(round_name(targets->rounds, round), &length);
    const char *suffix = targets->options->suffix ? targets->options->suffix : "npy";
    bool several = program->output_count > 1;
    const char *part = several ? program->outputs[output].name : "";
    size_t room = (size_t)length + strlen(part) + strlen(suffix) + 3;
    char *name = malloc(room);
    if (!name)
        return fail_memory(messages, "the name of a file");
    snprintf(name, room, "%.*s%s%s.%s", length, text, several ? "." : "", part, suffix);
    *path = join_path(messages, target->folder, name);
    free(name);
    return *path;
}
