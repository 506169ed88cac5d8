/* Times compiled layers against the processor's multiply-add peak, and as they are chosen to be
 * computed against the same summed as defined, all measured in the same rounds.
 *
 * Built by bench/convolutions.py with a table of the layers in networks.h: each run function takes
 * an input, an output and a workspace. Prints for each layer the median over the rounds of its
 * GFLOP/s, of the peak with vectors of its width, and of their quotient; of the rate at which it
 * reads its weights as part of that at which as many bytes can be read again; of layers that are
 * not summed as defined also how many times as fast they are as that. Last how many instructions
 * the core decoded between the layers: fewer while it decodes for another thread too. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bench/bandwidth.h"
#include "bench/peak.h"

struct layer {
    const char *name, *cpu, *way;
    int vector_width;
    double flops;        /* of one run: two for each multiply-accumulate of the definition */
    size_t weight_bytes; /* as they are defined */
    int defined;         /* how many rows back it is summed as defined; 0: here */
    size_t input_floats, output_floats, workspace_bytes;
    int (*run)(const float *, float *, void *, size_t);
};

#include "networks.h" /* static const struct layer layers[] */

enum { LAYERS = sizeof layers / sizeof *layers, ROUNDS = 15 };

/* Of this thread alone: other work on the machine does not count. */
static double seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static void *aligned(size_t bytes) {
    void *memory = aligned_alloc(64, (bytes + 127) / 64 * 64);
    if (!memory)
        exit(5);
    memset(memory, 0, bytes);
    return memory;
}

/* GFLOP/s over about ten milliseconds. */
static double layer_rate(const struct layer *layer, const float *x, float *y, void *workspace) {
    double start = seconds(), elapsed;
    long runs = 0;
    do {
        layer->run(x, y, workspace, (size_t)layer->workspace_bytes);
        runs++;
        elapsed = seconds() - start;
    } while (elapsed < 0.010);
    return (double)runs * layer->flops / elapsed * 1e-9;
}

/* The clock changes with what ran before, so the peak is taken on both sides of a layer. */
static double peak(const struct layer *layer) {
    return layer->vector_width == 16 ? peak_16() : layer->vector_width == 8 ? peak_8() : peak_4();
}

/* That do nothing, a nanosecond: over about a millisecond. */
static double instructions(void) {
    enum { TURNS = 50000, IN_TURN = 32 };
    double start = seconds();
    for (int i = 0; i < TURNS; i++)
        __asm__ volatile(".rept 32\n\tnop\n\t.endr");
    return (double)TURNS * IN_TURN / (seconds() - start) * 1e-9;
}

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(const double *values) {
    double sorted[ROUNDS];
    memcpy(sorted, values, sizeof sorted);
    qsort(sorted, ROUNDS, sizeof *sorted, ascending);
    return sorted[ROUNDS / 2];
}

static float *largest_weights(void) {
    size_t most = 0;
    for (int i = 0; i < LAYERS; i++)
        most = layers[i].weight_bytes > most ? layers[i].weight_bytes : most;
    return aligned(most);
}

static double median_quotient(const double *a, const double *b) {
    double quotients[ROUNDS];
    for (int i = 0; i < ROUNDS; i++)
        quotients[i] = a[i] / b[i];
    return median(quotients);
}

int main(void) {
    static double rates[LAYERS][ROUNDS], peaks[LAYERS][ROUNDS], shares[LAYERS][ROUNDS];
    static double of_reading[LAYERS][ROUNDS], decoded[LAYERS * ROUNDS];
    const float *weights = largest_weights();
    float *x[LAYERS], *y[LAYERS];
    void *workspace[LAYERS];
    for (int i = 0; i < LAYERS; i++) {
        x[i] = aligned(layers[i].input_floats * sizeof(float));
        y[i] = aligned(layers[i].output_floats * sizeof(float));
        workspace[i] = aligned(layers[i].workspace_bytes);
        for (size_t k = 0; k < layers[i].input_floats; k++)
            x[i][k] = (float)(k % 17) / 17;
    }
    for (int round = 0; round < ROUNDS; round++)
        for (int i = 0; i < LAYERS; i++) {
            peak(&layers[i]); /* lets the clock settle on this vector width */
            double before = peak(&layers[i]);
            decoded[round * LAYERS + i] = instructions();
            rates[i][round] = layer_rate(&layers[i], x[i], y[i], workspace[i]);
            peaks[i][round] = (before + peak(&layers[i])) / 2;
            shares[i][round] = rates[i][round] / peaks[i][round];
            double bytes = (double)layers[i].weight_bytes;
            of_reading[i][round] = rates[i][round] / layers[i].flops * bytes /
                                   bandwidth(weights, layers[i].weight_bytes / 64 * 64);
        }
    printf("%-24s %-10s %-14s %9s %9s %7s %8s %9s\n", "layer", "cpu", "way", "GFLOP/s", "peak",
           "share", "reading", "as fast");
    int below = 0, defined = 0;
    for (int i = 0; i < LAYERS; i++) {
        const struct layer *layer = &layers[i];
        printf("%-24s %-10s %-14s %9.1f %9.1f %6.1f%% %7.1f%%", layer->name, layer->cpu, layer->way,
               median(rates[i]), median(peaks[i]), 100 * median(shares[i]),
               100 * median(of_reading[i]));
        if (layer->defined)
            printf(" %8.2fx", median_quotient(rates[i], rates[i - layer->defined]));
        else {
            defined++;
            below += median(shares[i]) < 0.85 && median(of_reading[i]) < 0.85;
        }
        printf("\n");
    }
    printf("%d of %d layers summed as defined reach 85%% of the peak or of reading\n",
           defined - below, defined);
    qsort(decoded, LAYERS * ROUNDS, sizeof *decoded, ascending);
    printf("instructions a nanosecond: %.1f at least, %.1f in the median, %.1f at most\n",
           decoded[0], decoded[LAYERS * ROUNDS / 2], decoded[LAYERS * ROUNDS - 1]);
    return 0;
}
