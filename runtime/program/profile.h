/* How long each layer takes. */
#ifndef CNN_PROGRAM_PROFILE_H
#define CNN_PROGRAM_PROFILE_H

#include "runtime/program/session.h"

/* Runs the network step by step on the only image, or on zeros, --bench times, or as often as a
 * second allows but from 10 to 1000 times, and prints a table: what each step takes, its share of
 * all of them, its speed; and the time of whole runs, for comparison. Times are medians. */
bool profile(struct session *session);

#endif
