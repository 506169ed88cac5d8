/* Who runs the parts of a layer at the same time: NAME_run_parallel() asks it to. */
#ifndef CNN_EXECUTOR_H
#define CNN_EXECUTOR_H

#include <stdint.h>

/* Does one part of a layer's work, of `parts` parts. */
typedef void cnn_task(const void *arguments, int64_t part, int64_t parts);

/* run() calls task(arguments, part, parts) once for each part from 0 to parts - 1, in any order, on
 * any threads, and returns when all calls have; what they wrote is then seen by its caller and by
 * all later calls. It is asked for 2 to executor.parts parts at a time. */
struct cnn_executor {
    int64_t parts; /* the most at a time: 1..CNN_MAX_PARTS */
    void (*run)(void *context, cnn_task *task, const void *arguments, int64_t parts);
    void *context; /* of run */
};
enum { CNN_MAX_PARTS = 1024 };

#endif
