/* What every format of weights comes down to: tensors as they lie in a file. */
#ifndef CNNC_IR_WEIGHTS_STORED_H
#define CNNC_IR_WEIGHTS_STORED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lexer/arena.h"

enum {
    LIMIT_STORED_RANK = 16,
};

/* How an element becomes a float32. */
enum stored_kind { STORED_F16, STORED_BF16, STORED_F32, STORED_F64, STORED_NOT_READ };

struct stored_tensor {
    const char *name;
    const char *type; /* as the file says: "F32", "I64", "<f4" */
    enum stored_kind kind;
    int rank; /* LIMIT_STORED_RANK at most */
    const int64_t *dimensions;
    int64_t begin, end; /* in bytes, from the start of the file's data */
    const unsigned char *data;
};

/* "[64, 3, 7, 7]" */
const char *dimensions_text(struct arena *arena, const int64_t *dimensions, int rank);
int64_t stored_size(enum stored_kind kind); /* bytes */

/* The values of a tensor of such an element, rounded to the nearest float32, in the order of the
 * file: its own bytes where those are floats already. NULL where a finite value is too large for
 * float32; *large is then that one. */
const float *stored_floats(struct arena *arena, const struct stored_tensor *stored, double *large);

#endif
