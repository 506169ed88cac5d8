/* What every format of weights comes down to: tensors as they lie in a file. */
#ifndef CNNC_IR_WEIGHTS_STORED_H
#define CNNC_IR_WEIGHTS_STORED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lexer/arena.h"

enum { LIMIT_STORED_RANK = 16 };

/* How an element becomes a float32. */
enum stored_kind { STORED_F16, STORED_BF16, STORED_F32, STORED_F64, STORED_NOT_READ };

struct stored_tensor {
    const char *name; /* "" in a file of one tensor that gives it none */
    const char *type; /* as the file says: "F32", "I64", "<f4" */
    enum stored_kind kind;
    bool big_endian;    /* the most significant byte of an element comes first */
    bool fortran_order; /* the first axis runs fastest, not the last one */
    int rank;           /* LIMIT_STORED_RANK at most */
    const int64_t *dimensions;
    int64_t begin, end;        /* in bytes, from the start of the data or of the entry */
    const unsigned char *data; /* NULL: still packed in an archive */
    uint64_t entry;            /* of that archive */
};

struct stored_tensors {
    struct stored_tensor *items; /* by name */
    size_t count;
};

/* NULL where there is none of that name. */
struct stored_tensor *stored_find(const struct stored_tensors *tensors, const char *name);
void stored_sort(struct stored_tensors *tensors);
/* What a tensor of elements of `size` bytes takes; false where that is more than can be counted. */
bool stored_bytes(const int64_t *dimensions, int rank, int64_t size, int64_t *bytes);
bool text_ends(const char *text, const char *end); /* "conv1.weight" with ".weight" */
/* "[64, 3, 7, 7]" */
const char *dimensions_text(struct arena *arena, const int64_t *dimensions, int rank);
int64_t stored_size(enum stored_kind kind); /* bytes */
/* One little-endian element, of any kind but STORED_NOT_READ. */
double stored_real(enum stored_kind kind, const unsigned char *at);

/* The values of a tensor of such an element, rounded to the nearest float32, in C order: the file's
 * own bytes where those are just that. NULL where a finite value is too large for float32; *large
 * is then that one. */
const float *stored_floats(struct arena *arena, const struct stored_tensor *stored, double *large);

#endif
