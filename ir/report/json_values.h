/* What the JSON forms of reports are made of. */
#ifndef CNNC_IR_REPORT_JSON_VALUES_H
#define CNNC_IR_REPORT_JSON_VALUES_H

#include <jansson.h>
#include <stdint.h>
#include <stdio.h>

#include "lexer/arena.h"

/* Names are printable in every form of a report. */
json_t *json_text(struct arena *arena, const char *name);
json_t *json_integers(const int64_t *numbers, int count);
/* One element of a list, on its own line; or the value of a key. Numbers have so many digits. Takes
 * the value. */
void print_json_value(FILE *stream, int digits, json_t *value, const char *before,
                      const char *after);

#endif
