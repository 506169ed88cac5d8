/* Tells what the core that it runs on can do, on each line of its input:
 *
 *     peak            -> multiply-adds in GFLOP/s, with the widest vectors that it was compiled for
 *     bandwidth BYTES -> GB/s at which as many bytes are read again and again
 *
 * bench/machine.py starts it and asks between other measurements, since clocks change. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/bandwidth.h"
#include "bench/peak.h"

#ifndef PEAK
#define PEAK peak_8
#endif

static double of_bytes(size_t bytes) {
    bytes = (bytes + 4095) / 4096 * 4096;
    float *buffer = aligned_alloc(4096, bytes);
    if (!buffer)
        exit(5);
    memset(buffer, 1, bytes);
    bandwidth(buffer, bytes); /* brings it into the caches */
    double rate = bandwidth(buffer, bytes);
    free(buffer);
    return rate;
}

int main(void) {
    char line[64];
    while (fgets(line, sizeof line, stdin)) {
        if (!strncmp(line, "bandwidth ", 10)) {
            printf("%.6g\n", of_bytes(strtoull(line + 10, NULL, 10)));
        } else {
            PEAK(); /* lets the clock settle on this vector width */
            printf("%.6g\n", PEAK());
        }
        fflush(stdout);
    }
    return 0;
}
