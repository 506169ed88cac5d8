/* Kernels: a primitive specialised to one descriptor and one epilogue. A kernel is a function of
 * the addresses alone, named by everything else, so that equal layers share it. */
#include <string.h>

#include "codegen/generator.h"
#include "codegen/pack.h"
#include "codegen/predict.h"

LLVMValueRef address_plus(struct generator *g, LLVMValueRef address, int64_t floats) {
    if (floats == 0)
        return address;
    LLVMValueRef index = constant_int64(g, floats);
    return LLVMBuildGEP2(g->builder, g->float_type, address, &index, 1, "");
}

static LLVMValueRef address_cell(struct generator *g, LLVMBuilderRef b, LLVMValueRef array,
                                 size_t index) {
    LLVMValueRef at = constant_int64(g, (int64_t)index);
    return LLVMBuildGEP2(b, g->pointer, array, &at, 1, "");
}

LLVMValueRef store_addresses(struct generator *g, LLVMBuilderRef b, const LLVMValueRef *addresses,
                             size_t count) {
    LLVMValueRef array = /* never of none */
        LLVMBuildArrayAlloca(b, g->pointer, LLVMConstInt(g->int32, count + 1, 0), "");
    for (size_t i = 0; i < count; i++)
        LLVMBuildStore(b, addresses[i], address_cell(g, b, array, i));
    return array;
}

LLVMValueRef *load_addresses(struct generator *g, LLVMBuilderRef b, LLVMValueRef array,
                             size_t count) {
    LLVMValueRef *addresses = ARENA_ARRAY(g->arena, LLVMValueRef, count + 1);
    for (size_t i = 0; i < count; i++)
        addresses[i] = LLVMBuildLoad2(b, g->pointer, address_cell(g, b, array, i), "");
    return addresses;
}

/* Of what a parameter layer holds. */
static LLVMValueRef value_address(struct generator *g, int node) {
    const int64_t one_way = 0;
    return packed_weights(g, g->graph->nodes[node]->parameters[0], pack_value, &one_way, 1);
}

/* Where the images of this pass begin, of a tensor of which all lie there. */
static LLVMValueRef address_in_pass(struct generator *g, LLVMValueRef address,
                                    const struct location *at) {
    int64_t images = at->images / g->passes;
    if (!g->pass || images == 0)
        return address;
    bool bytes = at->memory == MEMORY_INPUT && g->graph->inputs[at->index].element == ELEMENT_U8;
    LLVMTypeRef element = bytes ? LLVMInt8TypeInContext(g->context) : g->float_type;
    LLVMValueRef before =
        LLVMBuildMul(g->builder, g->pass, constant_int64(g, images * at->image), "");
    return LLVMBuildGEP2(g->builder, element, address, &before, 1, "");
}

LLVMValueRef tensor_address(struct generator *g, const struct location *location, int64_t h,
                            int64_t w) {
    LLVMValueRef base = location->memory == MEMORY_INPUT     ? g->inputs[location->index]
                        : location->memory == MEMORY_OUTPUT  ? g->outputs[location->index]
                        : location->memory == MEMORY_WEIGHTS ? value_address(g, location->index)
                        : location->images                   ? g->workspace
                                                             : g->own;
    int64_t first = location->offset + h * location->row + w * location->pixel;
    return address_in_pass(g, address_plus(g, base, first), location);
}

LLVMValueRef scratch_address(struct generator *g, const struct node *node) {
    return address_plus(g, node->loop ? g->own : g->workspace, node->scratch);
}

struct cnn_strides location_strides(const struct location *location) {
    return (struct cnn_strides){location->image, location->row, location->pixel};
}

LLVMValueRef call_runtime(struct generator *g, LLVMBuilderRef b, const char *function,
                          LLVMValueRef *arguments, unsigned count) {
    const char *symbol = arena_printf(g->arena, "cnn_%s", function);
    LLVMValueRef callee = LLVMGetNamedFunction(g->module, symbol);
    return LLVMBuildCall2(b, LLVMGlobalGetValueType(callee), callee, arguments, count, "");
}

void merge_loops(int64_t *batch, int64_t *height, int64_t *width, struct cnn_strides **views,
                 int view_count) {
    bool rows = true, images = true;
    for (int i = 0; i < view_count; i++)
        rows = rows && views[i]->row == *width * views[i]->pixel;
    if (*height > 1 && !rows)
        return;
    *width *= *height;
    *height = 1;
    for (int i = 0; i < view_count; i++)
        images = images && views[i]->image == *width * views[i]->pixel;
    if (*batch > 1 && !images)
        return;
    *width *= *batch;
    *batch = 1;
}

/* The channel stride of a row seen as one pixel; -1 where its values are not evenly apart. */
static int64_t row_stride(int64_t channels, int64_t pixel, int64_t channel) {
    if (channels == 1)
        return pixel;
    return pixel == channels * channel ? channel : -1;
}

bool merge_pixels(struct steps *steps, int64_t *width, int64_t *channels, int64_t y_pixel,
                  int64_t x_pixel, int64_t *x_channel) {
    int64_t x_row = row_stride(*channels, x_pixel, *x_channel);
    if (y_pixel != *channels || x_row < 0)
        return false;
    for (int i = 0; i < steps->count; i++) {
        const struct step *s = &steps->items[i];
        int64_t row =
            s->kind == OPERAND_TENSOR ? row_stride(*channels, s->strides.pixel, s->channel) : 0;
        if (s->kind == OPERAND_CHANNEL || (row != 0 && row != 1))
            return false;
    }
    for (int i = 0; i < steps->count; i++) {
        struct step *s = &steps->items[i];
        if (s->kind == OPERAND_TENSOR)
            s->channel = row_stride(*channels, s->strides.pixel, s->channel);
    }
    *x_channel = x_row;
    *channels *= *width;
    *width = 1;
    return true;
}

static const char *kernel_name(struct generator *g, const struct kernel *kernel) {
    const int64_t *words = kernel->descriptor;
    const char *name = kernel->primitive;
    for (size_t i = 0; i < kernel->descriptor_bytes / sizeof *words; i++)
        name = arena_printf(g->arena, "%s %lld", name, (long long)words[i]);
    if (kernel->has_value)
        name = arena_printf(g->arena, "%s %a", name, kernel->value);
    return kernel->steps ? arena_printf(g->arena, "%s:%s", name, steps_text(g, kernel->steps))
                         : name;
}

void add_attribute(struct generator *g, LLVMValueRef function, LLVMAttributeIndex index,
                   const char *name) {
    unsigned kind = LLVMGetEnumAttributeKindForName(name, strlen(name));
    LLVMAddAttributeAtIndex(function, index, LLVMCreateEnumAttribute(g->context, kind, 0));
}

void leave_unoptimised(struct generator *g, LLVMValueRef function) {
    add_attribute(g, function, (LLVMAttributeIndex)LLVMAttributeFunctionIndex, "noinline");
    add_attribute(g, function, (LLVMAttributeIndex)LLVMAttributeFunctionIndex, "optnone");
}

static struct addresses kernel_addresses(const struct kernel *kernel) {
    struct addresses addresses = {.count = 0};
    const LLVMValueRef fixed[OWN_ADDRESSES] = {kernel->y, kernel->x, kernel->weights,
                                               kernel->scratch};
    for (size_t i = 0; i < OWN_ADDRESSES; i++)
        if (fixed[i])
            addresses.items[addresses.count++] = fixed[i];
    if (kernel->scratch)
        addresses.scratch = addresses.count - 1;
    addresses.first_operand = addresses.count;
    for (int i = 0; kernel->steps && i < kernel->steps->count; i++)
        if (kernel->steps->items[i].operand)
            addresses.items[addresses.count++] = kernel->steps->items[i].operand;
    return addresses;
}

/* An array of the operands' addresses: it dissolves once the primitive is inlined. */
static LLVMValueRef operand_array(struct generator *g, LLVMBuilderRef b, LLVMValueRef function,
                                  const struct addresses *addresses) {
    LLVMValueRef parameters[MAX_ADDRESSES + 2];
    LLVMGetParams(function, parameters);
    return store_addresses(g, b, parameters + addresses->first_operand,
                           addresses->count - addresses->first_operand);
}

/* cnn_PRIMITIVE; of what can be split, what does its pieces: LLVM would inline that into the
 * primitive before it inlines the primitive, with nothing known. */
static LLVMValueRef primitive_of(struct generator *g, const struct kernel *kernel) {
    return LLVMGetNamedFunction(g->module, arena_printf(g->arena, "cnn_%s%s", kernel->primitive,
                                                        kernel->pieces ? "_part" : ""));
}

/* Of addresses, and of a shared kernel also of its first piece and the one behind its last. */
static LLVMTypeRef kernel_type(struct generator *g, bool shared, unsigned count) {
    LLVMTypeRef types[MAX_ADDRESSES + 2];
    for (unsigned i = 0; i < count; i++)
        types[i] = g->pointer;
    types[count] = types[count + 1] = g->int64;
    return LLVMFunctionType(g->void_type, types, shared ? count + 2 : count, 0);
}

static LLVMValueRef build_kernel(struct generator *g, const struct kernel *kernel, bool shared,
                                 const char *name, LLVMTypeRef type,
                                 const struct addresses *addresses) {
    LLVMValueRef function = LLVMAddFunction(g->module, name, type);
    LLVMSetLinkage(function, LLVMInternalLinkage);
    add_attribute(g, function, (LLVMAttributeIndex)LLVMAttributeFunctionIndex, "noinline");
    if (kernel->weights) /* read-only data: no store of the kernel changes them */
        add_attribute(g, function, 1 + 2, "noalias");
    if (kernel->scratch) /* nobody else's */
        add_attribute(g, function, 1 + 3, "noalias");

    LLVMBuilderRef b = LLVMCreateBuilderInContext(g->context);
    LLVMPositionBuilderAtEnd(b, LLVMAppendBasicBlockInContext(g->context, function, ""));
    LLVMValueRef arguments[OWN_ADDRESSES + 6];
    unsigned count = 0;
    arguments[count++] =
        constant_int64s(g, kernel->descriptor, kernel->descriptor_bytes / sizeof(int64_t));
    for (unsigned i = 0; i < addresses->first_operand; i++)
        arguments[count++] = LLVMGetParam(function, i);
    if (kernel->steps) {
        arguments[count++] = epilogue_function(g, kernel->steps);
        arguments[count++] = operand_array(g, b, function, addresses);
    }
    if (kernel->has_value)
        arguments[count++] = constant_float(g, kernel->value);
    if (kernel->pieces) {
        unsigned first = addresses->count;
        arguments[count++] = shared ? LLVMGetParam(function, first) : constant_int64(g, 0);
        arguments[count++] =
            shared ? LLVMGetParam(function, first + 1) : constant_int64(g, kernel->pieces);
    }
    LLVMValueRef primitive = primitive_of(g, kernel);
    LLVMBuildCall2(b, LLVMGlobalGetValueType(primitive), primitive, arguments, count, "");
    LLVMBuildRetVoid(b);
    LLVMDisposeBuilder(b);
    return function;
}

void emit_kernel(struct generator *g, const struct kernel *kernel) {
    if (g->notes) {
        note_kernel(g, kernel);
        return;
    }
    struct addresses addresses = kernel_addresses(kernel);
    const int64_t parts = most_parts(g, kernel);
    LLVMTypeRef type = kernel_type(g, parts > 1, addresses.count);
    const char *name = kernel_name(g, kernel);
    LLVMValueRef function = LLVMGetNamedFunction(g->module, name);
    if (!function)
        function = build_kernel(g, kernel, parts > 1, name, type, &addresses);
    if (parts > 1 && g->executor) {
        emit_shared_call(g, kernel, parts, function, type, &addresses);
        return;
    }
    LLVMValueRef arguments[MAX_ADDRESSES + 2];
    memcpy(arguments, addresses.items, sizeof addresses.items);
    arguments[addresses.count] = constant_int64(g, 0);
    arguments[addresses.count + 1] = constant_int64(g, kernel->pieces);
    LLVMBuildCall2(g->builder, type, function, arguments, LLVMCountParamTypes(type), "");
}
