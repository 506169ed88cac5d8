/* Questions about tensors, answered at compile time. */
#include <string.h>

#include "ir/elaborator.h"
#include "lexer/checked.h"

static struct value size_value(struct elaborator *e, int64_t height, int64_t width) {
    int64_t *dimensions = ARENA_ARRAY(e->arena, int64_t, 4);
    dimensions[0] = height;
    dimensions[1] = width;
    struct value value = {.kind = VALUE_SIZE};
    value.dimensions = dimensions;
    value.dimension_count = 2;
    return value;
}

static bool no_field(struct elaborator *e, struct frame *f, struct span span,
                     const struct node *node) {
    if (node->field[0].known && node->field[1].known)
        return false;
    elaborate_error(e, f, span,
                    "this tensor has no one receptive field: paths of unequal stride meet in it");
    return true;
}

/* One number where both axes agree, else HxW. */
static struct value receptive_field(struct elaborator *e, struct frame *f, struct span span,
                                    const struct node *node) {
    if (no_field(e, f, span, node))
        return value_unknown();
    if (node->field[0].size == node->field[1].size)
        return value_integer(node->field[0].size);
    return size_value(e, node->field[0].size, node->field[1].size);
}

static struct value stride(struct elaborator *e, struct frame *f, struct span span,
                           const struct node *node) {
    if (no_field(e, f, span, node))
        return value_unknown();
    const struct field *h = &node->field[0], *w = &node->field[1];
    if (h->jump == w->jump && h->denominator == w->denominator)
        return h->denominator == 1 ? value_integer(h->jump)
                                   : value_number((double)h->jump / (double)h->denominator);
    if (h->denominator == 1 && w->denominator == 1)
        return size_value(e, h->jump, w->jump);
    elaborate_error(e, f, span, "the strides along height and width are different fractions");
    return value_unknown();
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
static struct value total(struct elaborator *e, struct frame *f, struct span span,
                          const struct node *node, bool macs) {
    struct graph *graph = e->graph;
    size_t count = node ? (size_t)node->id + 1 : graph->node_count;
    if (node && node->id < 0) {
        elaborate_error(e, f, span, "no output needs this tensor: it is not in the network");
        return value_unknown();
    }
    if (!count_evaluations(e, f, span, (int64_t)count))
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

static struct value channels(struct elaborator *e, struct frame *f, struct span span,
                             const struct node *node) {
    (void)e, (void)f, (void)span;
    return value_integer(node->shape.c);
}

static struct value height(struct elaborator *e, struct frame *f, struct span span,
                           const struct node *node) {
    (void)e, (void)f, (void)span;
    return value_integer(node->shape.h);
}

static struct value width(struct elaborator *e, struct frame *f, struct span span,
                          const struct node *node) {
    (void)e, (void)f, (void)span;
    return value_integer(node->shape.w);
}

static struct value params(struct elaborator *e, struct frame *f, struct span span,
                           const struct node *node) {
    return total(e, f, span, node, false);
}

static struct value macs(struct elaborator *e, struct frame *f, struct span span,
                         const struct node *node) {
    return total(e, f, span, node, true);
}

typedef struct value (*query)(struct elaborator *, struct frame *, struct span,
                              const struct node *);

enum { QUERY_COUNT = 7, FIRST_OF_WHOLE = 5 }; /* params and macs may ask of the whole network */
const char *const query_names[] = {"channels", "height", "width", "receptive_field",
                                   "stride",   "params", "macs",  NULL};
static const query queries[QUERY_COUNT] = {channels, height, width, receptive_field,
                                           stride,   params, macs};

static int find_query(const char *name) {
    int i = 0;
    while (query_names[i] && strcmp(query_names[i], name) != 0)
        i++;
    return i;
}

bool is_query(const char *name) {
    return find_query(name) < QUERY_COUNT;
}

struct value answer_query(struct elaborator *e, struct frame *f, const struct expression *x,
                          const struct value *piped) {
    int index = find_query(x->name.text), given = piped ? 1 : 0;
    struct value value = piped ? *piped : value_unknown();
    for (const struct argument *a = x->arguments; a; a = a->next, given++)
        value = evaluate(e, f, a->value);
    if (given == 0 && index >= FIRST_OF_WHOLE) {
        if (e->at_end)
            return queries[index](e, f, x->span, NULL);
        elaborate_error(e, f, x->span,
                        "%s() of the whole network is known at its end only: in an assert",
                        x->name.text);
        return value_unknown();
    }
    if (given != 1 || (x->arguments && x->arguments->name.text)) {
        elaborate_error(e, f, x->span, "%s() asks about one tensor, not %d", x->name.text, given);
        return value_unknown();
    }
    if (value.kind == VALUE_TENSOR)
        return queries[index](e, f, x->span, value.tensor);
    if (value.kind != VALUE_UNKNOWN)
        elaborate_error(e, f, x->span, "%s() asks about a tensor, not %s", x->name.text,
                        value_description(e->arena, value));
    return value_unknown();
}

bool asks_whole_network(const struct expression *x) {
    for (; x; x = x->input ? x->input : x->left) {
        if (x->kind == EXPRESSION_CALL && !x->arguments && !x->input &&
            find_query(x->name.text) >= FIRST_OF_WHOLE && is_query(x->name.text))
            return true;
        for (const struct argument *a = x->arguments; a; a = a->next)
            if (asks_whole_network(a->value))
                return true;
        if (asks_whole_network(x->right) || asks_whole_network(x->condition))
            return true;
    }
    return false;
}
