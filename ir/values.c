/* Compile-time values: constructors, conversions and their text. */
#include "ir/values.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct value value_unknown(void) {
    return (struct value){.kind = VALUE_UNKNOWN};
}

struct value value_integer(int64_t integer) {
    return (struct value){.kind = VALUE_INTEGER, .integer = integer};
}

struct value value_number(double number) {
    return (struct value){.kind = VALUE_NUMBER, .number = number};
}

struct value value_boolean(bool boolean) {
    return (struct value){.kind = VALUE_BOOLEAN, .boolean = boolean};
}

struct value value_string(const char *string) {
    return (struct value){.kind = VALUE_STRING, .string = string};
}

struct value value_tensor(struct node *node) {
    return (struct value){.kind = VALUE_TENSOR, .tensor = node};
}

bool value_is_number(struct value value) {
    return value.kind == VALUE_INTEGER || value.kind == VALUE_NUMBER;
}

double value_to_double(struct value value) {
    return value.kind == VALUE_INTEGER ? (double)value.integer : value.number;
}

bool value_to_integer(struct value value, int64_t *integer) {
    if (value.kind == VALUE_INTEGER) {
        *integer = value.integer;
        return true;
    }
    if (value.kind != VALUE_NUMBER || value.number != floor(value.number) ||
        fabs(value.number) > 9007199254740992.0) /* 2^53: every integer below is exact */
        return false;
    *integer = (int64_t)value.number;
    return true;
}

int value_dimensions(struct value value, int64_t dimensions[4]) {
    if (value.kind == VALUE_SIZE) {
        for (int i = 0; i < value.dimension_count; i++)
            dimensions[i] = value.dimensions[i];
        return value.dimension_count;
    }
    if (value.kind != VALUE_LIST || value.item_count > 4)
        return 0;
    for (size_t i = 0; i < value.item_count; i++)
        if (!value_to_integer(value.items[i], &dimensions[i]))
            return 0;
    return (int)value.item_count;
}

/* Whole, and below 10^15: every digit of a double is meant. */
static bool is_whole(double number) {
    return number == floor(number) && fabs(number) < 1e15;
}

const char *number_text(struct arena *arena, double number) {
    char text[40];
    if (is_whole(number))
        return arena_printf(arena, "%.0f", number);
    for (int digits = 6; digits <= 17; digits++) { /* the shortest that reads back as the same */
        snprintf(text, sizeof text, "%.*g", digits, number);
        if (strtod(text, NULL) == number)
            break;
    }
    return arena_printf(arena, "%s", text);
}

const char *float_text(struct arena *arena, float number) {
    enum { DIGITS_ENOUGH = 9 };
    char text[40];
    for (int digits = 1; digits <= DIGITS_ENOUGH; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, (double)number);
        if ((float)strtod(text, NULL) == number) /* as files are read */
            break;
    }
    return arena_printf(arena, "%s", text);
}

const char *fraction_text(struct arena *arena, int64_t numerator, int64_t denominator) {
    int64_t divisor = numerator, rest = denominator;
    while (rest) {
        int64_t next = divisor % rest;
        divisor = rest;
        rest = next;
    }
    divisor = divisor < 0 ? -divisor : divisor;
    if (denominator == divisor)
        return arena_printf(arena, "%" PRId64, numerator / divisor);
    return arena_printf(arena, "%" PRId64 "/%" PRId64, numerator / divisor, denominator / divisor);
}

const char *figure_text(struct arena *arena, double number, int digits) {
    if (is_whole(number))
        return arena_printf(arena, "%.0f", number);
    int before = (int)floor(log10(fabs(number))) + 1; /* digits before the point */
    int behind = digits > before ? digits - before : 0;
    const char *text = arena_printf(arena, "%.*f", behind, number);
    size_t length = strlen(text);
    while (behind > 0 && text[length - 1] == '0')
        length--;
    length -= behind > 0 && text[length - 1] == '.';
    return arena_strndup(arena, text, length);
}

static const char *dimensions_text(struct arena *arena, struct value value) {
    const char *text = "";
    for (int i = 0; i < value.dimension_count; i++)
        text = arena_printf(arena, "%s%s%" PRId64, text, i ? "x" : "", value.dimensions[i]);
    return text;
}

static const char *list_text(struct arena *arena, struct value value) {
    enum { SHOWN = 8 };
    const char *text = "[";
    for (size_t i = 0; i < value.item_count && i < SHOWN; i++) {
        struct value item = value.items[i];
        bool nested = item.kind == VALUE_LIST || item.kind == VALUE_TUPLE;
        text = arena_printf(arena, "%s%s%s", text, i ? ", " : "",
                            nested ? "[...]" : value_text(arena, item));
    }
    return arena_printf(arena, "%s%s]", text, value.item_count > SHOWN ? ", ..." : "");
}

const char *value_text(struct arena *arena, struct value value) {
    switch (value.kind) {
    case VALUE_INTEGER:
        return arena_printf(arena, "%" PRId64, value.integer);
    case VALUE_NUMBER:
        return number_text(arena, value.number);
    case VALUE_BOOLEAN:
        return value.boolean ? "true" : "false";
    case VALUE_STRING:
        return arena_printf(arena, "\"%s\"", value.string);
    case VALUE_SIZE:
        return dimensions_text(arena, value);
    case VALUE_RANGE:
        return arena_printf(arena, "%s..%s", value_text(arena, value.items[0]),
                            value_text(arena, value.items[1]));
    case VALUE_LIST:
    case VALUE_TUPLE:
        return list_text(arena, value);
    case VALUE_FILTER:
        return arena_printf(arena, "%" PRId64 "x%" PRId64 " filter", value.filter->rows,
                            value.filter->columns);
    case VALUE_BLOCK:
        return value.block ? value.block->name.text : operators[value.op].name;
    case VALUE_TENSOR:
        return shape_text(arena, value.tensor->shape);
    case VALUE_UNKNOWN:
        break;
    }
    return "unknown";
}

const char *value_description(struct arena *arena, struct value value) {
    const char *text = value_text(arena, value);
    switch (value.kind) {
    case VALUE_TENSOR:
        return arena_printf(arena, "a tensor %s", text);
    case VALUE_BLOCK:
        return arena_printf(arena, "a block %s", text);
    case VALUE_LIST:
        return arena_printf(arena, "a list %s", text);
    case VALUE_STRING:
        return arena_printf(arena, "a string %s", text);
    case VALUE_RANGE:
        return arena_printf(arena, "a range %s", text);
    case VALUE_FILTER:
        return arena_printf(arena, "a %s", text);
    case VALUE_TUPLE:
        return arena_printf(arena, "%zu values", value.item_count);
    default:
        return text;
    }
}
