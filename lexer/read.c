/* Turns a path into the bytes of a regular file, within a limit and, if asked, beneath a folder. */
#define _GNU_SOURCE /* O_PATH */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lexer/source.h"

/* Without O_NONBLOCK, opening a pipe that nobody writes to would wait for ever. */
enum { READ_FLAGS = O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK };

static int open_retrying(int folder, const char *path, int flags) {
    int descriptor;
    do {
        descriptor = openat(folder, path, flags);
    } while (descriptor < 0 && errno == EINTR);
    return descriptor;
}

static ssize_t read_retrying(int descriptor, char *to, size_t length) {
    ssize_t got;
    do {
        got = read(descriptor, to, length);
    } while (got < 0 && errno == EINTR);
    return got;
}

/* Reads `size` bytes and sees the end behind them; a file that grows or shrinks meanwhile fails. */
static enum read_result read_exactly(int descriptor, char *to, size_t size) {
    size_t length = 0;
    while (length <= size) {
        ssize_t got = read_retrying(descriptor, to + length, size + 1 - length);
        if (got < 0) {
            return READ_FAILED;
        }
        if (got == 0) {
            break;
        }
        length += (size_t)got;
    }
    if (length != size) {
        errno = EBUSY;
        return READ_FAILED;
    }
    to[size] = '\0';
    return READ_OK;
}

static enum read_result read_descriptor(struct arena *arena, int descriptor, size_t limit,
                                        const char **text, size_t *length) {
    struct stat status;
    if (fstat(descriptor, &status) != 0) {
        return READ_FAILED;
    }
    if (!S_ISREG(status.st_mode)) {
        return READ_NOT_REGULAR;
    }
    if (status.st_size < 0 || (uintmax_t)status.st_size > limit) {
        return READ_TOO_LARGE;
    }
    size_t size = (size_t)status.st_size;
    char *bytes = arena_alloc(arena, size + 1, 1);
    enum read_result result = read_exactly(descriptor, bytes, size);
    if (result == READ_OK) {
        *text = bytes;
        *length = size;
    }
    return result;
}

static enum read_result read_and_close(struct sources *sources, const char *path, int descriptor,
                                       size_t limit, const char **text, size_t *length) {
    if (descriptor < 0) {
        return READ_CANNOT_OPEN;
    }
    enum read_result result = read_descriptor(sources->arena, descriptor, limit, text, length);
    if (result == READ_OK) {
        note_file(sources, path);
    }
    int reason = errno;
    close(descriptor);
    errno = reason;
    return result;
}

enum read_result read_file(struct sources *sources, const char *path, size_t limit,
                           const char **text, size_t *length) {
    int descriptor = open_retrying(AT_FDCWD, path, READ_FLAGS);
    return read_and_close(sources, path, descriptor, limit, text, length);
}

/* Splits the path in place into its parts, "." dropped and ".." undone, which is exact since no
 * symbolic link is followed. Returns their number, or -1 where the path leaves its folder. */
static ptrdiff_t split_path(char *path, char **parts) {
    ptrdiff_t count = 0;
    char *rest = path, *part;
    while ((part = strsep(&rest, "/"))) {
        if (strcmp(part, "..") == 0) {
            if (count == 0) {
                return -1;
            }
            count--;
        } else if (*part && strcmp(part, ".") != 0) {
            parts[count++] = part;
        }
    }
    return count;
}

/* Opens one part after the other, none through a symbolic link. Unlike openat2 with RESOLVE_BENEATH
 * this works on every kernel, and without ".." there is nothing that could lead outside. */
static int open_parts(const char *folder, char **parts, ptrdiff_t count) {
    const int folder_flags = O_PATH | O_DIRECTORY | O_CLOEXEC;
    int at = open_retrying(AT_FDCWD, *folder ? folder : ".", folder_flags);
    for (ptrdiff_t i = 0; at >= 0 && i < count; i++) {
        int flags = i + 1 < count ? folder_flags : READ_FLAGS;
        int next = open_retrying(at, parts[i], flags | O_NOFOLLOW);
        int reason = errno;
        close(at);
        errno = reason;
        at = next;
    }
    return at;
}

enum read_result read_file_beneath(struct sources *sources, const char *folder, const char *path,
                                   size_t limit, const char **text, size_t *length) {
    struct arena *arena = sources->arena;
    size_t size = strlen(path);
    char **parts = ARENA_ARRAY(arena, char *, size / 2 + 1);
    ptrdiff_t count = split_path(arena_strndup(arena, path, size), parts);
    if (path[0] == '/' || count < 0) {
        errno = EXDEV;
        return READ_CANNOT_OPEN;
    }
    if (count == 0) {
        errno = size ? EISDIR : ENOENT;
        return READ_CANNOT_OPEN;
    }
    const char *plain = folder;
    for (ptrdiff_t i = 0; i < count; i++) {
        plain = path_beneath(arena, plain, parts[i]);
    }
    return read_and_close(sources, plain, open_parts(folder, parts, count), limit, text, length);
}

const char *read_failure(enum read_result result) {
    switch (result) {
    case READ_NOT_REGULAR:
        return "it is not a regular file";
    case READ_TOO_LARGE:
        return "it is too large";
    case READ_FAILED:
        return strerror(errno);
    default:
        return "there is no such file beneath the folder of this one";
    }
}
