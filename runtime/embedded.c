/* Puts files that the compiler needs into read-only data. */
#include "runtime/embedded.h"

#define EMBED(symbol, path)                                                                        \
    __asm__(".pushsection .rodata\n"                                                               \
            ".balign 16\n"                                                                         \
            ".global " symbol ", " symbol "_size\n" symbol ": .incbin \"" path "\"\n"              \
            ".L" symbol "_end:\n"                                                                  \
            ".balign 8\n" symbol "_size: .quad .L" symbol "_end - " symbol "\n"                    \
            ".popsection\n")

EMBED("cnn_bitcode_4", CNN_BITCODE_FOLDER "/kernels_4.bc");
EMBED("cnn_bitcode_8", CNN_BITCODE_FOLDER "/kernels_8.bc");
EMBED("cnn_bitcode_16", CNN_BITCODE_FOLDER "/kernels_16.bc");
EMBED("cnn_info_header", CNN_RUNTIME_FOLDER "/info.h");
EMBED("cnn_executor_header", CNN_RUNTIME_FOLDER "/executor.h");
