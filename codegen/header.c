/* The interface of a lowered network as C and C++ have it: one function, every size as a constant,
 * and in comments what goes in and comes out. */
#include "codegen/header.h"

#include <ctype.h>
#include <inttypes.h>
#include <limits.h>
#include <string.h>

#include "codegen/interface.h"
#include "codegen/weights_file.h"
#include "runtime/embedded.h"

static const char *upper(struct arena *arena, const char *name) {
    char *copy = arena_strndup(arena, name, strlen(name));
    for (char *c = copy; *c; c++)
        *c = (char)toupper((unsigned char)*c);
    return copy;
}

/* NULL, EOF, I, __LINE__: macros of headers, which may be included before. */
static bool looks_like_macro(const char *name) {
    bool lower = false;
    for (const char *c = name; *c; c++)
        lower = lower || islower((unsigned char)*c);
    return !lower || strncmp(name, "__", 2) == 0;
}

/* A name of a network file is a C identifier, but it may be a word of C or C++ or of their headers,
 * or a parameter that is there already. */
static const char *identifier(struct arena *arena, const char *name) {
    static const char *const words[] = {
        "alignas",         "alignof",  "and",      "asm",      "auto",      "bool",
        "break",           "case",     "catch",    "char",     "class",     "const",
        "constexpr",       "continue", "decltype", "default",  "delete",    "do",
        "double",          "else",     "enum",     "explicit", "export",    "extern",
        "false",           "float",    "for",      "friend",   "goto",      "if",
        "inline",          "int",      "long",     "mutable",  "namespace", "new",
        "noexcept",        "not",      "nullptr",  "operator", "or",        "private",
        "protected",       "public",   "register", "requires", "restrict",  "return",
        "short",           "signed",   "sizeof",   "static",   "struct",    "switch",
        "template",        "this",     "throw",    "true",     "try",       "typedef",
        "typeid",          "typename", "typeof",   "union",    "unsigned",  "using",
        "virtual",         "void",     "volatile", "while",    "weights",   "workspace",
        "workspace_bytes", "xor",      "errno",    "int64_t",  "linux",     "size_t",
        "stderr",          "stdin",    "stdout",   "uint8_t",  "unix",      "executor",
    };
    bool taken = looks_like_macro(name);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        taken = taken || strcmp(name, words[i]) == 0;
    return taken ? arena_printf(arena, "%s_", name) : name;
}

/* --- comments --- */

static void print_port(FILE *stream, struct generator *g, const struct port *port) {
    const char *order =
        port->layout == LAYOUT_CHW ? "channels x height x width" : "height x width x channels";
    bool vector = port->shape.h == 1 && port->shape.w == 1;
    fprintf(stream, " *   %s: %s, %s %s", identifier(g->arena, port->name),
            port->is_output ? "output" : "input", shape_text(g->arena, port->shape),
            port->element == ELEMENT_U8 ? "bytes" : "floats");
    if (!vector)
        fprintf(stream, ", in memory %s%s", port->shape.n > 1 ? "batch x " : "", order);
    if (port->input && port->input->has_range)
        fprintf(stream, ", raw values from %g to %g", port->input->range_low,
                port->input->range_high);
    if (port->output && port->output->labels)
        fprintf(stream, ", one for each label");
    fprintf(stream, "\n");
}

static void print_introduction(FILE *stream, struct generator *g, const char *prefix) {
    fprintf(stream,
            "/* Network %s, compiled by cnnc %s for %s, %s.\n"
            " *\n * %s_run computes the outputs from the inputs:\n",
            g->graph->name, CNNC_VERSION, g->target.triple, g->target.cpu, g->options->name);
    for (size_t i = 0; i < port_count(g->graph); i++) {
        struct port port = graph_port(g->graph, i);
        print_port(stream, g, &port);
    }
    if (g->options->weights_apart)
        fprintf(stream,
                " *   weights: the file that was written beside this header, whole, in memory or "
                "in flash: loaded, mapped or linked\n"
                " *     by the caller; %s_WEIGHTS_BYTES, aligned to %s_ALIGNMENT. It is only "
                "read.\n",
                prefix, prefix);
    fprintf(
        stream,
        " *   workspace: %s_WORKSPACE_BYTES of scratch memory, aligned to %s_ALIGNMENT. What it "
        "holds\n"
        " *     before does not matter; nothing in it is of use afterwards.\n"
        " * Sizes are height x width x channels. Outputs and workspace overlap no other "
        "buffer.\n"
        " *\n * It allocates nothing, keeps nothing and calls nothing but memory and "
        "mathematical functions of C. Any\n"
        " * number of threads may call it at once, each with a workspace and outputs of its "
        "own.\n"
        " *\n * %s_run_parallel does the same with an executor, struct cnn_executor, that runs "
        "parts of a layer at the same\n"
        " * time: a pool of threads of yours, or of libcnnc-runtime. Each of its parts but the "
        "first wants %s_PART_BYTES\n"
        " * more workspace. NULL is no executor. The outputs are the same to the bit. */\n",
        prefix, prefix, g->options->name, prefix);
}

/* --- constants --- */

struct constant {
    const char *name;
    int64_t value;
    const char *comment;
};

struct constants {
    struct arena *arena;
    struct constant *items;
    size_t count, capacity;
};

static void add_constant(struct constants *all, const char *name, int64_t value,
                         const char *comment) {
    struct constant constant = {name, value, comment};
    ARENA_PUSH(all->arena, all->items, all->count, all->capacity, constant);
}

static void add_port(struct constants *all, const char *prefix, const struct port *port) {
    const char *stem = arena_printf(all->arena, "%s_%s", prefix, upper(all->arena, port->name));
    const struct shape *s = &port->shape;
    const struct {
        const char *word;
        int64_t value;
    } sizes[] = {{"BATCH", s->n}, {"HEIGHT", s->h}, {"WIDTH", s->w}, {"CHANNELS", s->c}};
    const char *unit = port->element == ELEMENT_U8 ? "BYTES" : "FLOATS";
    add_constant(all, arena_printf(all->arena, "%s_%s", stem, unit), shape_count(*s),
                 shape_text(all->arena, *s));
    for (size_t i = s->n > 1 ? 0 : 1; i < sizeof sizes / sizeof *sizes; i++)
        add_constant(all, arena_printf(all->arena, "%s_%s", stem, sizes[i].word), sizes[i].value,
                     NULL);
}

static struct constants all_constants(struct generator *g, const char *prefix) {
    struct constants all = {.arena = g->arena};
    for (size_t i = 0; i < port_count(g->graph); i++) {
        struct port port = graph_port(g->graph, i);
        add_port(&all, prefix, &port);
    }
    if (g->options->weights_apart)
        add_constant(&all, arena_printf(g->arena, "%s_WEIGHTS_BYTES", prefix),
                     weights_file_bytes(g), NULL);
    add_constant(&all, arena_printf(g->arena, "%s_WORKSPACE_BYTES", prefix),
                 workspace_bytes(g->graph), NULL);
    add_constant(&all, arena_printf(g->arena, "%s_PART_BYTES", prefix), part_bytes(g->graph),
                 "of workspace for each part of an executor but the first");
    add_constant(&all, arena_printf(g->arena, "%s_ALIGNMENT", prefix), BUFFER_ALIGNMENT, "bytes");
    return all;
}

static void print_comment(FILE *stream, const char *comment) {
    if (comment)
        fprintf(stream, " /* %s */", comment);
    fprintf(stream, "\n");
}

/* C's enumerators are ints: what is larger is a macro. */
static void print_constants(FILE *stream, const struct constants *all) {
    fprintf(stream, "enum {\n");
    for (size_t i = 0; i < all->count; i++) {
        const struct constant *c = &all->items[i];
        if (c->value > INT_MAX)
            continue;
        fprintf(stream, "    %s = %" PRId64 "%s", c->name, c->value, i + 1 < all->count ? "," : "");
        print_comment(stream, c->comment);
    }
    fprintf(stream, "};\n");
    for (size_t i = 0; i < all->count; i++) {
        const struct constant *c = &all->items[i];
        if (c->value <= INT_MAX)
            continue;
        fprintf(stream, "#define %s ((size_t)%" PRId64 "u)", c->name, c->value);
        print_comment(stream, c->comment);
    }
}

/* --- declarations --- */

static void print_results(FILE *stream, const char *name, const char *prefix) {
    static const struct constant results[] = {
#define RESULT(word, value, meaning) {#word, value, meaning},
#include "runtime/results.def"
#undef RESULT
    };
    size_t count = sizeof results / sizeof *results;
    fprintf(stream,
            "/* What %s_run and %s_run_parallel return; nothing was read or written but for %s_OK. "
            "*/\nenum {\n",
            name, name, prefix);
    for (size_t i = 0; i < count; i++)
        fprintf(stream, "    %s_%s = %d%s /* %s */\n", prefix, results[i].name,
                (int)results[i].value, i + 1 < count ? "," : "", results[i].comment);
    fprintf(stream, "};\n");
}

/* A run function's parameters, with or without their types. */
static void print_parameters(FILE *stream, struct generator *g, bool types) {
    for (size_t i = 0; i < port_count(g->graph); i++) {
        struct port port = graph_port(g->graph, i);
        fprintf(stream, "%s%s, ",
                !types                       ? ""
                : port.is_output             ? "float *"
                : port.element == ELEMENT_U8 ? "const uint8_t *"
                                             : "const float *",
                identifier(g->arena, port.name));
    }
    if (g->options->weights_apart)
        fprintf(stream, "%sweights, ", types ? "const void *" : "");
    fprintf(stream,
            types ? "void *workspace, size_t workspace_bytes" : "workspace, workspace_bytes");
}

/* NAME_WORD. The symbol has the identity, so that an object of another compilation does not link.
 */
static void print_function(FILE *stream, struct generator *g, const char *word, bool executor) {
    const char *name = g->options->name;
    const char *type = executor ? ", const struct cnn_executor *executor" : "";
    fprintf(stream, "int %s_%s_%s(", name, word, g->identity);
    print_parameters(stream, g, true);
    fprintf(stream, "%s);\nstatic inline int %s_%s(", type, name, word);
    print_parameters(stream, g, true);
    fprintf(stream, "%s) {\n    return %s_%s_%s(", type, name, word, g->identity);
    print_parameters(stream, g, false);
    fprintf(stream, "%s);\n}\n\n", executor ? ", executor" : "");
}

static void print_functions(FILE *stream, struct generator *g) {
    print_function(stream, g, "run", false);
    print_function(stream, g, "run_parallel", true);
    fprintf(stream, "/* Names, shapes, labels and layers. */\n");
    fprintf(stream, "const struct cnn_info *%s_info(void);\n", g->options->name);
}

static void print_header(FILE *stream, const void *context) {
    struct generator *g = *(struct generator *const *)context;
    const char *prefix = upper(g->arena, g->options->name);
    struct constants constants = all_constants(g, prefix);
    print_introduction(stream, g, prefix);
    const char *guard =
        arena_printf(g->arena, "CNNC_HEADER_OF_%s_%s", g->options->name, g->identity);
    fprintf(stream, "#ifndef %s\n#define %s\n\n#include <stddef.h>\n\n", guard, guard);
    fprintf(stream, "%.*s\n", (int)cnn_info_header_size, cnn_info_header);
    fprintf(stream, "%.*s\n", (int)cnn_executor_header_size, cnn_executor_header);
    fprintf(stream, "#ifdef __cplusplus\nextern \"C\" {\n#endif\n\n");
    print_constants(stream, &constants);
    fprintf(stream, "\n");
    print_results(stream, g->options->name, prefix);
    fprintf(stream, "\n");
    print_functions(stream, g);
    fprintf(stream, "\n#ifdef __cplusplus\n}\n#endif\n\n#endif\n");
}

const char *header_text(struct generator *g) {
    return arena_print(g->arena, print_header, &g);
}
