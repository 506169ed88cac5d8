/* A path in, its bytes out. */
#include "runtime/program/input.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

bool input_open(struct messages *messages, struct input_file *file, const char *path) {
    file->path = path;
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
