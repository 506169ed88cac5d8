/* Nodes, attributes, initializers and names of a model, put into the exporter's lists. */
#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

#include "export/onnx/exporter.h"

/* protobuf-c's messages have no const; nothing writes through them. */
static char *text_of(const char *text) {
    return (char *)text;
}

/* --- names --- */

void take_value_name(struct exporter *x, const char *name) {
    table_set(&x->taken, x->arena, intern(&x->names, name, strlen(name)), x);
}

const char *free_value_name(struct exporter *x, const char *text) {
    const char *name = intern(&x->names, text, strlen(text));
    for (int i = 2; table_find(&x->taken, name); i++) {
        const char *next = arena_printf(x->arena, "%s#%d", text, i);
        name = intern(&x->names, next, strlen(next));
    }
    take_value_name(x, name);
    return name;
}

static const char *name_in_layer(struct exporter *x, const char *name) {
    return free_value_name(x, arena_printf(x->arena, "%s/%s", x->node->path, name));
}

/* --- sizes --- */

struct dims picture_dims(struct shape s) {
    return (struct dims){4, {s.n, s.c, s.h, s.w}};
}

struct dims vector_dims(struct shape s) {
    return (struct dims){2, {s.n, s.c}};
}

struct dims result_dims(const struct exporter *x, const struct node *node) {
    return x->vector ? vector_dims(node->shape) : picture_dims(node->shape);
}

int64_t onnx_axis(int axis) {
    static const int64_t axes[] = {
        [AXIS_BATCH] = 0, [AXIS_HEIGHT] = 2, [AXIS_WIDTH] = 3, [AXIS_CHANNELS] = 1};
    return axes[axis];
}

/* --- values --- */

Onnx__ValueInfoProto *value_info(struct exporter *x, const char *name, int type, struct dims dims) {
    Onnx__ValueInfoProto *info = ARENA_NEW(x->arena, Onnx__ValueInfoProto);
    Onnx__TypeProto *of = ARENA_NEW(x->arena, Onnx__TypeProto);
    Onnx__TypeProto__Tensor *tensor = ARENA_NEW(x->arena, Onnx__TypeProto__Tensor);
    Onnx__TensorShapeProto *shape = ARENA_NEW(x->arena, Onnx__TensorShapeProto);
    onnx__value_info_proto__init(info);
    onnx__type_proto__init(of);
    onnx__type_proto__tensor__init(tensor);
    onnx__tensor_shape_proto__init(shape);
    info->name = text_of(name);
    info->type = of;
    of->tensor_type = tensor;
    tensor->has_elem_type = true;
    tensor->elem_type = type;
    tensor->shape = shape;
    shape->n_dim = (size_t)dims.count;
    shape->dim = ARENA_ARRAY(x->arena, Onnx__TensorShapeProto__Dimension *, dims.count);
    for (int i = 0; i < dims.count; i++) {
        shape->dim[i] = ARENA_NEW(x->arena, Onnx__TensorShapeProto__Dimension);
        onnx__tensor_shape_proto__dimension__init(shape->dim[i]);
        shape->dim[i]->has_dim_value = true;
        shape->dim[i]->dim_value = dims.of[i];
    }
    return info;
}

/* --- nodes --- */

Onnx__NodeProto *begin_node(struct exporter *x, const char *type, ...) {
    Onnx__NodeProto *node = ARENA_NEW(x->arena, Onnx__NodeProto);
    onnx__node_proto__init(node);
    node->op_type = text_of(type);
    size_t capacity = 0;
    const char *name;
    va_list inputs;
    va_start(inputs, type);
    while ((name = va_arg(inputs, const char *)))
        ARENA_PUSH(x->arena, node->input, node->n_input, capacity, text_of(name));
    va_end(inputs);
    ARENA_PUSH(x->arena, x->nodes, x->node_count, x->node_capacity, node);
    return node;
}

static Onnx__AttributeProto *add_attribute(struct exporter *x, Onnx__NodeProto *node,
                                           const char *name, int type) {
    Onnx__AttributeProto *attribute = ARENA_NEW(x->arena, Onnx__AttributeProto);
    onnx__attribute_proto__init(attribute);
    attribute->name = text_of(name);
    attribute->has_type = true;
    attribute->type = type;
    size_t capacity = node->n_attribute;
    ARENA_PUSH(x->arena, node->attribute, node->n_attribute, capacity, attribute);
    return attribute;
}

void set_int(struct exporter *x, Onnx__NodeProto *node, const char *name, int64_t value) {
    Onnx__AttributeProto *attribute =
        add_attribute(x, node, name, ONNX__ATTRIBUTE_TYPE__ATTRIBUTE_INT);
    attribute->has_i = true;
    attribute->i = value;
}

void set_ints(struct exporter *x, Onnx__NodeProto *node, const char *name, const int64_t *values,
              int count) {
    Onnx__AttributeProto *attribute =
        add_attribute(x, node, name, ONNX__ATTRIBUTE_TYPE__ATTRIBUTE_INTS);
    attribute->n_ints = (size_t)count;
    attribute->ints = ARENA_ARRAY(x->arena, int64_t, count);
    memcpy(attribute->ints, values, (size_t)count * sizeof *values);
}

void set_float(struct exporter *x, Onnx__NodeProto *node, const char *name, double value) {
    Onnx__AttributeProto *attribute =
        add_attribute(x, node, name, ONNX__ATTRIBUTE_TYPE__ATTRIBUTE_FLOAT);
    attribute->has_f = true;
    attribute->f = (float)value;
}

void set_text(struct exporter *x, Onnx__NodeProto *node, const char *name, const char *value) {
    Onnx__AttributeProto *attribute =
        add_attribute(x, node, name, ONNX__ATTRIBUTE_TYPE__ATTRIBUTE_STRING);
    attribute->has_s = true;
    attribute->s.data = (unsigned char *)text_of(value);
    attribute->s.len = strlen(value);
}

const char *end_node(struct exporter *x, Onnx__NodeProto *node, struct dims dims) {
    return end_typed(x, node, ONNX__DATA_TYPE__FLOAT, dims);
}

const char *end_typed(struct exporter *x, Onnx__NodeProto *node, int type, struct dims dims) {
    const char *name = name_in_layer(x, node->op_type);
    node->n_output = 1;
    node->output = ARENA_NEW(x->arena, char *);
    node->name = node->output[0] = text_of(name);
    ARENA_PUSH(x->arena, x->infos, x->info_count, x->info_capacity,
               value_info(x, name, type, dims));
    return name;
}

static char *unused_output(struct exporter *x, const char *name) {
    return (char *)free_value_name(x, arena_printf(x->arena, "%s/%s", x->node->path, name));
}

const char *end_values(struct exporter *x, Onnx__NodeProto *node, struct dims dims) {
    char **outputs = ARENA_ARRAY(x->arena, char *, 2);
    outputs[0] = (char *)end_node(x, node, dims);
    outputs[1] = unused_output(x, "indices");
    node->output = outputs;
    node->n_output = 2;
    return outputs[0];
}

const char *end_indices(struct exporter *x, Onnx__NodeProto *node, struct dims dims) {
    char **outputs = ARENA_ARRAY(x->arena, char *, 2);
    outputs[1] = (char *)end_typed(x, node, ONNX__DATA_TYPE__INT64, dims);
    outputs[0] = unused_output(x, "values");
    node->output = outputs;
    node->n_output = 2;
    return outputs[1];
}

void rename_last(struct exporter *x, const char *name) {
    Onnx__NodeProto *node = x->nodes[x->node_count - 1];
    node->name = node->output[0] = x->infos[x->info_count - 1]->name = text_of(name);
}

const char *apply(struct exporter *x, const char *type, const char *in, struct dims dims) {
    return end_node(x, begin_node(x, type, in, NULL), dims);
}

const char *apply_two(struct exporter *x, const char *type, const char *a, const char *b,
                      struct dims dims) {
    return end_node(x, begin_node(x, type, a, b, NULL), dims);
}

const char *cast(struct exporter *x, const char *in, int type, struct dims dims) {
    Onnx__NodeProto *node = begin_node(x, "Cast", in, NULL);
    set_int(x, node, "to", type);
    return end_typed(x, node, type, dims);
}

const char *reshaped(struct exporter *x, const char *in, struct dims dims) {
    return end_node(x, begin_node(x, "Reshape", in, integers(x, dims.of, dims.count), NULL), dims);
}

const char *transposed(struct exporter *x, const char *in, const int64_t *order, struct dims from) {
    Onnx__NodeProto *node = begin_node(x, "Transpose", in, NULL);
    struct dims dims = from;
    for (int i = 0; i < dims.count; i++)
        dims.of[i] = from.of[order[i]];
    set_ints(x, node, "perm", order, dims.count);
    return end_node(x, node, dims);
}

struct operands operands_of(struct exporter *x, const struct node *node, const char *const *in) {
    const struct attributes *a = &node->attributes;
    if (!a->has_scalar)
        return (struct operands){in[0], in[1]};
    const char *number = scalar(x, a->scalar);
    return a->scalar_first ? (struct operands){number, in[0]} : (struct operands){in[0], number};
}

/* --- initializers --- */

static Onnx__TensorProto *add_initializer(struct exporter *x, const char *name, int type,
                                          struct dims dims, const void *values, size_t bytes) {
    Onnx__TensorProto *tensor = ARENA_NEW(x->arena, Onnx__TensorProto);
    onnx__tensor_proto__init(tensor);
    tensor->name = text_of(name);
    tensor->has_data_type = true;
    tensor->data_type = type;
    tensor->n_dims = (size_t)dims.count;
    tensor->dims = ARENA_ARRAY(x->arena, int64_t, dims.count + 1);
    memcpy(tensor->dims, dims.of, (size_t)dims.count * sizeof *dims.of);
    tensor->has_raw_data = true; /* little-endian, as the processors that cnnc runs on */
    tensor->raw_data.data = (unsigned char *)values;
    tensor->raw_data.len = bytes;
    ARENA_PUSH(x->arena, x->initializers, x->initializer_count, x->initializer_capacity, tensor);
    return tensor;
}

/* The name of the constant with these contents; *known is whether there is one already. */
static const char *constant_name(struct exporter *x, const char *contents, bool *known) {
    const char *key = intern(&x->names, contents, strlen(contents));
    const char *name = table_find(&x->constants, key);
    *known = name != NULL;
    if (!name) {
        name = free_value_name(x, contents);
        table_set(&x->constants, x->arena, key, (void *)name);
    }
    return name;
}

const char *scalar(struct exporter *x, double value) {
    bool known;
    float *single = ARENA_NEW(x->arena, float);
    *single = (float)value;
    const char *name =
        constant_name(x, arena_printf(x->arena, "float_%.9g", (double)*single), &known);
    if (!known)
        add_initializer(x, name, ONNX__DATA_TYPE__FLOAT, (struct dims){0}, single, sizeof *single);
    return name;
}

const char *integers(struct exporter *x, const int64_t *values, int count) {
    bool known;
    const char *contents = "ints";
    for (int i = 0; i < count; i++)
        contents = arena_printf(x->arena, "%s_%" PRId64, contents, values[i]);
    const char *name = constant_name(x, contents, &known);
    if (known)
        return name;
    int64_t *copy = ARENA_ARRAY(x->arena, int64_t, count);
    memcpy(copy, values, (size_t)count * sizeof *values);
    add_initializer(x, name, ONNX__DATA_TYPE__INT64, (struct dims){1, {count}}, copy,
                    (size_t)count * sizeof *copy);
    return name;
}

const char *array(struct exporter *x, const char *name, const float *values, struct dims dims) {
    int64_t count = 1;
    for (int i = 0; i < dims.count; i++)
        count *= dims.of[i];
    name = name_in_layer(x, name);
    add_initializer(x, name, ONNX__DATA_TYPE__FLOAT, dims, values, (size_t)count * sizeof(float));
    return name;
}

const char *parameter(struct exporter *x, const struct node *node, int index,
                      const struct dims *given) {
    const struct tensor *tensor = index < node->parameter_count ? node->parameters[index] : NULL;
    struct dims dims = {.count = tensor ? tensor->rank : 0};
    bool known = false;
    if (!tensor)
        return NULL;
    memcpy(dims.of, tensor->dimensions, sizeof tensor->dimensions);
    if (given)
        dims = *given;
    if (!tensor->name) /* a filter's */
        return array(x, "weight", tensor->data, dims);
    for (size_t i = 0; i < x->initializer_count && !known; i++)
        known = x->initializers[i]->raw_data.data == (unsigned char *)tensor->data;
    if (!known)
        add_initializer(x, tensor->name, ONNX__DATA_TYPE__FLOAT, dims, tensor->data,
                        (size_t)tensor_count(tensor) * sizeof(float));
    return tensor->name;
}
