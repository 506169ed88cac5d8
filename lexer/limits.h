/* Every limit on what an input may ask for. Exceeding one is a diagnostic, never a crash. */
#ifndef CNNC_LEXER_LIMITS_H
#define CNNC_LEXER_LIMITS_H

#include <stdint.h>

enum {
    LIMIT_SOURCE_BYTES = 1 << 20,
    LIMIT_NESTING = 64,
    LIMIT_IMPORT_FILES = 64,
    LIMIT_IMPORT_DEPTH = 16,
    LIMIT_LAYERS = 65536,
    LIMIT_DECONV_STRIDE = 64,     /* its square is how many convolutions a deconv becomes */
    LIMIT_STEPS = 1 << 20,        /* statements elaborated in one run: loops and blocks unrolled */
    LIMIT_CALL_DEPTH = 64,        /* blocks within blocks */
    LIMIT_EXPRESSION_DEPTH = 256, /* operators within operators; stages of a chain do not count */
    LIMIT_DIAGNOSTICS_PRINTED = 20,
    LIMIT_DIAGNOSTICS_KEPT = 1000, /* the parser gives a file up there */
    LIMIT_SAFETENSORS_HEADER_BYTES = 16 << 20,
    LIMIT_NAMES_COMPARED = 1 << 20, /* of a weights file, to find those that are meant */
    LIMIT_NPY_HEADER_BYTES = 64 << 10,
    LIMIT_NPZ_HEADER_BYTES = 16 << 20, /* of all entries together */
    LIMIT_NPZ_ENTRIES = 65535,         /* what an archive counts without Zip64 */
    LIMIT_ONNX_NESTING = 64,
    LIMIT_ONNX_MESSAGES = 1 << 20, /* nodes, attributes, tensors, ... of one model */
    LIMIT_ONNX_STEPS = 1 << 18,    /* nodes of one model, those of functions at every call */
    LIMIT_ONNX_BYTES = INT32_MAX,  /* protobuf's own */
};

#define LIMIT_DIMENSION     INT64_C(0x7fffffff)
#define LIMIT_WEIGHTS_BYTES (INT64_C(1) << 42) /* of one file */
#define LIMIT_VALUES (INT64_C(1) << 40) /* of one tensor: no memory planned here holds more */

#endif
