/* A layer's work, or that of several in passes, given to an executor. Functions: every layer of a
 * deep network calls one. */
#include "runtime/kernels/vector.h"

__attribute__((noinline)) void cnn_share(const struct cnn_executor *executor, cnn_task *task,
                                         const void *arguments, int64_t most) {
    const int64_t parts = executor ? smaller(executor->parts, most) : 1;
    if (parts > 1)
        executor->run(executor->context, task, arguments, parts);
    else
        task(arguments, 0, 1);
}

__attribute__((noinline)) int64_t cnn_share_passes(const struct cnn_executor *executor,
                                                   cnn_task *task, const void *arguments,
                                                   int64_t passes) {
    if (!executor || executor->parts < 2 || executor->parts > passes)
        return 0;
    executor->run(executor->context, task, arguments, executor->parts);
    return 1;
}
