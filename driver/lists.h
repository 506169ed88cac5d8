/* What cnnc says about itself: its layers and its messages, from the tables that it works by. */
#ifndef CNNC_DRIVER_LISTS_H
#define CNNC_DRIVER_LISTS_H

#include <stdbool.h>
#include <stdio.h>

#include "lexer/messages.h"

/* A line each; or, as Markdown, docs/layers.md and docs/errors.md. */
void list_layers(FILE *stream, bool markdown);
void list_errors(FILE *stream, bool markdown);
/* Title, explanation, a wrong file and its mend. */
void explain_code(FILE *stream, enum message code);

#endif
