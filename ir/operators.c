/* Expands the operator table into data. */
#include "ir/operators.h"

#include <string.h>

#include "ir/rules.h"

const struct operator operators[OP_COUNT] = {
#define OP(id, keyword, attributes, inputs, shape, field, cost, parameters, lower, text)           \
    [OP_##id] = {.name = (keyword),                                                                \
                 .summary = (text),                                                                \
                 .elementwise = __builtin_strcmp(#lower, "map") == 0},
#include "ir/ops.def"
#undef OP
};

const struct operator_rules operator_rules[OP_COUNT] = {
#define OP(id, keyword, table, inputs, shaper, fielder, coster, parameterer, lower, text)          \
    [OP_##id] = {.arity = ARITY_##inputs,                                                          \
                 .attributes = attributes_##table,                                                 \
                 .shape = shape_##shaper,                                                          \
                 .reading = reading_##fielder,                                                     \
                 .cost = cost_##coster,                                                            \
                 .parameters = parameters_##parameterer},
#include "ir/ops.def"
#undef OP
};

bool operator_takes(enum op op, const char *attribute) {
    return attribute_named(operator_rules[op].attributes, attribute) >= 0;
}

bool is_norm(enum op op) {
    return operator_rules[op].parameters == parameters_batchnorm ||
           operator_rules[op].parameters == parameters_norm;
}

enum op find_operator(const char *keyword) {
    for (int op = 0; op < OP_COUNT; op++)
        if (operators[op].name && strcmp(operators[op].name, keyword) == 0)
            return (enum op)op;
    return OP_COUNT;
}
