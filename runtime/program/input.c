/* A path in, its bytes out. */
#define _GNU_SOURCE /* memfd_create */
#include "runtime/program/input.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MAX_STREAM = 1 << 30 }; /* bytes of standard input */

static bool write_all(int descriptor, const char *bytes, ssize_t count) {
    while (count > 0) {
        ssize_t written = write(descriptor, bytes, (size_t)count);
        if (written < 0 && errno != EINTR)
            return false;
        bytes += written > 0 ? written : 0;
        count -= written > 0 ? written : 0;
    }
    return true;
}

/* Copies standard input to the file's descriptor. */
static bool copy_stream(struct messages *messages, struct input_file *file) {
    char bytes[65536];
    for (;;) {
        ssize_t got = read(STDIN_FILENO, bytes, sizeof bytes);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return fail(messages, EXIT_IO, "cannot read %s: %s", file->path, strerror(errno));
        if (got == 0)
            return true;
        file->size += got;
        if (file->size > MAX_STREAM)
            return fail(messages, EXIT_INPUT, "%s holds more than %d bytes: give it as a file",
                        file->path, MAX_STREAM);
        if (!write_all(file->descriptor, bytes, got))
            return fail_memory(messages, file->path);
    }
}

/* What comes through a pipe can be read once; a file in memory takes it. */
static bool open_stream(struct messages *messages, struct input_file *file) {
    *file = (struct input_file){"standard input", memfd_create("input", MFD_CLOEXEC), 0};
    if (file->descriptor < 0)
        return fail_memory(messages, file->path);
    if (copy_stream(messages, file))
        return true;
    input_close(file);
    return false;
}

bool input_open(struct messages *messages, struct input_file *file, const char *path) {
    if (!strcmp(path, "-"))
        return open_stream(messages, file);
    *file = (struct input_file){path, -1, 0};
    /* a pipe nobody writes to must not hold the program up before it is seen to be one */
    file->descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    struct stat status;
    if (file->descriptor < 0)
        return fail(messages, EXIT_IO, "cannot open '%s': %s", SHOWN(path), strerror(errno));
    if (fstat(file->descriptor, &status)) {
        fail(messages, EXIT_IO, "cannot read '%s': %s", SHOWN(path), strerror(errno));
    } else if (!S_ISREG(status.st_mode)) {
        fail(messages, EXIT_IO, "'%s' is %s", SHOWN(path),
             S_ISDIR(status.st_mode) ? "a folder" : "not a regular file");
    } else {
        file->size = status.st_size;
        return true;
    }
    input_close(file);
    return false;
}

bool input_read(struct messages *messages, const struct input_file *file, int64_t offset,
                void *bytes, int64_t count) {
    char *at = bytes;
    while (count > 0) {
        ssize_t got = pread(file->descriptor, at, (size_t)count, offset);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return fail(messages, EXIT_IO, "cannot read '%s': %s", SHOWN(file->path),
                        strerror(errno));
        if (got == 0)
            return fail(messages, EXIT_INPUT, "'%s' ends early, after %lld bytes",
                        SHOWN(file->path), (long long)offset);
        at += got;
        offset += got;
        count -= got;
    }
    return true;
}

void input_close(struct input_file *file) {
    if (file->descriptor >= 0)
        close(file->descriptor);
    file->descriptor = -1;
}
