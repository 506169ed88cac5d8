/* Which layers of a graph of several images are done in passes, each over few of them. */
#ifndef CNNC_CODEGEN_LOOPS_H
#define CNNC_CODEGEN_LOOPS_H

#include "codegen/costs.h"
#include "ir/graph.h"

/* Whether some tensor has more than one. */
bool has_several_images(const struct graph *graph);
/* as_defined: by node id, whether it must be summed as it is defined. */
void choose_loops(const struct setting *setting, struct graph *graph, const bool *as_defined,
                  struct arena *arena);

#endif
