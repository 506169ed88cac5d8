/* How long code that is in memory takes, in seconds of a processor: other work on the machine does
 * not count. */
#ifndef CNNC_CODEGEN_STOPWATCH_H
#define CNNC_CODEGEN_STOPWATCH_H

/* Of this thread so far. */
double processor_seconds(void);
/* What it takes to look at the clock twice, at least: no time is shorter. */
double stopwatch_seconds(void);
/* By the clock on the wall, to end what should not last long. */
double wall_seconds(void);

#endif
