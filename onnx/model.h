/* An ONNX model's bytes, checked, then unpacked: protobuf messages as onnx.proto names them. */
#ifndef CNNC_ONNX_MODEL_H
#define CNNC_ONNX_MODEL_H

#include <stddef.h>

#include "lexer/arena.h"
#include "onnx/onnx.pb-c.h"

/* NULL where the bytes break a rule of protobuf, nest too deeply or hold too many messages: *error
 * then says what, and at which byte. The model lives in the arena
 * and refers to nothing of `bytes`. */
Onnx__ModelProto *onnx_unpack(struct arena *arena, const void *bytes, size_t length,
                              const char **error);
/* The bytes of a model; *length says how many. */
const char *onnx_pack(struct arena *arena, const Onnx__ModelProto *model, size_t *length);

#endif
