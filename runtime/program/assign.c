/* Words FILE or NAME=FILE to the inputs and outputs they are for. */
#include "runtime/program/assign.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct ports {
    const char *kind; /* "input" or "output" */
    const struct cnn_port *ports;
    int64_t count;
};

/* The port that `word` names before its '=', or -1. */
static int64_t named_port(const struct ports *ports, const char *word) {
    for (int64_t i = 0; i < ports->count; i++) {
        size_t length = strlen(ports->ports[i].name);
        if (!strncmp(word, ports->ports[i].name, length) && word[length] == '=')
            return i;
    }
    return -1;
}

static const char *after_name(const char *word) {
    return strchr(word, '=') + 1;
}

/* " (a, b)", as much of it as fits */
static const char *port_names(const struct ports *ports, struct shown *names) {
    size_t used = 0, room = sizeof names->text;
    for (int64_t i = 0; i < ports->count && used + 1 < room; i++)
        used += (size_t)snprintf(names->text + used, room - used, "%s%s", i ? ", " : " (",
                                 SHOWN(ports->ports[i].name));
    if (ports->count && used + 1 < room)
        snprintf(names->text + used, room - used, ")");
    return names->text;
}

static bool wrong_count(struct messages *messages, const struct ports *ports, int64_t given) {
    struct shown names = {{0}};
    return fail(messages, EXIT_USAGE, "the network has %lld %s%s%s, %lld file%s given",
                (long long)ports->count, ports->kind, ports->count == 1 ? "" : "s",
                port_names(ports, &names), (long long)given, given == 1 ? "" : "s");
}

/* A word with '=' is a file's name too, where there is such a file. */
static bool check_name(struct messages *messages, const struct ports *ports, const char *word) {
    struct stat status;
    struct shown names = {{0}};
    if (!strchr(word, '=') || !stat(word, &status))
        return true;
    return fail(messages, EXIT_USAGE, "'%s': neither a file nor an %s of the network%s",
                SHOWN(word), ports->kind, port_names(ports, &names));
}

bool assign_inputs(struct messages *messages, const struct cnn_program *program,
                   const struct options *options, const char **paths) {
    struct ports ports = {"input", program->inputs, program->input_count};
    for (int64_t i = 0; i < options->input_count; i++) {
        int64_t port = named_port(&ports, options->inputs[i]);
        if (port >= 0 && paths[port])
            return fail(messages, EXIT_USAGE, "two files for input '%s'",
                        SHOWN(ports.ports[port].name));
        if (port >= 0)
            paths[port] = after_name(options->inputs[i]);
    }
    int64_t next = 0;
    for (int64_t i = 0; i < options->input_count; i++) {
        if (named_port(&ports, options->inputs[i]) >= 0)
            continue;
        if (!check_name(messages, &ports, options->inputs[i]))
            return false;
        while (next < ports.count && paths[next])
            next++;
        if (next == ports.count)
            return wrong_count(messages, &ports, options->input_count);
        paths[next] = options->inputs[i];
    }
    return options->input_count == ports.count ||
           wrong_count(messages, &ports, options->input_count);
}

static bool is_folder(const char *path) {
    struct stat status;
    size_t length = strlen(path);
    return path[length - 1] == '/' || (!stat(path, &status) && S_ISDIR(status.st_mode));
}

static bool take_path(struct messages *messages, const struct cnn_port *port, char **place,
                      const char *folder, const char *name, const char *suffix) {
    if (*place)
        return fail(messages, EXIT_USAGE, "two files for output '%s'", SHOWN(port->name));
    const char *slash = *folder && folder[strlen(folder) - 1] != '/' ? "/" : "";
    size_t length = strlen(folder) + strlen(slash) + strlen(name) + strlen(suffix) + 1;
    *place = malloc(length);
    if (!*place)
        return fail_memory(messages, "the name of a file");
    snprintf(*place, length, "%s%s%s%s", folder, slash, name, suffix);
    return true;
}

static bool take_folder(struct messages *messages, const struct ports *ports, const char *folder,
                        char **paths) {
    if (mkdir(folder, 0777) && errno != EEXIST)
        return fail(messages, EXIT_IO, "cannot make the folder '%s': %s", SHOWN(folder),
                    strerror(errno));
    for (int64_t i = 0; i < ports->count; i++)
        if (!paths[i] &&
            !take_path(messages, &ports->ports[i], &paths[i], folder, ports->ports[i].name, ".npy"))
            return false;
    return true;
}

bool assign_outputs(struct messages *messages, const struct cnn_program *program,
                    const struct options *options, char **paths) {
    struct ports ports = {"output", program->outputs, program->output_count};
    const char *folder = NULL;
    for (int64_t i = 0; i < options->output_count; i++) {
        const char *word = options->outputs[i];
        int64_t port = named_port(&ports, word);
        const char *file = port >= 0 ? after_name(word) : word;
        if (port < 0 && is_folder(word)) {
            if (folder)
                return fail(messages, EXIT_USAGE, "two folders: '%s' and '%s'", SHOWN(folder),
                            SHOWN(word));
            folder = word;
            continue;
        }
        if (port < 0 && ports.count != 1)
            return fail(messages, EXIT_USAGE,
                        "the network has %lld outputs: -o NAME=FILE for one, -o FOLDER/ for all",
                        (long long)ports.count);
        if (port < 0)
            port = 0;
        if (!take_path(messages, &ports.ports[port], &paths[port], "", file, ""))
            return false;
    }
    return !folder || take_folder(messages, &ports, folder, paths);
}
