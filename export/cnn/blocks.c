/* Repeats into blocks: a definition each, and a call in the place of each run. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "export/cnn/writer.h"

/* --- names --- */

/* What paths begin with, without a number that goes on differently: "layer" of "layer1.0" and
 * "layer2.0", "layer1" of "layer1.0" and "layer1.1"; "" where there is nothing. */
static const char *common_word(struct arena *arena, const struct block *block) {
    const char *first = block->calls[0].path;
    size_t length = first ? strlen(first) : 0;
    for (size_t i = 1; length && i < block->repeat->count; i++) {
        const char *path = block->calls[i].path;
        size_t same = 0;
        while (same < length && path[same] == first[same])
            same++;
        length = same;
    }
    while (length && isdigit((unsigned char)first[length - 1]))
        length--;
    while (length && !isalnum((unsigned char)first[length - 1]))
        length--;
    return arena_strndup(arena, length ? first : "", length);
}

static const char *name_of_block(struct writer *writer, const struct block *block) {
    const char *word = common_word(writer->arena, block), *name = as_name(writer->arena, word);
    for (int number = 1; !*word || !is_free_name(writer, name); number++, word = name)
        name = arena_printf(writer->arena, "block%d", number);
    return free_name(writer, name);
}

/* --- parameters --- */

static int value_of_call(const struct outline *outline, const struct block *block, size_t call,
                         size_t parameter) {
    return outline
        ->values[(size_t)block->repeat->begins[call] * SLOTS + block->parameters.places[parameter]];
}

/* As its attribute is called. */
static const char *name_of_parameter(struct writer *writer, const struct block *block,
                                     size_t parameter) {
    size_t place = block->parameters.places[parameter];
    const struct node *node =
        writer->graph->nodes[(size_t)block->repeat->begins[0] + place / SLOTS];
    if (place % SLOTS == SLOT_NUMBER)
        return free_name(writer, node->op == OP_MUL || node->op == OP_DIV ? "factor" : "number");
    return free_name(writer, attributes_of(node)[place % SLOTS].name);
}

/* "x, depth, stride = 1" */
static const char *declarations(struct writer *writer, struct block *block, const char *entry) {
    struct list list = {0};
    list_add(writer->arena, &list, entry);
    for (size_t i = 0; i < block->parameters.count; i++)
        block->names[i] = name_of_parameter(writer, block, i);
    for (size_t i = 0; i < block->parameters.count; i++)
        if (block->usual[i] < 0)
            list_add(writer->arena, &list, block->names[i]);
    for (size_t i = 0; i < block->parameters.count; i++)
        if (block->usual[i] >= 0)
            list_add(writer->arena, &list,
                     arena_printf(writer->arena, "%s = %s", block->names[i],
                                  writer->outline.texts[block->usual[i]]));
    return list.text;
}

const char *arguments_of_call(struct writer *writer, const struct block_call *call) {
    const struct block *block = call->block;
    size_t index = (size_t)(call - block->calls);
    struct list list = {0};
    for (size_t i = 0; i < block->parameters.count; i++)
        if (block->usual[i] < 0)
            list_add(writer->arena, &list,
                     writer->outline.texts[value_of_call(&writer->outline, block, index, i)]);
    for (size_t i = 0; i < block->parameters.count; i++) {
        int value = value_of_call(&writer->outline, block, index, i);
        if (block->usual[i] >= 0 && value != block->usual[i])
            list_add(writer->arena, &list,
                     arena_printf(writer->arena, "%s = %s", block->names[i],
                                  writer->outline.texts[value]));
    }
    return list.text ? arena_printf(writer->arena, "(%s)", list.text) : "";
}

const char *stand_in_of(struct writer *writer, const struct node *node, int slot) {
    const struct block *block = writer->scope.block;
    if (!block)
        return writer->scope.hides_values && open_value(writer, node, slot) ? "?" : NULL;
    size_t place = (size_t)(node->id - block->repeat->begins[0]) * SLOTS + (size_t)slot;
    struct stand_in stand_in = block->parameters.stand_ins[place];
    if (!stand_in.factor)
        return NULL;
    const char *name = block->names[stand_in.parameter - 1];
    return stand_in.factor == 1 ? name
                                : arena_printf(writer->arena, "%d * %s", stand_in.factor, name);
}

/* --- blocks --- */

static struct block_call make_call(struct writer *writer, const struct outline *outline,
                                   struct run run) {
    const char *path;
    size_t prefix = prefix_of_run(outline, run, &path);
    return (struct block_call){.run = run,
                               .path = path ? arena_strndup(writer->arena, path, prefix) : NULL,
                               .entry = entry_of_run(writer->graph, run)};
}

static struct block *make_block(struct writer *writer, const struct outline *outline,
                                const struct repeat *repeat) {
    struct block *block = ARENA_NEW(writer->arena, struct block);
    *block = (struct block){.repeat = repeat,
                            .calls = ARENA_ARRAY(writer->arena, struct block_call, repeat->count)};
    for (size_t i = 0; i < repeat->count; i++) {
        block->calls[i] =
            make_call(writer, outline, (struct run){repeat->begins[i], repeat->length});
        block->calls[i].block = block;
    }
    block->parameters.stand_ins =
        ARENA_ARRAY(writer->arena, struct stand_in, repeat->length * SLOTS);
    find_parameters(outline, repeat, &block->parameters);
    for (size_t i = 0; i < block->parameters.count; i++)
        block->usual[i] = usual_value(outline, repeat, block->parameters.places[i]);
    return block;
}

/* Where the block occurs first comes first. */
static int by_place(const void *a, const void *b) {
    const struct repeat *x = a, *y = b;
    return x->begins[0] - y->begins[0];
}

void make_blocks(struct writer *writer) {
    writer->outline = outline_of(writer);
    struct repeats repeats = find_repeats(&writer->outline);
    if (repeats.count)
        qsort(repeats.items, repeats.count, sizeof *repeats.items, by_place);
    writer->blocks = ARENA_ARRAY(writer->arena, struct block *, repeats.count + 1);
    writer->block_count = repeats.count;
    for (size_t i = 0; i < repeats.count; i++) {
        writer->blocks[i] = make_block(writer, &writer->outline, &repeats.items[i]);
        writer->blocks[i]->name = name_of_block(writer, writer->blocks[i]);
    }
}

/* --- definitions --- */

struct shape shown_shape(const struct writer *writer, const struct node *node) {
    const struct block *block = writer->scope.block;
    for (size_t i = 1; block && i < block->repeat->count; i++) {
        int id = node->id - block->repeat->begins[0] + block->repeat->begins[i];
        if (!shape_equal(node->shape, writer->graph->nodes[id]->shape))
            return (struct shape){0};
    }
    return node->shape;
}

/* The body is that of the first call, by names of its own. */
static void write_block(struct writer *writer, struct block *block) {
    const struct block_call *call = &block->calls[0];
    int end = call->run.begin + call->run.length;
    struct scope outside = writer->scope;
    writer->scope = (struct scope){.taken = table_copy(&writer->words, writer->arena),
                                   .block = block,
                                   .begin = call->run.begin,
                                   .prefix = call->path ? strlen(call->path) + 1 : 0};
    const char *entry = writer->bound[call->entry->id] = free_name(writer, "x");
    add_line(writer,
             arena_printf(writer->arena, "block %s(%s) {", block->name,
                          declarations(writer, block, entry)),
             NULL);
    make_phrases(writer, call->run.begin, end);
    write_bindings(writer, call->run.begin, end - 1);
    add_statement(writer, "    return ", &writer->phrases[end - 1], "",
                  shown_shape(writer, writer->graph->nodes[end - 1]));
    add_line(writer, "}", NULL);
    add_line(writer, "", NULL);
    writer->bound[call->entry->id] = NULL;
    writer->scope = outside;
}

void write_blocks(struct writer *writer) {
    for (size_t i = 0; i < writer->block_count; i++)
        write_block(writer, writer->blocks[i]);
}

/* --- calls --- */

static void place_call(struct writer *writer, const struct block_call *call) {
    for (int i = 0; i < call->run.length; i++)
        writer->hidden[call->run.begin + i] = i < call->run.length - 1;
    writer->calls[call->run.begin + call->run.length - 1] = call;
}

void place_calls(struct writer *writer) {
    for (size_t i = 0; i < writer->block_count; i++)
        for (size_t k = 0; k < writer->blocks[i]->repeat->count; k++)
            place_call(writer, &writer->blocks[i]->calls[k]);
}
