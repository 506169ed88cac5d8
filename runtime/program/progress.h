/* How far long work has come: a line on stderr, where that is a terminal. */
#ifndef CNN_PROGRAM_PROGRESS_H
#define CNN_PROGRAM_PROGRESS_H

#include <stdbool.h>

struct progress {
    bool wanted;         /* somebody sees it */
    bool standing;       /* the line is on the terminal */
    double begin, drawn; /* seconds of the monotonic clock */
};

double monotonic_seconds(void);

/* Draws nothing yet. quiet: never anything. */
void progress_begin(struct progress *progress, bool quiet);

/* `done` of `total` things are done; unit: "files". Draws, some times a second, once the work has
 * taken longer than a moment: how many, the share, their rate, the time that is left. */
void progress_update(struct progress *progress, double done, double total, const char *unit);

/* Removes the line, for what is printed next or for good. */
void progress_hide(struct progress *progress);

#endif
