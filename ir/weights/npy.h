/* NPY, NumPy's file of one array: a magic and a version, the length of a Python dictionary, the
 * dictionary, which describes the array, and the elements. */
#ifndef CNNC_IR_WEIGHTS_NPY_H
#define CNNC_IR_WEIGHTS_NPY_H

#include "ir/weights/stored.h"

enum { NPY_PREFIX = 12 }; /* bytes that hold all that comes before the dictionary */

bool is_npy(const unsigned char *bytes, int64_t length);

/* Both see the beginning of a file or an entry of `size` bytes, and return false where it breaks a
 * rule of the format: *error then says which. */

/* From NPY_PREFIX bytes, or all where there are fewer: where the elements begin, so how many bytes
 * npy_describe wants. */
bool npy_measure(struct arena *arena, const unsigned char *bytes, int64_t size, int64_t *begin,
                 const char **error);
/* From `begin` bytes: type, shape and place. The name and the data are the caller's. */
bool npy_describe(struct arena *arena, const unsigned char *bytes, int64_t begin, int64_t size,
                  struct stored_tensor *tensor, const char **error);

#endif
