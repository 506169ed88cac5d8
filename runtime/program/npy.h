/* NPY, NumPy's file of one array: a Python dictionary that describes it, then its elements.
 * Read: little-endian numbers in C order, versions 1.0 to 3.0. Written: float32, version 1.0. */
#ifndef CNN_PROGRAM_NPY_H
#define CNN_PROGRAM_NPY_H

#include "runtime/program/input.h"

enum {
    NPY_MAX_RANK = 6,
    NPY_MAX_HEADER = 65536,      /* bytes of the dictionary */
    NPY_MAX_WRITTEN_HEADER = 256 /* bytes of everything before the elements, when written */
};

enum npy_type {
    NPY_FLOAT32,
    NPY_FLOAT64,
    NPY_INT8,
    NPY_INT16,
    NPY_INT32,
    NPY_INT64,
    NPY_UINT8,
    NPY_UINT16,
    NPY_UINT32,
    NPY_UINT64,
};

struct npy {
    enum npy_type type;
    int64_t item_size;
    int64_t rank, shape[NPY_MAX_RANK];
    int64_t count;       /* elements */
    int64_t data_offset; /* bytes before the first */
};

bool is_npy(const void *bytes, int64_t count);

/* Reads and checks the header, and that the file holds exactly the elements it promises. Nothing is
 * allocated but the header's own bytes. */
bool npy_open(struct messages *messages, struct npy *npy, const struct input_file *file);

/* NumPy's name of a type: "float32". */
const char *npy_type_name(enum npy_type type);

/* Elements first .. first + count - 1 as float32: the nearest one. */
bool npy_read(struct messages *messages, const struct npy *npy, const struct input_file *file,
              int64_t first, int64_t count, float *values);

/* Writes all that comes before the elements, of float32 of this shape (rank <= NPY_MAX_RANK);
 * returns its length. */
int64_t npy_header(char bytes[NPY_MAX_WRITTEN_HEADER], const int64_t *shape, int64_t rank);

/* Reads the dictionary, `text` with NUL at its end, into npy's type, item_size, rank and shape. */
bool npy_parse(struct messages *messages, struct npy *npy, const char *path, const char *text);

#endif
