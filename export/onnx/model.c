/* The graph in, a model of ONNX's operator set 17 out: every layer becomes one node or a few, named
 * by its path, and its parameters become initializers, named by their keys. */
#include <string.h>

#include "export/onnx/exporter.h"
#include "ir/operators.h"
#include "onnx/model.h"

enum { OPERATOR_SET = 17, IR_VERSION = 8 };

const struct form forms[OP_COUNT] = {
#define FORM(id, form, type, rank) [OP_##id] = {write_##form, type, RANK_##rank},
#include "export/onnx/operators.def"
#undef FORM
};

/* --- ranks --- */

static bool is_pixel(const struct node *node) {
    return node->shape.h == 1 && node->shape.w == 1;
}

/* Some axis that it works along is one that vectors do not have. */
static bool works_in_picture(const struct node *node) {
    return node->attributes.axes[AXIS_HEIGHT] || node->attributes.axes[AXIS_WIDTH];
}

/* A parameter of one pixel is as good as a vector beside one. */
static bool takes_vectors(const struct exporter *x, const struct node *node, enum rank rank) {
    bool some = false, all = true;
    for (int i = 0; i < node->input_count; i++) {
        const struct node *input = node->inputs[i];
        bool vector = x->values[input->id].vector;
        some = some || vector;
        all = all && (vector || (input->op == OP_PARAMETER && is_pixel(input)));
    }
    return rank == RANK_VECTOR || (rank == RANK_ANY && some && all && !works_in_picture(node));
}

static const char *in_rank(struct exporter *x, const struct node *input, bool vector) {
    struct onnx_value value = x->values[input->id];
    if (value.vector == vector)
        return value.name;
    return reshaped(x, value.name, vector ? vector_dims(input->shape) : picture_dims(input->shape));
}

/* --- layers --- */

static const struct output *output_of(const struct graph *graph, const struct node *node) {
    for (size_t i = 0; i < graph->output_count; i++)
        if (graph->outputs[i].node == node)
            return &graph->outputs[i];
    return NULL;
}

static void write_layer(struct exporter *x, const struct node *node) {
    const struct form *form = &forms[node->op];
    const char **in = ARENA_ARRAY(x->arena, const char *, node->input_count + 1);
    x->node = node;
    bool vector = takes_vectors(x, node, form->rank);
    for (int i = 0; i < node->input_count; i++)
        in[i] = in_rank(x, node->inputs[i], vector);
    x->vector = vector || form->rank == RANK_FLATTEN;
    form->write(x, node, form, in);
    const struct output *output = output_of(x->graph, node);
    const char *name = output ? output->name : free_value_name(x, node->path);
    rename_last(x, name);
    if (output)
        x->info_count--; /* its size is told with the outputs */
    x->values[node->id] = (struct onnx_value){name, x->vector};
}

/* Bytes are made floats. */
static void write_input(struct exporter *x, const struct node *node) {
    const char *name = node->path;
    if (node->attributes.element == ELEMENT_U8) {
        x->node = node;
        Onnx__NodeProto *cast = begin_node(x, "Cast", name, NULL);
        set_int(x, cast, "to", ONNX__DATA_TYPE__FLOAT);
        name = end_node(x, cast, picture_dims(node->shape));
    }
    x->values[node->id] = (struct onnx_value){name, false};
}

static void write_parameter(struct exporter *x, const struct node *node) {
    struct dims dims = picture_dims(node->shape);
    x->values[node->id] = (struct onnx_value){parameter(x, node, 0, &dims), false};
}

static void write_nodes(struct exporter *x) {
    for (size_t i = 0; i < x->graph->node_count; i++) {
        const struct node *node = x->graph->nodes[i];
        if (node->op == OP_INPUT)
            write_input(x, node);
        else if (node->op == OP_PARAMETER)
            write_parameter(x, node);
        else
            write_layer(x, node);
    }
}

/* --- the graph --- */

static struct dims dims_of(const struct exporter *x, const struct node *node) {
    return x->values[node->id].vector ? vector_dims(node->shape) : picture_dims(node->shape);
}

/* What is no layer's, and a second output of one value, is an Identity. */
static void write_outputs(struct exporter *x, Onnx__GraphProto *graph) {
    graph->n_output = x->graph->output_count;
    graph->output = ARENA_ARRAY(x->arena, Onnx__ValueInfoProto *, graph->n_output);
    for (size_t i = 0; i < x->graph->output_count; i++) {
        const struct output *output = &x->graph->outputs[i];
        struct dims dims = dims_of(x, output->node);
        const char *value = x->values[output->node->id].name;
        x->node = output->node;
        if (strcmp(value, output->name) != 0) {
            apply(x, "Identity", value, dims);
            rename_last(x, output->name);
            x->info_count--;
        }
        graph->output[i] = value_info(x, output->name, ONNX__DATA_TYPE__FLOAT, dims);
    }
}

static void write_inputs(struct exporter *x, Onnx__GraphProto *graph) {
    graph->n_input = x->graph->input_count;
    graph->input = ARENA_ARRAY(x->arena, Onnx__ValueInfoProto *, graph->n_input);
    for (size_t i = 0; i < x->graph->input_count; i++) {
        const struct input *input = &x->graph->inputs[i];
        int type = input->element == ELEMENT_U8 ? ONNX__DATA_TYPE__UINT8 : ONNX__DATA_TYPE__FLOAT;
        graph->input[i] = value_info(x, input->name, type, picture_dims(input->node->shape));
    }
}

static Onnx__GraphProto *make_graph(struct exporter *x) {
    Onnx__GraphProto *graph = ARENA_NEW(x->arena, Onnx__GraphProto);
    onnx__graph_proto__init(graph);
    graph->name = (char *)x->graph->name;
    write_inputs(x, graph);
    write_nodes(x);
    write_outputs(x, graph);
    graph->n_node = x->node_count;
    graph->node = x->nodes;
    graph->n_initializer = x->initializer_count;
    graph->initializer = x->initializers;
    graph->n_value_info = x->info_count;
    graph->value_info = x->infos;
    return graph;
}

/* Names that stay as they are. */
static void take_names(struct exporter *x) {
    const struct graph *graph = x->graph;
    for (size_t i = 0; i < graph->input_count; i++)
        take_value_name(x, graph->inputs[i].name);
    for (size_t i = 0; i < graph->output_count; i++)
        take_value_name(x, graph->outputs[i].name);
    for (size_t i = 0; i < graph->tensor_count; i++)
        take_value_name(x, graph->tensors[i]->name);
}

const struct node *without_form(const struct graph *graph) {
    for (size_t i = 0; i < graph->node_count; i++) {
        enum op op = graph->nodes[i]->op;
        if (op != OP_INPUT && op != OP_PARAMETER && !forms[op].write)
            return graph->nodes[i];
    }
    return NULL;
}

const char *export_onnx(struct arena *arena, const struct graph *graph, const char *version,
                        size_t *length) {
    struct exporter x = {.arena = arena,
                         .graph = graph,
                         .names = {.arena = arena},
                         .values = ARENA_ARRAY(arena, struct onnx_value, graph->node_count + 1)};
    take_names(&x);
    Onnx__OperatorSetIdProto set = ONNX__OPERATOR_SET_ID_PROTO__INIT, *sets[] = {&set};
    Onnx__ModelProto model = ONNX__MODEL_PROTO__INIT;
    set.domain = (char *)"";
    set.has_version = true;
    set.version = OPERATOR_SET;
    model.has_ir_version = true;
    model.ir_version = IR_VERSION;
    model.producer_name = (char *)"cnnc";
    model.producer_version = (char *)version;
    model.graph = make_graph(&x);
    model.n_opset_import = 1;
    model.opset_import = sets;
    *length = onnx__model_proto__get_packed_size(&model);
    return *length > INT32_MAX ? NULL : onnx_pack(arena, &model, length);
}
