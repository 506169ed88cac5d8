/* A run's results to lines of JSON. */
#include <math.h>
#include <stdlib.h>

#include "runtime/program/classes.h"
#include "runtime/program/record.h"
#include "runtime/program/utf8.h"

/* One output of an image, with its best classes if it is a vector: made before anything is printed,
 * for half of a document is none. */
struct entry {
    struct result result;
    struct class *classes;
    int64_t top;
};

/* Valid whatever the bytes: those that are no UTF-8 become U+FFFD. */
static void print_string(const char *text) {
    const unsigned char *at = (const unsigned char *)text;
    putchar('"');
    while (*at) {
        uint32_t code;
        size_t length = utf8_character(at, &code);
        if (!length)
            printf("\\ufffd");
        else if (code == '"' || code == '\\')
            printf("\\%c", (int)code);
        else if (code < 0x20 || code == 0x7f)
            printf("\\u%04x", (unsigned)code);
        else
            fwrite(at, 1, length, stdout);
        at += length ? length : 1;
    }
    putchar('"');
}

/* JSON has numbers only. */
static void print_number(const char *before, double value) {
    if (isfinite(value))
        printf("%s%.9g", before, value);
    else
        printf("%snull", before);
}

/* Of one image, with the axes of an NPY file. */
static void print_shape(const struct cnn_port *port) {
    int64_t axes[4], rank = port_axes(port, axes), first = port->shape[PORT_N] > 1;
    if (port_is_vector(port)) {
        axes[0] = port->shape[PORT_C];
        rank = 1;
        first = 0;
    }
    printf("\"shape\":[");
    for (int64_t i = first; i < rank; i++)
        printf("%s%lld", i > first ? "," : "", (long long)axes[i]);
    printf("]");
}

static void print_classes(const struct entry *entry) {
    printf(",\"classes\":[");
    for (int64_t rank = 0; rank < entry->top; rank++) {
        const struct class *class = &entry->classes[rank];
        const char *label = class_label(entry->result.port, class->index);
        printf("%s{\"index\":%lld,\"label\":", rank ? "," : "", (long long)class->index);
        if (label)
            print_string(label);
        else
            printf("null");
        print_number(",\"value\":", class->value);
        printf("}");
    }
    printf("]");
}

static void print_figures(const struct result *result) {
    struct summary summary = {0};
    summary_add(&summary, result->values, result->count);
    print_number(",\"min\":", summary.finite ? summary.minimum : NAN);
    print_number(",\"max\":", summary.finite ? summary.maximum : NAN);
    print_number(",\"mean\":", summary_mean(&summary));
    printf(",\"infinite\":%lld,\"nan\":%lld", (long long)summary.infinite,
           (long long)summary.not_numbers);
}

static void print_entry(const struct entry *entry) {
    print_string(entry->result.port->name);
    printf(":{");
    print_shape(entry->result.port);
    if (entry->classes)
        print_classes(entry);
    else
        print_figures(&entry->result);
    if (entry->result.written) {
        printf(",\"written\":");
        print_string(entry->result.written);
    }
    printf("}");
}

static void print_inputs(const struct record *record) {
    printf(",\"inputs\":{");
    for (int64_t i = 0; i < record->program->input_count; i++) {
        if (i)
            putchar(',');
        print_string(record->program->inputs[i].name);
        printf(":");
        print_string(record->inputs[i]);
    }
    printf("}");
}

static void print_document(const struct record *record, int64_t image, const struct entry *entries,
                           int64_t count) {
    int64_t number = record_number(record, image);
    printf("{\"file\":");
    print_string(record->settings->file);
    if (record->program->input_count > 1)
        print_inputs(record);
    if (number >= 0)
        printf(",\"image\":%lld", (long long)number);
    printf(",\"outputs\":{");
    for (int64_t i = 0; i < count; i++) {
        if (i)
            putchar(',');
        print_entry(&entries[i]);
    }
    printf("}}\n");
}

/* Those outputs that have such an image. */
static bool make_entries(struct messages *messages, const struct record *record, int64_t image,
                         struct entry *entries, int64_t *count) {
    for (int64_t i = 0; i < record->program->output_count; i++) {
        struct entry entry = {.top = record_top(record)};
        if (!record_result(record, image, i, &entry.result))
            continue;
        const struct cnn_port *port = entry.result.port;
        if (port_is_vector(port)) {
            entry.classes = best_classes(messages, port, entry.result.values, &entry.top);
            if (!entry.classes)
                return false;
        }
        entries[(*count)++] = entry;
    }
    return true;
}

bool record_json(struct messages *messages, const struct record *record) {
    struct entry *entries = calloc((size_t)record->program->output_count + 1, sizeof *entries);
    bool good = entries || fail_memory(messages, "a JSON document");
    for (int64_t image = 0; good && image < record_images(record); image++) {
        int64_t count = 0;
        good = make_entries(messages, record, image, entries, &count);
        if (good)
            print_document(record, image, entries, count);
        for (int64_t i = 0; i < count; i++)
            free(entries[i].classes);
    }
    free(entries);
    return good;
}
