/* Compile-time values: what an expression of a network file can be. */
#ifndef CNNC_IR_VALUES_H
#define CNNC_IR_VALUES_H

#include "ir/graph.h"
#include "parser/tree.h"

enum value_kind {
    VALUE_UNKNOWN, /* after a mistake that was reported: silences whatever uses it */
    VALUE_INTEGER,
    VALUE_NUMBER,
    VALUE_BOOLEAN,
    VALUE_STRING,
    VALUE_SIZE,   /* 2 to 4 dimensions */
    VALUE_RANGE,  /* items: its two ends, integers or numbers */
    VALUE_LIST,   /* items */
    VALUE_TUPLE,  /* items: a block's several results */
    VALUE_FILTER, /* filter */
    VALUE_BLOCK,  /* block and the module it is of; or, with block NULL, the layer op */
    VALUE_TENSOR, /* tensor */
};

struct module;

struct value {
    enum value_kind kind;
    union {
        int64_t integer;
        double number;
        bool boolean;
        const char *string;
        struct {
            const int64_t *dimensions;
            int dimension_count;
        };
        struct {
            struct value *items;
            size_t item_count;
        };
        const struct filter_literal *filter;
        struct {
            const struct item *block;
            struct module *module;
            enum op op;
        };
        struct node *tensor;
    };
};

struct value_list {
    struct value *items;
    size_t count, capacity;
};

struct value value_unknown(void);
struct value value_integer(int64_t integer);
struct value value_number(double number);
struct value value_boolean(bool boolean);
struct value value_string(const char *string);
struct value value_tensor(struct node *node);

bool value_is_number(struct value value); /* an integer or a number */
double value_to_double(struct value value);
/* True for an integer, and for a number that is one exactly. */
bool value_to_integer(struct value value, int64_t *integer);
/* The dimensions of a size or of a list of integers; 0 for anything else. */
int value_dimensions(struct value value, int64_t dimensions[4]);

/* The value as a file would write it: 16, 0.5, 28x28x1, "text"; a tensor as its size. */
const char *value_text(struct arena *arena, struct value value);
/* "16", "a tensor 28x28x1", "a block": what a message says something is. */
const char *value_description(struct arena *arena, struct value value);
/* Every digit that a double has: integers in full, others so that they read back as the same. */
const char *number_text(struct arena *arena, double number);
/* As few digits as a float needs to read back as the same. */
const char *float_text(struct arena *arena, float number);
/* "9/20", in lowest terms; "3" where it is whole. The denominator is above 0. */
const char *fraction_text(struct arena *arena, int64_t numerator, int64_t denominator);
/* For people: integers in full, others to that many digits, never with an exponent. */
const char *figure_text(struct arena *arena, double number, int digits);

#endif
