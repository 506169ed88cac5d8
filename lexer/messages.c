/* Expands the table of messages into data. */
#include "lexer/messages.h"

#include <stddef.h>
#include <strings.h>

#define BODY(lines) "network example {\n    input x: 8x8x4\n" lines "}\n"

const struct message_kind messages[MESSAGE_COUNT] = {
#define MESSAGE(code, name, title, text, options, wrong, mended_options, mended)                   \
    {#code, (title), (text), (options), (wrong), (mended_options), (mended)},
#include "lexer/messages.def"
#undef MESSAGE
};

enum message find_message(const char *code) {
    int i = 0;
    while (i < MESSAGE_COUNT && strcasecmp(messages[i].code, code) != 0)
        i++;
    return (enum message)i;
}
