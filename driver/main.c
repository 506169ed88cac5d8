/* The command `cnnc`. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "driver/compile.h"
#include "driver/lists.h"
#include "driver/options.h"
#include "import/import.h"

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

static enum exit_code run(const struct options *options, struct arena *arena) {
    switch (options->action) {
    case ACTION_HELP:
        options_help(stdout, arena);
        return EXIT_DONE;
    case ACTION_VERSION:
        printf("cnnc %s (LLVM %s)\n", CNNC_VERSION, CNNC_LLVM_VERSION);
        return EXIT_DONE;
    case ACTION_LIST_LAYERS:
        list_layers(stdout, options->markdown);
        return EXIT_DONE;
    case ACTION_LIST_OPERATORS:
        list_onnx_operators(stdout, options->markdown);
        return EXIT_DONE;
    case ACTION_LIST_ERRORS:
        list_errors(stdout, options->markdown);
        return EXIT_DONE;
    case ACTION_EXPLAIN_CODE:
        explain_code(stdout, options->code);
        return EXIT_DONE;
    case ACTION_COMPLETIONS:
        print_completions(stdout, options->shell);
        return EXIT_DONE;
    case ACTION_MANUAL:
        print_manual(stdout, arena, options->manual);
        return EXIT_DONE;
    case ACTION_COMPILE:
        return compile(options);
    }
    return EXIT_INTERNAL;
}

int main(int count, char **words) {
    if (!open_standard_streams())
        return EXIT_IO;
    signal(SIGPIPE, SIG_IGN); /* a reader that went away is an error of writing, */
    signal(SIGXFSZ, SIG_IGN); /* and so is a file that may not grow */
    struct arena arena = {0};
    struct options options;
    enum exit_code code =
        options_parse(&options, &arena, count, words) ? run(&options, &arena) : EXIT_USAGE;
    arena_free(&arena);
    if ((fflush(stdout) || ferror(stdout)) && code == EXIT_DONE) {
        fprintf(stderr, "cnnc: error: cannot write standard output: %s\n", strerror(errno));
        code = EXIT_IO;
    }
    return (int)code;
}
