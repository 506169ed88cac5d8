/* Puts the bitcode files that the build has made into read-only data. */
#include "runtime/bitcode.h"

#define EMBED(width)                                                                               \
    __asm__(".pushsection .rodata\n"                                                               \
            ".balign 16\n"                                                                         \
            ".global cnn_bitcode_" #width ", cnn_bitcode_" #width "_size\n"                        \
            "cnn_bitcode_" #width ": .incbin \"" CNN_BITCODE_FOLDER "/kernels_" #width ".bc\"\n"   \
            ".Lend_" #width ":\n"                                                                  \
            ".balign 8\n"                                                                          \
            "cnn_bitcode_" #width "_size: .quad .Lend_" #width " - cnn_bitcode_" #width "\n"       \
            ".popsection\n")

EMBED(4);
EMBED(8);
EMBED(16);
