/* The constant cnn_program that the main of a compiled program reads; see runtime/program.h, whose
 * structs the constants here mirror field by field. */
#include "codegen/generator.h"
#include "codegen/interface.h"
#include "runtime/program.h"

static LLVMValueRef null_pointer(struct generator *g) {
    return LLVMConstNull(g->pointer);
}

static LLVMValueRef constant_struct(struct generator *g, LLVMValueRef *fields, size_t count) {
    return LLVMConstStructInContext(g->context, fields, (unsigned)count, 0);
}

/* A pointer to a constant array of these values. */
static LLVMValueRef constant_array(struct generator *g, LLVMValueRef *values, size_t count) {
    if (count == 0)
        return null_pointer(g);
    return constant_global(g, LLVMConstArray2(LLVMTypeOf(values[0]), values, count));
}

static LLVMValueRef label_array(struct generator *g, const char *const *labels, int64_t count) {
    LLVMValueRef *values = ARENA_ARRAY(g->arena, LLVMValueRef, count + 1);
    for (int64_t i = 0; i < count; i++)
        values[i] = constant_string(g, labels[i]);
    return constant_array(g, values, (size_t)count);
}

static LLVMValueRef constant_double(struct generator *g, double value) {
    return LLVMConstReal(LLVMDoubleTypeInContext(g->context), value);
}

/* struct cnn_port */
static LLVMValueRef constant_port(struct generator *g, const struct cnn_port *port) {
    LLVMValueRef shape[4];
    for (int axis = 0; axis < 4; axis++)
        shape[axis] = constant_int64(g, port->shape[axis]);
    LLVMValueRef fields[] = {
        constant_string(g, port->name),       LLVMConstArray2(g->int64, shape, 4),
        constant_int64(g, port->layout),      constant_int64(g, port->type),
        constant_int64(g, port->has_range),   constant_double(g, port->range_low),
        constant_double(g, port->range_high), label_array(g, port->labels, port->label_count),
        constant_int64(g, port->label_count),
    };
    return constant_struct(g, fields, sizeof fields / sizeof *fields);
}

static struct cnn_port input_port(const struct input *input) {
    const struct shape *s = &input->node->shape;
    return (struct cnn_port){
        .name = input->name,
        .shape = {s->n, s->h, s->w, s->c},
        .layout = input->layout == LAYOUT_CHW ? CNN_LAYOUT_CHW : CNN_LAYOUT_HWC,
        .type = input->element == ELEMENT_U8 ? CNN_TYPE_U8 : CNN_TYPE_F32,
        .has_range = input->has_range,
        .range_low = input->range_low,
        .range_high = input->range_high,
    };
}

static struct cnn_port output_port(const struct output *output) {
    const struct shape *s = &output->node->shape;
    return (struct cnn_port){
        .name = output->name,
        .shape = {s->n, s->h, s->w, s->c},
        .layout = output->layout == LAYOUT_CHW ? CNN_LAYOUT_CHW : CNN_LAYOUT_HWC,
        .type = CNN_TYPE_F32,
        .labels = output->labels,
        .label_count = output->label_count,
    };
}

/* int run(const void *const *inputs, void *const *outputs, void *workspace, int64_t
 * workspace_bytes, const struct cnn_executor *executor): NAME_run_parallel with its addresses in
 * arrays. */
static LLVMValueRef run_with_arrays(struct generator *g) {
    LLVMTypeRef types[] = {g->pointer, g->pointer, g->pointer, g->int64, g->pointer};
    LLVMValueRef function =
        LLVMAddFunction(g->module, "run_with_arrays", LLVMFunctionType(g->int32, types, 5, 0));
    LLVMSetLinkage(function, LLVMInternalLinkage);
    LLVMBuilderRef b = LLVMCreateBuilderInContext(g->context);
    LLVMPositionBuilderAtEnd(b, LLVMAppendBasicBlockInContext(g->context, function, ""));
    size_t counts[] = {g->graph->input_count, g->graph->output_count};
    LLVMValueRef *arguments = ARENA_ARRAY(g->arena, LLVMValueRef, counts[0] + counts[1] + 3);
    unsigned count = 0;
    for (unsigned list = 0; list < 2; list++) {
        LLVMValueRef *addresses = load_addresses(g, b, LLVMGetParam(function, list), counts[list]);
        for (size_t i = 0; i < counts[list]; i++)
            arguments[count++] = addresses[i];
    }
    for (unsigned i = 2; i < 5; i++)
        arguments[count++] = LLVMGetParam(function, i);
    LLVMBuildRet(b, LLVMBuildCall2(b, LLVMGlobalGetValueType(g->run_parallel), g->run_parallel,
                                   arguments, count, ""));
    LLVMDisposeBuilder(b);
    return function;
}

void emit_program(struct generator *g) {
    const struct graph *graph = g->graph;
    LLVMValueRef *inputs = ARENA_ARRAY(g->arena, LLVMValueRef, graph->input_count + 1);
    for (size_t i = 0; i < graph->input_count; i++) {
        struct cnn_port port = input_port(&graph->inputs[i]);
        inputs[i] = constant_port(g, &port);
    }
    LLVMValueRef *outputs = ARENA_ARRAY(g->arena, LLVMValueRef, graph->output_count + 1);
    for (size_t i = 0; i < graph->output_count; i++) {
        struct cnn_port port = output_port(&graph->outputs[i]);
        outputs[i] = constant_port(g, &port);
    }
    LLVMValueRef *steps = ARENA_ARRAY(g->arena, LLVMValueRef, g->step_count + 1);
    for (size_t i = 0; i < g->step_count; i++)
        steps[i] = constant_program_step(g, &g->steps[i]);
    LLVMValueRef fields[] = {
        constant_string(g, graph->name),
        constant_string(g, CNNC_VERSION),
        constant_array(g, inputs, graph->input_count),
        constant_int64(g, (int64_t)graph->input_count),
        constant_array(g, outputs, graph->output_count),
        constant_int64(g, (int64_t)graph->output_count),
        constant_int64(g, workspace_bytes(graph)),
        constant_int64(g, BUFFER_ALIGNMENT),
        constant_int64(g, part_bytes(graph)),
        run_with_arrays(g),
        constant_array(g, steps, g->step_count),
        constant_int64(g, (int64_t)g->step_count),
        g->run_steps,
        g->options->report ? constant_string(g, g->options->report) : null_pointer(g),
    };
    LLVMValueRef program = constant_struct(g, fields, sizeof fields / sizeof *fields);
    LLVMValueRef global = LLVMAddGlobal(g->module, LLVMTypeOf(program), "cnn_program");
    LLVMSetInitializer(global, program);
    LLVMSetGlobalConstant(global, 1);
}
