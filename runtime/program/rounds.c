/* Words of the command line to rounds of the network. */
#include "runtime/program/rounds.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "runtime/program/checked.h"
#include "runtime/program/ports.h"

/* The words, sorted: those of named inputs, and the others in order. */
struct words {
    const char **named; /* by input; NULL: none */
    bool *is_named;
    const char **others;
    int64_t other_count, free_inputs;
};

/* The pictures of a folder, or a file alone. */
struct source_files {
    const char *file;     /* NULL: a folder's */
    int64_t first, count; /* of the owned paths */
};

static struct ports inputs_of(const struct cnn_program *program) {
    return (struct ports){"input", program->inputs, program->input_count};
}

static bool wrong_count(struct messages *messages, const struct ports *ports,
                        const struct words *words) {
    struct shown names;
    int64_t wanted = words->free_inputs, given = words->other_count;
    char advice[64] = "";
    if (wanted > 1 && given > wanted)
        snprintf(advice, sizeof advice, ", which is no multiple of %lld", (long long)wanted);
    return fail(messages, EXIT_USAGE, "the network has %lld input%s%s%s, %lld file%s given%s",
                (long long)wanted, wanted == 1 ? "" : "s",
                port_names(ports, words->is_named, &names),
                wanted < ports->count ? " besides those named" : "", (long long)given,
                given == 1 ? "" : "s", advice);
}

/* A word with '=' is a file's name too, where there is such a file. */
static bool check_name(struct messages *messages, const struct ports *ports, const char *word) {
    struct stat status;
    struct shown names;
    if (!strchr(word, '=') || !stat(word, &status))
        return true;
    return fail(messages, EXIT_USAGE, "'%s': neither a file nor an input of the network%s",
                SHOWN(word), port_names(ports, NULL, &names));
}

static bool sort_words(struct messages *messages, const struct ports *ports,
                       const struct options *options, struct words *words) {
    int64_t streams = 0;
    words->free_inputs = ports->count;
    for (int64_t i = 0; i < options->input_count; i++) {
        const char *file;
        int64_t port = named_port(ports, options->inputs[i], &file);
        if (port >= 0 && words->is_named[port])
            return fail(messages, EXIT_USAGE, "two files for input '%s'",
                        SHOWN(ports->items[port].name));
        if (port < 0 && !check_name(messages, ports, file))
            return false;
        streams += !strcmp(file, "-");
        if (port < 0) {
            words->others[words->other_count++] = file;
        } else {
            words->named[port] = file;
            words->is_named[port] = true;
            words->free_inputs--;
        }
    }
    if (streams > 1)
        return fail(messages, EXIT_USAGE, "'-', standard input, can be read only once");
    int64_t groups = words->free_inputs ? words->other_count / words->free_inputs : 1;
    return (groups > 0 && groups * words->free_inputs == words->other_count) ||
           wrong_count(messages, ports, words);
}

static bool add_round(struct messages *messages, struct rounds *rounds) {
    int64_t inputs = rounds->program->input_count, capacity = 2 * rounds->capacity + 1, bytes;
    if (rounds->count < rounds->capacity) {
        rounds->count++;
        return true;
    }
    const char **files = NULL;
    if (checked_product((int64_t[]){capacity, inputs + 1, sizeof *files}, 3, &bytes))
        files = realloc(rounds->files, (size_t)bytes);
    if (!files)
        return fail_memory(messages, "the names of files");
    rounds->files = files;
    rounds->capacity = capacity;
    rounds->count++;
    return true;
}

static bool find_files(struct messages *messages, struct rounds *rounds, const char *word,
                       struct source_files *files) {
    *files = (struct source_files){word, 0, 1};
    if (!strcmp(word, "-") || !is_folder(word))
        return true;
    int64_t first = rounds->owned.count;
    if (!paths_add_pictures(messages, &rounds->owned, word))
        return false;
    *files = (struct source_files){NULL, first, rounds->owned.count - first};
    return true;
}

/* The rounds of one group: as many as its folders hold pictures, all of them equally many. */
static bool add_group(struct messages *messages, struct rounds *rounds, const char *const *words,
                      struct source_files *files) {
    int64_t inputs = rounds->program->input_count, count = 1, folder = -1;
    for (int64_t i = 0; i < inputs; i++) {
        if (!find_files(messages, rounds, words[i], &files[i]))
            return false;
        if (files[i].file)
            continue;
        if (folder >= 0 && files[i].count != count)
            return fail(messages, EXIT_INPUT,
                        "the folder '%s' holds %lld pictures, '%s' %lld: they go side by side",
                        SHOWN(words[folder]), (long long)count, SHOWN(words[i]),
                        (long long)files[i].count);
        count = files[i].count;
        folder = i;
    }
    for (int64_t n = 0; n < count; n++) {
        if (!add_round(messages, rounds))
            return false;
        for (int64_t i = 0; i < inputs; i++)
            rounds->files[(rounds->count - 1) * inputs + i] =
                files[i].file ? files[i].file : rounds->owned.items[files[i].first + n];
    }
    return true;
}

static int64_t find_lead(const struct words *words, int64_t inputs) {
    for (int64_t i = 0; i < inputs; i++)
        if (!words->is_named[i])
            return i;
    for (int64_t i = 0; i < inputs; i++)
        if (is_folder(words->named[i]))
            return i;
    return 0;
}

static bool add_groups(struct messages *messages, struct rounds *rounds, const struct words *words,
                       const char **group, struct source_files *files) {
    int64_t inputs = rounds->program->input_count, next = 0;
    do {
        for (int64_t i = 0; i < inputs; i++)
            group[i] = words->is_named[i] ? words->named[i] : words->others[next++];
        if (!add_group(messages, rounds, group, files))
            return false;
    } while (next < words->other_count);
    return true;
}

bool rounds_plan(struct messages *messages, struct rounds *rounds,
                 const struct cnn_program *program, const struct options *options) {
    *rounds = (struct rounds){.program = program};
    struct ports ports = inputs_of(program);
    size_t inputs = (size_t)program->input_count, count = (size_t)options->input_count;
    struct words words = {.named = calloc(inputs + 1, sizeof *words.named),
                          .is_named = calloc(inputs + 1, sizeof *words.is_named),
                          .others = calloc(count + 1, sizeof *words.others)};
    const char **group = calloc(inputs + 1, sizeof *group);
    struct source_files *files = calloc(inputs + 1, sizeof *files);
    bool good = words.named && words.is_named && words.others && group && files;
    if (!good)
        fail_memory(messages, "the names of files");
    good = good && sort_words(messages, &ports, options, &words) &&
           add_groups(messages, rounds, &words, group, files);
    if (good)
        rounds->lead = find_lead(&words, program->input_count);
    free(words.named);
    free(words.is_named);
    free(words.others);
    free(group);
    free(files);
    return good;
}

void rounds_free(struct rounds *rounds) {
    free(rounds->files);
    paths_free(&rounds->owned);
}

const char *round_file(const struct rounds *rounds, int64_t round, int64_t input) {
    return rounds->files[round * rounds->program->input_count + input];
}

const char *round_name(const struct rounds *rounds, int64_t round) {
    return rounds->program->input_count ? round_file(rounds, round, rounds->lead)
                                        : rounds->program->network;
}
