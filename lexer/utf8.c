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

static uint32_t code_point(const unsigned char *bytes, size_t length) {
    static const unsigned char first_bits[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
    uint32_t point = bytes[0] & first_bits[length];
    for (size_t i = 1; i < length; i++) {
        point = point << 6 | (bytes[i] & 63u);
    }
    return point;
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
        uint32_t point = code_point(bytes, length);
        bool direction = (point >= 0x200e && point <= 0x200f) ||
                         (point >= 0x202a && point <= 0x202e) ||
                         (point >= 0x2066 && point <= 0x2069);
        return !direction && point != 0x2028 && point != 0x2029 && point != 0xfeff;
    }
    return length == 4;
}

struct points {
    uint32_t first, last;
};

static bool among(uint32_t point, const struct points *ranges, size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (point >= ranges[i].first && point <= ranges[i].last) {
            return true;
        }
    }
    return false;
}

int utf8_columns(const char *text, size_t length) {
    /* general categories Mn and Me: the blocks of combining marks, joiners, variation selectors */
    static const struct points combining[] = {
        {0x0300, 0x036f}, {0x0483, 0x0489},  {0x0591, 0x05bd}, {0x0610, 0x061a}, {0x064b, 0x065f},
        {0x06d6, 0x06dc}, {0x0e31, 0x0e31},  {0x0e34, 0x0e3a}, {0x0e47, 0x0e4e}, {0x1ab0, 0x1aff},
        {0x1dc0, 0x1dff}, {0x200b, 0x200d},  {0x20d0, 0x20ff}, {0x3099, 0x309a}, {0xfe00, 0xfe0f},
        {0xfe20, 0xfe2f}, {0xe0100, 0xe01ef}};
    /* EastAsianWidth.txt, W and F */
    static const struct points wide[] = {
        {0x1100, 0x115f},   {0x2e80, 0x303e},   {0x3041, 0x33ff},  {0x3400, 0x4dbf},
        {0x4e00, 0xa4cf},   {0xa960, 0xa97c},   {0xac00, 0xd7a3},  {0xf900, 0xfaff},
        {0xfe30, 0xfe6f},   {0xff01, 0xff60},   {0xffe0, 0xffe6},  {0x1f300, 0x1f64f},
        {0x1f680, 0x1f6ff}, {0x1f900, 0x1f9ff}, {0x20000, 0x3fffd}};
    uint32_t point = code_point((const unsigned char *)text, length);
    if (among(point, combining, sizeof combining / sizeof *combining)) {
        return 0;
    }
    return among(point, wide, sizeof wide / sizeof *wide) ? 2 : 1;
}
