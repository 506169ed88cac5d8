/* A run of the network to the results of each of its images. */
#include "runtime/program/record.h"

#include "runtime/program/tensor.h"

int64_t record_images(const struct record *record) {
    int64_t most = 1;
    for (int64_t i = 0; i < record->program->output_count; i++)
        if (record->program->outputs[i].shape[PORT_N] > most)
            most = record->program->outputs[i].shape[PORT_N];
    return most;
}

bool record_result(const struct record *record, int64_t image, int64_t output,
                   struct result *result) {
    const struct cnn_port *port = &record->program->outputs[output];
    int64_t count = port_count(port) / port->shape[PORT_N];
    if (image >= port->shape[PORT_N])
        return false;
    const float *values = record->values[output];
    *result = (struct result){port, values + image * count, count, record->written[output]};
    return true;
}

int64_t record_number(const struct record *record, int64_t image) {
    int64_t images = record_images(record);
    return record->settings->batch || images > 1 ? record->run * images + image : -1;
}

int64_t record_top(const struct record *record) {
    return record->settings->top ? record->settings->top : 5;
}
