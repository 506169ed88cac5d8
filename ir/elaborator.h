/* What the parts of elaboration share: its state, and what each part offers the others.
 *
 *   modules.c      files: imports, constants, filters, blocks by name
 *   elaborate.c    the network: its parameters, and the finished graph
 *   statements.c   bodies: bindings, loops, conditions, asserts
 *   unused.c       names that are never used
 *   unknown.c      names that nothing gives, where nothing ran
 *   remainders.c   why the sizes of branches differ
 *   interface.c    input, output, weights and labels statements
 *   expressions.c  values of expressions
 *   arithmetic.c   operators on numbers and on tensors
 *   functions.c    functions of numbers
 *   queries.c      questions about tensors: channels(x), macs()
 *   calls.c        stages and block calls: labels, paths, parameters
 *   layers.c       layer calls: arguments into attributes and inputs
 *   composites.c   layers that become others: filters, separable, normalisation
 *   nodes.c        one node: rules, limits, paths
 *   builder.c      layers given by calls in place of text */
#ifndef CNNC_IR_ELABORATOR_H
#define CNNC_IR_ELABORATOR_H

#include "ir/elaborate.h"
#include "ir/layer.h"
#include "ir/operators.h"
#include "ir/table.h"
#include "ir/values.h"
#include "parser/tree.h"

/* What a name stands for. Never changed once made: a later binding of the name is another. */
struct binding {
    struct value value;
    struct span span;
};

struct import {
    const struct item *item;
    const struct module *module;
};

/* A file and the names it defines or imports. */
struct module {
    struct file *file;
    uint32_t source;
    struct table names; /* to struct binding */
    struct import *imports;
    size_t import_count, import_capacity;
    struct module *importer;
    const char *path; /* normalised: equal for equal files */
    int depth;
    bool loading;
    bool broken;     /* it does not parse: nothing of it is used */
    bool incomplete; /* an import failed: a name that is missing may have been there */
};

/* A body under elaboration: of the network, of a block, or of a file's constants. */
struct frame {
    struct module *module;
    struct table names;   /* to struct binding */
    struct table numbers; /* layer or block name to its running number, an int */
    const char *path;     /* "" or "layer1.0" */
    const struct call *call;
    const char *block; /* the block's name; NULL in the network */
    bool is_network;
    bool returned;
    struct value result;
};

/* An assert about the whole network: checked at its end, with the names it saw. */
struct deferred {
    const struct statement *statement;
    struct frame frame;
};

struct elaborator {
    struct arena *arena;
    struct names *names;
    struct sources *sources;
    struct diagnostics *diagnostics;
    const struct elaborate_options *options;
    struct graph *graph;

    struct module **modules;
    size_t module_count, module_capacity;
    struct table paths, tensors; /* of layers with parameters, and theirs, to the node */
    struct table ports;          /* names of inputs and outputs, in lower case, to struct name */
    struct deferred *deferred;
    size_t deferred_count, deferred_capacity;
    struct node **unordered; /* flatten and reshape without an order: that of the weights */
    size_t unordered_count, unordered_capacity;

    int64_t steps;       /* statements so far */
    int64_t evaluations; /* expressions so far */
    int64_t trials;      /* layers whose sizes were tried for another input */
    int depth;           /* of nested evaluation */
    int call_depth;
    size_t failed_asserts; /* errors that leave the graph whole */
    bool asserting;        /* within an assert */
    bool at_end;           /* the graph is complete: macs() has an answer */
    bool stopped;          /* a limit was hit: everything unwinds */
};

/* elaborate.c */
/* Finishes the graph: orders that the weights decide, labels, asserts about the whole, warnings;
 * and takes out what no output needs. */
void complete_graph(struct elaborator *e);
/* An error with the chain of block calls as notes; more notes may follow. NULL where it was
 * reported before. */
struct diagnostic *elaborate_error(struct elaborator *e, const struct frame *f, struct span span,
                                   enum message message, const char *format, ...)
    __attribute__((format(printf, 5, 6)));
/* The chain of block calls, as notes. */
void note_calls(struct diagnostics *diagnostics, const struct call *call, struct diagnostic *error);
/* Counts one statement, or `count` evaluations; false, after an error, when there are too many. */
bool count_step(struct elaborator *e, const struct frame *f, struct span span);
bool count_evaluations(struct elaborator *e, const struct frame *f, struct span span,
                       int64_t count);
/* "help: did you mean `relu`?" where a candidate is near. */
void suggest(struct elaborator *e, struct diagnostic *error, const char *word,
             const char *const *candidates, size_t count);

/* modules.c */
struct module *load_root(struct elaborator *e, uint32_t source);
/* The binding of a name in the frame, then in its file; NULL where there is none. */
const struct binding *find_binding(const struct frame *f, const char *name);
void bind(struct elaborator *e, struct frame *f, struct name name, struct value value);
/* Every name that can be used in the frame, for suggestions; with the layers and questions too. */
const char **visible_names(struct elaborator *e, const struct frame *f, bool callable,
                           size_t *count);

/* unknown.c */
/* Errors for names and layers that do not exist, and for blocks without return, in the bodies of
 * all files: also where no run came by. What a run has told is not told again. */
void check_names(struct elaborator *e);

/* unused.c */
/* Warns of names that the file gives and never uses, and of imports that bring nothing. */
void warn_unused_names(struct elaborator *e, const struct module *root);

/* remainders.c */
/* Under the error that sizes of a join differ, where another size of an input mends that: those
 * sizes, and the layer where one was no multiple of its stride. */
void explain_remainder(struct elaborator *e, const struct layer *layer);

/* statements.c */
void execute_body(struct elaborator *e, struct frame *f, const struct statement *statements);
void check_deferred(struct elaborator *e);

/* interface.c */
/* For an input or output. False after an error: another one has it, or one that differs in case
 * only.
 */
bool take_port_name(struct elaborator *e, struct frame *f, struct name name);
void execute_input(struct elaborator *e, struct frame *f, const struct statement *statement);
void execute_output(struct elaborator *e, struct frame *f, const struct statement *statement);
void execute_weights(struct elaborator *e, struct frame *f, const struct statement *statement);
void execute_labels(struct elaborator *e, struct frame *f, const struct statement *statement);
void check_labels(struct elaborator *e);

/* expressions.c */
struct value evaluate(struct elaborator *e, struct frame *f, const struct expression *x);
/* An error for a name that nothing gives, unless a failed import may have given it. `table`: the
 * attributes of the layer that it is given to, whose words may have been meant; or NULL. */
void report_unknown_name(struct elaborator *e, struct frame *f, struct name name,
                         const struct attribute *table);
/* The text of a string expression; NULL after an error. */
const char *evaluate_string(struct elaborator *e, struct frame *f, const struct expression *x);
/* -1 where it is unknown, after an error. `what` says whose condition it is. */
int evaluate_condition(struct elaborator *e, struct frame *f, const struct expression *x,
                       const char *what);

/* arithmetic.c */
struct value negate_value(struct elaborator *e, struct frame *f, struct span span,
                          struct value value);
struct value binary_value(struct elaborator *e, struct frame *f, const struct expression *x,
                          struct value left, struct value right);
/* The layers add ... greater_equal and sqrt ... negate on values. */
struct value fold_operands(struct elaborator *e, struct frame *f, struct span span, enum op op,
                           const char *label, const struct value_list *operands);
struct value apply_function(struct elaborator *e, struct frame *f, struct span span, enum op op,
                            const char *label, struct value operand);
/* The layer where, on a tensor and two values of either kind. */
struct value choose_operands(struct elaborator *e, struct frame *f, struct span span,
                             const char *label, const struct value_list *operands);
/* A value of the number; an error where it is not finite. */
struct value checked_number(struct elaborator *e, struct frame *f, struct span span, double number);

/* functions.c */
/* sqrt ... negate of a number. */
struct value number_function(struct elaborator *e, struct frame *f, struct span span, enum op op,
                             struct value operand);
/* equal ... greater_equal of two numbers. */
bool number_comparison(enum op op, double a, double b);

/* queries.c */
const char *query_name(int index); /* NULL behind the last */
bool is_query(const char *name);
struct value answer_query(struct elaborator *e, struct frame *f, const struct expression *call,
                          const struct value *piped);
/* The expression asks macs() or params() of the whole network. */
bool asks_whole_network(const struct expression *x);

/* calls.c */
/* One stage or call; `piped` is what flows into it, or NULL. */
struct value evaluate_call(struct elaborator *e, struct frame *f, const struct expression *x,
                           const struct value *piped);
/* An error for a layer or block that is nowhere, likewise. */
void report_unknown_layer(struct elaborator *e, const struct frame *f, struct name name);
/* The path of a layer or block in the frame: its label, or its name and running number. */
const char *path_in_frame(struct elaborator *e, struct frame *f, const char *label,
                          const char *name);

/* layers.c */
struct value call_layer(struct elaborator *e, struct frame *f, const struct expression *x,
                        enum op op, const char *label, const struct value *piped);
/* Reads a named argument into the layer's attributes; false after an error. */
bool read_argument(struct elaborator *e, struct frame *f, struct layer *layer,
                   const struct argument *argument);

/* composites.c */
/* From a layer whose arguments are read: its node, or the last of several. NULL after an error. */
struct node *make_layer(struct elaborator *e, struct frame *f, struct layer *layer);
/* The parts of a split, as several results. Unknown after an error. */
struct value make_split(struct elaborator *e, struct frame *f, struct layer *layer);
/* (x - mean) / std by channel, as an affine node; `numbers` holds mean and std. NULL after an
 * error. */
struct node *make_affine(struct elaborator *e, struct frame *f, struct span span, const char *path,
                         struct node *input, struct layer *numbers);
/* mean and std are one number or one for each channel: an error for each that is neither. */
bool check_numbers(struct elaborator *e, struct layer *layer, int64_t channels);

/* nodes.c */
/* begin sets up a layer's node with defaults; finish applies the operator's rules and puts it into
 * the graph, or reports why not and returns NULL. */
void begin_layer(struct elaborator *e, struct frame *f, struct layer *layer, enum op op,
                 struct span span, const char *path, struct node *const *inputs, int input_count);
struct node *finish_layer(struct elaborator *e, struct frame *f, struct layer *layer);
/* Notes under the error that was reported for the layer: the sizes that led there, the calls. */
void explain_failure(struct elaborator *e, const struct layer *layer, bool sizes);

#endif
