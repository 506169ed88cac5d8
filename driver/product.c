/* The planned graph in, the file that was asked for out: program, object and header, assembly,
 * LLVM's text, or the header alone. */
#include <string.h>

#include "codegen/codegen.h"
#include "driver/compilation.h"
#include "driver/link.h"
#include "driver/output.h"

/* The file's name without folder and `.cnn`: what results are called by default. */
static const char *stem(struct compilation *c) {
    const char *slash = strrchr(c->options->file, '/');
    const char *base = slash ? slash + 1 : c->options->file;
    size_t length = strlen(base);
    if (length > 4 && !strcmp(base + length - 4, ".cnn"))
        length -= 4;
    return arena_strndup(&c->arena, base, length);
}

static const char *output_path(struct compilation *c) {
    static const char *const suffixes[] = {[PRODUCT_PROGRAM] = "",
                                           [PRODUCT_OBJECT] = ".o",
                                           [PRODUCT_ASSEMBLY] = ".s",
                                           [PRODUCT_LLVM] = ".ll",
                                           [PRODUCT_HEADER] = ".h"};
    if (c->options->output)
        return c->options->output;
    if (c->options->dump == DUMP_LLVM)
        return "-";
    return arena_printf(&c->arena, "%s%s", stem(c), suffixes[c->options->product]);
}

/* Where an object's header goes: the object's path, ending in .h. */
static const char *header_path(struct compilation *c, const char *object) {
    size_t length = strlen(object);
    if (length > 2 && !strcmp(object + length - 2, ".o"))
        length -= 2;
    return arena_printf(&c->arena, "%.*s.h", (int)length, object);
}

/* A result never goes over what it is made from. */
static void check_target(struct compilation *c, const char *path) {
    for (size_t i = 0; i < c->sources.file_count; i++)
        if (same_file(path, c->sources.files[i]))
            fail(c, EXIT_USAGE, "'%s' is an input: it would be overwritten", shown(c, path));
}

static struct codegen_options codegen_options(const struct compilation *c) {
    return (struct codegen_options){.cpu = c->options->cpu,
                                    .optimisation = c->options->optimisation,
                                    .name = c->options->name ? c->options->name : c->graph->name,
                                    .program = c->options->product == PRODUCT_PROGRAM,
                                    .report = c->description};
}

static struct pieces emit_code(struct compilation *c, enum emit_kind kind) {
    struct codegen_options options = codegen_options(c);
    struct pieces code = {0};
    const char *error = NULL;
    if (!generate(c->graph, &options, kind, &c->arena, &code, &error))
        fail(c, EXIT_INPUT, "%s", error);
    return code;
}

static struct pieces emit_header(struct compilation *c) {
    struct codegen_options options = codegen_options(c);
    const char *text = generate_header(c->graph, &options, &c->arena);
    struct pieces pieces = {0};
    pieces_add(&pieces, &c->arena, text, strlen(text));
    return pieces;
}

/* One step of writing; those after a failed one are left out. */
#define STEP(c, call)                                                                              \
    do {                                                                                           \
        const char *error_ = (c)->code == EXIT_DONE ? (call) : NULL;                               \
        if (error_)                                                                                \
            fail((c), EXIT_IO, "%s", error_);                                                      \
    } while (0)

static void write_one(struct compilation *c, const char *path, const struct pieces *content) {
    struct output_file output = {0};
    STEP(c, output_open(&output, &c->arena, path));
    STEP(c, output_write_pieces(&output, content->items, content->count));
    STEP(c, output_commit(&output, 0666));
    output_discard(&output);
}

/* An object and its header: neither takes its name before both are whole. */
static void write_object(struct compilation *c, const char *path, const struct pieces *code) {
    struct pieces text = emit_header(c);
    struct output_file object = {0}, header = {0};
    const char *header_name = header_path(c, path);
    check_target(c, header_name);
    STEP(c, output_open(&object, &c->arena, path));
    STEP(c, output_open(&header, &c->arena, header_name));
    STEP(c, output_write_pieces(&object, code->items, code->count));
    STEP(c, output_write_pieces(&header, text.items, text.count));
    STEP(c, output_commit(&object, 0666));
    STEP(c, output_commit(&header, 0666));
    output_discard(&object);
    output_discard(&header);
}

/* Object and program are temporary files first; only the program stays. */
static void write_program(struct compilation *c, const char *path, const struct pieces *code) {
    struct output_file object = {0}, program = {0};
    STEP(c, output_open(&program, &c->arena, path));
    if (!program.temporary)
        fail(c, EXIT_USAGE, "a program goes to a file, not to '%s'", shown(c, path));
    STEP(c, output_open(&object, &c->arena, path));
    STEP(c, output_write_pieces(&object, code->items, code->count));
    STEP(c, link_program(&c->arena, object.temporary, program.temporary));
    STEP(c, output_commit(&program, 0777));
    output_discard(&object);
    output_discard(&program);
}

void write_product(struct compilation *c) {
    static const enum emit_kind kinds[] = {[PRODUCT_PROGRAM] = EMIT_OBJECT,
                                           [PRODUCT_OBJECT] = EMIT_OBJECT,
                                           [PRODUCT_ASSEMBLY] = EMIT_ASSEMBLY,
                                           [PRODUCT_LLVM] = EMIT_LLVM};
    enum product product = c->options->product;
    const char *path = output_path(c);
    check_target(c, path);
    if (c->code != EXIT_DONE)
        return;
    struct pieces content =
        product == PRODUCT_HEADER ? emit_header(c) : emit_code(c, kinds[product]);
    if (c->code != EXIT_DONE)
        return;
    if (product == PRODUCT_PROGRAM)
        write_program(c, path, &content);
    else if (product == PRODUCT_OBJECT && strcmp(path, "-"))
        write_object(c, path, &content);
    else
        write_one(c, path, &content);
}
