/* Resizing by tables: those of the node as constant data of the network. */
#include <string.h>

#include "codegen/generator.h"
#include "ir/resampling.h"

/* [units] first, as int32; [units][taps] weights. Returns what follows. */
static float *write_table(float *to, const struct resampling *table) {
    for (int64_t u = 0; u < table->units; u++, to++) {
        int32_t first = (int32_t)table->first[u]; /* sizes are below 2^31 */
        memcpy(to, &first, sizeof first);
    }
    for (int64_t i = 0; i < table->units * table->taps; i++)
        *to++ = (float)table->weights[i];
    return to;
}

static struct tensor *make_tables(struct generator *g, const struct node *node) {
    const struct resampling *const *tables = node->attributes.resampling;
    struct tensor *tensor = ARENA_NEW(g->arena, struct tensor);
    tensor->rank = 1;
    for (int axis = 0; axis < 2; axis++)
        tensor->dimensions[0] += tables[axis]->units * (1 + tables[axis]->taps);
    tensor->data = ARENA_ARRAY(g->arena, float, tensor->dimensions[0]);
    write_table(write_table(tensor->data, tables[0]), tables[1]);
    return tensor;
}

static float *pack_as_is(struct arena *arena, const struct tensor *tensor, const int64_t *layout,
                         int64_t *count) {
    (void)arena, (void)layout;
    *count = tensor->dimensions[0];
    return tensor->data;
}

void lower_resize(struct generator *g, const struct node *node) {
    const struct attributes *a = &node->attributes;
    const struct location *x = &node->inputs[0]->location;
    const int64_t no_layout = 0;
    struct steps steps = {.count = 0};
    steps_add_epilogue(g, &steps, node);
    struct cnn_resample d = {
        .batch = images_in_pass(node),
        .channels = node->shape.c,
        .out_height = node->shape.h,
        .out_width = node->shape.w,
        .taps_h = a->resampling[0]->taps,
        .taps_w = a->resampling[1]->taps,
        .x = location_strides(x),
        .y = location_strides(&node->location),
    };
    emit_kernel(g,
                &(struct kernel){
                    .primitive = "resample",
                    DESCRIPTOR(d),
                    .steps = &steps,
                    .y = tensor_address(g, &node->location, 0, 0),
                    .x = tensor_address(g, x, 0, 0),
                    .weights = packed_weights(g, make_tables(g, node), pack_as_is, &no_layout, 0),
                    .has_value = true,
                    .value = a->value,
                    .pieces = cnn_resample_pieces(&d),
                });
}
