/* Turns bytes into characters, by the table of well-formed sequences of the Unicode standard. */
#include "lexer/utf8.h"

#include <stdint.h>

static bool in(unsigned char byte, unsigned low, unsigned high) {
    return byte >= low && byte <= high;
}

/* Whether the second byte is one that may follow the first; it is where overlong forms, surrogates
 * and values above U+10FFFF are told apart. */
static bool second_fits(unsigned char first, unsigned char second) {
    switch (first) {
    case 0xe0:
        return in(second, 0xa0, 0xbf);
    case 0xed:
        return in(second, 0x80, 0x9f);
    case 0xf0:
        return in(second, 0x90, 0xbf);
    case 0xf4:
        return in(second, 0x80, 0x8f);
    default:
        return in(second, 0x80, 0xbf);
    }
}

size_t utf8_length(const char *text, size_t length) {
    const unsigned char *bytes = (const unsigned char *)text;
    size_t wanted = bytes[0] < 0x80            ? 1
                    : in(bytes[0], 0xc2, 0xdf) ? 2
                    : in(bytes[0], 0xe0, 0xef) ? 3
                    : in(bytes[0], 0xf0, 0xf4) ? 4
                                               : 0;
    if (wanted > length || (wanted > 1 && !second_fits(bytes[0], bytes[1]))) {
        return 0;
    }
    for (size_t i = 2; i < wanted; i++) {
        if (!in(bytes[i], 0x80, 0xbf)) {
            return 0;
        }
    }
    return wanted;
}

bool utf8_is_visible(const char *text, size_t length) {
    const unsigned char *bytes = (const unsigned char *)text;
    if (length == 1) {
        return bytes[0] >= 0x20 && bytes[0] < 0x7f;
    }
    if (length == 2) {
        return !(bytes[0] == 0xc2 && bytes[1] < 0xa0);
    }
    if (length == 3) {
        uint32_t point = (bytes[0] & 15u) << 12 | (bytes[1] & 63u) << 6 | (bytes[2] & 63u);
        bool direction = (point >= 0x200e && point <= 0x200f) ||
                         (point >= 0x202a && point <= 0x202e) ||
                         (point >= 0x2066 && point <= 0x2069);
        return !direction && point != 0x2028 && point != 0x2029 && point != 0xfeff;
    }
    return length == 4;
}
