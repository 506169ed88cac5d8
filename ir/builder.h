/* A graph made by a program, layer by layer, where elaboration would make it from a file: the same
 * attributes, rules and messages. What a foreign model is imported with.
 *
 * One layer is under construction at a time: builder_layer, give_..., builder_finish. After a
 * mistake, which the diagnostics tell at the layer's span, builder_finish returns NULL. */
#ifndef CNNC_IR_BUILDER_H
#define CNNC_IR_BUILDER_H

#include "ir/graph.h"
#include "lexer/diagnostics.h"
#include "lexer/names.h"

struct builder;

/* `network` is its name, `span` the place of messages about all of it. */
struct builder *builder_begin(struct arena *arena, struct names *names, struct sources *sources,
                              struct diagnostics *diagnostics, const char *network,
                              struct span span);
/* The finished graph, without what no output needs; NULL after mistakes. */
struct graph *builder_end(struct builder *builder);

/* A name is a C identifier, and no other input or output has it, whatever its case. NULL after a
 * mistake. */
struct node *builder_input(struct builder *builder, const char *name, struct span span,
                           struct shape shape, enum layout layout);
void builder_output(struct builder *builder, const char *name, struct span span, struct node *node,
                    enum layout layout);

/* `label` is the layer's path; with NULL it is the layer's word and a running number. */
void builder_layer(struct builder *builder, enum op op, struct span span, const char *label,
                   struct node *const *inputs, int input_count);
void give_integer(struct builder *builder, const char *attribute, int64_t integer);
void give_pair(struct builder *builder, const char *attribute, int64_t height, int64_t width);
/* TOP, LEFT, BOTTOM, RIGHT */
void give_sides(struct builder *builder, const char *attribute, const int64_t sides[4]);
void give_number(struct builder *builder, const char *attribute, double number);
void give_numbers(struct builder *builder, const char *attribute, const double *numbers,
                  size_t count);
void give_boolean(struct builder *builder, const char *attribute, bool boolean);
void give_word(struct builder *builder, const char *attribute, const char *word);
/* AXIS_... by their words, in this order */
void give_axes(struct builder *builder, const char *attribute, const int *axes, int count);
void give_size(struct builder *builder, const char *attribute, struct shape size);
void give_range(struct builder *builder, const char *attribute, int64_t first, int64_t last);
struct node *builder_finish(struct builder *builder);

/* op is an operator of several tensors or numbers, such as OP_ADD: x op number, or number op x. */
struct node *builder_with_number(struct builder *builder, enum op op, struct span span,
                                 struct node *x, double number, bool number_first);

#endif
