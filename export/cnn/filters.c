/* Kernels made by hand into filter items. Equal ones are one item. */
#include <math.h>
#include <string.h>

#include "export/cnn/writer.h"

/* A kernel of planes x rows x columns floats. */
struct kernel {
    const float *values;
    int64_t planes, rows, columns;
};

bool has_filters(const struct node *node) {
    return (node->op == OP_CONV || node->op == OP_DEPTHWISE) && node->parameter_count &&
           node->parameters[0] && !node->parameters[0]->name;
}

/* The d of the scale 1/d under which every value is a short whole number and, computed as a file's
 * is, comes out as the same float; 0 where there is none. */
static int common_denominator(const float *values, int64_t count) {
    enum { DENOMINATOR_MOST = 1024, NUMERATOR_MOST = 9999 };
    for (int d = 1; d <= DENOMINATOR_MOST; d++) {
        bool fits = true;
        for (int64_t i = 0; fits && i < count; i++) {
            double whole = rint((double)values[i] * d);
            fits = (float)(1.0 / d * whole) == values[i] && fabs(whole) <= NUMERATOR_MOST &&
                   !(values[i] == 0 && signbit(values[i]));
        }
        if (fits)
            return d;
    }
    return 0;
}

static const char *separator(const struct kernel *k, int64_t i) {
    if (i % (k->rows * k->columns) == 0)
        return " |" SOFT_SPACE;
    return i % k->columns == 0 ? " ;" SOFT_SPACE : " ";
}

static void print_planes(FILE *stream, const struct kernel *k, int denominator) {
    struct arena scratch = {0};
    fputs("[ ", stream);
    for (int64_t i = 0; i < k->planes * k->rows * k->columns; i++) {
        fputs(i ? separator(k, i) : "", stream);
        if (denominator)
            fprintf(stream, "%.0f", rint((double)k->values[i] * denominator));
        else
            fputs(float_literal(&scratch, k->values[i]), stream);
    }
    fputs(" ]", stream);
    arena_free(&scratch);
}

static void print_kernel(FILE *stream, const void *context) {
    print_planes(stream, context, 0);
}

static void print_scaled(FILE *stream, const void *context) {
    const struct kernel *k = context;
    int denominator = common_denominator(k->values, k->planes * k->rows * k->columns);
    fprintf(stream, "1/%d * ", denominator);
    print_planes(stream, k, denominator);
}

/* "1/9 * [ 1 1 1 ]" where that is shorter than the values themselves. */
static const char *kernel_text(struct arena *arena, const struct kernel *kernel) {
    const char *plain = arena_print(arena, print_kernel, kernel);
    if (!common_denominator(kernel->values, kernel->planes * kernel->rows * kernel->columns))
        return plain;
    const char *scaled = arena_print(arena, print_scaled, kernel);
    return strlen(scaled) < strlen(plain) ? scaled : plain;
}

static const char *filter_name(struct writer *writer, const struct kernel *kernel) {
    const char *text = kernel_text(writer->arena, kernel);
    for (size_t i = 0; i < writer->filter_count; i++)
        if (strcmp(writer->filters[i].text, text) == 0)
            return writer->filters[i].note;
    size_t number = writer->filter_count + 1;
    const char *name = free_name(writer, arena_printf(writer->arena, "filter%zu", number));
    ARENA_PUSH(writer->arena, writer->filters, writer->filter_count, writer->filter_capacity,
               ((struct line){text, name}));
    return name;
}

const char *filter_names(struct writer *writer, const struct node *node) {
    const struct tensor *weight = node->parameters[0]; /* [filters, planes, rows, columns] */
    bool depthwise = node->op == OP_DEPTHWISE;         /* the same ones for every channel */
    int64_t count = depthwise ? node->attributes.multiplier : weight->dimensions[0];
    struct kernel kernel = {weight->data, weight->dimensions[1], weight->dimensions[2],
                            weight->dimensions[3]};
    struct list list = {0};
    for (int64_t i = 0; i < count; i++) {
        list_add(writer->arena, &list, filter_name(writer, &kernel));
        kernel.values += kernel.planes * kernel.rows * kernel.columns;
    }
    return count == 1 ? list.text : arena_printf(writer->arena, "[%s]", list.text);
}
