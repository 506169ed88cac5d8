/* Nodes in order: each looked up in the operator table, folded where its inputs are known,
 * converted into layers otherwise; functions of the model take the place of their calls. */
#include <inttypes.h>
#include <string.h>

#include "import/importer.h"
#include "import/operators.h"
#include "lexer/limits.h"

bool refuse(struct step *step, enum message message, const char *format, ...) {
    struct importer *im = step->importer;
    const char *name = step->node->name, *op = step->node->op_type;
    va_list arguments;
    va_start(arguments, format);
    const char *text = arena_vprintf(im->arena, format, arguments);
    va_end(arguments);
    const char *quoted =
        *name ? arena_printf(im->arena, " \"%s\"", printable(im->arena, name, strlen(name))) : "";
    struct diagnostic *error =
        report_error(im->diagnostics, step->span, message, "%s%s, operator set %" PRId64 ": %s",
                     printable(im->arena, op, strlen(op)), quoted, step->opset, text);
    for (const struct inlined *call = step->inlined; call; call = call->caller)
        add_note(im->diagnostics, error, call->span, "in the function `%s` of the model",
                 printable(im->arena, call->function->name, strlen(call->function->name)));
    return false;
}

struct operand *find_operand(const struct scope *scope, const char *name) {
    for (; scope; scope = scope->outer) {
        struct operand *found = table_find(&scope->operands, name);
        if (found)
            return found;
    }
    return NULL;
}

static const char *interned(struct importer *im, const char *text) {
    return intern(im->names, text, strlen(text));
}

bool is_default_domain(const char *domain) {
    return !*domain || strcmp(domain, "ai.onnx") == 0;
}

/* The version of a domain's operators in the model or function; 0 where it names none. */
static int64_t opset_of(const struct step *step) {
    const struct inlined *inlined = step->inlined;
    const Onnx__ModelProto *model = step->importer->model;
    Onnx__OperatorSetIdProto **sets = model->opset_import;
    size_t count = model->n_opset_import;
    if (inlined && inlined->function->n_opset_import) {
        sets = inlined->function->opset_import;
        count = inlined->function->n_opset_import;
    }
    for (size_t i = 0; i < count; i++)
        if (is_default_domain(sets[i]->domain))
            return sets[i]->version;
    return 0;
}

static const Onnx__FunctionProto *find_function(const struct step *step) {
    const Onnx__ModelProto *model = step->importer->model;
    for (size_t i = 0; i < model->n_functions; i++) {
        const Onnx__FunctionProto *function = model->functions[i];
        if (strcmp(function->name, step->node->op_type) == 0 &&
            strcmp(function->domain, step->node->domain) == 0 &&
            strcmp(function->overload, step->node->overload) == 0)
            return function;
    }
    return NULL;
}

/* False where an input is unknown or was refused. */
static bool gather_inputs(struct step *step) {
    struct importer *im = step->importer;
    const Onnx__NodeProto *node = step->node;
    bool known = true;
    step->input_count = (int)node->n_input;
    step->inputs = ARENA_ARRAY(im->arena, struct operand *, node->n_input + 1);
    for (size_t i = 0; i < node->n_input; i++) {
        if (!*node->input[i])
            continue;
        struct operand *operand = find_operand(step->scope, interned(im, node->input[i]));
        if (operand == &im->left_out)
            continue;
        if (!operand)
            known = refuse(step, E1002_ONNX_MODEL, "nothing before this node makes its input `%s`",
                           printable(im->arena, node->input[i], strlen(node->input[i])));
        else if (operand->failed)
            known = false;
        step->inputs[i] = operand;
    }
    while (step->input_count && !step->inputs[step->input_count - 1])
        step->input_count--;
    return known;
}

/* Makes an operand for each output, failed until something is known of it. */
static bool name_outputs(struct step *step, struct scope *scope) {
    struct importer *im = step->importer;
    const Onnx__NodeProto *node = step->node;
    bool sound = node->n_output <= OUTPUTS_MAX ||
                 refuse(step, E1004_ONNX_FORM, "it has %zu outputs", node->n_output);
    step->output_count = sound ? (int)node->n_output : 0;
    for (size_t i = 0; i < node->n_output; i++) {
        if (!*node->output[i]) {
            if (i == 0) /* conversions go by way of it, whether or not somebody wants it */
                step->outputs[i] = ARENA_NEW(im->arena, struct operand);
            continue;
        }
        const char *name = interned(im, node->output[i]);
        if (table_find(&scope->operands, name)) {
            sound = refuse(step, E1002_ONNX_MODEL, "`%s` is made twice",
                           printable(im->arena, name, strlen(name)));
            continue;
        }
        struct operand *operand = ARENA_NEW(im->arena, struct operand);
        operand->name = name;
        operand->failed = true;
        table_set(&scope->operands, im->arena, name, operand);
        if (i < OUTPUTS_MAX)
            step->outputs[i] = operand;
    }
    return sound;
}

static int inline_depth(const struct inlined *inlined) {
    int depth = 0;
    for (; inlined; inlined = inlined->caller)
        depth++;
    return depth;
}

/* The step's outputs are what the body that stands for it makes under these names. */
static bool results_of(struct step *step, const struct scope *scope, const char *const *names,
                       const char *body) {
    struct importer *im = step->importer;
    bool sound = true;
    for (int i = 0; i < step->output_count; i++) {
        const struct operand *made = find_operand(scope, interned(im, names[i]));
        if (!made || made == &im->left_out)
            sound = refuse(step, E1002_ONNX_MODEL, "nothing in the %s makes its output `%s`", body,
                           printable(im->arena, names[i], strlen(names[i])));
        else if (!made->failed)
            result_is(step, i, made);
    }
    return sound;
}

/* The function's nodes in place of the call. */
static bool inline_function(struct step *step, const Onnx__FunctionProto *function) {
    struct importer *im = step->importer;
    if (inline_depth(step->inlined) >= LIMIT_ONNX_NESTING)
        return refuse(step, E1002_ONNX_MODEL, "functions call each other %d deep",
                      LIMIT_ONNX_NESTING);
    if (step->node->n_input > function->n_input || step->node->n_output > function->n_output)
        return refuse(
            step, E1004_ONNX_FORM, "%zu inputs and %zu outputs of a function that has %zu and %zu",
            step->node->n_input, step->node->n_output, function->n_input, function->n_output);
    struct scope scope = {0};
    for (size_t i = 0; i < function->n_input; i++)
        table_set(&scope.operands, im->arena, interned(im, function->input[i]),
                  i < (size_t)step->input_count && step->inputs[i] ? step->inputs[i]
                                                                   : &im->left_out);
    struct inlined inlined = {function, step->node, step->span, step->inlined};
    import_nodes(im, &scope, function->node, function->n_node,
                 (const char *const *)function->output, function->n_output, &inlined, &step->span);
    return im->steps <= LIMIT_ONNX_STEPS &&
           results_of(step, &scope, (const char *const *)function->output, "function");
}

bool convert_if(struct step *step) {
    struct importer *im = step->importer;
    const Onnx__AttributeProto *branches[2] = {find_attribute(step, "else_branch"),
                                               find_attribute(step, "then_branch")};
    if (!is_constant(step->inputs[0]) || operand_count(step->inputs[0]) != 1)
        return refuse(step, E1004_ONNX_FORM,
                      "its condition `%s` is known only at run time; networks are fixed here",
                      step->inputs[0]->name);
    const Onnx__AttributeProto *chosen = branches[constant_integer(step->inputs[0], 0) != 0];
    const Onnx__GraphProto *graph = chosen ? chosen->g : NULL;
    if (!graph || graph->n_output < (size_t)step->output_count)
        return refuse(step, E1004_ONNX_FORM, "a branch is missing, or makes too few outputs");
    struct scope scope = {.outer = step->scope};
    for (size_t i = 0; i < graph->n_initializer; i++) {
        const char *name = graph->initializer[i]->name;
        struct operand *constant = read_tensor(im, graph->initializer[i], name);
        if (constant)
            table_set(&scope.operands, im->arena, constant->name, constant);
    }
    const char **outputs = ARENA_ARRAY(im->arena, const char *, graph->n_output + 1);
    for (size_t i = 0; i < graph->n_output; i++)
        outputs[i] = graph->output[i]->name;
    import_nodes(im, &scope, graph->node, graph->n_node, outputs, graph->n_output, step->inlined,
                 &step->span);
    return results_of(step, &scope, outputs, "branch");
}

static bool all_constant(const struct step *step) {
    for (int i = 0; i < step->input_count; i++)
        if (step->inputs[i] && !step->inputs[i]->bytes)
            return false;
    return true;
}

static bool check_counts(struct step *step) {
    const struct operator_row *row = step->row;
    int given = 0;
    for (int i = 0; i < row->inputs_min; i++)
        given += i < step->input_count && step->inputs[i];
    if (given < row->inputs_min || step->input_count > row->inputs_max)
        return refuse(step, E1004_ONNX_FORM, "it has %d inputs; %d to %d are wanted",
                      step->input_count, row->inputs_min, row->inputs_max);
    for (int i = row->outputs_max; i < step->output_count; i++)
        if (step->outputs[i])
            return refuse(step, E1003_ONNX_OPERATOR, "its output %d, `%s`, is not supported", i + 1,
                          step->outputs[i]->name);
    return true;
}

static bool import_operator(struct step *step) {
    step->row = find_operator_row(step->node->op_type);
    if (!step->row)
        return refuse(step, E1003_ONNX_OPERATOR, "no operator of that name is supported");
    if (!step->opset)
        return refuse(step, E1008_ONNX_OPSET, "the model does not say which operator set it wants");
    if (step->opset < step->row->since)
        return refuse(step, E1003_ONNX_OPERATOR, "it is supported from operator set %d on",
                      step->row->since);
    if (!check_counts(step))
        return false;
    if (step->row->fold != fold_never && all_constant(step) && step->row->fold(step))
        return true;
    return step->row->convert(step) && check_attributes(step);
}

static void import_node(struct importer *im, struct scope *scope, const Onnx__NodeProto *node,
                        struct span span, const struct inlined *inlined) {
    struct step step = {.importer = im, .node = node, .inlined = inlined, .scope = scope};
    step.span = span;
    step.opset = opset_of(&step);
    bool known = gather_inputs(&step);
    if (!name_outputs(&step, scope) || !known)
        return;
    const Onnx__FunctionProto *function = find_function(&step);
    if (function)
        inline_function(&step, function);
    else if (!is_default_domain(node->domain))
        refuse(&step, E1003_ONNX_OPERATOR, "operators of the domain `%s` are not supported",
               printable(im->arena, node->domain, strlen(node->domain)));
    else
        import_operator(&step);
}

/* Which nodes an output depends on; names are made once, so a table knows who makes each. */
struct need {
    struct importer *im;
    Onnx__NodeProto *const *nodes;
    struct table makers; /* of a name: its node's index, one more, as a pointer */
    bool *needed;
    size_t *waiting, waiting_count; /* needed, their inputs not yet looked at */
};

static void want(struct need *need, const char *name) {
    uintptr_t maker = (uintptr_t)table_find(&need->makers, interned(need->im, name));
    if (!maker || need->needed[maker - 1])
        return;
    need->needed[maker - 1] = true;
    need->waiting[need->waiting_count++] = maker - 1;
}

/* Who makes a name again is needed as well: to be told so. */
static void add_maker(struct need *need, const char *name, size_t node) {
    if (!*name)
        return;
    if (!table_find(&need->makers, name))
        table_set(&need->makers, need->im->arena, name, (void *)(uintptr_t)(node + 1));
    else if (!need->needed[node]) {
        need->needed[node] = true;
        need->waiting[need->waiting_count++] = node;
    }
}

/* What branches and bodies read of the graph around them. */
static void want_inputs(struct need *need, const Onnx__NodeProto *node) {
    for (size_t i = 0; i < node->n_input; i++)
        want(need, node->input[i]);
    for (size_t i = 0; i < node->n_attribute; i++) {
        const Onnx__GraphProto *inner = node->attribute[i]->g;
        for (size_t k = 0; inner && k < inner->n_node; k++)
            want_inputs(need, inner->node[k]); /* nesting is limited */
        for (size_t k = 0; inner && k < inner->n_output; k++)
            want(need, inner->output[k]->name);
    }
}

static const bool *needed_nodes(struct importer *im, Onnx__NodeProto *const *nodes, size_t count,
                                const char *const *outputs, size_t output_count) {
    const char *key = (const char *)nodes; /* the same at every call of a function */
    bool *known = count ? table_find(&im->needed, key) : NULL;
    if (known)
        return known;
    struct need need = {.im = im, .nodes = nodes};
    need.needed = ARENA_ARRAY(im->arena, bool, count + 1);
    need.waiting = ARENA_ARRAY(im->arena, size_t, count + 1);
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < nodes[i]->n_output; k++)
            add_maker(&need, interned(im, nodes[i]->output[k]), i);
    for (size_t i = 0; i < output_count; i++)
        want(&need, outputs[i]);
    while (need.waiting_count)
        want_inputs(&need, nodes[need.waiting[--need.waiting_count]]);
    if (count)
        table_set(&im->needed, im->arena, key, need.needed);
    return need.needed;
}

void import_nodes(struct importer *im, struct scope *scope, Onnx__NodeProto *const *nodes,
                  size_t count, const char *const *outputs, size_t output_count,
                  const struct inlined *inlined, const struct span *place) {
    const bool *needed = needed_nodes(im, nodes, count, outputs, output_count);
    for (size_t i = 0; i < count; i++)
        if (needed[i]) {
            if (++im->steps > LIMIT_ONNX_STEPS) {
                model_error(im, E1009_ONNX_TOO_LARGE, "it has more than %d nodes",
                            LIMIT_ONNX_STEPS);
                return;
            }
            import_node(im, scope, nodes[i], place ? *place : line_of_node(im, i), inlined);
        }
}
