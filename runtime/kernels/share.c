/* A layer's work, given to an executor. A function: every layer of a deep network calls it. */
#include "runtime/kernels/vector.h"

__attribute__((noinline)) void cnn_share(const struct cnn_executor *executor, cnn_task *task,
                                         const void *arguments, int64_t most) {
    const int64_t parts = executor ? smaller(executor->parts, most) : 1;
    if (parts > 1)
        executor->run(executor->context, task, arguments, parts);
    else
        task(arguments, 0, 1);
}
