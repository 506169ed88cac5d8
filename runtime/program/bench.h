/* How long the network takes. */
#ifndef CNN_PROGRAM_BENCH_H
#define CNN_PROGRAM_BENCH_H

#include "runtime/program/session.h"

/* Runs the network on the only image, or on zeros, once to warm up and then --bench times, and
 * prints the least and the median time. */
bool bench(struct session *session);

/* Sorts the times, at least one, and returns their median. */
double sort_for_median(double *times, int64_t count);

#endif
