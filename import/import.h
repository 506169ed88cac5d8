/* Import: an ONNX model into the graph that elaboration would make of a network file, its
 * parameters bound. */
#ifndef CNNC_IMPORT_IMPORT_H
#define CNNC_IMPORT_IMPORT_H

#include <stdio.h>

#include "ir/elaborate.h"

struct import_options {
    const char *network;                 /* the graph's name, as near as a C identifier can be */
    const struct definition *dimensions; /* -D name=value: dimensions that the model names */
    size_t dimension_count;
    const struct definition *shapes; /* --shape input=1x3x224x224, in the order of the model's axes;
                                        with the name NULL of its only input */
    size_t shape_count;
    const struct definition *constants; /* --constant input=file.npy */
    size_t constant_count;
    bool batched; /* an input's first dimension is 1 where it is open */
};

/* Whether the bytes are those of an ONNX model, as far as their beginning tells. */
bool is_onnx(const char *bytes, size_t length);

/* All mistakes go to the diagnostics; NULL after any. Places are lines of a listing of the model:
 * line n is node n. `path` is the model's file, for messages and for data in files of their own. */
struct graph *import_onnx(struct arena *arena, struct names *names, struct sources *sources,
                          struct diagnostics *diagnostics, const char *path, const char *bytes,
                          size_t length, const struct import_options *options);

/* The operators that can be imported, a line each; or, as Markdown, docs/operators.md. */
void list_onnx_operators(FILE *stream, bool markdown);

#endif
