/* Weights in the order the kernels read them. */
#ifndef CNNC_CODEGEN_PACK_H
#define CNNC_CODEGEN_PACK_H

#include "codegen/block.h"

/* Which taps of a [K, C/G, R, S] or [C, K/G, R, S] kernel to pack and how. */
struct conv_packing {
    int64_t groups;
    int64_t block;            /* output channels of one block: zero beyond K */
    int64_t first_h, first_w; /* the first tap packed */
    int64_t step_h, step_w;   /* and the step to the next: negative walks backwards */
    int64_t count_h, count_w;
    int64_t transposed; /* [C, K/G, R, S] */
};

/* [G][ceil(K / block)][count_h][count_w][C][block]; layout is a struct conv_packing. */
pack_function pack_conv;
/* What pack_winograd makes of a [K, C, 3, 3] kernel. */
struct winograd_packing {
    int64_t tile;  /* m of struct cnn_winograd */
    int64_t block; /* output channels of one block: zero beyond K */
};

/* [(m+2)^2][ceil(K / block)][C][block], G g G^T of each 3x3 filter g; computed in double and
 * rounded once. layout is a struct winograd_packing. */
pack_function pack_winograd;
/* [R][S][C rounded up to layout[0]] */
pack_function pack_depthwise;
/* [N][H][W][C] of what a parameter layer holds */
pack_function pack_value;

#endif
