/* The stages of a compilation, a line each: see the table in translate(). */
#include "driver/compile.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "driver/compilation.h"
#include "driver/diagnostics_json.h"
#include "export/cnn.h"
#include "import/import.h"
#include "ir/batch.h"
#include "ir/elaborate.h"
#include "ir/fuse.h"
#include "ir/padding.h"
#include "ir/plan.h"
#include "ir/report/explain.h"
#include "ir/simplify.h"
#include "ir/verify.h"
#include "ir/weights/stored.h"
#include "ir/weights/weights.h"
#include "lexer/limits.h"
#include "parser/parser.h"

void fail(struct compilation *c, enum exit_code code, const char *format, ...) {
    if (c->code != EXIT_DONE)
        return;
    va_list arguments;
    va_start(arguments, format);
    c->failure = arena_vprintf(&c->arena, format, arguments);
    va_end(arguments);
    c->code = code;
}

const char *shown(struct compilation *c, const char *text) {
    return printable(&c->arena, text, strlen(text));
}

static void load(struct compilation *c) {
    const char *text, *path = c->options->file;
    size_t length;
    int limit = text_ends(path, ".onnx") ? LIMIT_ONNX_BYTES : LIMIT_SOURCE_BYTES;
    switch (read_file(&c->sources, path, (size_t)limit, &text, &length)) {
    case READ_OK:
        if (text_ends(path, ".onnx") || is_onnx(text, length)) {
            c->model = text;
            c->model_length = length;
        } else
            c->source = sources_add(&c->sources, path, text, length);
        return;
    case READ_TOO_LARGE:
        fail(c, EXIT_LIMIT, "'%s' is larger than %d bytes", shown(c, path), limit);
        return;
    case READ_NOT_REGULAR:
        fail(c, EXIT_IO, "'%s' is not a regular file", shown(c, path));
        return;
    case READ_CANNOT_OPEN:
    case READ_FAILED:
        fail(c, EXIT_IO, "cannot read '%s': %s", shown(c, path), strerror(errno));
        return;
    }
}

static void import_model(struct compilation *c) {
    const struct options *o = c->options;
    const struct import_options options = {.network = stem(c),
                                           .dimensions = o->definitions,
                                           .dimension_count = o->definition_count,
                                           .shapes = o->shapes,
                                           .shape_count = o->shape_count,
                                           .constants = o->constants,
                                           .constant_count = o->constant_count,
                                           .batched = o->batch > 0};
    c->graph = import_onnx(&c->arena, &c->names, &c->sources, &c->diagnostics, o->file, c->model,
                           c->model_length, &options);
    if (c->graph)
        group_layers(&c->arena, c->graph); /* one graph, one set of names, by way of text or not */
    else
        c->code = EXIT_INPUT;
}

static void elaborate_source(struct compilation *c) {
    if (c->options->shape_count || c->options->constant_count) {
        fail(c, EXIT_USAGE, "'%s' is no ONNX model: --shape and --constant are for those",
             shown(c, c->options->file));
        return;
    }
    const struct elaborate_options options = {.network = c->options->network,
                                              .definitions = c->options->definitions,
                                              .definition_count = c->options->definition_count};
    c->graph = elaborate(&c->arena, &c->names, &c->sources, &c->diagnostics, c->source, &options);
    if (!c->graph)
        c->code = EXIT_INPUT;
}

static void make_graph(struct compilation *c) {
    (c->model ? import_model : elaborate_source)(c);
    int times = c->options->batch;
    if (c->code == EXIT_DONE && times > 1 && !batch_graph(c->graph, &c->diagnostics, times))
        c->code = EXIT_INPUT;
}

static void read_weights(struct compilation *c) {
    bool bound = c->model && !c->options->weights; /* the model has its weights in itself */
    if (!bound && !bind_weights(c->graph, &c->diagnostics, c->options->weights))
        c->code = EXIT_INPUT;
}

static void simplify_graph(struct compilation *c) {
    simplify(c->graph);
}

static void fuse_layers(struct compilation *c) {
    if (c->options->optimisation > 0)
        fuse(c->graph);
}

static void make_borders(struct compilation *c) {
    if (!expose_padding(c->graph, &c->diagnostics))
        c->code = EXIT_INPUT;
}

static void plan(struct compilation *c) {
    plan_memory(c->graph);
    if (c->options->tune)
        tune_plan(c);
    const char *broken = verify_graph(c->graph);
    if (broken)
        fail(c, EXIT_INTERNAL, "internal error: the plan is broken: %s; please report this",
             broken);
}

static void print_graph(FILE *stream, const void *graph) {
    dump_graph(stream, graph);
}

static void print_plan(FILE *stream, const void *graph) {
    dump_plan(stream, graph);
}

/* --dump prints it, --emit writes it to a file. */
static void show_state(struct compilation *c, void (*print)(FILE *, const void *)) {
    if (c->options->product == PRODUCT_GRAPH || c->options->product == PRODUCT_PLAN)
        write_text(c, arena_print(&c->arena, print, c->graph));
    else
        print(stdout, c->graph);
}

static void dump(struct compilation *c) {
    if (c->model && c->options->dump < DUMP_GRAPH) {
        fail(c, EXIT_USAGE, "'%s' is an ONNX model: it has no tokens and no tree",
             shown(c, c->options->file));
        return;
    }
    switch (c->options->dump) {
    case DUMP_TOKENS:
        dump_tokens(stdout, &c->arena, &c->names, &c->diagnostics, &c->sources, c->source);
        return;
    case DUMP_TREE:
        dump_tree(stdout,
                  parse_file(&c->arena, &c->names, &c->diagnostics, &c->sources, c->source));
        return;
    case DUMP_GRAPH:
        show_state(c, print_graph);
        return;
    case DUMP_PLAN:
        show_state(c, print_plan);
        return;
    case DUMP_LLVM: /* is --emit=llvm -o - */
    case DUMP_NONE:
        return;
    }
}

static void report(struct compilation *c) {
    const struct options *o = c->options;
    int depth = o->report == REPORT_JSON ? 0 : o->depth; /* programs fold by themselves */
    struct report report = make_report(&c->arena, c->graph, &c->sources, depth);
    print_report(stdout, &report, o->report, o->units);
}

static void print_description(FILE *stream, const void *report) {
    print_report(stream, report, REPORT_TABLE, false);
}

/* A product tells of itself what --report tells of its file, a program also to people. */
static void describe(struct compilation *c) {
    struct report report = make_report(&c->arena, c->graph, &c->sources, 0);
    c->info = describe_network(&report);
    if (c->options->product == PRODUCT_PROGRAM)
        c->description = arena_print(&c->arena, print_description, &report);
}

static void explain_sizes(struct compilation *c) {
    const char *layer = c->options->layer;
    struct report report = make_report(&c->arena, c->graph, &c->sources, 0);
    if (explain(stdout, &report, layer))
        return;
    const char *near = nearest_layer(&report, layer);
    if (near)
        fail(c, EXIT_INPUT, "the network has no layer '%s'; did you mean '%s'?", shown(c, layer),
             shown(c, near));
    else
        fail(c, EXIT_INPUT, "the network has no layer '%s'; cnnc --report lists its layers",
             shown(c, layer));
}

/* Whether what is asked for takes no more than the graph. */
static bool ends_with_graph(const struct options *o) {
    bool makes_code = o->command == COMMAND_COMPILE || o->command == COMMAND_RUN;
    if (makes_code && o->plan)
        return false;
    return !makes_code || o->report != REPORT_NONE || (o->product == PRODUCT_CNN && !o->check);
}

static void finish(struct compilation *c) {
    static void (*const ends[])(struct compilation *) = {
        [COMMAND_COMPILE] = report,
        [COMMAND_EXPLAIN] = explain_sizes,
        [COMMAND_WEIGHTS] = print_weights,
        [COMMAND_INIT] = write_initial_weights,
        [COMMAND_RUN] = report,
        [COMMAND_IMPORT] = write_imported,
    };
    const struct options *o = c->options;
    if (o->command == COMMAND_COMPILE && o->report == REPORT_NONE)
        write_cnn(c);
    else
        ends[o->command](c);
}

static void make_product(struct compilation *c) {
    if (c->options->plan)
        report_plan(c);
    else
        (c->options->command == COMMAND_RUN ? load_program : write_product)(c);
}

/* The table of contents. The first stage that fails is the last; --dump ends the line behind the
 * stage that makes what it prints, --check behind the one that finds the last mistakes, --report
 * behind the graph. */
static void translate(struct compilation *c) {
    static const struct {
        void (*run)(struct compilation *);
        enum dump dump; /* what can be printed from here on, and could not before */
    } stages[] = {
        {load, DUMP_TREE},           /* file -> text */
        {make_graph, DUMP_GRAPH},    /* -> tokens, tree, graph of layers with shapes */
        {read_weights, DUMP_NONE},   /* parameters */
        {simplify_graph, DUMP_NONE}, /* fewer kinds of layers */
        {fuse_layers, DUMP_NONE},    /* elementwise layers join those before them */
        {make_borders, DUMP_NONE},   /* padding becomes memory around a tensor */
        {choose_ways, DUMP_NONE},    /* how each layer is computed */
        {plan, DUMP_PLAN},           /* every tensor gets its place */
        {make_product, DUMP_NONE},   /* -> machine code, in a file or in memory */
    };
    const struct options *o = c->options;
    for (size_t i = 0; i < sizeof stages / sizeof *stages; i++) {
        stages[i].run(c);
        if (c->code != EXIT_DONE)
            return;
        if (o->dump != DUMP_NONE && o->dump <= stages[i].dump) {
            dump(c);
            return;
        }
        bool warned = c->diagnostics.count || (c->warning && !o->no_warnings);
        if (o->warnings_are_errors && warned) {
            fail(c, EXIT_INPUT, "warnings are errors here: --werror");
            return;
        }
        if (stages[i].run == make_graph && ends_with_graph(o)) {
            finish(c);
            return;
        }
        if (stages[i].run == make_graph && !o->check)
            describe(c);
        if (o->check && stages[i].run == (o->weights ? read_weights : make_graph))
            return;
        if (stages[i].run == read_weights && o->product == PRODUCT_ONNX && !o->plan) {
            write_onnx(c);
            return;
        }
    }
}

static bool wants_colour(enum choice choice) {
    const char *term = getenv("TERM");
    if (choice != CHOICE_AUTO)
        return choice == CHOICE_ALWAYS;
    return isatty(STDERR_FILENO) && !getenv("NO_COLOR") && term && strcmp(term, "dumb") != 0;
}

static void print_messages(const struct compilation *c) {
    struct print_style style = {.colour = wants_colour(c->options->colour),
                                .hint = isatty(STDERR_FILENO)};
    const char *warning = c->options->no_warnings ? NULL : c->warning;
    if (c->options->diagnostics_json) {
        print_diagnostics_json(stderr, &c->diagnostics, warning, c->failure);
        return;
    }
    print_diagnostics(&c->diagnostics, stderr, style);
    if (warning)
        fprintf(stderr, "cnnc: warning: %s\n", warning);
    if (c->failure)
        fprintf(stderr, "cnnc: error: %s\n", c->failure);
}

enum exit_code compile(const struct options *options) {
    struct compilation c = {.options = options};
    c.names.arena = c.sources.arena = c.diagnostics.arena = &c.arena;
    c.diagnostics.sources = &c.sources;
    c.diagnostics.no_warnings = options->no_warnings;
    memcpy(c.diagnostics.allowed, options->allowed, sizeof options->allowed);
    translate(&c);
    if (c.code == EXIT_DONE && c.diagnostics.error_count)
        c.code = EXIT_INPUT;
    if (c.code == EXIT_DONE && !c.written)
        write_rule(&c);
    print_messages(&c);
    if (c.loaded)
        c.code = run_loaded(&c);
    arena_free(&c.arena);
    return c.code;
}
