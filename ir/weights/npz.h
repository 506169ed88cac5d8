/* NPZ: a zip archive of NPY files. The entry NAME.npy is the tensor NAME. */
#ifndef CNNC_IR_WEIGHTS_NPZ_H
#define CNNC_IR_WEIGHTS_NPZ_H

#include "ir/weights/stored.h"

struct npz;

bool is_zip(const unsigned char *bytes, int64_t length);

/* NULL where the bytes, which stay the caller's, are no sound archive; *error then says why. An
 * archive is closed by npz_close. */
struct npz *npz_open(struct arena *arena, const char *bytes, size_t length, const char **error);
void npz_close(struct npz *npz);
/* Whether an entry has this name, in whatever folder. */
bool npz_holds(const struct npz *npz, const char *name);
/* Describes all tensors, of which it unpacks nothing but the heads. */
bool npz_list(struct npz *npz, struct stored_tensors *tensors, const char **error);
/* Unpacks one tensor: memory of its described size, and no byte more. */
bool npz_unpack(struct npz *npz, struct stored_tensor *tensor, const char **error);

#endif
