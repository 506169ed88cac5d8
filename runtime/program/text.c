/* Values of outputs to lines of text. */
#include "runtime/program/text.h"

#include <math.h>
#include <stdlib.h>

#include "runtime/program/classes.h"

/* Characters that the label takes, escapes as they are. */
static int label_width(const struct cnn_port *port, int64_t index) {
    const char *label = class_label(port, index);
    return label ? shown_width(SHOWN(label)) : snprintf(NULL, 0, "%lld", (long long)index);
}

static void print_label(const struct cnn_port *port, int64_t index) {
    const char *label = class_label(port, index);
    if (label)
        print_escaped(stdout, label);
    else
        printf("%lld", (long long)index);
}

/* printf shows the sign of what is not a number, which means nothing. */
static void print_value(float value) {
    if (isnan(value))
        printf("nan");
    else
        printf("%.6g", value);
}

static void print_table(const struct cnn_port *port, const struct class *classes, int64_t top) {
    int widest = 0, rank_width = snprintf(NULL, 0, "%lld", (long long)top);
    for (int64_t rank = 0; rank < top; rank++) {
        int width = label_width(port, classes[rank].index);
        widest = width > widest ? width : widest;
    }
    for (int64_t rank = 0; rank < top; rank++) {
        int64_t index = classes[rank].index;
        printf("%*lld  ", rank_width, (long long)rank + 1);
        print_label(port, index);
        printf("%*s  ", widest - label_width(port, index), "");
        print_value(classes[rank].value);
        printf("\n");
    }
}

/* image: -1 where the file holds one only. */
static void print_row(const struct settings *settings, const struct cnn_port *port,
                      const struct class *classes, int64_t top, int64_t image) {
    if (settings->several)
        print_escaped(stdout, settings->file);
    if (settings->several && image >= 0)
        printf("[%lld]", (long long)image);
    if (settings->several && settings->named)
        printf("\t");
    if (settings->named)
        print_escaped(stdout, port->name);
    if (!settings->several)
        printf("%s%lld", settings->named ? "\t" : "", (long long)image);
    for (int64_t rank = 0; rank < top; rank++) {
        if (!settings->several)
            printf("\t%lld", (long long)classes[rank].index);
        printf("\t");
        print_label(port, classes[rank].index);
        printf("\t");
        print_value(classes[rank].value);
    }
    printf("\n");
}

bool text_classes(struct messages *messages, const struct settings *settings,
                  const struct cnn_port *port, const float *values, int64_t run) {
    int64_t images = port->shape[PORT_N], channels = port->shape[PORT_C];
    bool single = !settings->batch && images == 1, table = single && !settings->several;
    for (int64_t i = 0; i < images; i++) {
        int64_t top = settings->top ? settings->top : table ? 5 : 1;
        struct class *classes = best_classes(messages, port, values + i * channels, &top);
        if (!classes)
            return false;
        if (table && settings->named) {
            print_escaped(stdout, port->name);
            printf(":\n");
        }
        if (table)
            print_table(port, classes, top);
        else
            print_row(settings, port, classes, top, single ? -1 : run * images + i);
        free(classes);
    }
    return true;
}

static void print_hint(const struct cnn_port *port, bool picture, bool named) {
    printf("  -o ");
    if (named) {
        print_escaped(stdout, port->name);
        printf("=");
    }
    printf("FILE.npy%s writes it\n", picture ? " (or .png)" : "");
}

void text_summary(const struct settings *settings, const struct cnn_port *port,
                  const struct summary *summary) {
    struct size_text size;
    if (settings->several) {
        print_escaped(stdout, settings->file);
        printf(": ");
    }
    print_escaped(stdout, port->name);
    printf(": %s", port_size_text(&size, port));
    if (settings->batch)
        printf(", batch of %lld", (long long)settings->batch);
    if (summary->finite)
        printf(", minimum %g, maximum %g, mean %g", summary->minimum, summary->maximum,
               summary_mean(summary));
    if (summary->infinite)
        printf(", %lld infinite", (long long)summary->infinite);
    if (summary->not_numbers)
        printf(", %lld not a number", (long long)summary->not_numbers);
    printf("\n");
    bool picture = port->shape[PORT_C] == 1 || port->shape[PORT_C] == 3;
    bool one = !settings->batch && port->shape[PORT_N] == 1;
    if (!settings->several)
        print_hint(port, picture && one, settings->named);
}
