/* A run's results to rows of CSV. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/program/classes.h"
#include "runtime/program/record.h"

/* RFC 4180: quoted where a comma, quote or end of a line is inside. */
static void print_field(const char *text) {
    if (!strpbrk(text, ",\"\r\n")) {
        printf("%s", text);
        return;
    }
    printf("\"");
    for (; *text; text++) {
        if (*text == '"')
            putchar('"');
        putchar(*text);
    }
    printf("\"");
}

static void print_number(double value) {
    if (isnan(value))
        printf("nan");
    else
        printf("%.9g", value);
}

/* What every row begins with. */
static void begin_row(const struct record *record, const struct result *result, int64_t image) {
    int64_t number = record_number(record, image);
    print_field(record->settings->file);
    printf(",");
    if (number >= 0)
        printf("%lld", (long long)number);
    printf(",%s", result->port->name);
}

static bool print_class_rows(struct messages *messages, const struct record *record,
                             const struct result *result, int64_t image) {
    int64_t top = record_top(record);
    struct class *classes = best_classes(messages, result->port, result->values, &top);
    if (!classes)
        return false;
    for (int64_t rank = 0; rank < top; rank++) {
        const char *label = class_label(result->port, classes[rank].index);
        begin_row(record, result, image);
        printf(",%lld,%lld,", (long long)rank + 1, (long long)classes[rank].index);
        print_field(label ? label : "");
        printf(",");
        print_number(classes[rank].value);
        printf(",,,\n");
    }
    free(classes);
    return true;
}

static void print_map_row(const struct record *record, const struct result *result, int64_t image) {
    struct summary summary = {0};
    summary_add(&summary, result->values, result->count);
    double figures[] = {summary.finite ? summary.minimum : NAN,
                        summary.finite ? summary.maximum : NAN, summary_mean(&summary)};
    begin_row(record, result, image);
    printf(",,,,");
    for (int i = 0; i < 3; i++) {
        printf(",");
        print_number(figures[i]);
    }
    printf("\n");
}

void record_csv_header(void) {
    printf("file,image,output,rank,class,label,value,min,max,mean\n");
}

bool record_csv(struct messages *messages, const struct record *record) {
    struct result result;
    for (int64_t image = 0; image < record_images(record); image++)
        for (int64_t i = 0; i < record->program->output_count; i++) {
            if (!record_result(record, image, i, &result))
                continue;
            if (!port_is_vector(result.port))
                print_map_row(record, &result, image);
            else if (!print_class_rows(messages, record, &result, image))
                return false;
        }
    return true;
}
