/* The words of a file: names that are free, labels, strings and numbers that read back as the same.
 */
#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "export/cnn/writer.h"
#include "ir/elaborator.h"

static void append(struct arena *arena, struct list *list, const char *text) {
    size_t more = strlen(text) + 1;
    if (list->length + more > list->capacity) {
        size_t capacity = 2 * (list->length + more);
        list->text = arena_grow(arena, list->text, list->length, capacity, 1);
        list->capacity = capacity;
    }
    memcpy(list->text + list->length, text, more);
    list->length += more - 1;
}

void list_add(struct arena *arena, struct list *list, const char *item) {
    if (list->length)
        append(arena, list, "," SOFT_SPACE);
    append(arena, list, item);
}

static const char *const keywords[] = {
#define TOKEN(id, shown)
#define KEYWORD(id, text) text,
#include "lexer/tokens.def"
};
enum { KEYWORD_COUNT = sizeof keywords / sizeof *keywords };

static bool is_keyword(const char *text) {
    for (int i = 0; i < KEYWORD_COUNT; i++)
        if (strcmp(text, keywords[i]) == 0)
            return true;
    return false;
}

bool is_word_of_layers(const char *name) {
    for (int op = 0; op < OP_COUNT; op++)
        if (attribute_of_word(operator_rules[op].attributes, name) >= 0)
            return true;
    return false;
}

static void take(struct writer *writer, const char *name) {
    table_set(&writer->scope.taken, writer->arena, intern(&writer->names, name, strlen(name)),
              writer);
}

static void take_words(struct writer *writer) {
    for (int i = 0; i < KEYWORD_COUNT; i++)
        take(writer, keywords[i]);
    for (int op = 0; op < OP_COUNT; op++)
        if (operators[op].name)
            take(writer, operators[op].name);
}

void take_names(struct writer *writer) {
    take_words(writer);
    writer->words = table_copy(&writer->scope.taken, writer->arena);
    for (int i = 0; query_name(i); i++)
        take(writer, query_name(i));
    take(writer, writer->graph->name);
    for (size_t i = 0; i < writer->graph->input_count; i++)
        take(writer, writer->graph->inputs[i].name);
    for (size_t i = 0; i < writer->graph->output_count; i++)
        take(writer, writer->graph->outputs[i].name);
}

/* Letters, digits and underscores, of a long text the end. */
char *as_name(struct arena *arena, const char *text) {
    enum { NAME_MOST = 40 };
    size_t length = strlen(text);
    text += length > NAME_MOST ? length - NAME_MOST : 0;
    char *name = arena_printf(arena, "%s%s", isalpha((unsigned char)*text) ? "" : "x", text);
    for (char *c = name; *c; c++)
        if (!isalnum((unsigned char)*c) || (unsigned char)*c >= 128)
            *c = '_';
    return name;
}

bool is_free_name(struct writer *writer, const char *name) {
    return !table_find(&writer->scope.taken, intern(&writer->names, name, strlen(name))) &&
           !is_word_of_layers(name);
}

const char *free_name(struct writer *writer, const char *text) {
    const char *stem = as_name(writer->arena, text), *name = stem;
    for (int i = 2; !is_free_name(writer, name); i++)
        name = arena_printf(writer->arena, "%s_%d", stem, i);
    take(writer, name);
    return name;
}

const char *name_of_value(struct writer *writer, const struct node *node) {
    const struct block_call *call = writer->calls[node->id];
    if (call && call->path)
        return free_name(writer, call->path);
    if (call)
        return free_name(writer, arena_printf(writer->arena, "%s_%d", call->block->name, node->id));
    if (writer->scope.block)
        return free_name(writer, node->labelled ? node->path + writer->scope.prefix : "y");
    const char *dot = strrchr(node->path, '.');
    const char *block =
        dot ? arena_strndup(writer->arena, node->path, (size_t)(dot - node->path)) : NULL;
    if (!node->labelled && block && is_free_name(writer, as_name(writer->arena, block)))
        return free_name(writer, block);
    return free_name(writer, node->path);
}

const char *quoted(struct arena *arena, const char *text) {
    char *out = ARENA_ARRAY(arena, char, 2 * strlen(text) + 3), *to = out;
    *to++ = '"';
    for (; *text; text++) {
        if (strchr("\"\\{\n\t", *text))
            *to++ = '\\';
        *to++ = *text == '\n' ? 'n' : *text == '\t' ? 't' : *text;
    }
    *to = '"';
    return out;
}

const char *label_text(struct writer *writer, const char *label) {
    bool name = (isalpha((unsigned char)*label) || *label == '_') && !is_keyword(label);
    for (const char *c = label; *c; c++)
        name = name && (unsigned char)*c < 128 && (isalnum((unsigned char)*c) || *c == '_');
    return name ? label : quoted(writer->arena, label);
}

const char *literal(struct arena *arena, double number) {
    return number == 0 && signbit(number) ? "-0.0" : number_text(arena, number);
}

const char *float_literal(struct arena *arena, float number) {
    return number == 0 ? literal(arena, (double)number) : float_text(arena, number);
}
