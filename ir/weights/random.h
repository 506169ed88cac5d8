/* Random values that a seed and a tensor's name alone decide. */
#ifndef CNNC_IR_WEIGHTS_RANDOM_H
#define CNNC_IR_WEIGHTS_RANDOM_H

#include "ir/graph.h"

/* Fills the tensor evenly between middle - half and middle + half. With a middle of 0 every machine
 * makes the same bits: each value is one product, rounded to float. */
void fill_random(struct tensor *tensor, uint64_t seed, double middle, double half);

#endif
