/* Threads that run the parts of layers: an executor for NAME_run_parallel(). */
#ifndef CNN_THREADS_H
#define CNN_THREADS_H

#include "runtime/executor.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The caller of NAME_run_parallel() and `count - 1` threads of this, 1..CNN_MAX_PARTS together,
 * each a part. They wait by turning for 200 microseconds, then they sleep. `pinned`: each
 * stays on one of the processors that the caller may run on, the caller too until it closes them.
 * NULL, with errno set, where the system has no more threads or memory, EINVAL for a count that is
 * out of range. After this nothing is allocated. */
struct cnn_threads *cnn_threads_open(int64_t count, int pinned);
/* For one caller at a time. */
const struct cnn_executor *cnn_threads_executor(const struct cnn_threads *threads);
/* Ends them; NULL is allowed. */
void cnn_threads_close(struct cnn_threads *threads);

#ifdef __cplusplus
}
#endif

#endif
