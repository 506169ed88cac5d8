/* Where kernels are measured: buffers as a network has them, and the loop that runs kernels in
 * turn.
 */
#ifndef CNNC_CODEGEN_WORKBENCH_H
#define CNNC_CODEGEN_WORKBENCH_H

#include "codegen/target.h"
#include "codegen/tuning.h"
#include "ir/graph.h"

enum { MOST_TRIALS = 160 };

struct trial {
    struct way choice;
    double seconds; /* the best so far */
};

struct trials {
    struct trial items[MOST_TRIALS];
    size_t count;
};

typedef void trial_function(int64_t trial, const void *const *inputs, void *const *outputs,
                            float *workspace, const float *weights);

struct workbench {
    struct arena arena;
    const void **inputs;
    void **outputs;
    float *workspace; /* with room behind it for a kernel's scratch memory */
    float *weights; /* kernels walk through it, so that none finds its weights where it left them */
    int64_t weight_floats, at;
    double clock; /* seconds that looking at it takes */
};

/* Memory for all layers of the planned graph, whose nodes get scratch memory behind the workspace.
 */
void workbench_open(struct workbench *bench, struct graph *graph, const struct target *target);
/* Sets the seconds of every trial; a kernel reads `floats` of weights. */
void workbench_measure(struct workbench *bench, trial_function *function, struct trials *trials,
                       int64_t floats);
void workbench_close(struct workbench *bench);
/* Floats that hold the node's weights however they are packed. */
int64_t weight_floats(const struct target *target, const struct node *node);

#endif
