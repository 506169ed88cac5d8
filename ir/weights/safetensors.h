/* The bytes of a safetensors file in, its tensors out: 8 bytes of header length, a JSON header,
 * data. Everything in the header is checked before any of it is believed. */
#ifndef CNNC_IR_WEIGHTS_SAFETENSORS_H
#define CNNC_IR_WEIGHTS_SAFETENSORS_H

#include "ir/weights/stored.h"

/* False where the file breaks a rule of the format: *error then says which and where. The tensors'
 * data are the bytes given, not a copy. */
bool safetensors_read(struct arena *arena, const char *bytes, size_t length,
                      struct stored_tensors *tensors, const char **error);

#endif
