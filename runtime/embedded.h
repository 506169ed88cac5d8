/* Files of the runtime within the compiler: the primitives as LLVM bitcode, one module for each
 * vector width, made by the build from kernels/all.c; and the texts of info.h and executor.h,
 * for headers. */
#ifndef CNN_EMBEDDED_H
#define CNN_EMBEDDED_H

#include <stddef.h>

extern const unsigned char cnn_bitcode_4[], cnn_bitcode_8[], cnn_bitcode_16[];
extern const size_t cnn_bitcode_4_size, cnn_bitcode_8_size, cnn_bitcode_16_size;
extern const char cnn_info_header[];
extern const size_t cnn_info_header_size;
extern const char cnn_executor_header[];
extern const size_t cnn_executor_header_size;

#endif
