/* Layers as several others: what simplify puts in their place. */
#ifndef CNNC_IR_EXPAND_H
#define CNNC_IR_EXPAND_H

#include "ir/rewrite.h"

/* A norm or a logarithm over axes as a reduction and functions of its result; the node that makes
 * the layer's tensor. */
struct node *expand_reduction(struct rewrite *rewrite, const struct node *node);
/* A pool of p-norms as one of sums, with powers before and behind. */
struct node *expand_lppool(struct rewrite *rewrite, const struct node *node);

#endif
