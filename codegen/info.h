/* What a network tells of itself: the block of runtime/info.h. */
#ifndef CNNC_CODEGEN_INFO_H
#define CNNC_CODEGEN_INFO_H

#include "ir/report/report.h"
#include "runtime/info.h"

/* A block in the arena. It is made of the graph as the file has it, before passes change it; what
 * is only known later (identity, target, cpu, sizes of workspace and weights) is empty. */
struct cnn_info *describe_network(const struct report *report);
/* The same block with these filled in. */
struct cnn_info *info_complete(struct arena *arena, const struct cnn_info *info,
                               const char *identity, const char *target, const char *cpu,
                               int64_t workspace_bytes, int64_t part_bytes, int64_t weights_bytes);

#endif
