/* Preloaded into cnnc: at the file call that the environment's INTERRUPT_AT counts, from 1, either
 * the process is killed (INTERRUPT=kill) or the call fails as on a full disk (INTERRUPT=fail); with
 * INTERRUPT=count the number of calls is printed at the end. Calls are those that open, write,
 * synchronise, rename or close. Other programs that cnnc starts (cc, ld) are left alone. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static long seen;

/* Whether this call fails. */
static bool interrupted(void) {
    const char *at = getenv("INTERRUPT_AT"), *how = getenv("INTERRUPT");
    if (!how || strcmp(program_invocation_short_name, "cnnc"))
        return false;
    seen++;
    if (!at || seen != atol(at))
        return false;
    if (!strcmp(how, "kill"))
        raise(SIGKILL);
    errno = ENOSPC;
    return true;
}

__attribute__((destructor)) static void count(void) {
    const char *how = getenv("INTERRUPT");
    if (seen && how && !strcmp(how, "count"))
        fprintf(stderr, "%ld calls\n", seen);
}

#define REAL(name) ((__typeof__(&name))(uintptr_t)dlsym(RTLD_NEXT, #name))

int open(const char *path, int flags, ...) {
    va_list arguments;
    va_start(arguments, flags);
    mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(arguments, mode_t) : 0;
    va_end(arguments);
    return interrupted() ? -1 : REAL(open)(path, flags, mode);
}

int mkstemp(char *template) {
    return interrupted() ? -1 : REAL(mkstemp)(template);
}

ssize_t write(int descriptor, const void *bytes, size_t length) {
    if (descriptor == STDERR_FILENO) /* the message about it */
        return REAL(write)(descriptor, bytes, length);
    if (interrupted())
        return -1;
    return REAL(write)(descriptor, bytes, length > 1 ? length / 2 : length); /* half of it, often */
}

int fsync(int descriptor) {
    return interrupted() ? -1 : REAL(fsync)(descriptor);
}

int close(int descriptor) {
    int result = REAL(close)(descriptor);
    return interrupted() ? -1 : result;
}

int rename(const char *from, const char *to) {
    return interrupted() ? -1 : REAL(rename)(from, to);
}

int chmod(const char *path, mode_t mode) {
    return interrupted() ? -1 : REAL(chmod)(path, mode);
}
