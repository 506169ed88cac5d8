/* A word of the command line to the port it names. */
#include "runtime/program/ports.h"

#include <string.h>

int64_t named_port(const struct ports *ports, const char *word, const char **file) {
    *file = word;
    for (int64_t i = 0; i < ports->count; i++) {
        size_t length = strlen(ports->items[i].name);
        if (!strncmp(word, ports->items[i].name, length) && word[length] == '=') {
            *file = word + length + 1;
            return i;
        }
    }
    return -1;
}

const char *port_names(const struct ports *ports, const bool *skip, struct shown *names) {
    size_t used = 0, room = sizeof names->text;
    const char *before = " (";
    names->text[0] = '\0';
    for (int64_t i = 0; i < ports->count && used + 1 < room; i++) {
        if (skip && skip[i])
            continue;
        used += (size_t)snprintf(names->text + used, room - used, "%s%s", before,
                                 SHOWN(ports->items[i].name));
        before = ", ";
    }
    if (used && used + 1 < room)
        snprintf(names->text + used, room - used, ")");
    return names->text;
}
