/* The kinds of messages: their codes, and what `cnnc explain CODE` says of them. */
#ifndef CNNC_LEXER_MESSAGES_H
#define CNNC_LEXER_MESSAGES_H

enum message {
#define MESSAGE(code, name, ...) code##_##name,
#include "lexer/messages.def"
#undef MESSAGE
    MESSAGE_COUNT
};

struct message_kind {
    const char *code; /* "E0412" */
    const char *title, *text;
    const char *options, *wrong; /* wrong is NULL where it takes more than text */
    const char *mended_options, *mended;
};

extern const struct message_kind messages[MESSAGE_COUNT];

/* The kind of a code, whatever its case; MESSAGE_COUNT where there is none. */
enum message find_message(const char *code);

#endif
