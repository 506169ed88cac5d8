/* Arithmetic with parameters: what they hold becomes a part of the layer. */
#ifndef CNNC_IR_ABSORB_H
#define CNNC_IR_ABSORB_H

#include "ir/graph.h"

/* Of the layers of two operands whose one is a parameter layer: a single number becomes their
 * scalar, and a number for each channel, added, subtracted or multiplied, makes them affine layers,
 * which fold into convolutions. The same bits as before. Parameters must be bound; those that
 * nobody reads any more stay in the graph. */
void absorb_parameters(struct graph *graph);

#endif
