/* How long code that is in memory takes, in seconds of a processor: other work on the machine does
 * not count. */
#ifndef CNNC_CODEGEN_STOPWATCH_H
#define CNNC_CODEGEN_STOPWATCH_H

/* A moment of this thread: what it has had of a processor, and the clock on the wall. */
struct moment {
    double processor, wall;
};
struct moment moment_now(void);

/* Of a processor since then. Infinity, a time that is never the least, if the thread had one for
 * less than a quarter of the time on the wall: it was interrupted, or its clock stood still, as it
 * may on a virtual machine after others had the processor. */
double seconds_since(struct moment then);
/* What it takes to look at the clock twice, at least: no time is shorter. */
double stopwatch_seconds(void);
/* By the clock on the wall, to end what should not last long. */
double wall_seconds(void);

#endif
