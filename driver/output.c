/* Bytes in, a complete file out, or the old one untouched. */
#include "driver/output.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lexer/diagnostics.h"

static const char *failure(struct output_file *output, const char *what) {
    int reason = errno;
    return arena_printf(output->arena, "cannot %s '%s': %s", what,
                        printable(output->arena, output->path, strlen(output->path)),
                        strerror(reason));
}

/* The folder of a path, with its slash: "" for the current one. */
static const char *folder_of(struct arena *arena, const char *path) {
    const char *slash = strrchr(path, '/');
    return slash ? arena_strndup(arena, path, (size_t)(slash - path) + 1) : "";
}

static const char *follow_links(struct output_file *output) {
    struct stat status;
    if (lstat(output->path, &status) || !S_ISLNK(status.st_mode))
        return output->path;
    char *resolved = realpath(output->path, NULL);
    if (!resolved)
        return output->path; /* a link to nothing is replaced */
    const char *copy = arena_strndup(output->arena, resolved, strlen(resolved));
    free(resolved);
    return copy;
}

const char *output_open(struct output_file *output, struct arena *arena, const char *path) {
    *output = (struct output_file){.arena = arena, .path = path, .final = path};
    if (!strcmp(path, "-"))
        return NULL;
    output->final = follow_links(output);
    struct stat status;
    if (!stat(output->final, &status) && !S_ISREG(status.st_mode)) {
        errno = EISDIR;
        return S_ISDIR(status.st_mode) ? failure(output, "write") : NULL;
    }
    const char *folder = folder_of(arena, output->final);
    output->temporary = arena_printf(arena, "%s.cnnc-XXXXXX", folder);
    int descriptor = mkstemp(output->temporary);
    if (descriptor < 0) {
        output->temporary = NULL;
        return failure(output, "write");
    }
    close(descriptor);
    return NULL;
}

static bool write_all(int descriptor, const char *bytes, size_t length) {
    while (length) {
        ssize_t written = write(descriptor, bytes, length);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return false;
        bytes += written;
        length -= (size_t)written;
    }
    return true;
}

static bool write_pieces(int descriptor, const struct output_file *output) {
    for (size_t i = 0; i < output->count; i++)
        if (!write_all(descriptor, output->pieces[i].iov_base, output->pieces[i].iov_len))
            return false;
    return true;
}

const char *output_write_pieces(struct output_file *output, const struct iovec *pieces,
                                size_t count) {
    output->pieces = pieces;
    output->count = count;
    if (!output->temporary)
        return NULL;
    int descriptor = open(output->temporary, O_WRONLY | O_TRUNC | O_CLOEXEC);
    if (descriptor < 0)
        return failure(output, "write");
    bool written = write_pieces(descriptor, output);
    int reason = errno;
    if (close(descriptor) && written)
        return failure(output, "write");
    errno = reason;
    return written ? NULL : failure(output, "write");
}

const char *output_write(struct output_file *output, const void *bytes, size_t length) {
    struct iovec *piece = ARENA_NEW(output->arena, struct iovec);
    *piece = (struct iovec){(void *)bytes, length}; /* nobody writes through it */
    return output_write_pieces(output, piece, 1);
}

/* A stream or a device has no name to rename to: its bytes go straight into it. */
static const char *write_through(struct output_file *output) {
    bool standard = !strcmp(output->path, "-");
    int descriptor = standard ? STDOUT_FILENO : open(output->final, O_WRONLY | O_CLOEXEC);
    if (descriptor < 0)
        return failure(output, "write");
    bool written = write_pieces(descriptor, output);
    int reason = errno;
    if (!standard && close(descriptor) && written)
        return failure(output, "write");
    errno = reason;
    return written ? NULL : failure(output, "write");
}

/* Asks that what `path` names be on the disk; false: it could not be. */
static bool synchronise(const char *path, int flags) {
    int descriptor = open(path, flags | O_CLOEXEC);
    if (descriptor < 0)
        return false;
    bool done = !fsync(descriptor) || errno == EINVAL || errno == EROFS;
    int reason = errno;
    done = !close(descriptor) && done;
    errno = reason;
    return done;
}

static mode_t without_umask(mode_t mode) {
    mode_t mask = umask(0);
    umask(mask);
    return mode & ~mask;
}

const char *output_commit(struct output_file *output, mode_t mode) {
    if (!output->temporary)
        return write_through(output);
    if (chmod(output->temporary, without_umask(mode)) ||
        !synchronise(output->temporary, O_RDONLY) || rename(output->temporary, output->final))
        return failure(output, "write");
    output->temporary = NULL;
    const char *folder = folder_of(output->arena, output->final);
    return synchronise(*folder ? folder : ".", O_RDONLY | O_DIRECTORY) ? NULL
                                                                       : failure(output, "write");
}

void output_discard(struct output_file *output) {
    if (output->temporary)
        unlink(output->temporary);
    output->temporary = NULL;
}

bool same_file(const char *a, const char *b) {
    struct stat one, other;
    return !stat(a, &one) && !stat(b, &other) && one.st_dev == other.st_dev &&
           one.st_ino == other.st_ino;
}
