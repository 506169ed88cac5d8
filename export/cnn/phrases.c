/* Nodes into expressions. A node stands within the expression of its only reader where that keeps
 * the order of nodes: then its nodes come directly before the reader's, and the text makes them in
 * the order in which the graph has them. */
#include <string.h>

#include "export/cnn/writer.h"

/* What may stand within something longer: an operand, and an expression at the head of a chain. */
enum { OPERAND_MOST = 40, HEAD_MOST = 60 };

static const struct {
    const char *sign; /* between the operands */
    enum level level;
} signs[OP_COUNT] = {
    [OP_ADD] = {"+", LEVEL_SUM},  [OP_SUB] = {"-", LEVEL_SUM},     [OP_MUL] = {"*", LEVEL_TERM},
    [OP_DIV] = {"/", LEVEL_TERM}, [OP_POWER] = {"^", LEVEL_POWER}, [OP_NEGATE] = {"-", LEVEL_UNARY},
};

/* --- operands --- */

static struct phrase name_phrase(const char *name) {
    return (struct phrase){.head = name, .level = LEVEL_ATOM, .length = text_length(name)};
}

static struct phrase operand(const struct writer *writer, const struct node *node) {
    return writer->within[node->id] ? writer->phrases[node->id]
                                    : name_phrase(writer->bound[node->id]);
}

/* On one line. */
static const char *whole_text(struct arena *arena, const struct phrase *phrase) {
    const char *text = phrase->head;
    for (size_t i = 0; i < phrase->stage_count; i++)
        text = arena_printf(arena, "%s" ARROW "%s", text, phrase->stages[i].text);
    return text;
}

/* As it stands beside an operator that binds as tightly as `level`. */
static const char *beside(struct arena *arena, const struct phrase *phrase, enum level level) {
    bool loose = phrase->stage_count || phrase->level < level;
    return arena_printf(arena, loose ? "(%s)" : "%s", whole_text(arena, phrase));
}

static struct phrase number_phrase(struct writer *writer, double number) {
    struct phrase phrase = name_phrase(literal(writer->arena, number));
    phrase.level = *phrase.head == '-' ? LEVEL_UNARY : LEVEL_ATOM;
    return phrase;
}

/* The number that is the other operand, or the parameter that stands for it. */
static struct phrase scalar_phrase(struct writer *writer, const struct node *node) {
    const char *name = stand_in_of(writer, node, SLOT_NUMBER);
    if (!name)
        return number_phrase(writer, node->attributes.scalar);
    return (struct phrase){.head = name,
                           .level = strchr(name, ' ') ? LEVEL_TERM : LEVEL_ATOM,
                           .length = text_length(name)};
}

/* The choices of `where`: numbers or tensors. */
static size_t choices_of(struct writer *writer, const struct node *node, struct phrase *operands) {
    const struct attributes *a = &node->attributes;
    int read = 1;
    for (int choice = 0; choice < 2; choice++)
        operands[choice] = a->is_number[choice] ? number_phrase(writer, choice ? a->b : a->a)
                                                : operand(writer, node->inputs[read++]);
    return 2;
}

/* The operands of a node, its number in its place; of a layer without tensors its size. */
static size_t operands_of(struct writer *writer, const struct node *node,
                          struct phrase **operands) {
    const struct attributes *a = &node->attributes;
    bool number = a->has_scalar;
    size_t count = 0;
    *operands = ARENA_ARRAY(writer->arena, struct phrase, node->input_count + 2);
    if (node->op == OP_WHERE) {
        (*operands)[0] = operand(writer, node->inputs[0]);
        return 1 + choices_of(writer, node, *operands + 1);
    }
    if (operator_rules[node->op].arity == ARITY_ZERO)
        (*operands)[count++] = name_phrase(shape_text(writer->arena, node->shape));
    if (number && a->scalar_first)
        (*operands)[count++] = scalar_phrase(writer, node);
    for (int i = 0; i < node->input_count; i++)
        (*operands)[count++] = operand(writer, node->inputs[i]);
    if (number && !a->scalar_first)
        (*operands)[count++] = scalar_phrase(writer, node);
    return count;
}

/* --- one node --- */

const char *word_of_node(const struct node *node) {
    if (node->op == OP_AFFINE)
        return operators[OP_NORMALIZE].name;
    return operators[has_filters(node) ? OP_CONV : node->op].name;
}

/* The path as label, unless it is the running number that the word would get; NULL then, and
 * *numbered is that. A path that is NULL may be any. */
static const char *label_unless_number(struct writer *writer, const char *word, const char *path,
                                       const char **numbered) {
    struct table *numbers = &writer->scope.numbers;
    const char *key = intern(&writer->names, word, strlen(word));
    int *number = table_find(numbers, key);
    if (!number)
        table_set(numbers, writer->arena, key, number = ARENA_NEW(writer->arena, int));
    const char *next = arena_printf(writer->arena, "%s%d", word, *number + 1);
    if (path && strcmp(path, next) != 0)
        return path;
    ++*number;
    *numbered = next;
    return NULL;
}

/* The label that a stage needs: of a layer that has one, and of one with parameters whose path is
 * not the running number that it would get. NULL where it needs none. */
static const char *wanted_label(struct writer *writer, const struct node *node) {
    const char *path = needs_path(node) ? node->path + writer->scope.prefix : NULL;
    return node->labelled
               ? path
               : label_unless_number(writer, word_of_node(node), path, &writer->numbered[node->id]);
}

/* "word(operands, arguments)"; without operands and arguments the word alone, as a stage. */
static const char *call_text(struct writer *writer, const struct node *node,
                             const struct phrase *operands, size_t count) {
    struct list list = {0};
    for (size_t i = 0; i < count; i++)
        list_add(writer->arena, &list, whole_text(writer->arena, &operands[i]));
    add_arguments(writer, node, &list);
    return list.text ? arena_printf(writer->arena, "%s(%s)", word_of_node(node), list.text)
                     : word_of_node(node);
}

static struct phrase infix(struct writer *writer, const struct node *node,
                           const struct phrase *operands) {
    struct arena *arena = writer->arena;
    const char *sign = signs[node->op].sign;
    enum level level = signs[node->op].level;
    struct phrase phrase = {.level = level};
    if (node->op == OP_NEGATE)
        phrase.head = arena_printf(arena, "-%s", beside(arena, &operands[0], level));
    else if (node->op == OP_POWER)
        phrase.head = arena_printf(arena, "%s ^ %s", beside(arena, &operands[0], LEVEL_ATOM),
                                   beside(arena, &operands[1], LEVEL_UNARY));
    else
        phrase.head = arena_printf(arena, "%s %s %s", beside(arena, &operands[0], level), sign,
                                   beside(arena, &operands[1], level + 1));
    phrase.length = text_length(phrase.head);
    return phrase;
}

static struct phrase add_stage(struct writer *writer, struct phrase phrase, const char *label,
                               struct stage stage) {
    struct arena *arena = writer->arena;
    if (label)
        stage.text = arena_printf(arena, "%s: %s", label_text(writer, label), stage.text);
    if (!phrase.stage_count) {
        phrase.head = beside(arena, &phrase, LEVEL_ATOM);
        phrase.length = text_length(phrase.head);
        phrase.level = LEVEL_ATOM;
    }
    ARENA_PUSH(arena, phrase.stages, phrase.stage_count, phrase.stage_capacity, stage);
    phrase.length += text_length(stage.text) + strlen(ARROW);
    return phrase;
}

static struct phrase staged(struct writer *writer, const struct node *node, const char *label,
                            const struct phrase *operands, size_t count) {
    const char *text = call_text(writer, node, operands + 1, count - 1);
    struct stage stage = {text, shown_shape(writer, node), node->macs > 0};
    return add_stage(writer, operands[0], label, stage);
}

/* Calls whose results have one size may stand side by side. */
static struct phrase make_call_phrase(struct writer *writer, const struct block_call *call,
                                      const struct node *node) {
    const char *name = call->block->name;
    const char *label =
        label_unless_number(writer, name, call->path, &writer->numbered_calls[node->id]);
    const char *text = arena_printf(writer->arena, "%s%s", name, arguments_of_call(writer, call));
    struct stage stage = {text, node->shape, !shape_equal(node->shape, call->entry->shape)};
    return add_stage(writer, operand(writer, call->entry), label, stage);
}

/* Without a label, what is read better as an expression. */
static bool is_expression(const struct node *node) {
    enum arity arity = operator_rules[node->op].arity;
    return !node->labelled && (signs[node->op].sign || arity != ARITY_ONE);
}

/* A chain goes on through such a layer: `x -> conv(3, 8) -> add(y)`. */
static bool continues(const struct node *node) {
    return operator_rules[node->op].arity != ARITY_MANY && !node->attributes.scalar_first;
}

static struct phrase make_phrase(struct writer *writer, const struct node *node) {
    struct phrase *operands, phrase = {.level = LEVEL_ATOM};
    size_t count = operands_of(writer, node, &operands);
    const char *label = wanted_label(writer, node);
    bool chain = operands[0].stage_count && continues(node);
    if (label || chain || !is_expression(node))
        return staged(writer, node, label, operands, count);
    if (signs[node->op].sign)
        return infix(writer, node, operands);
    phrase.head = call_text(writer, node, operands, count);
    phrase.length = text_length(phrase.head);
    return phrase;
}

/* --- which stand within others --- */

/* What a node reads, or the call whose result it is. */
struct reader {
    struct node *const *inputs;
    int input_count, begin; /* begin: the first of its nodes */
    bool continues;         /* what its first input is a chain of */
};

static struct reader reader_of(const struct writer *writer, const struct node *node) {
    const struct block_call *call = writer->calls[node->id];
    return call ? (struct reader){&call->entry, 1, call->run.begin, true}
                : (struct reader){node->inputs, node->input_count, node->id, continues(node)};
}

static bool fits_within(const struct writer *writer, const struct reader *reader, int index) {
    const struct phrase *phrase = &writer->phrases[reader->inputs[index]->id];
    if (index > 0 || !reader->continues)
        return phrase->length <= OPERAND_MOST;
    return phrase->stage_count || phrase->length <= HEAD_MOST;
}

bool belongs_to_input(const struct writer *writer, const struct node *node) {
    if (node->op != OP_AFFINE || node->inputs[0]->op != OP_INPUT ||
        writer->uses[node->inputs[0]->id] > 1)
        return false;
    const char *input = node->inputs[0]->path;
    size_t length = strlen(input);
    return strncmp(node->path, input, length) == 0 &&
           strcmp(node->path + length, ".normalize") == 0;
}

/* From the last operand to the first, each right before what comes behind it. */
static void place_operands(struct writer *writer, const struct node *node) {
    struct reader reader = reader_of(writer, node);
    int next = reader.begin - 1;
    for (int i = reader.input_count - 1; i >= 0; i--) {
        const struct node *input = reader.inputs[i];
        bool statement = input->op == OP_INPUT || belongs_to_input(writer, input) ||
                         input->id < writer->scope.begin;
        if (statement || writer->uses[input->id] > 1 || input->id != next ||
            !fits_within(writer, &reader, i))
            continue;
        writer->within[input->id] = true;
        next = writer->first[input->id] - 1;
    }
    writer->first[node->id] = next + 1;
    for (int i = 0; i < reader.input_count; i++) {
        const struct node *input = reader.inputs[i];
        if (!writer->within[input->id] && !writer->bound[input->id])
            writer->bound[input->id] = name_of_value(writer, input);
    }
}

void make_phrases(struct writer *writer, int begin, int end) {
    for (int i = begin; i < end; i++) {
        const struct node *node = writer->graph->nodes[i];
        const struct block_call *call = writer->calls[i];
        if (node->op == OP_INPUT || belongs_to_input(writer, node) || writer->hidden[i])
            continue;
        place_operands(writer, node);
        writer->phrases[i] =
            call ? make_call_phrase(writer, call, node) : make_phrase(writer, node);
    }
}
