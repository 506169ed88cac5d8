/* An ONNX model into a graph: what is checked of it as a whole, its initialisers, inputs, nodes,
 * outputs. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "import/importer.h"
#include "lexer/limits.h"
#include "onnx/model.h"

enum { OPSET_NEWEST = 25 };

bool is_onnx(const char *bytes, size_t length) {
    return length >= 2 && bytes[0] == 8; /* ir_version, the first field; no text begins so */
}

bool model_error(struct importer *im, enum message message, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    const char *text = arena_vprintf(im->arena, format, arguments);
    va_end(arguments);
    report_plain_error(im->diagnostics, message, "%s: %s",
                       printable(im->arena, im->path, strlen(im->path)), text);
    return false;
}

/* The operator set of the graph: of the domain that has no name. */
static bool check_opset(struct importer *im) {
    for (size_t i = 0; i < im->model->n_opset_import; i++) {
        const Onnx__OperatorSetIdProto *set = im->model->opset_import[i];
        if (!is_default_domain(set->domain))
            continue;
        if (set->version >= 1 && set->version <= OPSET_NEWEST)
            return true;
        return model_error(im, E1008_ONNX_OPSET,
                           "it wants operator set %" PRId64 "; 1 to %d are known", set->version,
                           OPSET_NEWEST);
    }
    return true; /* a node that wants one will say so */
}

static void read_initializers(struct importer *im, struct scope *scope) {
    const Onnx__GraphProto *graph = im->model->graph;
    for (size_t i = 0; i < graph->n_initializer; i++) {
        struct operand *constant =
            read_tensor(im, graph->initializer[i], graph->initializer[i]->name);
        if (!constant) {
            constant = ARENA_NEW(im->arena, struct operand);
            constant->name =
                intern(im->names, graph->initializer[i]->name, strlen(graph->initializer[i]->name));
            constant->failed = true;
        }
        if (table_find(&scope->operands, constant->name))
            model_error(im, E1002_ONNX_MODEL, "two initializers are called `%s`",
                        printable(im->arena, constant->name, strlen(constant->name)));
        table_set(&scope->operands, im->arena, constant->name, constant);
    }
    if (graph->n_sparse_initializer)
        model_error(im, E1005_ONNX_TENSOR, "sparse initializers are not read");
}

/* What the command line says of this name, the last one of several; NULL: nothing. */
static const struct definition *given_for(const struct definition *options, size_t count,
                                          const char *name) {
    const struct definition *found = NULL;
    for (size_t i = 0; i < count; i++)
        if (!options[i].name || strcmp(options[i].name, name) == 0)
            found = &options[i];
    return found;
}

/* A size of one dimension, from 1; 0 for anything else. */
static int64_t read_size(const char *text, const char **end) {
    char *after;
    errno = 0;
    long long value = strtoll(text, &after, 10);
    *end = after;
    if (*text < '0' || *text > '9' || errno || value > LIMIT_DIMENSION)
        return 0;
    return value;
}

/* --shape NAME=1x3x224x224 */
static bool dims_from_shape(struct importer *im, struct operand *operand, const char *text) {
    const char *at = text;
    int rank = operand->rank;
    operand->rank = 0;
    while (operand->rank < RANK_MAX) {
        int64_t size = read_size(at, &at);
        if (!size)
            break;
        operand->dims[operand->rank++] = size;
        if (!*at)
            return rank < 0 || operand->rank == rank ||
                   model_error(im, E1010_WRONG_SHAPE,
                               "--shape gives input `%s` %d dimensions; it has %d", operand->name,
                               operand->rank, rank);
        if (*at++ != 'x')
            break;
    }
    return model_error(im, E1010_WRONG_SHAPE,
                       "--shape of input `%s` is not a size such as 1x3x224x224: %s", operand->name,
                       printable(im->arena, text, strlen(text)));
}

static bool open_dimension(struct importer *im, struct span span, const struct operand *operand,
                           size_t at, const char *symbol) {
    const char *what = *symbol ? arena_printf(im->arena, " `%s`", symbol) : "";
    struct diagnostic *error =
        report_error(im->diagnostics, span, E1006_ONNX_OPEN_DIMENSION,
                     "dimension %zu%s of input `%s` is open", at + 1, what, operand->name);
    if (*symbol)
        add_help(im->diagnostics, error, "-D %s=SIZE sets it, or --shape %s=SIZExSIZE...", symbol,
                 operand->name);
    else
        add_help(im->diagnostics, error, "--shape %s=SIZExSIZE... sets all of them", operand->name);
    return false;
}

static bool read_dimension(struct importer *im, struct span span, struct operand *operand,
                           size_t at, const Onnx__TensorShapeProto__Dimension *dimension) {
    const struct import_options *o = im->options;
    const char *symbol = printable(im->arena, dimension->dim_param, strlen(dimension->dim_param));
    const struct definition *given =
        given_for(o->dimensions, o->dimension_count, dimension->dim_param);
    if (dimension->has_dim_value && dimension->dim_value > 0 &&
        dimension->dim_value <= LIMIT_DIMENSION)
        operand->dims[at] = dimension->dim_value;
    else if (given) {
        const char *end;
        operand->dims[at] = read_size(given->value, &end);
        if (!operand->dims[at] || *end)
            return model_error(im, E1010_WRONG_SHAPE, "-D %s: not a size of 1 or more", symbol);
    } else if (dimension->has_dim_value && dimension->dim_value > LIMIT_DIMENSION) {
        report_error(im->diagnostics, span, E1004_ONNX_FORM,
                     "dimension %zu of input `%s` is %" PRId64 "; the limit is %" PRId64, at + 1,
                     operand->name, dimension->dim_value, LIMIT_DIMENSION);
        return false;
    } else if (o->batched && at == 0)
        operand->dims[at] = 1;
    else
        return open_dimension(im, span, operand, at, symbol);
    return true;
}

static bool read_port_dims(struct importer *im, size_t index, const Onnx__TypeProto__Tensor *type,
                           struct operand *operand) {
    const struct import_options *o = im->options;
    struct span span = line_of_input(im, index);
    const struct definition *shape = given_for(o->shapes, o->shape_count, operand->name);
    if (type->shape && type->shape->n_dim > RANK_MAX) {
        report_error(im->diagnostics, span, E1004_ONNX_FORM,
                     "input `%s` has %zu dimensions; %d are read", operand->name,
                     type->shape->n_dim, RANK_MAX);
        return false;
    }
    operand->rank = type->shape ? (int)type->shape->n_dim : -1;
    if (shape)
        return dims_from_shape(im, operand, shape->value);
    if (!type->shape) {
        struct diagnostic *error =
            report_error(im->diagnostics, span, E1006_ONNX_OPEN_DIMENSION,
                         "the model does not say which size input `%s` has", operand->name);
        add_help(im->diagnostics, error, "--shape %s=SIZExSIZE... sets it", operand->name);
        return false;
    }
    bool known = true;
    for (size_t i = 0; i < type->shape->n_dim; i++)
        known = read_dimension(im, span, operand, i, type->shape->dim[i]) && known;
    return known;
}

/* N, H, W, C become N, C, H, W. */
static bool puts_channels_first(const Onnx__NodeProto *node) {
    const Onnx__AttributeProto *perm = node->n_attribute == 1 ? node->attribute[0] : NULL;
    return strcmp(node->op_type, "Transpose") == 0 && perm && perm->n_ints == 4 &&
           perm->ints[1] == 3 && perm->ints[2] == 1 && perm->ints[3] == 2;
}

/* Of each value that nodes read, a node that does: one that does not put channels first, if any. */
static void find_readers(struct importer *im) {
    const Onnx__GraphProto *graph = im->model->graph;
    for (size_t i = 0; i < graph->n_node; i++)
        for (size_t k = 0; k < graph->node[i]->n_input; k++) {
            const char *name = graph->node[i]->input[k];
            name = intern(im->names, name, strlen(name));
            if (!table_find(&im->readers, name) || !puts_channels_first(graph->node[i]))
                table_set(&im->readers, im->arena, name, graph->node[i]);
        }
}

/* Every node that reads the value turns N, H, W, C into N, C, H, W first. */
static bool is_channels_last(const struct importer *im, const char *name) {
    const Onnx__NodeProto *reader = table_find(&im->readers, name);
    return reader && puts_channels_first(reader);
}

/* False, after an error, where another input or output has the name. */
static bool is_first(struct importer *im, struct table *seen, const char *kind, const char *name,
                     struct span span) {
    if (!table_find(seen, name)) {
        table_set(seen, im->arena, name, im);
        return true;
    }
    report_error(im->diagnostics, span, E1002_ONNX_MODEL, "two %s are called `%s`", kind,
                 printable(im->arena, name, strlen(name)));
    return false;
}

static void import_input(struct importer *im, struct scope *scope, size_t index) {
    const Onnx__ValueInfoProto *port = im->model->graph->input[index];
    struct operand *operand = ARENA_NEW(im->arena, struct operand);
    const char *name = intern(im->names, port->name, strlen(port->name));
    struct span span = line_of_input(im, index);
    if (!is_first(im, &im->inputs, "inputs", name, span))
        return;
    if (table_find(&scope->operands, name)) /* models before IR version 4 list initialisers too */
        return;
    *operand = (struct operand){.name = printable(im->arena, name, strlen(name)), .failed = true};
    table_set(&scope->operands, im->arena, name, operand);
    const Onnx__TypeProto__Tensor *type = port->type ? port->type->tensor_type : NULL;
    if (!type || !element_size(type->elem_type)) {
        report_error(im->diagnostics, span, E1004_ONNX_FORM,
                     "input `%s` is %s; inputs are tensors of numbers", operand->name,
                     type ? type_text(type->elem_type) : "no tensor");
        return;
    }
    operand->type = type->elem_type;
    const struct definition *constant =
        given_for(im->options->constants, im->options->constant_count, port->name);
    if (constant) {
        operand->failed = !read_constant_file(im, constant, operand);
        return;
    }
    if (!read_port_dims(im, index, type, operand))
        return;
    bool last = operand->rank == 4 && is_channels_last(im, name);
    usual_axes(operand->rank, operand->dims, operand->axes);
    if (last)
        for (int i = 0; i < 4; i++) /* all of them, where some are 1 */
            operand->axes[i] = i;
    operand->node = builder_input(im->builder, port_name(im, port->name), span,
                                  shape_on_axes(operand->rank, operand->dims, operand->axes),
                                  in_layout(operand, LAYOUT_HWC) ? LAYOUT_HWC : LAYOUT_CHW);
    operand->failed = !operand->node;
}

/* A result whose dimensions lie in the order of one of the two layouts, permuted where they do not.
 */
static void import_output(struct importer *im, struct scope *scope, size_t index) {
    const Onnx__ValueInfoProto *port = im->model->graph->output[index];
    const char *name = intern(im->names, port->name, strlen(port->name));
    struct operand *operand = find_operand(scope, name);
    struct span span = line_of_output(im, index);
    Onnx__NodeProto none = ONNX__NODE_PROTO__INIT;
    none.op_type = (char *)(uintptr_t)"output";
    none.name = (char *)(uintptr_t)name;
    struct step step = {.importer = im, .node = &none, .scope = scope, .span = span};
    if (!is_first(im, &im->outputs, "outputs", name, span))
        return;
    if (!operand) {
        report_error(im->diagnostics, span, E1002_ONNX_MODEL, "nothing makes the output `%s`",
                     printable(im->arena, name, strlen(name)));
        return;
    }
    if (operand->failed || !operand_node(&step, operand))
        return;
    enum layout layout = in_layout(operand, LAYOUT_HWC) ? LAYOUT_HWC : LAYOUT_CHW;
    int axes[RANK_MAX];
    struct node *node = operand->node;
    if (!in_layout(operand, layout)) {
        usual_axes(operand->rank, operand->dims, axes);
        node = node_on_axes(&step, operand, axes);
    }
    if (node)
        builder_output(im->builder, port_name(im, port->name), span, node, layout);
}

static void check_input_name(struct importer *im, const char *option,
                             const struct definition *given) {
    const Onnx__GraphProto *graph = im->model->graph;
    if (!given->name && graph->n_input == 1)
        return;
    for (size_t i = 0; given->name && i < graph->n_input; i++)
        if (strcmp(graph->input[i]->name, given->name) == 0)
            return;
    model_error(im, E1010_WRONG_SHAPE, "%s %s: the model has no such input", option,
                given->name ? given->name : given->value);
}

/* Names on the command line that the model does not have. */
static void check_names_given(struct importer *im) {
    const Onnx__GraphProto *graph = im->model->graph;
    const struct import_options *o = im->options;
    for (size_t i = 0; i < o->dimension_count; i++) {
        bool found = false;
        for (size_t k = 0; k < graph->n_input; k++) {
            const Onnx__TypeProto *type = graph->input[k]->type;
            const Onnx__TensorShapeProto *shape =
                type && type->tensor_type ? type->tensor_type->shape : NULL;
            for (size_t d = 0; shape && d < shape->n_dim; d++)
                found = found || strcmp(shape->dim[d]->dim_param, o->dimensions[i].name) == 0;
        }
        if (!found)
            model_error(im, E1010_WRONG_SHAPE, "-D %s: no input has a dimension of that name",
                        printable(im->arena, o->dimensions[i].name, strlen(o->dimensions[i].name)));
    }
    for (size_t i = 0; i < o->shape_count; i++)
        check_input_name(im, "--shape", &o->shapes[i]);
    for (size_t i = 0; i < o->constant_count; i++)
        check_input_name(im, "--constant", &o->constants[i]);
}

static void import_graph(struct importer *im) {
    const Onnx__GraphProto *graph = im->model->graph;
    struct scope scope = {0};
    read_initializers(im, &scope);
    check_names_given(im);
    find_readers(im);
    for (size_t i = 0; i < graph->n_input; i++)
        import_input(im, &scope, i);
    const char **outputs = ARENA_ARRAY(im->arena, const char *, graph->n_output + 1);
    for (size_t i = 0; i < graph->n_output; i++)
        outputs[i] = graph->output[i]->name;
    import_nodes(im, &scope, graph->node, graph->n_node, outputs, graph->n_output, NULL, NULL);
    if (im->steps > LIMIT_ONNX_STEPS)
        return;
    for (size_t i = 0; i < graph->n_output; i++)
        import_output(im, &scope, i);
}

struct graph *import_onnx(struct arena *arena, struct names *names, struct sources *sources,
                          struct diagnostics *diagnostics, const char *path, const char *bytes,
                          size_t length, const struct import_options *options) {
    struct importer im = {.arena = arena,
                          .names = names,
                          .sources = sources,
                          .diagnostics = diagnostics,
                          .options = options,
                          .path = path,
                          .folded_max = FOLDED_BYTES + FOLDED_TIMES * (int64_t)length};
    const char *error;
    im.model = onnx_unpack(arena, bytes, length, &error);
    if (!im.model) {
        model_error(&im, E1001_NOT_ONNX, "not an ONNX model: %s", error);
        return NULL;
    }
    if (!im.model->graph) {
        model_error(&im, E1001_NOT_ONNX, "not an ONNX model: it has no graph");
        return NULL;
    }
    if (!check_opset(&im))
        return NULL;
    make_listing(&im);
    struct span whole = {im.source, 0, 0};
    im.builder = builder_begin(arena, names, sources, diagnostics,
                               identifier_of(&im, options->network), whole);
    import_graph(&im);
    return builder_end(im.builder);
}
