/* The manual pages, as troff. */
#ifndef CNNC_DRIVER_MANUAL_H
#define CNNC_DRIVER_MANUAL_H

#include <stdio.h>

#include "lexer/arena.h"

enum manual { MANUAL_COMMAND, MANUAL_LANGUAGE };

void print_manual(FILE *stream, struct arena *arena, enum manual manual);

#endif
