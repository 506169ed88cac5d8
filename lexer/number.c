/* Turns decimal digits into integers and correctly rounded doubles. */
#include "lexer/number.h"

#include <math.h>
#include <string.h>

#include "lexer/checked.h"

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

static int suffix_exponent(char c) {
    return c == 'K' ? 3 : c == 'M' ? 6 : c == 'G' ? 9 : 0;
}

bool parse_integer(const char *text, size_t length, int64_t *value) {
    int64_t result = 0;
    for (size_t i = 0; i < length && is_digit(text[i]); i++) {
        if (!checked_mul(result, 10, &result) || !checked_add(result, text[i] - '0', &result)) {
            return false;
        }
    }
    for (int e = length ? suffix_exponent(text[length - 1]) : 0; e > 0; e--) {
        if (!checked_mul(result, 10, &result)) {
            return false;
        }
    }
    *value = result;
    return true;
}

/* A natural number in base 2^32, least limb first, and whether a fraction was cut off below it.
 * Room for 800 digits beside the largest power of ten that a double needs. */
enum { LIMBS = 224, KEPT_DIGITS = 800, LARGEST_EXPONENT = 310, SMALLEST_EXPONENT = -330 };

struct natural {
    uint32_t limbs[LIMBS];
    int count;
    bool inexact;
};

static void multiply_add(struct natural *n, uint32_t factor, uint32_t addend) {
    uint64_t carry = addend;
    for (int i = 0; i < n->count; i++) {
        carry += (uint64_t)n->limbs[i] * factor;
        n->limbs[i] = (uint32_t)carry;
        carry >>= 32;
    }
    if (carry) {
        n->limbs[n->count++] = (uint32_t)carry;
    }
}

static void divide(struct natural *n, uint32_t divisor) {
    uint64_t remainder = 0;
    for (int i = n->count - 1; i >= 0; i--) {
        remainder = remainder << 32 | n->limbs[i];
        n->limbs[i] = (uint32_t)(remainder / divisor);
        remainder %= divisor;
    }
    n->inexact |= remainder != 0;
    while (n->count > 0 && n->limbs[n->count - 1] == 0) {
        n->count--;
    }
}

static void shift_limbs(struct natural *n, int by) {
    memmove(n->limbs + by, n->limbs, (size_t)n->count * sizeof n->limbs[0]);
    memset(n->limbs, 0, (size_t)by * sizeof n->limbs[0]);
    n->count += by;
}

static int bit_length(const struct natural *n) {
    return 32 * n->count - (n->count ? __builtin_clz(n->limbs[n->count - 1]) : 0);
}

static bool bit_at(const struct natural *n, int bit) {
    return bit >= 0 && (n->limbs[bit / 32] >> bit % 32 & 1);
}

/* n * 2^exponent, rounded once: the bits a double (or a subnormal one) keeps, then half to even. */
static double round_natural(const struct natural *n, int exponent) {
    int bits = bit_length(n);
    int lowest = bits - 53;
    if (lowest + exponent < -1074) {
        lowest = -1074 - exponent;
    }
    uint64_t kept = 0;
    for (int bit = bits - 1; bit >= lowest; bit--) {
        kept = kept << 1 | bit_at(n, bit);
    }
    bool below = n->inexact;
    for (int bit = lowest - 2; bit >= 0 && !below; bit--) {
        below = bit_at(n, bit);
    }
    bool half = lowest - 1 < bits && bit_at(n, lowest - 1);
    kept += half && (below || (kept & 1));
    return ldexp((double)kept, lowest + exponent);
}

struct decimal {
    struct natural digits;
    int64_t digit_count; /* kept in `digits` */
    int64_t exponent;    /* the value is digits * 10^exponent */
};

static void add_digit(struct decimal *d, char c, bool fraction) {
    if (d->digit_count < KEPT_DIGITS) {
        multiply_add(&d->digits, 10, (uint32_t)(c - '0'));
        d->digit_count += d->digits.count > 0;
        d->exponent -= fraction;
    } else {
        d->digits.inexact |= c != '0';
        d->exponent += !fraction;
    }
}

/* The exponent behind the e, held within what can matter. */
static int64_t read_exponent(const char *text, size_t length) {
    const int64_t far = 10 * (int64_t)1000 * 1000;
    bool negative = length && text[0] == '-';
    int64_t value = 0;
    for (size_t i = length && !is_digit(text[0]); i < length && is_digit(text[i]); i++) {
        value = value < far ? value * 10 + (text[i] - '0') : value;
    }
    return negative ? -value : value;
}

static void read_decimal(struct decimal *d, const char *text, size_t length) {
    bool fraction = false;
    size_t i = 0;
    for (; i < length && (is_digit(text[i]) || text[i] == '.'); i++) {
        if (text[i] == '.') {
            fraction = true;
        } else {
            add_digit(d, text[i], fraction);
        }
    }
    if (i < length && (text[i] == 'e' || text[i] == 'E')) {
        d->exponent += read_exponent(text + i + 1, length - i - 1);
    }
    d->exponent += length ? suffix_exponent(text[length - 1]) : 0;
}

/* As many powers of ten at once as fit a limb. */
static int step(int64_t powers) {
    return powers < 9 ? (int)powers : 9;
}

static uint32_t power_of_ten(int exponent) {
    uint32_t power = 1;
    for (; exponent > 0; exponent--) {
        power *= 10;
    }
    return power;
}

bool parse_float(const char *text, size_t length, double *value) {
    struct decimal d = {0};
    read_decimal(&d, text, length);
    if (d.digits.count == 0) {
        *value = 0;
        return true;
    }
    int64_t magnitude = d.exponent + d.digit_count;
    if (magnitude > LARGEST_EXPONENT || magnitude < SMALLEST_EXPONENT) {
        return false;
    }
    for (; d.exponent > 0; d.exponent -= step(d.exponent)) {
        multiply_add(&d.digits, power_of_ten(step(d.exponent)), 0);
    }
    /* Before dividing, enough zero bits that the quotient has at least 64: 10/3 > log2(10). */
    int shift = d.exponent < 0 ? (int)(-d.exponent * 10 / 3 + 64) / 32 + 1 : 0;
    shift_limbs(&d.digits, shift);
    for (; d.exponent < 0; d.exponent += step(-d.exponent)) {
        divide(&d.digits, power_of_ten(step(-d.exponent)));
    }
    *value = round_natural(&d.digits, -32 * shift);
    return isfinite(*value) && *value != 0;
}
