/* PNM: P1 and P4 (black and white), P2 and P5 (grey), P3 and P6 (colour), as digits or as bytes, to
 * values 0..255; grey levels to P5 or P6. The first picture of a file is read. */
#include <stdio.h>

#include "runtime/program/image.h"

enum { END = -1, MAX_NUMBER = 100000000 };

struct pnm {
    struct decoder *decoder;
    int64_t at;
    int64_t maximum; /* what white is: 1 to 65535 */
    bool bits, digits;
};

static int peek(const struct pnm *pnm) {
    return pnm->at < pnm->decoder->size ? pnm->decoder->bytes[pnm->at] : END;
}

static bool is_space(int byte) {
    return byte == ' ' || (byte >= '\t' && byte <= '\r');
}

static void skip_space(struct pnm *pnm) {
    while (is_space(peek(pnm)) || peek(pnm) == '#') {
        if (peek(pnm) == '#')
            while (peek(pnm) != '\n' && peek(pnm) != '\r' && peek(pnm) != END)
                pnm->at++;
        else
            pnm->at++;
    }
}

static bool ends_early(struct pnm *pnm) {
    return decoder_fail(pnm->decoder, "the PNM file ends early");
}

static bool read_number(struct pnm *pnm, int64_t *number) {
    skip_space(pnm);
    if (peek(pnm) == END)
        return ends_early(pnm);
    if (peek(pnm) < '0' || peek(pnm) > '9')
        return decoder_fail(pnm->decoder, "a number expected in the PNM file");
    for (*number = 0; peek(pnm) >= '0' && peek(pnm) <= '9'; pnm->at++) {
        *number = *number * 10 + (peek(pnm) - '0');
        if (*number > MAX_NUMBER)
            return decoder_fail(pnm->decoder, "a number of the PNM file is too large");
    }
    return true;
}

/* One value as digits. Those of black and white are one digit each and need no space between. */
static bool read_digits(struct pnm *pnm, int64_t *value) {
    if (!pnm->bits)
        return read_number(pnm, value);
    skip_space(pnm);
    if (peek(pnm) == END)
        return ends_early(pnm);
    *value = peek(pnm) - '0';
    pnm->at++;
    return *value == 0 || *value == 1 || decoder_fail(pnm->decoder, "0 or 1 expected");
}

/* Value i of a row that begins at pnm->at. */
static int64_t packed_value(const struct pnm *pnm, int64_t i) {
    const uint8_t *row = pnm->decoder->bytes + pnm->at;
    if (pnm->bits)
        return row[i / 8] >> (7 - i % 8) & 1;
    return pnm->maximum < 256 ? row[i] : row[2 * i] * 256 + row[2 * i + 1];
}

static bool store(struct pnm *pnm, int64_t value, float *result) {
    if (value > pnm->maximum)
        return decoder_fail(pnm->decoder, "a value of the PNM file is above its maximum");
    if (pnm->bits)
        value = 1 - value; /* 1 is black there */
    *result = (float)value * 255 / (float)pnm->maximum;
    return true;
}

static bool read_row(struct pnm *pnm, float *values, int64_t count) {
    int64_t bytes = pnm->bits ? (count + 7) / 8 : pnm->maximum < 256 ? count : 2 * count;
    if (!pnm->digits && bytes > pnm->decoder->size - pnm->at)
        return ends_early(pnm);
    for (int64_t i = 0; i < count; i++) {
        int64_t value;
        if (!pnm->digits)
            value = packed_value(pnm, i);
        else if (!read_digits(pnm, &value))
            return false;
        if (!store(pnm, value, &values[i]))
            return false;
    }
    if (!pnm->digits)
        pnm->at += bytes;
    return true;
}

bool read_pnm(struct decoder *decoder) {
    int kind = decoder->bytes[1] - '0';
    struct pnm pnm = {decoder, 2, 1, kind == 1 || kind == 4, kind <= 3};
    int64_t width, height, channels = kind == 3 || kind == 6 ? 3 : 1;
    if (!read_number(&pnm, &width) || !read_number(&pnm, &height))
        return false;
    if (!pnm.bits && !read_number(&pnm, &pnm.maximum))
        return false;
    if (pnm.maximum < 1 || pnm.maximum > 65535)
        return decoder_fail(decoder, "the maximum of a PNM file is 1 to 65535");
    if (!pnm.digits) {
        if (!is_space(peek(&pnm)))
            return peek(&pnm) == END ? ends_early(&pnm)
                                     : decoder_fail(decoder, "a space expected in the PNM file");
        pnm.at++;
    }
    int64_t bits = pnm.bits && !pnm.digits ? 1 : 8; /* of a value, at least */
    if (!picture_begin(decoder, height, width, channels, (double)(bits * channels)))
        return false;
    for (int64_t y = 0; y < height; y++)
        if (!read_row(&pnm, decoder->picture.values + y * width * channels, width * channels))
            return false;
    return true;
}

bool write_pnm(struct messages *messages, struct output_file *file, const uint8_t *levels,
               int64_t height, int64_t width, int64_t channels) {
    char header[64];
    int length = snprintf(header, sizeof header, "P%d\n%lld %lld\n255\n", channels == 3 ? 6 : 5,
                          (long long)width, (long long)height);
    return output_write(messages, file, header, length) &&
           output_write(messages, file, levels, height * width * channels);
}
