/* Values to the figures printed of a map that no file was asked for. */
#include "runtime/program/summary.h"

#include <math.h>

void summary_add(struct summary *summary, const float *values, int64_t count) {
    for (int64_t i = 0; i < count; i++) {
        double value = values[i];
        if (isnan(value)) {
            summary->not_numbers++;
        } else if (isinf(value)) {
            summary->infinite++;
        } else {
            if (summary->finite == 0 || value < summary->minimum)
                summary->minimum = value;
            if (summary->finite == 0 || value > summary->maximum)
                summary->maximum = value;
            summary->sum += value;
            summary->finite++;
        }
    }
}

static void print_hint(const struct cnn_port *port, bool picture, bool named) {
    printf("\n  -o ");
    if (named) {
        print_escaped(stdout, port->name);
        printf("=");
    }
    printf("FILE.npy%s writes it\n", picture ? " (or .png)" : "");
}

void summary_print(const struct summary *summary, const struct cnn_port *port, int64_t batch,
                   bool named) {
    struct size_text size;
    print_escaped(stdout, port->name);
    printf(": %s", port_size_text(&size, port));
    if (batch)
        printf(", batch of %lld", (long long)batch);
    if (summary->finite)
        printf(", minimum %g, maximum %g, mean %g", summary->minimum, summary->maximum,
               summary->sum / (double)summary->finite);
    if (summary->infinite)
        printf(", %lld infinite", (long long)summary->infinite);
    if (summary->not_numbers)
        printf(", %lld not a number", (long long)summary->not_numbers);
    bool picture = port->shape[PORT_C] == 1 || port->shape[PORT_C] == 3;
    print_hint(port, picture && !batch, named);
}
