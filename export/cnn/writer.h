/* What the parts of writing a `.cnn` file share.
 *
 *   network.c    the file: blocks, filters, inputs, statements, outputs, weights
 *   grouping.c   layers of an imported model, so named that they can be in blocks
 *   forms.c      which nodes have calls that read alike
 *   runs.c       runs of nodes that blocks could stand for (repeats.h)
 *   parameters.c what such runs differ in
 *   repeats.c    which of them save most
 *   blocks.c     those into definitions and calls
 *   phrases.c    nodes and calls into chains and expressions
 *   arguments.c  a layer's attributes between its parentheses
 *   filters.c    kernels made by hand into filter items
 *   words.c      names, labels, strings, numbers
 *   lines.c      statements into lines, with the sizes behind them */
#ifndef CNNC_EXPORT_CNN_WRITER_H
#define CNNC_EXPORT_CNN_WRITER_H

#include "export/cnn.h"
#include "export/cnn/repeats.h"
#include "ir/operators.h"
#include "ir/table.h"
#include "lexer/names.h"

/* A space of a text at which its line may be broken. */
#define SOFT_SPACE "\f"

#define ARROW " -> "

enum {
    LINE_WIDTH = 84, /* of stages, which a size stands behind */
    PAGE_WIDTH = 100,
};

/* How tightly the outermost operator of an expression binds. */
enum level { LEVEL_CHAIN, LEVEL_SUM, LEVEL_TERM, LEVEL_UNARY, LEVEL_POWER, LEVEL_ATOM };

struct stage {
    const char *text; /* "conv1: conv(3, 64)" */
    struct shape shape;
    bool heavy; /* a new line begins with it rather than before another */
};

/* A node as an expression: `head -> stage -> stage`, mostly without stages. */
struct phrase {
    const char *head;
    enum level level; /* of the head */
    size_t length;    /* of the whole, on one line */
    struct stage *stages;
    size_t stage_count, stage_capacity;
};

/* One call of a block: in the place of a run. */
struct block_call {
    const struct block *block;
    struct run run;
    const char *path; /* that its layers' paths begin with; NULL: any */
    struct node *entry;
};

struct block {
    const char *name;
    const struct repeat *repeat;
    struct block_call *calls; /* one for each run */
    struct parameters parameters;
    const char *names[PARAMETERS_MOST];
    int usual[PARAMETERS_MOST]; /* the value that calls leave out; -1: none */
};

/* Where names count: the network, or a block's body. */
struct scope {
    const struct block *block; /* NULL: the network */
    struct table taken;        /* names that no binding may take */
    struct table numbers;      /* a layer's or block's word to its running number, an int */
    int begin;                 /* its first node: what comes before is bound */
    size_t prefix;             /* bytes of its layers' paths that the call gives */
    bool hides_values;         /* what parameters could stand for is not told */
};

struct line {
    const char *text, *note; /* the note becomes a comment; NULL: none */
};

struct writer {
    struct arena *arena;
    const struct graph *graph;
    struct names names;
    struct table words; /* names that nothing in a block may take: it asks no questions */
    struct scope scope;
    struct outline outline; /* what blocks were found in */
    struct block **blocks;
    size_t block_count;

    /* By the node's id: */
    int *uses;                       /* by nodes, calls and outputs */
    const struct block_call **calls; /* the call that it is the result of; NULL: none */
    bool *hidden;                    /* another node of a call */
    bool *within;                    /* it stands in the expression of its only reader */
    int *first;                      /* the first node within its expression */
    const char **bound;              /* the name it is known by; NULL so far */
    const char **numbered;           /* its path in its scope, if that is a running number */
    const char **numbered_calls;     /* the same of the call that it is the result of */
    struct phrase *phrases;          /* not of inputs */

    struct line *lines;
    size_t line_count, line_capacity;
    struct line *filters; /* items in front of the network; note: the filter's name */
    size_t filter_count, filter_capacity;
};

/* "a, b, c", with soft spaces; NULL while it is empty. */
struct list {
    char *text;
    size_t length, capacity;
};

/* network.c */
/* Its names are taken and its uses counted. */
struct writer new_writer(struct arena *arena, const struct graph *graph);
/* The lines of the file, with blocks where there are fewer then. */
struct writer write_file(struct arena *arena, const struct graph *graph);
/* The bindings of the nodes begin .. end - 1. */
void write_bindings(struct writer *writer, int begin, int end);

/* forms.c */
/* The graph as blocks are looked for in it. Nodes are of one form whose calls read alike but for
 * labels, and for what they are applied to. */
struct outline outline_of(struct writer *writer);
/* A label or the keys of its parameters say what its path is. */
bool needs_path(const struct node *node);

/* blocks.c */
/* Finds and names them. */
void make_blocks(struct writer *writer);
void write_blocks(struct writer *writer);
/* From here on the runs of blocks are calls. */
void place_calls(struct writer *writer);
/* The parameter that stands at a slot of the node, "depth" or "4 * depth"; NULL: the value does. */
const char *stand_in_of(struct writer *writer, const struct node *node, int slot);
/* "(16, stride = 2)" behind the block's name; "" where it needs nothing. */
const char *arguments_of_call(struct writer *writer, const struct block_call *call);
/* The node's size; zeros where it is not the same in all calls of the block. */
struct shape shown_shape(const struct writer *writer, const struct node *node);

/* phrases.c */
/* Of the nodes begin .. end - 1, in order; chooses which stand within others, and names the others
 * that are read. */
void make_phrases(struct writer *writer, int begin, int end);
/* What its layer is called. */
const char *word_of_node(const struct node *node);
/* The affine node of an input's range, mean and deviation: part of the input's statement. */
bool belongs_to_input(const struct writer *writer, const struct node *node);

/* arguments.c */
/* Adds "3", "64", "padding = 1": no attribute that has its default. */
void add_arguments(struct writer *writer, const struct node *node, struct list *list);
/* The table of what may be said of it. */
const struct attribute *attributes_of(const struct node *node);
/* The value at a slot if a name can stand for it, its default too; NULL otherwise. */
const char *open_value(struct writer *writer, const struct node *node, int slot);
/* ", mean = 0.5, std = [1, 2]" */
const char *numbers_text(struct writer *writer, const char *name, struct numbers numbers);

/* filters.c */
bool has_filters(const struct node *node);
/* "blur" or "[dx, dy]": the names of the node's filters, made items where they are new. */
const char *filter_names(struct writer *writer, const struct node *node);

/* words.c */
void list_add(struct arena *arena, struct list *list, const char *item);
/* Takes what the language itself has names for, and what the network, its inputs and its outputs
 * are called. */
void take_names(struct writer *writer);
bool is_free_name(struct writer *writer, const char *name);
/* Text as a name: letters, digits and underscores. */
char *as_name(struct arena *arena, const char *text);
/* A name that is free, like `text`. */
const char *free_name(struct writer *writer, const char *text);
/* The same for the value of a node: by its call or its label, or else by the block that it is in,
 * or else by its running number; in the body of a block by its label or not at all. */
const char *name_of_value(struct writer *writer, const struct node *node);
bool is_word_of_layers(const char *name); /* an attribute's, as `same` */
const char *label_text(struct writer *writer, const char *label);
const char *quoted(struct arena *arena, const char *text);
/* Reads back as the same double. */
const char *literal(struct arena *arena, double number);
/* The same for a float. */
const char *float_literal(struct arena *arena, float number);

/* lines.c */
void add_line(struct writer *writer, const char *text, const char *note);
/* `lead` and the phrase and `tail`, on as many lines as it takes. A shape of zeros is no note. */
void add_statement(struct writer *writer, const char *lead, const struct phrase *phrase,
                   const char *tail, struct shape shape);
size_t text_length(const char *text);
void print_lines(FILE *stream, const struct writer *writer);

#endif
