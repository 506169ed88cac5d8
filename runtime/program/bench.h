/* How long the network takes. */
#ifndef CNN_PROGRAM_BENCH_H
#define CNN_PROGRAM_BENCH_H

#include "runtime/program/session.h"

/* Runs the network once to warm up and then `runs` times, and prints the least and the median time.
 */
bool bench(struct session *session, int64_t runs);

#endif
