/* A network and the words of a command line in; files, text and an exit code out. */
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "runtime/program/bench.h"
#include "runtime/program/help.h"
#include "runtime/program/profile.h"

/* A closed standard stream would give its number to the next file opened: all three exist. What
 * goes to a closed standard output is not taken for written. */
static bool open_standard_streams(void) {
    for (int descriptor = 0; descriptor <= 2; descriptor++) {
        int flags = descriptor == STDOUT_FILENO ? O_RDONLY : O_RDWR;
        if (fcntl(descriptor, F_GETFD) < 0 && open("/dev/null", flags) != descriptor)
            return false;
    }
    return true;
}

static bool use_network(struct messages *messages, const struct cnn_program *program,
                        const struct options *options) {
    struct session session;
    bool good = session_begin(&session, messages, program, options) &&
                (options->profile ? profile
                 : options->bench ? bench
                                  : session_process)(&session);
    session_end(&session);
    return good;
}

static void act(struct messages *messages, const struct cnn_program *program,
                const struct options *options) {
    switch (options->action) {
    case ACTION_USE:
        use_network(messages, program, options);
        return;
    case ACTION_HELP:
        print_help(program, messages->program);
        return;
    case ACTION_INFO:
        print_info(program);
        return;
    case ACTION_VERSION:
        print_version(program);
        return;
    }
}

/* The last part of the path the program was called by, or the network's name. */
static const char *own_name(const struct cnn_program *program, int count, char **words) {
    if (count < 1 || !*words[0])
        return program->network;
    const char *slash = strrchr(words[0], '/');
    return slash && slash[1] ? slash + 1 : words[0];
}

int cnn_program_main(const struct cnn_program *program, int count, char **words) {
    if (!open_standard_streams())
        return EXIT_IO;
    signal(SIGPIPE, SIG_IGN); /* a reader that went away is an error of writing, */
    signal(SIGXFSZ, SIG_IGN); /* and so is a file that may not grow */
    struct shown name;
    struct messages messages = {.program = show(&name, own_name(program, count, words))};
    struct options options;
    if (options_parse(&messages, &options, count, words)) {
        progress_begin(&messages.progress, options.quiet);
        act(&messages, program, &options);
    }
    options_free(&options);
    if (messages.code == EXIT_DONE)
        flush_text(&messages);
    return (int)messages.code;
}
