/* What kernels are predicted to take, by their primitive and descriptor. */
#ifndef CNNC_CODEGEN_COSTS_H
#define CNNC_CODEGEN_COSTS_H

#include "codegen/target.h"
#include "runtime/descriptors.h"

struct kernel;

/* What costs depend on besides the descriptor. */
struct setting {
    const struct target *target;
    bool weights_stay; /* in the last cache from one run to the next, else they come from memory */
    double steps;      /* cycles that what is fused behind the kernel takes of a vector */
};

/* Cycles. */
double conv_cycles(const struct setting *setting, const struct cnn_conv *d);
double matrix_product_cycles(const struct setting *setting, const struct cnn_product *d);
double winograd_cycles(const struct setting *setting, const struct cnn_winograd *d);
double depthwise_cycles(const struct setting *setting, const struct cnn_depthwise *d);
/* Of any kernel; the setting's steps are those of the kernel. */
double kernel_cycles(const struct setting *setting, const struct kernel *kernel);

/* Bytes of weights as they are packed; no kernel but these has any. */
int64_t conv_weight_bytes(const struct target *target, const struct cnn_conv *d);
int64_t product_weight_bytes(const struct target *target, const struct cnn_product *d);
int64_t winograd_weight_bytes(const struct target *target, const struct cnn_winograd *d);
int64_t depthwise_weight_bytes(const struct target *target, const struct cnn_depthwise *d);

/* Cycles to read or write `bytes` of something as large as `span`, which lies in the nearest memory
 * that holds it. */
double transfer_cycles(const struct target *target, double bytes, double span);
/* Cycles to read `bytes` of weights from where a network's weights lie. */
double weight_cycles(const struct setting *setting, double bytes);
/* Cycles of what goes on at the same time: the longer of both, and what the other disturbs it. */
double together(double a, double b);

#endif
