/* Questions about tensors, answered at compile time. */
#include <string.h>

#include "ir/elaborator.h"
#include "ir/fields.h"
#include "lexer/checked.h"

/* A question about a tensor, and where it is asked. */
struct question {
    struct elaborator *e;
    struct frame *f;
    struct span span;
    const char *name;
    const struct node *node;  /* NULL: the whole network */
    const struct node *input; /* of which input; NULL where the question does not say */
};

/* The network input that a tensor is, or is the normalised form of; NULL for any other. */
static const struct node *input_behind(const struct node *node) {
    while (node->op == OP_AFFINE)
        node = node->inputs[0];
    return node->op == OP_INPUT ? node : NULL;
}

/* What the tensor sees of the input asked about, or of its only one. NULL after an error. */
static const struct sight *choose_sight(const struct question *q) {
    const struct sight *sight = q->node->sights;
    if (!sight && q->e->graph->follow.stopped) {
        elaborate_error(q->e, q->f, q->span, E0609_NO_ANSWER,
                        "the field of this tensor is too much to follow");
        return NULL;
    }
    if (!sight) {
        elaborate_error(q->e, q->f, q->span, E0609_NO_ANSWER,
                        "this tensor sees no input: it is made of constants");
        return NULL;
    }
    if (!q->input && sight->next) {
        elaborate_error(q->e, q->f, q->span, E0609_NO_ANSWER,
                        "this tensor sees several inputs: ask of one, as in %s(x, %s)", q->name,
                        sight->input->path);
        return NULL;
    }
    if (!q->input)
        return sight;
    for (; sight; sight = sight->next)
        if (sight->input == q->input)
            return sight;
    elaborate_error(q->e, q->f, q->span, E0609_NO_ANSWER,
                    "this tensor sees nothing of the input `%s`", q->input->path);
    return NULL;
}

/* One number where both axes agree, else HxW. */
static struct value pair_value(const struct question *q, const int64_t pair[2]) {
    if (pair[0] == pair[1])
        return value_integer(pair[0]);
    struct value value = {.kind = VALUE_SIZE};
    int64_t *dimensions = ARENA_ARRAY(q->e->arena, int64_t, 4);
    dimensions[0] = pair[0];
    dimensions[1] = pair[1];
    value.dimensions = dimensions;
    value.dimension_count = 2;
    return value;
}

/* An assertion asks: what it says is meant, and no news. */
static void note_asserted(struct graph *graph, const struct node *input, int64_t size) {
    for (size_t i = 0; i < graph->input_count; i++)
        if (graph->inputs[i].node == input && size > graph->inputs[i].field_asserted)
            graph->inputs[i].field_asserted = size;
}

static struct value receptive_field(const struct question *q) {
    const struct sight *sight = choose_sight(q);
    int64_t size[2];
    if (!sight)
        return value_unknown();
    if (field_size(sight, 0, &size[0]) && field_size(sight, 1, &size[1])) {
        for (int axis = 0; axis < 2 && q->e->asserting; axis++)
            note_asserted(q->e->graph, sight->input, size[axis]);
        return pair_value(q, size);
    }
    elaborate_error(q->e, q->f, q->span, E0609_NO_ANSWER,
                    "the field of this tensor is too much to follow");
    return value_unknown();
}

static struct value not_uniform(const struct question *q) {
    elaborate_error(q->e, q->f, q->span, E0609_NO_ANSWER,
                    "this tensor has no one %s: branches of unequal stride, or pictures side by "
                    "side, meet in it",
                    q->name);
    return value_unknown();
}

static struct value stride(const struct question *q) {
    const struct sight *sight = choose_sight(q);
    int64_t jump[2], period[2];
    if (!sight)
        return value_unknown();
    if (!field_stride(sight, 0, &jump[0], &period[0]) ||
        !field_stride(sight, 1, &jump[1], &period[1]))
        return not_uniform(q);
    if (jump[0] % period[0] == 0 && jump[1] % period[1] == 0) {
        int64_t stride[2] = {jump[0] / period[0], jump[1] / period[1]};
        return pair_value(q, stride);
    }
    double ratio[2] = {(double)jump[0] / (double)period[0], (double)jump[1] / (double)period[1]};
    if (ratio[0] == ratio[1])
        return value_number(ratio[0]);
    elaborate_error(q->e, q->f, q->span, E0609_NO_ANSWER,
                    "the strides along height and width, %s and %s, are no one number",
                    number_text(q->e->arena, ratio[0]), number_text(q->e->arena, ratio[1]));
    return value_unknown();
}

static struct value offset(const struct question *q) {
    const struct sight *sight = choose_sight(q);
    int64_t offset[2];
    if (!sight)
        return value_unknown();
    if (!field_offset(sight, 0, &offset[0]) || !field_offset(sight, 1, &offset[1]))
        return not_uniform(q);
    return pair_value(q, offset);
}

static int64_t saturating_add(int64_t a, int64_t b) {
    int64_t sum;
    return checked_add(a, b, &sum) ? sum : INT64_MAX;
}

static int64_t learned_count(const struct node *node, struct table *seen, struct arena *arena) {
    int64_t count = 0;
    for (int i = 0; i < node->parameter_count; i++) {
        const struct tensor *tensor = node->parameters[i];
        if (!tensor || !tensor->learned || table_find(seen, tensor->name))
            continue;
        table_set(seen, arena, tensor->name, (void *)tensor); /* shared ones count once */
        int64_t values = 1;
        for (int d = 0; d < tensor->rank; d++)
            values *= tensor->dimensions[d]; /* checked when the layer was made */
        count = saturating_add(count, values);
    }
    return count;
}

/* Multiply-accumulates or parameters of all layers up to and with `node`; NULL: of all. */
static struct value total(const struct question *q, bool macs) {
    struct elaborator *e = q->e;
    struct graph *graph = e->graph;
    const struct node *node = q->node;
    size_t count = node ? (size_t)node->id + 1 : graph->node_count;
    if (node && node->id < 0) {
        elaborate_error(e, q->f, q->span, E0609_NO_ANSWER,
                        "no output needs this tensor: it is not in the network");
        return value_unknown();
    }
    if (!count_evaluations(e, q->f, q->span, (int64_t)count))
        return value_unknown();
    bool *needed = ARENA_ARRAY(e->arena, bool, count + 1);
    struct table seen = {0};
    int64_t sum = 0;
    for (size_t i = count; i-- > 0;) {
        const struct node *at = graph->nodes[i];
        if (node && at != node && !needed[i])
            continue;
        for (int k = 0; k < at->input_count; k++)
            needed[at->inputs[k]->id] = true;
        sum = saturating_add(sum, macs ? at->macs : learned_count(at, &seen, e->arena));
    }
    return value_integer(sum);
}

static struct value channels(const struct question *q) {
    return value_integer(q->node->shape.c);
}

static struct value height(const struct question *q) {
    return value_integer(q->node->shape.h);
}

static struct value width(const struct question *q) {
    return value_integer(q->node->shape.w);
}

static struct value params(const struct question *q) {
    return total(q, false);
}

static struct value macs(const struct question *q) {
    return total(q, true);
}

/* What a question may ask about. */
enum about { ABOUT_TENSOR, ABOUT_TENSOR_OF_INPUT, ABOUT_TENSOR_OR_NETWORK };

static const struct query {
    const char *name;
    struct value (*answer)(const struct question *);
    enum about about;
} queries[] = {
    {"channels", channels, ABOUT_TENSOR},
    {"height", height, ABOUT_TENSOR},
    {"width", width, ABOUT_TENSOR},
    {"receptive_field", receptive_field, ABOUT_TENSOR_OF_INPUT},
    {"stride", stride, ABOUT_TENSOR_OF_INPUT},
    {"offset", offset, ABOUT_TENSOR_OF_INPUT},
    {"params", params, ABOUT_TENSOR_OR_NETWORK},
    {"macs", macs, ABOUT_TENSOR_OR_NETWORK},
};
enum { QUERY_COUNT = sizeof queries / sizeof *queries };

static const struct query *find_query(const char *name) {
    for (int i = 0; i < QUERY_COUNT; i++)
        if (strcmp(queries[i].name, name) == 0)
            return &queries[i];
    return NULL;
}

bool is_query(const char *name) {
    return find_query(name) != NULL;
}

const char *query_name(int index) {
    return index < QUERY_COUNT ? queries[index].name : NULL;
}

/* The input that the second argument names; false after an error. */
static bool read_input(struct question *q, struct value value) {
    if (value.kind == VALUE_TENSOR)
        q->input = input_behind(value.tensor);
    if (!q->input && value.kind != VALUE_UNKNOWN)
        elaborate_error(q->e, q->f, q->span, E0608_WRONG_QUESTION,
                        "%s() asks about a tensor and an input, not %s", q->name,
                        value_description(q->e->arena, value));
    return q->input != NULL;
}

struct value answer_query(struct elaborator *e, struct frame *f, const struct expression *x,
                          const struct value *piped) {
    const struct query *query = find_query(x->name.text);
    struct question q = {e, f, x->span, query->name, NULL, NULL};
    struct value values[2] = {{0}, {0}};
    int given = 0, most = query->about == ABOUT_TENSOR_OF_INPUT ? 2 : 1;
    if (piped)
        values[given++] = *piped;
    for (const struct argument *a = x->arguments; a; a = a->next, given++)
        values[given < 1 ? 0 : 1] = evaluate(e, f, a->value);
    if (given == 0 && query->about == ABOUT_TENSOR_OR_NETWORK) {
        if (e->at_end)
            return query->answer(&q);
        elaborate_error(e, f, x->span, E0608_WRONG_QUESTION,
                        "%s() of the whole network is known at its end only: in an assert",
                        x->name.text);
        return value_unknown();
    }
    if (given < 1 || given > most || (x->arguments && x->arguments->name.text)) {
        elaborate_error(e, f, x->span, E0608_WRONG_QUESTION, "%s() asks about one tensor%s, not %d",
                        x->name.text, most > 1 ? ", and of one input" : "", given);
        return value_unknown();
    }
    if (given > 1 && !read_input(&q, values[1]))
        return value_unknown();
    if (values[0].kind == VALUE_TENSOR) {
        q.node = values[0].tensor;
        return query->answer(&q);
    }
    if (values[0].kind != VALUE_UNKNOWN)
        elaborate_error(e, f, x->span, E0608_WRONG_QUESTION, "%s() asks about a tensor, not %s",
                        x->name.text, value_description(e->arena, values[0]));
    return value_unknown();
}

bool asks_whole_network(const struct expression *x) {
    for (; x; x = x->input ? x->input : x->left) {
        const struct query *query = x->kind == EXPRESSION_CALL && !x->arguments && !x->input
                                        ? find_query(x->name.text)
                                        : NULL;
        if (query && query->about == ABOUT_TENSOR_OR_NETWORK)
            return true;
        for (const struct argument *a = x->arguments; a; a = a->next)
            if (asks_whole_network(a->value))
                return true;
        if (asks_whole_network(x->right) || asks_whole_network(x->condition))
            return true;
    }
    return false;
}
