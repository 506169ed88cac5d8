/* Elementwise layers as steps, and the functions generated from them: each is a chain of calls of
 * the runtime's steps, which LLVM inlines into the kernel. */
#include <string.h>

#include "codegen/generator.h"
#include "ir/fuse.h"
#include "runtime/steps.h"

/* What belongs to the layer itself, and what is fused behind it, two steps each at most. */
enum { OWN_STEPS = 4 };
_Static_assert(MAX_STEPS >= OWN_STEPS + 2 * LIMIT_FUSED_LAYERS, "room for every epilogue");

static struct step *add_step(struct steps *steps, const char *function, enum operand_kind kind) {
    struct step *step = &steps->items[steps->count++];
    *step = (struct step){.function = function, .kind = kind};
    return step;
}

/* Nothing where there is no vector. */
static void add_channel_step(struct generator *g, struct steps *steps, const char *function,
                             const struct tensor *vector) {
    if (!vector)
        return;
    if (vector->dimensions[0] == 1) {
        add_step(steps, function, OPERAND_SCALAR)->a = vector->data[0];
        return;
    }
    add_step(steps, function, OPERAND_CHANNEL)->operand = channel_vector(g, vector);
}

void steps_add_bias(struct generator *g, struct steps *steps, const struct tensor *bias) {
    add_channel_step(g, steps, "add", bias);
}

/* [C][HW] to [HW][C]; layout: C, HW. */
static float *pack_picture(struct arena *arena, const struct tensor *tensor, const int64_t *layout,
                           int64_t *count) {
    int64_t channels = layout[0], pixels = layout[1];
    *count = channels * pixels;
    float *packed = ARENA_ARRAY(arena, float, *count);
    for (int64_t c = 0; c < channels; c++)
        for (int64_t i = 0; i < pixels; i++)
            packed[i * channels + c] = tensor->data[c * pixels + i];
    return packed;
}

static void add_picture_step(struct generator *g, struct steps *steps, const char *function,
                             const struct tensor *picture, const struct node *norm) {
    const bool *axes = norm->attributes.axes;
    int64_t channels = axes[AXIS_CHANNELS] ? norm->shape.c : 1;
    int64_t width = axes[AXIS_WIDTH] ? norm->shape.w : 1;
    int64_t layout[] = {channels, tensor_count(picture) / channels};
    struct step *step = add_step(steps, function, OPERAND_TENSOR);
    step->operand = packed_weights(g, picture, pack_picture, layout, 2);
    step->strides = (struct cnn_strides){.row = axes[AXIS_HEIGHT] ? width * channels : 0,
                                         .pixel = axes[AXIS_WIDTH] ? channels : 0};
    step->channel = axes[AXIS_CHANNELS];
}

void steps_add_norm(struct generator *g, struct steps *steps, const struct node *norm) {
    static const char *const functions[] = {"mul", "add"};
    const bool *axes = norm->attributes.axes;
    bool picture = norm->op == OP_LAYERNORM && (axes[AXIS_HEIGHT] || axes[AXIS_WIDTH]);
    for (int i = 0; i < norm->parameter_count; i++)
        if (norm->parameters[i] && picture)
            add_picture_step(g, steps, functions[i], norm->parameters[i], norm);
        else if (norm->parameters[i])
            add_channel_step(g, steps, functions[i], norm->parameters[i]);
}

/* The operand is `self`, the value so far, or another tensor. */
static struct step *add_operand_step(struct generator *g, struct steps *steps, const char *function,
                                     const struct node *operand, const struct node *self) {
    struct step *step = add_step(steps, function, operand == self ? OPERAND_SELF : OPERAND_TENSOR);
    const struct location *at = &operand->location;
    if (operand == self)
        return step;
    step->operand = tensor_address(g, at, 0, 0);
    step->strides = (struct cnn_strides){
        .image = operand->shape.n == 1 ? 0 : at->image,
        .row = operand->shape.h == 1 ? 0 : at->row,
        .pixel = operand->shape.w == 1 ? 0 : at->pixel,
    };
    step->channel = operand->shape.c == 1 ? 0 : at->channel;
    return step;
}

static void add_binary(struct generator *g, struct steps *steps, const char *function,
                       const struct node *layer, const struct node *self) {
    const struct attributes *a = &layer->attributes;
    if (a->has_scalar) {
        struct step *step = add_step(steps, function, OPERAND_SCALAR);
        step->a = a->scalar;
        step->place = a->scalar_first;
        return;
    }
    int place = layer->inputs[0] != self;
    add_operand_step(g, steps, function, layer->inputs[1 - place], self)->place = place;
}

/* Of the condition and the choices one is the value so far; the first of the other two is held
 * until the second is there. */
static void add_where(struct generator *g, struct steps *steps, const struct node *layer,
                      const struct node *self) {
    const struct attributes *a = &layer->attributes;
    const struct node *tensors[3] = {layer->inputs[0]};
    int read = 1, place = 0, last = 0;
    for (int choice = 0; choice < 2; choice++)
        tensors[1 + choice] = a->is_number[choice] ? NULL : layer->inputs[read++];
    while (tensors[place] != self)
        place++;
    last = place == 2 ? 1 : 2;
    for (int i = 0; i < 3; i++) {
        if (i == place)
            continue;
        const char *function = i == last ? "where" : NULL;
        struct step *step = tensors[i] ? add_operand_step(g, steps, function, tensors[i], self)
                                       : add_step(steps, function, OPERAND_SCALAR);
        step->place = i == last ? place : 0;
        if (!tensors[i])
            step->a = i == 1 ? a->a : a->b;
    }
}

static void add_unary(struct steps *steps, const char *function, const struct node *layer) {
    struct step *step = add_step(steps, function, OPERAND_NONE);
    step->a = layer->attributes.a;
    step->b = layer->attributes.b;
}

/* acc ^ exponent: 2 and 1/2 have exact forms, 3/4 a short one. */
static void add_power_of(struct steps *steps, double exponent) {
    if (exponent == 2)
        add_step(steps, "mul", OPERAND_SELF);
    else if (exponent == 0.5)
        add_step(steps, "sqrt", OPERAND_NONE);
    else if (exponent == 0.75)
        add_step(steps, "power_3_4", OPERAND_NONE);
    else
        add_step(steps, "pow", OPERAND_SCALAR)->a = exponent;
}

static void add_power(struct generator *g, struct steps *steps, const struct node *layer,
                      const struct node *self) {
    const struct attributes *a = &layer->attributes;
    if (a->has_scalar && !a->scalar_first)
        add_power_of(steps, a->scalar);
    else
        add_binary(g, steps, "pow", layer, self);
}

/* From a sum of squares: x / (bias + alpha / size * sum) ^ beta. */
void steps_add_lrn(struct generator *g, struct steps *steps, const struct node *lrn) {
    const struct attributes *a = &lrn->attributes;
    add_step(steps, "mul", OPERAND_SCALAR)->a = a->a / (double)a->near;
    add_step(steps, "add", OPERAND_SCALAR)->a = a->value;
    add_power_of(steps, a->b);
    add_operand_step(g, steps, "div", lrn->inputs[0], NULL)->place = 1;
}

void steps_add_layer(struct generator *g, struct steps *steps, const struct node *layer,
                     const struct node *self) {
    switch (layer->op) {
    case OP_AFFINE:
        add_channel_step(g, steps, "mul", layer->parameters[0]);
        add_channel_step(g, steps, "add", layer->parameters[1]);
        break;
    case OP_CONVERT: /* by the loop that reads it */
        break;
    case OP_PRELU:
        add_channel_step(g, steps, "prelu", layer->parameters[0]);
        break;
    case OP_GELU:
        add_unary(steps, layer->attributes.approximate ? "gelu_tanh" : "gelu", layer);
        break;
    case OP_POWER:
        add_power(g, steps, layer, self);
        break;
    case OP_WHERE:
        add_where(g, steps, layer, self);
        break;
    default: /* the step has the layer's name */
        if (layer->attributes.has_scalar || layer->input_count == 2)
            add_binary(g, steps, operators[layer->op].name, layer, self);
        else
            add_unary(steps, operators[layer->op].name, layer);
    }
}

void steps_add_epilogue(struct generator *g, struct steps *steps, const struct node *node) {
    for (int i = 0; i < node->epilogue_count; i++)
        steps_add_layer(g, steps, node->epilogue[i], node);
}

bool steps_are_long(const struct steps *steps) {
#define NAME(name) #name,
    static const char *const functions[] = {CNN_LONG_STEPS(NAME) "pow", "mod", "fmod"};
#undef NAME
    for (int i = 0; i < steps->count; i++)
        for (size_t k = 0; steps->items[i].function && k < sizeof functions / sizeof *functions;
             k++)
            if (strcmp(steps->items[i].function, functions[k]) == 0)
                return true;
    return false;
}

const char *steps_text(struct generator *g, const struct steps *steps) {
    const char *text = "";
    for (int i = 0; i < steps->count; i++) {
        const struct step *s = &steps->items[i];
        static const char *const places[] = {"", "'", "\""};
        const char *function = s->function ? s->function : "hold", *place = places[s->place];
        switch (s->kind) {
        case OPERAND_NONE:
        case OPERAND_SCALAR:
            text = arena_printf(g->arena, "%s %s%s.%d(%a,%a)", text, function, place, (int)s->kind,
                                s->a, s->b);
            break;
        case OPERAND_SELF:
        case OPERAND_CHANNEL:
            text = arena_printf(g->arena, "%s %s%s.%d", text, function, place, (int)s->kind);
            break;
        case OPERAND_TENSOR:
            text = arena_printf(g->arena, "%s %s%s[%lld,%lld,%lld,%lld]", text, function, place,
                                (long long)s->strides.image, (long long)s->strides.row,
                                (long long)s->strides.pixel, (long long)s->channel);
        }
    }
    return text;
}

/* The parameters of an epilogue function, in order. */
enum { ACC, OPERANDS, N, H, W, C, LANES, PARAMETER_COUNT };

/* address + n*image + h*row + w*pixel + c*channel */
static LLVMValueRef operand_address(struct generator *g, LLVMBuilderRef b, const struct step *step,
                                    LLVMValueRef address, LLVMValueRef *parameters) {
    const int64_t strides[] = {step->strides.image, step->strides.row, step->strides.pixel,
                               step->channel};
    for (int axis = 0; axis < 4; axis++) {
        if (strides[axis] == 0)
            continue;
        LLVMValueRef index =
            LLVMBuildMul(b, parameters[N + axis], constant_int64(g, strides[axis]), "");
        address = LLVMBuildGEP2(b, g->float_type, address, &index, 1, "");
    }
    return address;
}

static LLVMValueRef load_operand(struct generator *g, LLVMBuilderRef b, const struct step *step,
                                 int slot, LLVMValueRef *parameters) {
    LLVMValueRef index = constant_int64(g, slot);
    LLVMValueRef cell = LLVMBuildGEP2(b, g->pointer, parameters[OPERANDS], &index, 1, "");
    LLVMValueRef address = LLVMBuildLoad2(b, g->pointer, cell, "");
    if (step->kind == OPERAND_CHANNEL) {
        address = LLVMBuildGEP2(b, g->float_type, address, &parameters[C], 1, "");
        LLVMValueRef whole[] = {address, constant_int64(g, g->target.vector_width)};
        return call_runtime(g, b, "load", whole, 2);
    }
    address = operand_address(g, b, step, address, parameters);
    if (step->channel == 0) {
        LLVMValueRef one = LLVMBuildLoad2(b, g->float_type, address, "");
        LLVMSetAlignment(one, sizeof(float));
        return call_runtime(g, b, "splat", &one, 1);
    }
    LLVMValueRef lanes[] = {address, parameters[LANES]};
    return call_runtime(g, b, "load", lanes, 2);
}

/* What a chain of steps has so far. */
struct chain {
    LLVMValueRef acc, held; /* held: NULL, or an operand for the next step */
    int slot;               /* of the next operand in memory */
};

static LLVMValueRef build_operand(struct generator *g, LLVMBuilderRef b, const struct step *step,
                                  struct chain *chain, LLVMValueRef *parameters) {
    if (step->kind == OPERAND_SELF)
        return chain->acc;
    if (step->kind != OPERAND_SCALAR)
        return load_operand(g, b, step, chain->slot++, parameters);
    LLVMValueRef number = constant_float(g, step->a);
    return call_runtime(g, b, "splat", &number, 1);
}

static void build_step(struct generator *g, LLVMBuilderRef b, const struct step *step,
                       struct chain *chain, LLVMValueRef *parameters) {
    if (step->kind == OPERAND_NONE) {
        LLVMValueRef unary[] = {chain->acc, constant_float(g, step->a), constant_float(g, step->b)};
        chain->acc = call_runtime(g, b, step->function, unary, 3);
        return;
    }
    LLVMValueRef operand = build_operand(g, b, step, chain, parameters);
    if (!step->function) {
        chain->held = operand;
        return;
    }
    LLVMValueRef others[2] = {chain->held, operand}, arguments[3];
    unsigned count = 0;
    for (int i = chain->held ? 0 : 1; i < 2; i++) {
        if (count == (unsigned)step->place)
            arguments[count++] = chain->acc;
        arguments[count++] = others[i];
    }
    if (count == (unsigned)step->place)
        arguments[count++] = chain->acc;
    chain->acc = call_runtime(g, b, step->function, arguments, count);
    chain->held = NULL;
}

LLVMValueRef epilogue_function(struct generator *g, const struct steps *steps) {
    const char *name = arena_printf(g->arena, "epilogue%s", steps_text(g, steps));
    LLVMValueRef function = LLVMGetNamedFunction(g->module, name);
    if (function)
        return function;
    LLVMTypeRef types[PARAMETER_COUNT] = {g->vector, g->pointer, g->int64, g->int64,
                                          g->int64,  g->int64,   g->int64};
    function =
        LLVMAddFunction(g->module, name, LLVMFunctionType(g->vector, types, PARAMETER_COUNT, 0));
    LLVMSetLinkage(function, LLVMInternalLinkage);
    static const char inlined[] = "alwaysinline";
    unsigned kind = LLVMGetEnumAttributeKindForName(inlined, sizeof inlined - 1);
    LLVMAddAttributeAtIndex(function, (LLVMAttributeIndex)LLVMAttributeFunctionIndex,
                            LLVMCreateEnumAttribute(g->context, kind, 0));

    LLVMBuilderRef b = LLVMCreateBuilderInContext(g->context);
    LLVMPositionBuilderAtEnd(b, LLVMAppendBasicBlockInContext(g->context, function, ""));
    LLVMValueRef parameters[PARAMETER_COUNT];
    LLVMGetParams(function, parameters);
    struct chain chain = {.acc = parameters[ACC]};
    for (int i = 0; i < steps->count; i++)
        build_step(g, b, &steps->items[i], &chain, parameters);
    LLVMBuildRet(b, chain.acc);
    LLVMDisposeBuilder(b);
    return function;
}
