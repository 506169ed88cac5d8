/* Bytes in, a complete file out, or the old one untouched. */
#include "runtime/program/output.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool cannot_write(struct messages *messages, const char *path) {
    return fail(messages, EXIT_IO, "cannot write '%s': %s", SHOWN(path), strerror(errno));
}

/* The length of the folder's part of a path, with its slash. */
static size_t folder_length(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash ? (size_t)(slash - path) + 1 : 0;
}

/* The file a link leads to is replaced, not the link, unless it leads nowhere. NULL: no memory. */
static char *follow_links(const char *path) {
    struct stat status;
    char *target = NULL;
    if (!lstat(path, &status) && S_ISLNK(status.st_mode))
        target = realpath(path, NULL);
    else
        errno = 0;
    return target || errno == ENOMEM ? target : strdup(path);
}

bool output_begin(struct messages *messages, struct output_file *file, const char *path) {
    static const char pattern[] = ".writing-XXXXXX";
    *file = (struct output_file){.descriptor = -1};
    file->path = follow_links(path);
    if (!file->path)
        return fail_memory(messages, "the name of a file");
    struct stat status;
    if (!stat(file->path, &status) && !S_ISREG(status.st_mode))
        return fail(messages, EXIT_IO, "cannot write '%s': it is %s", SHOWN(path),
                    S_ISDIR(status.st_mode) ? "a folder" : "not a regular file");
    size_t folder = folder_length(file->path);
    char *temporary = malloc(folder + sizeof pattern);
    if (!temporary)
        return fail_memory(messages, "the name of a file");
    memcpy(temporary, file->path, folder);
    memcpy(temporary + folder, pattern, sizeof pattern);
    file->descriptor = mkstemp(temporary);
    if (file->descriptor < 0) {
        free(temporary);
        return cannot_write(messages, path);
    }
    file->temporary = temporary;
    return true;
}

bool output_write(struct messages *messages, struct output_file *file, const void *bytes,
                  int64_t count) {
    const char *at = bytes;
    while (count > 0) {
        ssize_t written = write(file->descriptor, at, (size_t)count);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return cannot_write(messages, file->path);
        at += written;
        count -= written;
    }
    return true;
}

static mode_t usual_mode(void) {
    mode_t mask = umask(0);
    umask(mask);
    return 0666 & ~mask;
}

/* The new name is on the disk only when its folder is. `name`, some file of the folder, is cut. */
static bool synchronise_folder(char *name) {
    size_t length = folder_length(name);
    name[length] = '\0';
    int descriptor = open(length ? name : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0)
        return errno == EACCES; /* a folder that may be written and not read */
    bool done = !fsync(descriptor) || errno == EINVAL || errno == EROFS;
    int reason = errno;
    close(descriptor);
    errno = reason;
    return done;
}

bool output_commit(struct messages *messages, struct output_file *file) {
    bool complete = !fchmod(file->descriptor, usual_mode()) && !fsync(file->descriptor);
    int reason = errno;
    bool closed = !close(file->descriptor);
    file->descriptor = -1;
    if (!complete)
        errno = reason;
    if (!complete || !closed || rename(file->temporary, file->path))
        return cannot_write(messages, file->path);
    char *name = file->temporary;
    file->temporary = NULL;
    bool done = synchronise_folder(name) || cannot_write(messages, file->path);
    free(name);
    return done;
}

void output_discard(struct output_file *file) {
    if (file->temporary) {
        if (file->descriptor >= 0)
            close(file->descriptor);
        unlink(file->temporary);
    }
    free(file->temporary);
    free(file->path);
    *file = (struct output_file){.descriptor = -1};
}
