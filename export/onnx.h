/* A graph with its parameters in, an ONNX model out. */
#ifndef CNNC_EXPORT_ONNX_H
#define CNNC_EXPORT_ONNX_H

#include "ir/graph.h"

/* A layer that has no row in export/onnx/operators.def; NULL where all have one, as they should. */
const struct node *without_form(const struct graph *graph);

/* The graph is as elaborated, before any pass, its parameters bound; every layer has a form.
 * `version` is the producer's. Returns the bytes of the model; NULL where they would be more than
 * an ONNX file can hold, 2 GiB: *length is then how many. */
const char *export_onnx(struct arena *arena, const struct graph *graph, const char *version,
                        size_t *length);

#endif
