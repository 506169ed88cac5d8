/* Weights in PyTorch's order become the panels that the kernels stream through. */
#include "codegen/pack.h"

#include "codegen/integers.h"

/* The source index of output channel k (of one group), input channel c (of one group), tap r, s. */
static int64_t source_index(const struct tensor *t, const struct conv_packing *p, int64_t group,
                            int64_t k, int64_t c, int64_t r, int64_t s) {
    const int64_t *d = t->dimensions;
    int64_t outer = p->transposed ? group * (d[0] / p->groups) + c : group * (d[0] / p->groups) + k;
    int64_t inner = p->transposed ? k : c;
    return ((outer * d[1] + inner) * d[2] + r) * d[3] + s;
}

float *pack_conv(struct arena *arena, const struct tensor *tensor, const int64_t *layout,
                 int64_t *count) {
    const struct conv_packing *p = (const struct conv_packing *)layout;
    const int64_t *d = tensor->dimensions;
    int64_t channels = p->transposed ? d[0] / p->groups : d[1];
    int64_t out_channels = p->transposed ? d[1] : d[0] / p->groups;
    int64_t padded = round_up(out_channels, p->block);
    *count = p->groups * padded * p->count_h * p->count_w * channels;
    float *packed = ARENA_ARRAY(arena, float, *count), *out = packed;
    for (int64_t g = 0; g < p->groups; g++)
        for (int64_t block = 0; block < padded; block += p->block)
            for (int64_t r = 0; r < p->count_h; r++)
                for (int64_t s = 0; s < p->count_w; s++)
                    for (int64_t c = 0; c < channels; c++)
                        for (int64_t k = block; k < block + p->block; k++, out++)
                            if (k < out_channels)
                                *out = tensor->data[source_index(tensor, p, g, k, c,
                                                                 p->first_h + r * p->step_h,
                                                                 p->first_w + s * p->step_w)];
    return packed;
}

float *pack_depthwise(struct arena *arena, const struct tensor *tensor, const int64_t *layout,
                      int64_t *count) {
    const int64_t *d = tensor->dimensions;
    int64_t channels = d[0], taps = d[2] * d[3], padded = round_up(channels, layout[0]);
    *count = taps * padded;
    float *packed = ARENA_ARRAY(arena, float, *count);
    for (int64_t tap = 0; tap < taps; tap++)
        for (int64_t c = 0; c < channels; c++)
            packed[tap * padded + c] = tensor->data[c * taps + tap];
    return packed;
}

float *pack_value(struct arena *arena, const struct tensor *tensor, const int64_t *layout,
                  int64_t *count) {
    (void)layout;
    const int64_t *d = tensor->dimensions + tensor->rank - 3; /* C, H, W */
    int64_t picture = d[0] * d[1] * d[2], pixels = d[1] * d[2];
    *count = tensor_count(tensor);
    float *packed = ARENA_ARRAY(arena, float, *count), *to = packed;
    for (const float *from = tensor->data; from < tensor->data + *count; from += picture)
        for (int64_t pixel = 0; pixel < pixels; pixel++)
            for (int64_t c = 0; c < d[0]; c++)
                *to++ = from[c * pixels + pixel];
    return packed;
}
