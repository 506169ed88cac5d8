/* The multiply-add peak of one core in GFLOP/s, over about five milliseconds, with vectors of 4, 8
 * or 16 floats. Compiled from peak.c once for each width, for a processor that has such vectors;
 * those of 4 are without an instruction for both, so that peak is of a multiplication and an
 * addition. */
#ifndef CNNC_BENCH_PEAK_H
#define CNNC_BENCH_PEAK_H

double peak_4(void);
double peak_8(void);
double peak_16(void);

#endif
