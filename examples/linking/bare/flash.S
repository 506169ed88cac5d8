/* Files as constants: the weights, aligned to LENET_ALIGNMENT, and the pixels of a PGM file, to 16, as
 * compilers expect it of arrays. */
    .section .weights, "a"
    .balign 64
    .globl lenet_weights
lenet_weights:
    .incbin "lenet.bin"

    .section .rodata, "a"
    .balign 16
    .globl picture
picture:
    .incbin "../boot.pgm", 13

    .section .note.GNU-stack, ""
