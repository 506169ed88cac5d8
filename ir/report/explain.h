/* How sizes and fields come about, step by step. */
#ifndef CNNC_IR_REPORT_EXPLAIN_H
#define CNNC_IR_REPORT_EXPLAIN_H

#include "ir/report/report.h"

/* The steps that lead to the layer of that name, and then all that it sees and costs; or the steps
 * of the block of that path; with NULL, those of the whole network. The report is not folded.
 * False: there is no such layer or block. */
bool explain(FILE *stream, const struct report *report, const char *layer);
/* The name that is nearest to it, or NULL. */
const char *nearest_layer(const struct report *report, const char *layer);

/* "(28 + 4 - 5)/1 + 1 = 28": how the size along an axis comes about; NULL where it is the input's.
 */
const char *explain_size(struct arena *arena, const struct node *node, int axis);

#endif
