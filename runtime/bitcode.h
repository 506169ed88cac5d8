/* The primitives as LLVM bitcode, one module for each vector width, for the compiler to specialise.
 * Made by the build from kernels/all.c. */
#ifndef CNN_BITCODE_H
#define CNN_BITCODE_H

#include <stddef.h>

extern const unsigned char cnn_bitcode_4[], cnn_bitcode_8[], cnn_bitcode_16[];
extern const size_t cnn_bitcode_4_size, cnn_bitcode_8_size, cnn_bitcode_16_size;

#endif
