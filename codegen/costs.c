/* Predicts the cycles of kernels that multiply no weights: what they do to each vector, and how far
 * their values come from. The constants are fitted to measurements by --profile, and good for a
 * share of a network; they decide in how many parts a kernel is shared. */
#include "codegen/costs.h"

#include <string.h>

#include "codegen/generator.h"
#include "codegen/integers.h"

double transfer_cycles(const struct target *target, double bytes, double span) {
    const struct machine *m = target->facts;
    double rate = span <= (double)m->first_cache    ? m->first_rate
                  : span <= (double)m->second_cache ? m->second_rate
                  : span <= (double)m->third_cache  ? m->third_rate
                                                    : m->memory_rate;
    return bytes / rate;
}

double together(double a, double b) {
    const double disturbed = 0.25;
    return a > b ? a + disturbed * b : b + disturbed * a;
}

static double vectors_in(const struct target *target, int64_t floats) {
    return (double)rounded_up_quotient(floats, target->vector_width);
}

/* `vectors` vectors of results, each by `cycles` and the steps behind, from `read` floats to
 * `written` ones. */
static double simple_cycles(const struct setting *s, double vectors, double cycles, double read,
                            double written) {
    double bytes = (read + written) * sizeof(float);
    return together(vectors * (cycles + s->steps), transfer_cycles(s->target, bytes, bytes));
}

/* --- a function for each primitive --- */

static double of_conv(const struct setting *s, const void *d) {
    return conv_cycles(s, d);
}

static double of_product(const struct setting *s, const void *d) {
    return matrix_product_cycles(s, d);
}

static double of_winograd(const struct setting *s, const void *d) {
    return winograd_cycles(s, d);
}

static double of_depthwise(const struct setting *s, const void *d) {
    return depthwise_cycles(s, d);
}

static double of_pool(const struct setting *s, const void *descriptor) {
    const struct cnn_pool *d = descriptor;
    double pixels = (double)(d->batch * d->out_height * d->out_width);
    double taps = (double)(d->kernel_height * d->kernel_width);
    double in = (double)(d->batch * d->height * d->width * d->channels);
    double each = s->weights_stay ? 1.5 : taps < 16 ? 2.5 : 4; /* large ones are not near */
    return simple_cycles(s, pixels * vectors_in(s->target, d->channels), 3 + each * taps, in,
                         pixels * (double)d->channels) +
           12 * pixels;
}

static double of_pool_indices(const struct setting *s, const void *descriptor) {
    return 2 * of_pool(s, descriptor);
}

/* Value by value. */
static double of_unpool(const struct setting *s, const void *descriptor) {
    const struct cnn_unpool *d = descriptor;
    double in = (double)(d->batch * d->height * d->width * d->channels);
    double out = (double)(d->batch * d->out_height * d->out_width * d->channels);
    return 4 * in + transfer_cycles(s->target, 4 * out, 4 * out);
}

static double of_resize(const struct setting *s, const void *descriptor) {
    const struct cnn_resize *d = descriptor;
    double pixels = (double)(d->batch * d->out_height * d->out_width);
    double in = (double)(d->batch * d->height * d->width * d->channels);
    return simple_cycles(s, pixels * vectors_in(s->target, d->channels),
                         d->mode == CNN_RESIZE_NEAREST ? 1 : 5, in, pixels * (double)d->channels) +
           20 * pixels;
}

static double of_resample(const struct setting *s, const void *descriptor) {
    const struct cnn_resample *d = descriptor;
    double pixels = (double)(d->batch * d->out_height * d->out_width);
    double taps = (double)(d->taps_h * d->taps_w);
    return simple_cycles(s, pixels * vectors_in(s->target, d->channels), 2 + 1.5 * taps,
                         pixels * (double)d->channels, pixels * (double)d->channels) +
           10 * pixels;
}

static double of_map(const struct setting *s, const void *descriptor) {
    const struct cnn_map *d = descriptor;
    double pixels = (double)(d->batch * d->height * d->width), width = s->target->vector_width;
    double values = pixels * (double)d->channels;
    bool gathered = d->x_bytes || d->x_channel > 1;
    double partial = d->channels % s->target->vector_width ? 3 * pixels : 0;
    return simple_cycles(s, pixels * vectors_in(s->target, d->channels), gathered ? 2 * width : 1,
                         values, values) +
           partial;
}

static double of_reduce(const struct setting *s, const void *descriptor) {
    const struct cnn_reduce *d = descriptor;
    double results = (double)cnn_extent_count(d->outer);
    double values = (double)cnn_extent_count(d->inner);
    double vector = d->inner.channels > 1 || d->outer.channels > 1 ? s->target->vector_width : 1;
    double run = d->inner.channels > 1 ? 1 : (double)smaller(CNN_RUN, d->outer.channels);
    return simple_cycles(s, results * values / vector, 2, results * values, results) +
           20 * results / run;
}

/* Mean, deviation, quotient: three times over the values. */
static double of_norm(const struct setting *s, const void *descriptor) {
    const struct cnn_norm *d = descriptor;
    double boxes = (double)cnn_extent_count(d->outer);
    double values = boxes * (double)cnn_extent_count(d->inner);
    return simple_cycles(s, values / s->target->vector_width, 6, 2 * values, 2 * values) +
           40 * boxes;
}

static double of_lrn(const struct setting *s, const void *descriptor) {
    const struct cnn_lrn *d = descriptor;
    double pixels = (double)(d->batch * d->height * d->width);
    double near = (double)(1 + d->before + d->after), values = pixels * (double)d->channels;
    return simple_cycles(s, pixels * vectors_in(s->target, d->channels), 4 + 2 * near, values,
                         values);
}

static double of_softmax(const struct setting *s, const void *descriptor) {
    const struct cnn_softmax *d = descriptor;
    double values = (double)(d->batch * d->height * d->width * d->channels);
    return simple_cycles(s, values / s->target->vector_width, 24, values, 2 * values);
}

/* Each of the k is put where it belongs among those so far. */
static double of_topk(const struct setting *s, const void *descriptor) {
    const struct cnn_topk *d = descriptor;
    double values = (double)(d->batch * d->height * d->width * d->channels);
    return values * (4 + 0.5 * (double)d->k) + values / s->target->vector_width * s->steps;
}

static double of_copy(const struct setting *s, const void *descriptor) {
    const struct cnn_copy *d = descriptor;
    int64_t run = 1, count = 1;
    for (int i = 5; i >= 0; i--)
        count *= d->dimensions[i];
    for (int i = 5; i >= 0; i--) {
        if (d->dimensions[i] > 1 && (d->x_strides[i] != run || d->y_strides[i] != run))
            break;
        run *= d->dimensions[i];
    }
    double runs = (double)(count / run);
    return simple_cycles(s, runs * vectors_in(s->target, run), 1, (double)count, (double)count) +
           1.5 * runs;
}

/* Unlike other tensors nobody has touched it just before: it comes from as far as weights. */
static double of_border(const struct setting *s, const void *descriptor) {
    const struct cnn_border *d = descriptor;
    int64_t width = d->left + d->width + d->right;
    int64_t pixels = d->batch * ((d->top + d->bottom) * width + d->height * (d->left + d->right));
    double tensor = (double)(d->batch * (d->top + d->height + d->bottom) * width * d->channels);
    double vectors = (double)pixels * vectors_in(s->target, d->channels);
    double bytes = (double)(pixels * d->channels) * sizeof(float);
    double near = transfer_cycles(s->target, bytes, tensor * sizeof(float));
    double far = 2 * bytes / s->target->facts->third_rate; /* it is read before it is written */
    return together(vectors / 2, s->weights_stay ? near : far) + 2 * (double)(d->batch * d->height);
}

double kernel_cycles(const struct setting *setting, const struct kernel *kernel) {
    static const struct {
        const char *primitive;
        double (*cycles)(const struct setting *, const void *descriptor);
    } costs[] = {
        {"conv", of_conv},         {"product", of_product},
        {"winograd", of_winograd}, {"depthwise", of_depthwise},
        {"pool", of_pool},         {"pool_indices", of_pool_indices},
        {"unpool", of_unpool},     {"resize", of_resize},
        {"resample", of_resample}, {"map", of_map},
        {"reduce", of_reduce},     {"norm", of_norm},
        {"lrn", of_lrn},           {"softmax", of_softmax},
        {"topk", of_topk},         {"copy", of_copy},
        {"border", of_border},
    };
    const double call = 20;
    for (size_t i = 0; i < sizeof costs / sizeof *costs; i++)
        if (!strcmp(costs[i].primitive, kernel->primitive))
            return call + costs[i].cycles(setting, kernel->descriptor);
    return call;
}
