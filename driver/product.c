/* The planned graph in, the files that were asked for out: a program, a library, an object, its
 * header, its weights, and so on. */
#include <assert.h>
#include <string.h>

#include "codegen/codegen.h"
#include "driver/compilation.h"
#include "driver/link.h"
#include "driver/output.h"
#include "ir/report/plan_report.h"

static const struct {
    const char *suffix; /* of its file, where -o does not say more */
    enum emit_kind kind;
    bool header; /* is written beside it */
    const char *(*link)(struct arena *arena, const char *object, const char *result);
} products[] = {
    [PRODUCT_PROGRAM] = {"", EMIT_OBJECT, false, link_program},
    [PRODUCT_OBJECT] = {".o", EMIT_OBJECT, true, NULL},
    [PRODUCT_SHARED] = {".so", EMIT_OBJECT, true, link_shared},
    [PRODUCT_ASSEMBLY] = {".s", EMIT_ASSEMBLY, false, NULL},
    [PRODUCT_LLVM] = {".ll", EMIT_LLVM, false, NULL},
    [PRODUCT_BITCODE] = {".bc", EMIT_BITCODE, false, NULL},
    [PRODUCT_HEADER] = {".h", EMIT_HEADER, false, NULL},
    [PRODUCT_GRAPH] = {".graph", EMIT_HEADER, false, NULL},
    [PRODUCT_PLAN] = {".plan", EMIT_HEADER, false, NULL},
    [PRODUCT_CNN] = {".elaborated.cnn", EMIT_HEADER, false, NULL},
    [PRODUCT_ONNX] = {".onnx", EMIT_HEADER, false, NULL},
};

const char *without_suffix(struct compilation *c, const char *name, const char *suffix) {
    size_t length = strlen(name), end = strlen(suffix);
    if (length <= end || strcmp(name + length - end, suffix) != 0)
        return name;
    return arena_strndup(&c->arena, name, length - end);
}

const char *stem(struct compilation *c) {
    const char *slash = strrchr(c->options->file, '/');
    const char *base = slash ? slash + 1 : c->options->file;
    const char *network = without_suffix(c, base, ".cnn");
    return network != base ? network : without_suffix(c, base, ".onnx");
}

const char *result_path(struct compilation *c, const char *suffix) {
    return c->options->output ? c->options->output
                              : arena_printf(&c->arena, "%s%s", stem(c), suffix);
}

static const char *output_path(struct compilation *c) {
    if (c->options->dump == DUMP_LLVM && !c->options->output)
        return "-";
    return result_path(c, products[c->options->product].suffix);
}

/* Where the header goes: the path of the object or library, ending in .h. */
static const char *header_path(struct compilation *c, const char *path) {
    const char *suffix = products[c->options->product].suffix;
    size_t length = strlen(path), own = strlen(suffix);
    if (length > own && !strcmp(path + length - own, suffix))
        length -= own;
    return arena_printf(&c->arena, "%.*s.h", (int)length, path);
}

/* A result never goes over what it is made from. */
static void check_target(struct compilation *c, const char *path) {
    for (size_t i = 0; i < c->sources.file_count; i++)
        if (same_file(path, c->sources.files[i]))
            fail(c, EXIT_USAGE, "'%s' is an input: it would be overwritten", shown(c, path));
}

/* --- writing ---
 * The files of one compilation: none takes its name before all are whole. */

struct file {
    const char *path;
    struct pieces content;
    bool linked; /* what the C compiler makes of the content is written, not the content */
    struct output_file output;
};

struct files {
    struct file items[4];
    size_t count;
};

static void add_file(struct files *files, struct file file) {
    assert(files->count < sizeof files->items / sizeof *files->items);
    files->items[files->count++] = file;
}

/* One step; those after a failed one are left out. */
#define STEP(c, call)                                                                              \
    do {                                                                                           \
        const char *error_ = (c)->code == EXIT_DONE ? (call) : NULL;                               \
        if (error_)                                                                                \
            fail((c), EXIT_IO, "%s", error_);                                                      \
    } while (0)

static void open_file(struct compilation *c, struct file *file) {
    STEP(c, output_open(&file->output, &c->arena, file->path));
    if (file->linked && !file->output.temporary)
        fail(c, EXIT_USAGE, "what is linked goes to a file, not to '%s'", shown(c, file->path));
}

/* The object is a temporary file too. */
static void link_file(struct compilation *c, struct file *file) {
    struct output_file object = {0};
    STEP(c, output_open(&object, &c->arena, file->path));
    STEP(c, output_write_pieces(&object, file->content.items, file->content.count));
    STEP(c,
         products[c->options->product].link(&c->arena, object.temporary, file->output.temporary));
    output_discard(&object);
}

static void fill_file(struct compilation *c, struct file *file) {
    if (file->linked)
        link_file(c, file);
    else
        STEP(c, output_write_pieces(&file->output, file->content.items, file->content.count));
}

static void check_files(struct compilation *c, const struct files *files) {
    for (size_t i = 0; i < files->count; i++) {
        const char *path = files->items[i].path;
        check_target(c, path);
        for (size_t j = 0; j < i && strcmp(path, "-"); j++)
            if (!strcmp(path, files->items[j].path))
                fail(c, EXIT_USAGE, "'%s' would be written twice", shown(c, path));
    }
}

static struct pieces text_pieces(struct compilation *c, const char *text) {
    struct pieces pieces = {0};
    pieces_add(&pieces, &c->arena, text, strlen(text));
    return pieces;
}

static void add_rule(struct compilation *c, struct files *files) {
    const char *made[sizeof files->items / sizeof *files->items];
    for (size_t i = 0; i < files->count; i++)
        made[i] = files->items[i].path;
    struct rule rule = dependency_rule(c, made, files->count);
    if (rule.path)
        add_file(files, (struct file){.path = rule.path, .content = text_pieces(c, rule.text)});
}

/* The last one takes its name first: a rule is there before what it is about is new. */
static void write_files(struct compilation *c, struct files *files) {
    add_rule(c, files);
    check_files(c, files);
    for (size_t i = 0; i < files->count; i++)
        open_file(c, &files->items[i]);
    for (size_t i = 0; i < files->count; i++)
        fill_file(c, &files->items[i]);
    for (size_t i = files->count; i-- > 0;)
        STEP(c, output_commit(&files->items[i].output, files->items[i].linked ? 0777 : 0666));
    for (size_t i = 0; i < files->count; i++)
        output_discard(&files->items[i].output);
    c->written = true;
}

/* --- what is written --- */

void write_rule(struct compilation *c) {
    write_files(c, &(struct files){0});
}

void write_contents(struct compilation *c, const struct content *contents, size_t count) {
    struct files files = {0};
    for (size_t i = 0; i < count; i++) {
        struct file file = {.path = contents[i].path};
        pieces_add(&file.content, &c->arena, contents[i].bytes, contents[i].length);
        add_file(&files, file);
    }
    write_files(c, &files);
}

void write_bytes(struct compilation *c, const char *path, const char *bytes, size_t length) {
    write_contents(c, &(struct content){path, bytes, length}, 1);
}

void write_text(struct compilation *c, const char *text) {
    write_bytes(c, output_path(c), text, strlen(text));
}

struct codegen_options code_options(const struct compilation *c) {
    const struct options *o = c->options;
    return (struct codegen_options){.triple = o->target,
                                    .cpu = o->cpu,
                                    .optimisation = o->optimisation,
                                    .exact = o->exact,
                                    .weights_budget = o->weights_budget,
                                    .name = o->name ? o->name : c->graph->name,
                                    .program = o->product == PRODUCT_PROGRAM,
                                    .info = c->info,
                                    .report = c->description,
                                    .weights_apart = o->weights_out != NULL};
}

void choose_ways(struct compilation *c) {
    const struct codegen_options options = code_options(c);
    const char *error = NULL;
    if (!choose_algorithms(c->graph, &options, &c->arena, &error))
        fail(c, EXIT_INPUT, "%s", error);
}

void report_plan(struct compilation *c) {
    const struct codegen_options options = code_options(c);
    struct plan_report report;
    const char *error = NULL;
    if (!predict(c->graph, &options, &c->arena, &report, &error))
        fail(c, EXIT_INPUT, "%s", error);
    else if (c->options->profile)
        profile_plan(c, &report);
    if (c->code == EXIT_DONE)
        print_plan_report(stdout, &report, c->options->report);
}

struct generated generate_code(struct compilation *c) {
    const struct codegen_options options = code_options(c);
    struct generated generated = {0};
    const char *error = NULL;
    if (!generate(c->graph, &options, products[c->options->product].kind, &c->arena, &generated,
                  &error))
        fail(c, EXIT_INPUT, "%s", error);
    return generated;
}

void write_product(struct compilation *c) {
    enum product product = c->options->product;
    struct file result = {.path = output_path(c), .linked = products[product].link != NULL};
    struct files files = {0};
    check_target(c, result.path); /* before the long work */
    struct generated generated = {0};
    if (c->code == EXIT_DONE)
        generated = generate_code(c);
    if (c->code != EXIT_DONE)
        return;
    bool alone = product == PRODUCT_HEADER;
    result.content = alone ? text_pieces(c, generated.header) : generated.code;
    add_file(&files, result);
    if (products[product].header && strcmp(result.path, "-"))
        add_file(&files, (struct file){.path = header_path(c, result.path),
                                       .content = text_pieces(c, generated.header)});
    if (c->options->weights_out && !alone)
        add_file(&files,
                 (struct file){.path = c->options->weights_out, .content = generated.weights});
    write_files(c, &files);
}
