/* Characters of UTF-8. */
#ifndef CNN_PROGRAM_UTF8_H
#define CNN_PROGRAM_UTF8_H

#include <stddef.h>
#include <stdint.h>

/* The length of the character that begins at `text`, which ends in NUL, and its code; 0 where the
 * bytes there are none: wrong ones, a form longer than need be, half of a pair. */
size_t utf8_character(const unsigned char *text, uint32_t *code);

#endif
