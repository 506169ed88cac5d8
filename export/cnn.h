/* A graph in, the text of a `.cnn` file out that elaborates to the same graph. */
#ifndef CNNC_EXPORT_CNN_H
#define CNNC_EXPORT_CNN_H

#include "ir/graph.h"

/* The graph is as elaborated, before any pass. Its layers are written in its order, so that the
 * text has equal nodes at equal positions: equal operators, attributes, sizes and parameters, under
 * equal keys. Layers without parameters and without a label may have another path: it is a running
 * number. The weights statement is written as the graph has it. Returns text of the arena. */
const char *export_cnn(struct arena *arena, const struct graph *graph);

/* Gives layers of an imported graph the names that they have in the file that export_cnn writes of
 * it. Where it has fewer lines then, layers that are repeated are renamed, and with them the keys
 * of their parameters: as a block's are called, by the path of the first of them and running
 * numbers, "conv6.conv1". Paths that fit already stay. */
void group_layers(struct arena *arena, struct graph *graph);

#endif
