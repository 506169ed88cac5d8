/* How fast one core reads a buffer again and again, in GB/s, over about five milliseconds: from
 * memory if the buffer is larger than the caches, else from the one that holds it. Its size is a
 * multiple of 64. */
#ifndef CNNC_BENCH_BANDWIDTH_H
#define CNNC_BENCH_BANDWIDTH_H

#include <stddef.h>

double bandwidth(const float *buffer, size_t bytes);

#endif
