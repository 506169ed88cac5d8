/* The C header of an object: one function, and every size as a constant. */
#include <ctype.h>
#include <string.h>

#include "codegen/codegen.h"
#include "codegen/interface.h"

static const char *upper(struct arena *arena, const char *name) {
    char *copy = arena_strndup(arena, name, strlen(name));
    for (char *c = copy; *c; c++)
        *c = (char)toupper((unsigned char)*c);
    return copy;
}

/* A name of a network file is a C identifier, but it may be a word of C or C++. */
static const char *identifier(struct arena *arena, const char *name) {
    static const char *const words[] = {
        "alignas",   "alignof",  "and",      "asm",      "auto",     "bool",      "break",
        "case",      "catch",    "char",     "class",    "const",    "constexpr", "continue",
        "decltype",  "default",  "delete",   "do",       "double",   "else",      "enum",
        "explicit",  "export",   "extern",   "false",    "float",    "for",       "friend",
        "goto",      "if",       "inline",   "int",      "long",     "mutable",   "namespace",
        "new",       "noexcept", "not",      "nullptr",  "operator", "or",        "private",
        "protected", "public",   "register", "requires", "restrict", "return",    "short",
        "signed",    "sizeof",   "static",   "struct",   "switch",   "template",  "this",
        "throw",     "true",     "try",      "typedef",  "typeid",   "typename",  "typeof",
        "union",     "unsigned", "using",    "virtual",  "void",     "volatile",  "while",
        "workspace", "xor",
    };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(name, words[i]) == 0)
            return arena_printf(arena, "%s_", name);
    return name;
}

static const char *size_line(struct arena *arena, const char *prefix, const char *name,
                             struct shape shape) {
    return arena_printf(arena, "    %s_%s_FLOATS = %lld, /* %s */\n", prefix, upper(arena, name),
                        (long long)shape_count(shape), shape_text(arena, shape));
}

static const char *layout_text(enum layout layout) {
    return layout == LAYOUT_CHW ? "channels, height, width" : "height, width, channels";
}

const char *generate_header(const struct graph *graph, const struct codegen_options *options,
                            struct arena *arena) {
    const char *name = options->name, *prefix = upper(arena, name);
    const char *sizes = "", *parameters = "", *notes = "";
    for (size_t i = 0; i < graph->input_count; i++) {
        const struct input *input = &graph->inputs[i];
        const char *word = identifier(arena, input->name);
        sizes = arena_printf(arena, "%s%s", sizes,
                             size_line(arena, prefix, input->name, input->node->shape));
        notes = arena_printf(arena, "%s *   %s: input, %s (%s)%s\n", notes, word,
                             shape_text(arena, input->node->shape), layout_text(input->layout),
                             input->has_range ? arena_printf(arena, ", values from %g to %g",
                                                             input->range_low, input->range_high)
                                              : "");
        parameters = arena_printf(arena, "%sconst float *%s, ", parameters, word);
    }
    for (size_t i = 0; i < graph->output_count; i++) {
        const struct output *output = &graph->outputs[i];
        const char *word = identifier(arena, output->name);
        sizes = arena_printf(arena, "%s%s", sizes,
                             size_line(arena, prefix, output->name, output->node->shape));
        notes = arena_printf(arena, "%s *   %s: output, %s (%s)\n", notes, word,
                             shape_text(arena, output->node->shape), layout_text(LAYOUT_HWC));
        parameters = arena_printf(arena, "%sfloat *%s, ", parameters, word);
    }
    return arena_printf(
        arena,
        "/* Network %s, compiled by cnnc %s.\n *\n%s"
        " *   workspace: %s_WORKSPACE_BYTES of scratch memory, aligned to %s_ALIGNMENT; one for "
        "each\n"
        " *   call at a time. What it holds before does not matter.\n"
        " *\n * Sizes are height x width x channels. No buffer may overlap another.\n"
        " * Returns 0. */\n"
        "#ifndef %s_H\n#define %s_H\n\n"
        "#ifdef __cplusplus\nextern \"C\" {\n#endif\n\n"
        "enum {\n%s    %s_WORKSPACE_BYTES = %lld,\n    %s_ALIGNMENT = %d\n};\n\n"
        "int %s_run(%svoid *workspace);\n\n"
        "#ifdef __cplusplus\n}\n#endif\n\n#endif\n",
        graph->name, CNNC_VERSION, notes, prefix, prefix, prefix, prefix, sizes, prefix,
        (long long)workspace_bytes(graph), prefix, BUFFER_ALIGNMENT, name, parameters);
}
