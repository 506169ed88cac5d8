/* Numbers as written, without the locale: digits in, a value or a range error out. */
#ifndef CNNC_LEXER_NUMBER_H
#define CNNC_LEXER_NUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Digits with an optional suffix K, M or G (10^3, 10^6, 10^9); false where int64_t cannot hold it.
 */
bool parse_integer(const char *text, size_t length, int64_t *value);
/* digits [. digits] [e [sign] digits] [suffix], rounded to the nearest double, ties to even; false
 * where it is too large, or so small that it would become zero. */
bool parse_float(const char *text, size_t length, double *value);

#endif
