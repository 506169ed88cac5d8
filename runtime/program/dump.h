/* What each layer makes, as files. */
#ifndef CNN_PROGRAM_DUMP_H
#define CNN_PROGRAM_DUMP_H

#include "runtime/program/session.h"

/* Runs the network once, step by step, on what the buffers hold, and writes the tensor of each
 * layer to the folder of --dump, which is made if it is not there: NAME.npy, float32, [N, H, W, C].
 * NAME is what reports call the layer; bytes but letters, digits, '_', '-', '.' and '#' are %XX in
 * it, and so is a '.' at its beginning. Of a name too long for a file the beginning stands, with ~
 * and the number of the step. */
bool dump_run(struct session *session);

#endif
