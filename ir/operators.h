/* The operator table's hooks: what elaboration asks of an operator. */
#ifndef CNNC_IR_OPERATORS_H
#define CNNC_IR_OPERATORS_H

#include "ir/attributes.h"
#include "ir/graph.h"
#include "ir/layer.h"
#include "ir/readings.h"

/* What a layer is applied to. */
enum arity {
    ARITY_ZERO,
    ARITY_ONE,
    ARITY_MANY,
    ARITY_VALUE,
    ARITY_OPERANDS,
    ARITY_PAIR,
    ARITY_CHOICE,
    ARITY_TWO
};

struct operator_rules {
    enum arity arity;
    const struct attribute *attributes;
    bool (*shape)(struct layer *layer); /* false: an error was reported */
    struct reading (*reading)(const struct node *node, int input, int axis);
    int64_t (*cost)(
        const struct node *node); /* multiply-accumulates, INT64_MAX where they overflow */
    bool (*parameters)(struct layer *layer); /* false: an error was reported */
};

extern const struct operator_rules operator_rules[OP_COUNT];

/* It has an attribute of that name. */
bool operator_takes(enum op op, const char *attribute);
/* Its parameters are those of a batch norm, or the first of them. */
bool is_norm(enum op op);
/* The operator of a keyword; OP_COUNT where there is none. */
enum op find_operator(const char *keyword);

#endif
