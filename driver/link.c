/* Runs `cc -o PROGRAM OBJECT libcnnc-program.a -lm`, or `cc -shared ...`, without a shell. A shared
 * library takes the pool of threads (runtime/threads.h) from the same archive, if that is there,
 * and no more. */
#include "driver/link.h"

#include <errno.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static const char library_name[] = "libcnnc-program.a";

/* The folder this executable lies in, with its slash, or NULL. */
static const char *own_folder(struct arena *arena) {
    for (size_t capacity = 256; capacity <= 65536; capacity *= 2) {
        char *path = ARENA_ARRAY(arena, char, capacity);
        ssize_t length = readlink("/proc/self/exe", path, capacity - 1);
        if (length < 0)
            return NULL;
        if ((size_t)length < capacity - 1) {
            strrchr(path, '/')[1] = '\0';
            return path;
        }
    }
    return NULL;
}

/* The library of compiled programs: beside cnnc, as built, or in ../lib/cnnc, as installed. */
static const char *find_library(struct arena *arena, const char **error) {
    const char *folder = own_folder(arena);
    if (!folder) {
        *error = arena_printf(arena, "cannot find the folder cnnc lies in: %s", strerror(errno));
        return NULL;
    }
    const char *beside = arena_printf(arena, "%s%s", folder, library_name);
    const char *installed = arena_printf(arena, "%s../lib/cnnc/%s", folder, library_name);
    if (!access(beside, R_OK))
        return beside;
    if (!access(installed, R_OK))
        return installed;
    *error = arena_printf(arena, "the library of compiled programs is neither '%s' nor '%s'",
                          beside, installed);
    return NULL;
}

static const char *describe_end(struct arena *arena, int status) {
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return NULL;
    if (WIFEXITED(status))
        return arena_printf(arena, "cannot link: cc ended with exit code %d", WEXITSTATUS(status));
    return arena_printf(arena, "cannot link: cc was ended by signal %d", WTERMSIG(status));
}

static const char *run_cc(struct arena *arena, const char *const *words) {
    pid_t child;
    int reason = posix_spawnp(&child, "cc", NULL, NULL, (char *const *)words, environ);
    if (reason == ENOENT)
        return "cannot link: there is no C compiler 'cc' here\n"
               "help: install one (Debian: apt-get install gcc libc6-dev), or make an object with "
               "-c "
               "and link it elsewhere";
    if (reason)
        return arena_printf(arena, "cannot link: cannot run cc: %s", strerror(reason));
    int status;
    while (waitpid(child, &status, 0) < 0)
        if (errno != EINTR)
            return arena_printf(arena, "cannot link: cannot wait for cc: %s", strerror(errno));
    return describe_end(arena, status);
}

const char *link_program(struct arena *arena, const char *object, const char *program) {
    const char *error = NULL;
    const char *library = find_library(arena, &error);
    if (!library)
        return error;
    return run_cc(arena, (const char *[]){"cc", "-o", program, object, library, "-lm", NULL});
}

const char *link_shared(struct arena *arena, const char *object, const char *library) {
    const char *missing = NULL;
    const char *programs = find_library(arena, &missing);
    if (!programs) /* a library without a pool does all but share a call */
        return run_cc(arena, (const char *[]){"cc", "-shared", "-o", library, object, "-lm", NULL});
    return run_cc(arena, (const char *[]){"cc", "-shared", "-o", library, object,
                                          "-Wl,--undefined=cnn_threads_open", programs, "-pthread",
                                          "-lm", NULL});
}
