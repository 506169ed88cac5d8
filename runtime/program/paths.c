/* A folder in, the names of its pictures out. */
#include "runtime/program/paths.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

const char *base_name(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

bool is_folder(const char *path) {
    struct stat status;
    return !stat(path, &status) && S_ISDIR(status.st_mode);
}

bool make_folder(struct messages *messages, const char *path) {
    if (!mkdir(path, 0777) || (errno == EEXIST && is_folder(path)))
        return true;
    return fail(messages, EXIT_IO, "cannot make the folder '%s': %s", SHOWN(path), strerror(errno));
}

char *join_path(struct messages *messages, const char *folder, const char *name) {
    const char *slash = *folder && folder[strlen(folder) - 1] != '/' ? "/" : "";
    size_t length = strlen(folder) + strlen(slash) + strlen(name) + 1;
    char *path = malloc(length);
    if (path)
        snprintf(path, length, "%s%s%s", folder, slash, name);
    else
        fail_memory(messages, "the name of a file");
    return path;
}

static bool is_picture_name(const char *name) {
    static const char *const suffixes[] = {".png", ".jpg", ".jpeg", ".pbm", ".pgm", ".ppm", ".pnm"};
    const char *dot = strrchr(name, '.');
    for (size_t i = 0; dot && i < sizeof suffixes / sizeof *suffixes; i++)
        if (!strcasecmp(dot, suffixes[i]))
            return name[0] != '.';
    return false;
}

static bool has_room(struct messages *messages, struct paths *paths) {
    if (paths->count < paths->capacity)
        return true;
    int64_t capacity = paths->capacity ? 2 * paths->capacity : 16;
    char **items = realloc(paths->items, (size_t)capacity * sizeof *items);
    if (!items)
        return fail_memory(messages, "the names of files");
    paths->items = items;
    paths->capacity = capacity;
    return true;
}

static bool add_pictures(struct messages *messages, struct paths *paths, const char *folder,
                         DIR *stream) {
    for (;;) {
        errno = 0;
        const struct dirent *entry = readdir(stream);
        if (!entry && errno)
            return fail(messages, EXIT_IO, "cannot read the folder '%s': %s", SHOWN(folder),
                        strerror(errno));
        if (!entry)
            return true;
        if (!is_picture_name(entry->d_name))
            continue;
        char *path = join_path(messages, folder, entry->d_name);
        if (!path || !has_room(messages, paths)) {
            free(path);
            return false;
        }
        if (is_folder(path))
            free(path);
        else
            paths->items[paths->count++] = path;
    }
}

static int compare(const void *left, const void *right) {
    return strcmp(*(char *const *)left, *(char *const *)right);
}

bool paths_add_pictures(struct messages *messages, struct paths *paths, const char *folder) {
    int64_t before = paths->count;
    DIR *stream = opendir(folder);
    if (!stream)
        return fail(messages, errno == ENOMEM ? EXIT_MEMORY : EXIT_IO,
                    "cannot read the folder '%s': %s", SHOWN(folder), strerror(errno));
    bool good = add_pictures(messages, paths, folder, stream);
    closedir(stream);
    if (good && paths->count == before)
        return fail(messages, EXIT_INPUT,
                    "the folder '%s' holds no picture: no name ends in .png, .jpg, .jpeg, .pbm, "
                    ".pgm, .ppm or .pnm",
                    SHOWN(folder));
    if (good)
        qsort(paths->items + before, (size_t)(paths->count - before), sizeof *paths->items,
              compare);
    return good;
}

void paths_free(struct paths *paths) {
    for (int64_t i = 0; i < paths->count; i++)
        free(paths->items[i]);
    free(paths->items);
}
