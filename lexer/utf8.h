/* UTF-8: how long the character at a place is, and whether it may be shown as it is. */
#ifndef CNNC_LEXER_UTF8_H
#define CNNC_LEXER_UTF8_H

#include <stdbool.h>
#include <stddef.h>

/* Bytes of the well-formed character at `text`, of which `length` > 0 bytes are there; 0 if broken.
 */
size_t utf8_length(const char *text, size_t length);
/* Whether the character of utf8_length's result prints as one visible character: no control of
 * ASCII, C1 or writing direction, which would let a file rewrite the message about it. */
bool utf8_is_visible(const char *text, size_t length);
/* Columns that it takes on a terminal: 0 for combining marks, 2 for wide characters of East Asia
 * and pictographs, else 1; after the tables of the Unicode character database. */
int utf8_columns(const char *text, size_t length);

#endif
